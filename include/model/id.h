// Ids of items: HOST/ENGINE/KIND/KEY. KEY is what the engine knows an item by and what stays when it is renamed, where
// there is such a thing. Ids of workloads had no KIND at first: version 1 of the wire and its agents have these, and
// they are understood wherever an id is read.
#pragma once

#include <stdbool.h>

#include "model/item.h"

// What a host is called in the ids of its own engines; the client of another host puts the name in by which it reaches
// that host.
#define ID_HERE "local"

// The id of an item of this host; a slash in KEY becomes "%2F", "%" becomes "%25". Owned.
char *id_make(const char *engine, enum kind kind, const char *key);
// Whether ID has all of its parts.
bool id_is_complete(const char *id);
// Whether ID names a kind of workload, or none.
bool id_is_workload(const char *id);
// Whether ID names KIND, or none.
bool id_may_be(const char *id, enum kind kind);
// ID with KIND, if it has none. Owned.
char *id_with_kind(const char *id, enum kind kind);
// ID as it was before it had a kind, if it is that of a workload. Owned.
char *id_without_kind(const char *id);
// Whether WORD is ID, with or without its kind.
bool id_is(const char *word, const char *id);
// The part that belongs to the engine: behind the last slash, and the whole of a text without one. Points into ID.
const char *id_key(const char *id);
// Whether ID is one of HOST: it may lack an engine or a key.
bool id_is_on(const char *id, const char *host);
// Whether ID is one of ENGINE on this host, with a key.
bool id_is_of(const char *id, const char *engine);
// ID with HOST in place of its own; a text without a slash stays. Owned.
char *id_rehost(const char *id, const char *host);

// Fills in the id, host, engine and name of ITEM, whose kind is set.
void id_fill(struct item *item, const char *engine, const char *key, const char *name);
