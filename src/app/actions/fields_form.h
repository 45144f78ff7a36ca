// A form made from the fields of a verb: its rows in sections, what each takes, the equal command line at its bottom.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "choices.h"
#include "model/verb.h"
#include "ui/form.h"

struct app;
struct overlay;

enum { FIELDS_FORM_MOST = 64 };

struct fields_form {
	struct app *app;
	enum verb verb;
	enum kind kind;
	struct strv ids;        // what the verb is done to; empty: it creates
	struct params present;  // the values it opens with, on top of those of the fields
	// what the widget reads
	struct form_row rows[FIELDS_FORM_MOST];
	size_t count;
	struct strv choices[FIELDS_FORM_MOST];
	uint64_t serial;        // of its overlay
	struct choices known;   // of its host
	struct strv texts;      // other texts of rows
};

// A form of VERB for a workload of KIND; fields_form_free() releases it, and is for an overlay's context.
struct fields_form *fields_form_new(struct app *app, enum verb verb, enum kind kind);
void fields_form_free(void *context);
// Opens it, with all fields of its verb. ANSWERED finds it in the overlay's context.
struct overlay *fields_form_open(struct fields_form *f, const char *title, const char *accept,
                                 bool (*answered)(struct app *app, struct overlay *o, bool accepted));
// The parameters that FORM says: what differs from what the engine does anyway, or, of what exists, from what is.
void fields_form_collect(const struct fields_form *f, const struct form *form, struct params *out);
// The section that the form shows a field of NAME in.
const char *fields_form_section(const char *name);
