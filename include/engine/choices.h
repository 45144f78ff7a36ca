// Valid values of a verb's field on this host, for forms and completion.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/registry.h"
#include "model/verb.h"

enum { CHOICES_MOST = 500 };

// The field to complete.
struct choices_query {
	enum verb verb;
	enum kind kind;
	const char *field;
	const char *typed;           // prefix of the value; for paths it also selects the directory
	const struct params *so_far; // fields already filled in on the form or command line; may be NULL
};

// Adds the values of FIELD to OUT, sorted, without duplicates, at most CHOICES_MOST: the choices in its table row,
// items of ENGINE, files, and what the engine itself offers. May block. Returns 0, -EINVAL if the verb has no such
// field, or other negative errno.
int engine_choices(const struct engine *engine, const struct choices_query *q, struct strv *out, struct err *e);
