// State shared by the files of a form: see form_state.h.
#include "form_state.h"

#include <string.h>

#include "base/mem.h"

enum { MARGIN = 3 }; // between label and value

const char form_yes[] = "yes";

bool form_shows(const struct form *f, size_t entry)
{
	return !f->entries[entry].row->shown || f->entries[entry].row->shown(f);
}

struct form_entry *form_focused(const struct form *f)
{
	return f->focus < f->count ? &f->entries[f->focus] : NULL;
}

const char *form_entry_text(const struct form_entry *entry, size_t line)
{
	return field_text(&entry->lines[line]);
}

int form_value_column(const struct form *f)
{
	int widest = 0;

	for (size_t i = 0; i < f->count; i++) {
		int width = text_width(f->entries[i].row->label);

		widest = width > widest ? width : widest;
	}
	return widest + MARGIN;
}

// The choice that keeps the present value is empty.
static const char *choice_label(const char *choice)
{
	return *choice ? choice : "unchanged";
}

static int choices_width(const struct form_entry *entry)
{
	int width = 0;

	for (size_t i = 0; i < entry->choices.count; i++)
		width += text_width(choice_label(entry->choices.items[i])) + 2;
	return width;
}

static bool is_choice(const struct form_entry *entry, const char *text)
{
	for (size_t i = 0; i < entry->choices.count; i++)
		if (strcmp(entry->choices.items[i], text) == 0)
			return true;
	return false;
}

// Draws all choices in a row, the current one in brackets.
static int choices_in_a_row(const struct form_entry *entry, struct area a, bool focused, bool draws, int column)
{
	const char *value = form_entry_text(entry, 0);
	int at = 0;

	for (size_t i = 0; i < entry->choices.count; i++) {
		const char *choice = entry->choices.items[i];
		bool chosen = strcmp(choice, value) == 0;
		int width = text_width(choice_label(choice));
		struct pen pen = !chosen ? PEN(ROLE_DIM) : focused ? PEN_ON(ROLE_TEXT, ROLE_SELECTION) : PEN(ROLE_TEXT);

		if (draws) {
			area_text(a, 0, at + 1, width, pen, choice_label(choice));
			if (chosen) {
				area_glyph(a, 0, at, PEN(ROLE_KEY), "‹", "<");
				area_glyph(a, 0, at + 1 + width, PEN(ROLE_KEY), "›", ">");
			}
		}
		if (column >= at && column < at + width + 2)
			return (int)i;
		at += width + 2;
	}
	return -1;
}

int form_choices_walk(const struct form_entry *entry, struct area a, bool focused, bool draws, int column)
{
	const char *value = form_entry_text(entry, 0);
	struct pen pen = focused ? PEN_ON(ROLE_TEXT, ROLE_SELECTION) : PEN(ROLE_TEXT);

	if (is_choice(entry, value) && choices_width(entry) <= a.columns)
		return choices_in_a_row(entry, a, focused, draws, column);
	if (!draws)
		return -1;
	int n = area_glyph(a, 0, 0, PEN(ROLE_KEY), "‹", "<");
	n += area_text(a, 0, n, a.columns - n - 1, pen, value);
	area_glyph(a, 0, n, PEN(ROLE_KEY), "›", ">");
	return -1;
}
