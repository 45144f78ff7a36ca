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
	FORM_LIST,   // any number of texts, one per line
};

struct form_row {
	const char *name;   // of the value
	const char *label;  // what the person reads
	const char *help;   // one line, shown while the field has the focus: what it takes, with an example; may be NULL
	const char *initial; // of FORM_LIST: texts separated by line breaks
	const char *section; // a heading above the first row that has it; NULL: that of the row before
	enum form_kind kind;
	const char *const *choices; // FORM_CHOICE: ends with NULL
	bool open;          // FORM_CHOICE: any other text can be typed, too
	bool required;
	bool secret;
	// Whether the row is shown now; NULL: always. The values of hidden rows are not given out.
	bool (*shown)(const struct form *form);
	field_complete *complete; // FORM_TEXT, FORM_LIST; gets the form's context
};

// Says whether VALUE is right for NAME: 0, or negative with the reason in E, which is shown at the field.
typedef int form_validate(void *context, const struct form *form, const char *name, const char *value, struct err *e);

// Says what accepting the form would do, for its bottom: a command line. Owned by the caller.
typedef char *form_preview(void *context, const struct form *form);

// A form of ROWS, which must outlive it. TITLE and ACCEPT (what Enter does: "Create") are copied. VALIDATE may be
// NULL.
struct form *form_new(const char *title, const char *accept, const struct form_row *rows, size_t count,
                      form_validate *validate, void *context);
void form_free(struct form *f);
// Shows at the bottom what PREVIEW says, as the form is now.
void form_show_preview(struct form *f, form_preview *preview);

// The value of NAME (of a list, the first); "" when there is none. Valid until the form changes.
const char *form_get(const struct form *f, const char *name);
// Adds the values of the rows shown to OUT; empty ones are left out.
void form_values(const struct form *f, struct params *out);
// The row that has the focus; NULL: the button.
const char *form_focus(const struct form *f);
// Completes row NAME once more, if it has the focus: what it can be came later.
void form_offer(struct form *f, const char *name);
// Shows TEXT at row NAME (NULL: at the bottom) and puts the focus there: a refusal that came later.
void form_fail(struct form *f, const char *name, const char *text);
// Shows that TEXT is being done with the values, which cannot be changed meanwhile: only Esc does something. NULL, and
// a failure: they can.
void form_busy(struct form *f, const char *text);

// Draws in the middle of A; scrolls when A is too low.
void form_draw(struct form *f, struct area a);
// Tab, Shift-Tab, Up, Down change fields; Left, Right, Space change choices and flags; Enter moves on, and on the last
// field or the button accepts; in a list it adds a line, and moves on from an empty one; Ctrl-Enter and F10 accept at
// once. A click goes to a field, changes a choice or a flag, or presses the button; the wheel changes fields.
// EFFECT_ACCEPT comes only when every field is right: otherwise the first wrong one has the focus and its reason is
// shown.
enum effect form_handle(struct form *f, struct key key);
