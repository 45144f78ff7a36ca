// A dialog of named fields from the caller's table.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/field.h"
#include "ui/key.h"

struct form;

enum form_kind {
	FORM_TEXT,
	FORM_CHOICE, // one of `choices`
	FORM_FLAG,   // "yes" or "no"
};

struct form_row {
	const char *name;   // of the value
	const char *label;  // what the person reads
	const char *help;   // one line, shown while the field has the focus; may be NULL
	const char *initial;
	enum form_kind kind;
	const char *const *choices; // FORM_CHOICE: ends with NULL
	bool required;
	bool secret;
	// Whether the row is shown now; NULL: always. The values of hidden rows are not given out.
	bool (*shown)(const struct form *form);
	field_complete *complete; // FORM_TEXT; gets the form's context
};

// Says whether VALUE is right for NAME: 0, or negative with the reason in E, which is shown at the field.
typedef int form_validate(void *context, const struct form *form, const char *name, const char *value, struct err *e);

// A form of ROWS, which must outlive it. TITLE and ACCEPT (what Enter does: "Create") are copied. VALIDATE may be
// NULL.
struct form *form_new(const char *title, const char *accept, const struct form_row *rows, size_t count,
                      form_validate *validate, void *context);
void form_free(struct form *f);

// The value of NAME; "" when there is none. Valid until the form changes.
const char *form_get(const struct form *f, const char *name);
// Adds the values of the rows shown to OUT; empty ones are left out.
void form_values(const struct form *f, struct params *out);
// Shows TEXT at row NAME (NULL: at the bottom) and puts the focus there: a refusal that came later.
void form_fail(struct form *f, const char *name, const char *text);

// Draws in the middle of A; scrolls when A is too low.
void form_draw(struct form *f, struct area a);
// Tab, Shift-Tab, Up, Down change fields; Left, Right, Space change choices and flags; Enter moves on, and on the last
// field or the button accepts; Ctrl-Enter and F10 accept at once. EFFECT_ACCEPT comes only when every field is right:
// otherwise the first wrong one has the focus and its reason is shown.
enum effect form_handle(struct form *f, struct key key);
