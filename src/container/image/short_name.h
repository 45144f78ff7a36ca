// Names without a domain ("nginx", "team/app:2"), by registries.conf(5) and its aliases.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "container/store/store.h"

// Adds the canonical names that the valid name TEXT may have to NAMES, in the order of their rank: its own, if it has
// a domain; else that of its alias, else one in each registry of "unqualified-search-registries", else that of
// docker.io.
void short_name_candidates(const char *text, struct strv *names);
// The canonical name that the valid name TEXT means: the first that STORE has of its candidates and of docker.io, else
// its only candidate. Owned; NULL with -ENOTUNIQ in E, which names the candidates.
char *short_name_resolve(const struct store *s, const char *text, struct err *e);
