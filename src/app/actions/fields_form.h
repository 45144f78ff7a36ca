// A form made from the fields of a verb: rows in sections, help for each, the equivalent command line at the bottom.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "choices.h"
#include "model/verb.h"
#include "ui/form.h"

struct app;
struct overlay;

enum { FIELDS_FORM_MOST = 128 };

struct fields_form {
	struct app *app;
	enum verb verb;
	enum kind kind;
	struct strv ids;        // the targets of the verb; empty: it creates
	const struct verb_field *named; // the name of a target that does not exist yet, which is asked for; NULL: none
	struct params present;  // initial values that override those of the fields
	struct params fixed;    // always sent
	// the rows of the widget
	struct form_row rows[FIELDS_FORM_MOST];
	size_t count;
	struct strv choices[FIELDS_FORM_MOST];
	uint64_t serial;        // of its overlay
	struct choices known;   // of its host
	struct strv texts;      // further texts of the rows
};

// A form of VERB for a workload of KIND, released by fields_form_free(), which is also for the context of an overlay.
struct fields_form *fields_form_new(struct app *app, enum verb verb, enum kind kind);
void fields_form_free(void *context);
// Opens it with all fields of its verb. ANSWERED gets it as the overlay's context.
struct overlay *fields_form_open(struct fields_form *f, const char *title, const char *accept,
                                 bool (*answered)(struct app *app, struct overlay *o, bool accepted));
// The parameters of FORM: values that differ from the engine's defaults or, for an existing workload, from its own.
void fields_form_collect(const struct fields_form *f, const struct form *form, struct params *out);
// The same, checked against the rows of the fields. Returns false, with the error in the form, if a value is invalid.
bool fields_form_read(const struct fields_form *f, struct form *form, struct params *out);
// The section of the form for the field NAME.
const char *fields_form_section(const char *name);
