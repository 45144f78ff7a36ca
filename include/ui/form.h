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
	FORM_FLAG,   // a flag: "yes" or "no"
	FORM_LIST,   // any number of texts, one line each
};

struct form_row {
	const char *name;   // of the value
	const char *label;  // as shown
	const char *help;   // one line shown while the field has the focus: valid values with an example; may be NULL
	const char *initial; // of FORM_LIST: texts separated by line breaks
	const char *section; // the section's heading, above its first row; NULL: the previous row's section
	enum form_kind kind;
	const char *const *choices; // FORM_CHOICE: ends with NULL
	bool open;          // FORM_CHOICE: other texts can be typed as well
	bool required;
	bool secret;
	// Whether the row is shown; NULL: always. Values of hidden rows are not collected.
	bool (*shown)(const struct form *form);
	field_complete *complete; // FORM_TEXT and FORM_LIST; called with the form's context
};

// Validates VALUE of field NAME. Returns 0, or negative with the reason in E, which is shown at the field.
typedef int form_validate(void *context, const struct form *form, const char *name, const char *value, struct err *e);

// The command line equal to accepting the form, shown at its bottom. Owned by the caller.
typedef char *form_preview(void *context, const struct form *form);

// Creates a form of ROWS, which must outlive it. TITLE and ACCEPT (the button's label, for example "Create") are
// copied. VALIDATE may be NULL.
struct form *form_new(const char *title, const char *accept, const struct form_row *rows, size_t count,
                      form_validate *validate, void *context);
void form_free(struct form *f);
// Shows the text of PREVIEW at the bottom, updated with each change.
void form_show_preview(struct form *f, form_preview *preview);

// The value of field NAME (of a list, the first); "" if it is unset. Valid until the form changes.
const char *form_get(const struct form *f, const char *name);
// Adds the non-empty values of the visible rows to OUT.
void form_values(const struct form *f, struct params *out);
// The focused row; NULL: the button.
const char *form_focus(const struct form *f);
// Completes row NAME again if it has the focus, after its choices have arrived.
void form_offer(struct form *f, const char *name);
// Shows the error TEXT at row NAME (NULL: at the bottom) and focuses it: the action was refused.
void form_fail(struct form *f, const char *name, const char *text);
// Shows that TEXT is in progress and locks the values: only Esc works. NULL, or an error, unlocks them.
void form_busy(struct form *f, const char *text);

// Draws the form centred in A; scrolls if it is too tall.
void form_draw(struct form *f, struct area a);
// Tab, Shift-Tab, Up, Down switch fields; Left, Right, Space change choices and flags. Enter moves to the next field,
// and accepts on the last field or the button; in a list it adds a line, or leaves the list on an empty one.
// Ctrl-Enter and F10 accept at once. A click focuses a field, changes a choice or flag, or presses the button; the
// wheel switches fields. Returns EFFECT_ACCEPT only if every field is valid: otherwise the first invalid field gets
// the focus and shows its error.
enum effect form_handle(struct form *f, struct key key);
