// The possible values of a form's fields on its host: requested when Tab is pressed, cached while the form is open.
#pragma once

#include <stddef.h>

#include "base/str.h"

struct fields_form;

struct choices {
	struct choices_known {
		char *asked; // the field and, for a path, the directory
		struct strv words;
	} *items;
	size_t count;
};
void choices_done(struct choices *c);

// Completes the focused field of the form: the field_complete of its rows. CONTEXT: its struct fields_form.
// What is not known yet comes later, and is offered then.
void choices_complete(void *context, const char *text, size_t cursor, size_t *from, struct strv *out);
