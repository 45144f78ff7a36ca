// Ids of items: HOST/ENGINE/KIND/KEY. KEY identifies the item in its engine and survives a rename if the engine has
// such a key. Version 1 of the wire and its agents have ids of workloads without KIND; they are accepted wherever
// an id is read.
#pragma once

#include <stdbool.h>

#include "model/item.h"

// HOST in ids on the agent's side. A client of a remote host replaces it with the name it connects to.
#define ID_HERE "local"

// The id of an item of this host; a slash in KEY becomes "%2F", "%" becomes "%25". Owned by the caller.
char *id_make(const char *engine, enum kind kind, const char *key);
// Whether ID has all of its parts.
bool id_is_complete(const char *id);
// Whether ID has a kind of workload, or no kind.
bool id_is_workload(const char *id);
// Whether ID has KIND, or no kind.
bool id_may_be(const char *id, enum kind kind);
// ID with KIND added if it has no kind. Owned by the caller.
char *id_with_kind(const char *id, enum kind kind);
// ID without its kind if it is a workload's, as in version 1 of the wire. Owned by the caller.
char *id_without_kind(const char *id);
// Whether WORD equals ID, with or without its kind.
bool id_is(const char *word, const char *id);
// KEY: the part after the last slash, or all of ID if it has no slash. Points into ID.
const char *id_key(const char *id);
// The key of ID without the escapes that id_make() has added. Owned by the caller.
char *id_plain_key(const char *id);
// Whether the host of ID is HOST. ID may lack an engine or a key.
bool id_is_on(const char *id, const char *host);
// Appends kind and key as shown to the user: "network default"; only the key if ID has no kind. The digest of an image
// is shortened.
void id_add_words(struct str *out, const char *id);
// Whether ID belongs to ENGINE on this host and has a key.
bool id_is_of(const char *id, const char *engine);
// ID with its host replaced by HOST; unchanged if it has no slash. Owned by the caller.
char *id_rehost(const char *id, const char *host);

// Sets the id, host, engine and name of ITEM, whose kind must be set.
void id_fill(struct item *item, const char *engine, const char *key, const char *name);
