// Ids of items: HOST/ENGINE/KIND/KEY, of workloads HOST/ENGINE/KEY. KEY is what the engine knows an item by and what
// stays when it is renamed, where there is such a thing.
#pragma once

#include <stdbool.h>

#include "model/workload.h"

// What a host is called in the ids of its own engines; the client of another host puts the name in by which it reaches
// that host.
#define ID_HERE "local"

// The id of a workload of this host. Owned.
char *id_make(const char *engine, const char *key);
// The id of an item of another kind on this host; a slash in KEY becomes "%2F", "%" becomes "%25". Owned.
char *id_make_of(const char *engine, enum kind kind, const char *key);
// Whether ID is one of a workload: it names no kind, or that of one.
bool id_is_workload(const char *id);
// Whether ID names KIND, or none.
bool id_may_be(const char *id, enum kind kind);
// The part that belongs to the engine: behind the last slash, and the whole of a text without one. Points into ID.
const char *id_key(const char *id);
// Whether ID is one of HOST: it may lack an engine or a key.
bool id_is_on(const char *id, const char *host);
// Whether ID is one of ENGINE on this host, with a key.
bool id_is_of(const char *id, const char *engine);
// ID with HOST in place of its own; a text without a slash stays. Owned.
char *id_rehost(const char *id, const char *host);

// Fills in the id, host and engine of W, a workload of this host, and its name.
void id_fill(struct workload *w, const char *engine, const char *key, const char *name);
// The same for an item of another kind, which is set.
void id_fill_item(struct item *item, const char *engine, const char *key, const char *name);
