// Drawing a form: see ui/form.h.
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "form_state.h"

enum {
	WIDTH = 76,
	WIDTH_WIDE = 100, // the maximum width
	ROOMY = 22,       // from this height on, the command line has two rows
};

static void value_draw(struct form_entry *entry, size_t line, struct area a, bool focused)
{
	struct pen pen = focused ? PEN_ON(ROLE_TEXT, ROLE_SELECTION) : PEN(ROLE_TEXT);
	bool on = strcmp(form_entry_text(entry, 0), form_yes) == 0;

	if (entry->row->kind == FORM_FLAG)
		area_text(a, 0, 0, -1, pen, on ? "[x]" : "[ ]");
	else if (entry->row->kind == FORM_CHOICE && !entry->typing)
		form_choices_walk(entry, a, focused, true, -1);
	else
		field_draw(&entry->lines[line], a, PEN(ROLE_INPUT), focused);
}

static bool has_failed(const struct form *f, size_t entry)
{
	return f->failed_name && strcmp(f->failed_name, f->entries[entry].row->name) == 0;
}

static void place_add(struct form *f, int what, size_t entry, size_t line)
{
	f->places = mem_resize(f->places, f->place_count + 1, sizeof(*f->places));
	f->places[f->place_count++] = (struct form_place){.what = what, .entry = entry, .line = line};
}

// Draws an error in as many rows as it needs.
static void places_of_failure(struct form *f, size_t entry, struct area body)
{
	struct area measure = area_sub(body, 0, form_value_column(f), 0, -1);
	int rows = area_wrap(measure, 0, PEN(ROLE_FAILED), f->failed_text);

	for (int row = 0; row < rows; row++)
		place_add(f, PLACE_FAILURE, entry, (size_t)row);
}

// The rows of the form: section headings, values, and an error below its value.
static void places_make(struct form *f, struct area body)
{
	const char *section = NULL;

	f->place_count = 0;
	for (size_t i = 0; i < f->count; i++) {
		const struct form_entry *entry = &f->entries[i];

		if (!form_shows(f, i))
			continue;
		if (entry->row->section && !str_equal(section, entry->row->section))
			place_add(f, PLACE_HEADING, i, 0);
		section = entry->row->section ? entry->row->section : section;
		for (size_t line = 0; line < entry->count; line++) {
			place_add(f, PLACE_VALUE, i, line);
			if (has_failed(f, i) && f->failed_line == line)
				places_of_failure(f, i, body);
		}
	}
}

// The rows of the focused field, from its heading to its error.
static void places_of_focus(const struct form *f, int *from, int *to)
{
	*from = *to = f->place_count ? (int)f->place_count - 1 : 0;
	for (size_t i = 0; i < f->place_count; i++) {
		const struct form_place *p = &f->places[i];

		if (p->entry != f->focus || (p->what == PLACE_VALUE && p->line != f->line))
			continue;
		if (p->what == PLACE_VALUE)
			*from = i && f->places[i - 1].what == PLACE_HEADING ? (int)i - 1 : (int)i;
		*to = (int)i;
	}
}

static void form_scroll(struct form *f)
{
	int from, to, rows = f->body.rows, all = (int)f->place_count;

	places_of_focus(f, &from, &to);
	if (to >= f->top + rows)
		f->top = to - rows + 1;
	if (from < f->top)
		f->top = from;
	if (f->top + rows > all)
		f->top = all - rows;
	f->top = f->top > 0 ? f->top : 0;
}

static void heading_draw(struct area a, const char *text)
{
	int n = area_text(a, 0, 0, -1, PEN(ROLE_TITLE), text);

	if (a.columns > n + 1)
		area_hline(a, 0, n + 1, -1, PEN(ROLE_BORDER));
}

static void label_draw(const struct form_entry *entry, struct area a, bool focused)
{
	if (entry->row->required)
		area_text(a, 0, 0, 1, PEN(ROLE_WARNING), "*");
	area_text(a, 0, 1, a.columns - 2, PEN(focused ? ROLE_TITLE : ROLE_TEXT), entry->row->label);
}

static void place_draw(struct form *f, const struct form_place *p, int at)
{
	struct form_entry *entry = &f->entries[p->entry];
	bool focused = p->entry == f->focus && p->line == f->line && !f->busy;
	int column = form_value_column(f);
	struct area row = area_sub(f->body, at, 0, 1, -1), value = area_sub(row, 0, column, 1, -1);

	if (p->what == PLACE_HEADING)
		heading_draw(row, entry->row->section);
	else if (p->what == PLACE_FAILURE && (p->line == 0 || at == 0))
		area_wrap(area_sub(f->body, at - (int)p->line, column, -1, -1), 0, PEN(ROLE_FAILED), f->failed_text);
	if (p->what != PLACE_VALUE)
		return;
	if (p->line == 0)
		label_draw(entry, area_sub(row, 0, 0, 1, column), p->entry == f->focus);
	value_draw(entry, p->line, value, focused);
}

// The field's completions, its help, or the form's error.
static void help_draw(const struct form *f, struct area a)
{
	const struct form_entry *entry = form_focused(f);
	const struct strv *found = entry ? field_candidates(&entry->lines[f->line]) : NULL;
	int at = 1;

	if (f->busy) {
		area_text(a, 0, 1, -1, PEN(ROLE_WARNING), f->busy);
	} else if (f->failed_text && !f->failed_name) {
		area_text(a, 0, 1, -1, PEN(ROLE_FAILED), f->failed_text);
	} else if (found && found->count > 1) {
		for (size_t i = 0; i < found->count && at < a.columns; i++)
			at += area_text(a, 0, at, -1, PEN(ROLE_TEXT), found->items[i]) + 2;
	} else if (entry && entry->row->help) {
		area_text(a, 0, 1, -1, PEN(ROLE_DIM), entry->row->help);
	}
}

static void buttons_draw(struct form *f, struct area a)
{
	auto_free char *button = mem_printf("[ %s ]", f->accept);
	bool focused = f->focus == f->count;
	const char *const hints[][2] = {
		{"Tab", "next"}, {"F10", "accept"}, {"Esc", f->busy ? "leave it running" : "cancel"}};

	f->button = area_sub(a, 0, 1, 1, text_width(button));
	int n = 1 + area_text(a, 0, 1, -1, focused ? PEN_ON(ROLE_TITLE, ROLE_SELECTION) : PEN(ROLE_TITLE), button);
	for (size_t i = f->busy ? 2 : 0; i < ARRAY_SIZE(hints); i++) {
		n += 2 + area_text(a, 0, n + 2, -1, PEN(ROLE_KEY), hints[i][0]);
		n += 1 + area_text(a, 0, n + 1, -1, PEN(ROLE_DIM), hints[i][1]);
	}
}

// The equal command line, truncated with a mark if it is too long.
static void preview_draw(const struct form *f, struct area a)
{
	auto_free char *line = f->preview(f->context, f);

	if (line && area_wrap(area_sub(a, 0, 1, -1, -1), 0, PEN(ROLE_DIM), line) > a.rows)
		area_glyph(a, a.rows - 1, a.columns - 1, PEN(ROLE_DIM), "…", "~");
}

static void foot_draw(struct form *f, struct area a)
{
	int preview = a.rows - 3;

	area_hline(a, 0, 0, -1, PEN(ROLE_BORDER));
	help_draw(f, area_sub(a, 1, 0, 1, -1));
	if (f->preview && preview > 0)
		preview_draw(f, area_sub(a, 2, 0, preview, -1));
	buttons_draw(f, area_sub(a, a.rows - 1, 0, 1, -1));
}

static int form_width(struct area a)
{
	int width = a.columns > WIDTH_WIDE + 10 ? WIDTH_WIDE : WIDTH;

	return width < a.columns ? width : a.columns;
}

void form_draw(struct form *f, struct area a)
{
	int width = form_width(a), foot = 3 + (!f->preview ? 0 : a.rows < ROOMY ? 1 : 2);

	places_make(f, area_sub(a, 0, 0, 0, width > 4 ? width - 4 : 0));
	struct area box = area_center(a, (int)f->place_count + foot + 2, width);
	struct area inside = area_sub(area_inside(box), 0, 1, -1, box.columns > 4 ? box.columns - 4 : 0);
	area_fill(box, PEN(ROLE_TEXT));
	area_box(box, PEN(ROLE_BORDER), f->title);
	if (inside.rows <= foot)
		foot = inside.rows > 3 ? 2 : 0;
	f->body = area_sub(inside, 0, 0, inside.rows - foot, -1);
	form_scroll(f);
	for (int at = 0; at < f->body.rows && f->top + at < (int)f->place_count; at++)
		place_draw(f, &f->places[f->top + at], at);
	if (f->top > 0)
		area_glyph(box, 0, box.columns - 3, PEN(ROLE_KEY), "↑", "^");
	if (f->top + f->body.rows < (int)f->place_count)
		area_glyph(box, f->body.rows, box.columns - 1, PEN(ROLE_KEY), "↓", "v");
	f->button = (struct area){0};
	if (foot)
		foot_draw(f, area_sub(inside, inside.rows - foot, 0, foot, -1));
}
