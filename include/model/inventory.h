// The set of items by id, and the minimal list of changes between two refreshes: what travels on the wire.
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
// TOLD is called on each change; NULL: no function.
void inventory_on_change(struct inventory *inv, inventory_change *told, void *context);

// Which kinds are of interest, a bit each (at first all): an engine need not list others that cost it something.
void inventory_want(struct inventory *inv, unsigned kinds);
bool inventory_wants(const struct inventory *inv, enum kind kind);

// A refresh: begin, upsert all that there are, end; what was not upserted is removed. ENGINE limits the refresh to
// that engine's rows (NULL: all).
void inventory_begin(struct inventory *inv, const char *engine);
void inventory_end(struct inventory *inv);
// Gives up a refresh that failed half-way: nothing is removed.
void inventory_abort(struct inventory *inv);

// Adds or replaces by id, and tells only when something differs. Takes the contents of ITEM (the whole struct of its
// kind), which is zeroed. Also outside a refresh (an event).
void inventory_upsert_item(struct inventory *inv, struct item *item);
void inventory_upsert(struct inventory *inv, struct workload *w);
void inventory_remove(struct inventory *inv, const char *id);
// Upserts all items of FROM, which is freed.
void inventory_take(struct inventory *inv, struct inventory *from);

// Items of all kinds; workloads come first.
size_t inventory_item_count(const struct inventory *inv);
const struct item *inventory_item_at(const struct inventory *inv, size_t index);
// By id, that of a workload also without its kind; NULL when unknown.
const struct item *inventory_find_item(const struct inventory *inv, const char *id);

// The workloads among them.
size_t inventory_count(const struct inventory *inv);
// By position (unordered), or by id (NULL when unknown), which may lack its kind. Valid until the next change.
const struct workload *inventory_at(const struct inventory *inv, size_t index);
const struct workload *inventory_find(const struct inventory *inv, const char *id);
// By id, or else by name (KIND -1: any). *MATCHES is how many have that name. For names
// that users type.
const struct workload *inventory_lookup(const struct inventory *inv, const char *word, int kind, size_t *matches);
