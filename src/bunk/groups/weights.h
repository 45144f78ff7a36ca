// SPDX-License-Identifier: LGPL-2.1-or-later
// Conversion of v1 weights to v2.
#pragma once

#include <stdint.h>

// cpu.shares, 2 … 262144, to cpu.weight, 1 … 10000.
int64_t weight_of_shares(int64_t shares);
// blkio.weight, 10 … 1000, to io.weight, 1 … 10000.
int64_t weight_of_blkio(int64_t weight);
