// The set of items by id. Reports the minimal changes between two refreshes, which are sent over the wire.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/workload.h"

enum change_kind { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED };

// ITEM is the new state (the last one when removed), valid during the call.
typedef void inventory_change(void *context, enum change_kind kind, const struct item *item);

struct inventory;

struct inventory *inventory_new(void);
void inventory_free(struct inventory *inv);
// TOLD, which may be NULL, is called on each change.
void inventory_on_change(struct inventory *inv, inventory_change *told, void *context);

// Which kinds are of interest, a bit each (at first all): of the others, those of COUNTED are counted and not kept,
// and an engine need not look at the rest. Those that are kept already of no more interest are removed.
void inventory_want(struct inventory *inv, unsigned kinds, unsigned counted);
bool inventory_wants(const struct inventory *inv, enum kind kind);
bool inventory_counts(const struct inventory *inv, enum kind kind); // wanted ones, too
// COUNT more items of a kind that is only counted, by an engine that need not make them to know.
void inventory_count_more(struct inventory *inv, enum kind kind, size_t count);
// How many of KIND there are, kept or counted.
size_t inventory_kind_count(const struct inventory *inv, enum kind kind);

// A refresh: begin, upsert every item, end, which removes those not upserted. ENGINE limits the refresh to
// that engine's rows (NULL: all).
void inventory_begin(struct inventory *inv, const char *engine);
void inventory_end(struct inventory *inv);
// Ends a refresh that failed: nothing is removed.
void inventory_abort(struct inventory *inv);

// Adds or replaces an item by id, and reports it only if something changed. Takes ownership of the contents of ITEM
// (the whole struct of its kind) and zeroes it. Also allowed outside a refresh, for events.
void inventory_upsert_item(struct inventory *inv, struct item *item);
void inventory_upsert(struct inventory *inv, struct workload *w);
void inventory_remove(struct inventory *inv, const char *id);
// Upserts all items of FROM and frees FROM.
void inventory_take(struct inventory *inv, struct inventory *from);

// Number of items of all kinds. Workloads come first.
size_t inventory_item_count(const struct inventory *inv);
const struct item *inventory_item_at(const struct inventory *inv, size_t index);
// Finds an item by id, for a workload also without its kind. Returns NULL if unknown.
const struct item *inventory_find_item(const struct inventory *inv, const char *id);

// Number of workloads.
size_t inventory_count(const struct inventory *inv);
// By position (unordered), or by id, which may lack its kind (NULL if unknown). Valid until the next change.
const struct workload *inventory_at(const struct inventory *inv, size_t index);
const struct workload *inventory_find(const struct inventory *inv, const char *id);
// Finds what a user typed: by id, else by name (KIND -1: any). *MATCHES is the number of items with that name.
const struct workload *inventory_lookup(const struct inventory *inv, const char *word, int kind, size_t *matches);
