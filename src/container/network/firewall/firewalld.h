// Interfaces in the zone "trusted" of firewalld(1), which rejects what a zone does not allow.
#pragma once

#include "base/err.h"
#include "base/str.h"

// Adds the interfaces BRIDGES to the zone, and removes those that an earlier call has added: their list is a file in
// the directory RUN. Returns 0 or negative errno.
int firewalld_trust(const char *run, const struct strv *bridges, struct err *e);
