// What is to be measured: figures of all items of a kind, and more of a few of them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/kind.h"
#include "model/sample.h"

// Masks of METRIC_BIT(). Zeroed is nothing.
struct measures {
	uint32_t of_kind[KINDS];
	struct strv ids;  // sorted after measures_sort()
	uint32_t of_ids;  // of these, besides what is measured of their kind
};

void measures_add_all(struct measures *m);
// Adds the signs of trouble of guests and containers.
void measures_add_trouble(struct measures *m);
void measures_sort(struct measures *m);
void measures_done(struct measures *m);
// What to measure of the item ID.
uint32_t measures_of(const struct measures *m, enum kind kind, const char *id);
// Whether anything of an item of KIND is to be measured.
bool measures_any(const struct measures *m, enum kind kind);
