// What a client of an agent wants to know: kinds of items, which of them, which facts, which part of the list. Nothing
// else is listed or measured, but for what always comes: how many items of each kind there are, and the signs of
// trouble.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/fact.h"
#include "model/inventory.h"
#include "model/kind.h"
#include "model/measures.h"

// Some items: all conditions must hold. Zeroed is nothing.
struct want {
	unsigned kinds;        // a bit each
	struct strv ids;       // only these; none: any
	char *owner;           // only what belongs to the item with this id; NULL: any
	char *filter;          // only what this finds (model/query.h), by facts that are not measured; NULL: any
	struct fact_set facts; // to list and to measure; id, name, kind and state always come
	bool stored;           // list all facts that are not measured
	enum fact sort;        // the order of the list
	bool descending;
	size_t offset, count;  // the part of the list; count 0: all of it
};

// An item that one want or another finds is wanted.
struct subscription {
	struct want *wants;
	size_t count;
};

// A new want of KINDS. Valid until the next is added.
struct want *subscription_add(struct subscription *s, unsigned kinds);
// Everything.
void subscription_add_all(struct subscription *s);
void subscription_done(struct subscription *s);
void subscription_copy(struct subscription *to, const struct subscription *from); // TO must be zeroed or done
bool subscription_equal(const struct subscription *a, const struct subscription *b);

// Whether the same is to be listed for both; what is to be measured may differ.
bool subscription_lists_alike(const struct subscription *a, const struct subscription *b);
bool subscription_lists_same_facts(const struct subscription *a, const struct subscription *b);

unsigned subscription_kinds(const struct subscription *s);
// Whether all items of its kinds are wanted.
bool subscription_is_whole(const struct subscription *s);
// The facts to list of items of KIND. Returns true when those that are not measured are all wanted.
bool subscription_facts(const struct subscription *s, enum kind kind, struct fact_set *facts);
// Adds what is to be measured.
void subscription_measure(const struct subscription *s, struct measures *m);
// Puts copies of those items of FROM that are wanted into TO.
void subscription_select(const struct subscription *s, const struct inventory *from, struct inventory *to);
