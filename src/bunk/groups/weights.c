// SPDX-License-Identifier: LGPL-2.1-or-later
// Converts weights of v1 to v2, with the formulas that runtimes have agreed on.
#include "weights.h"

// Shares 2 … 262144 (1024 by default) as weight 1 … 10000 (100 by default).
int64_t weight_of_shares(int64_t value)
{
	value = value < 2 ? 2 : value > 262144 ? 262144 : value;
	return 1 + (value - 2) * 9999 / 262142;
}

int64_t weight_of_blkio(int64_t weight)
{
	weight = weight < 10 ? 10 : weight > 1000 ? 1000 : weight;
	return 1 + (weight - 10) * 9999 / 990;
}
