// SPDX-License-Identifier: LGPL-2.1-or-later
// The weights of v1 as those of v2.
#pragma once

#include <stdint.h>

// CPU shares 2 … 262144 as cpu.weight's 1 … 10000.
int64_t weight_of_shares(int64_t shares);
// blkio's weight 10 … 1000 as io.weight's 1 … 10000.
int64_t weight_of_blkio(int64_t weight);
