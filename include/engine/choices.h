// What a field of a verb can be on this host: for forms and completion.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/registry.h"
#include "model/verb.h"

enum { CHOICES_MOST = 500 };

// What is asked for.
struct choices_query {
	enum verb verb;
	enum kind kind;
	const char *field;
	const char *typed;           // what its value begins with: of paths, the part that chooses the directory
	const struct params *so_far; // what the form or the command line says by now; may be NULL
};

// Adds what FIELD can be to OUT, sorted and each once, CHOICES_MOST at most: the choices of its row, items of ENGINE,
// files, and what the engine knows. May block. Returns 0, -EINVAL for a field that VERB has not, or negative errno.
int engine_choices(const struct engine *engine, const struct choices_query *q, struct strv *out, struct err *e);
