// The state of a form and the positions of its rows.
#pragma once

#include "ui/form.h"

struct form_entry {
	const struct form_row *row;
	struct field *lines; // the value; of FORM_LIST, one line each
	size_t count;        // the number of lines, at least one
	struct strv choices;
	bool typing;         // of an open choice: its text is edited
};

// A drawn row of the form.
struct form_place {
	enum { PLACE_HEADING, PLACE_VALUE, PLACE_FAILURE } what;
	size_t entry, line;
};

struct form {
	char *title, *accept;
	struct form_entry *entries;
	size_t count;
	size_t focus, line; // count: the button; the line of the field
	form_validate *validate;
	form_preview *preview;
	void *context;
	char *failed_name, *failed_text;
	size_t failed_line;
	char *busy; // the action in progress, which locks the values; NULL: none

	// from the last draw
	struct form_place *places;
	size_t place_count;
	int top; // the first row shown
	struct area body, button;
};

extern const char form_yes[];

bool form_shows(const struct form *f, size_t entry);
// The field that has the focus, NULL: the button.
struct form_entry *form_focused(const struct form *f);
const char *form_entry_text(const struct form_entry *entry, size_t line);
// The end column of the choice at COLUMN (relative to the value's start), or -1. DRAWN: also draws the choices.
int form_choices_walk(const struct form_entry *entry, struct area a, bool focused, bool draws, int column);
// The column where the values begin.
int form_value_column(const struct form *f);
