// A form between its files: what it holds, and where its rows are drawn.
#pragma once

#include "ui/form.h"

struct form_entry {
	const struct form_row *row;
	struct field *lines; // the value; of FORM_LIST one each
	size_t count;        // of lines, at least one
	struct strv choices;
	bool typing;         // of an open choice: its text is being edited
};

// A row of the form as it is drawn.
struct form_place {
	enum { PLACE_HEADING, PLACE_VALUE, PLACE_FAILURE } what;
	size_t entry, line;
};

struct form {
	char *title, *accept;
	struct form_entry *entries;
	size_t count;
	size_t focus, line; // count: the button; which of its values
	form_validate *validate;
	form_preview *preview;
	void *context;
	char *failed_name, *failed_text;
	size_t failed_line;
	char *busy; // what is being done with the values; NULL: they can be changed

	// as drawn last
	struct form_place *places;
	size_t place_count;
	int top; // first place shown
	struct area body, button;
};

extern const char form_yes[];

bool form_shows(const struct form *f, size_t entry);
// The field that has the focus, NULL: the button.
struct form_entry *form_focused(const struct form *f);
const char *form_entry_text(const struct form_entry *entry, size_t line);
// The column of a value's row where the choice ends that is at COLUMN (from where the value begins): -1 when there is
// none. With DRAWN its choices are drawn.
int form_choices_walk(const struct form_entry *entry, struct area a, bool focused, bool draws, int column);
// Which column the values begin at.
int form_value_column(const struct form *f);
