// The dialog of fields: see ui/form.h.
#include "ui/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { WIDTH = 76 };

static const char yes[] = "yes", no[] = "no";

struct entry {
	const struct form_row *row;
	struct field field; // FORM_TEXT: being edited; otherwise holds the value
	struct strv choices;
};

struct form {
	char *title, *accept;
	struct entry *entries;
	size_t count;
	size_t focus; // count: the button
	form_validate *validate;
	void *context;
	char *failed_name, *failed_text;
	int top; // first line shown
};

static void load_choices(struct entry *entry)
{
	for (const char *const *c = entry->row->choices; c && *c; c++)
		strv_add(&entry->choices, *c);
}

static const char *form_initial(const struct entry *entry)
{
	if (entry->row->initial)
		return entry->row->initial;
	if (entry->row->kind == FORM_FLAG)
		return no;
	return entry->row->kind == FORM_CHOICE && entry->choices.count ? entry->choices.items[0] : "";
}

static bool is_shown(const struct form *f, size_t at)
{
	return !f->entries[at].row->shown || f->entries[at].row->shown(f);
}

struct form *form_new(const char *title, const char *accept, const struct form_row *rows, size_t count,
                      form_validate *validate, void *context)
{
	struct form *f = mem_new(sizeof(*f));

	f->title = mem_strdup(title);
	f->accept = mem_strdup(accept);
	f->entries = mem_array(count ? count : 1, sizeof(*f->entries));
	f->count = count;
	f->validate = validate;
	f->context = context;
	for (size_t i = 0; i < count; i++) {
		struct entry *entry = &f->entries[i];

		entry->row = &rows[i];
		load_choices(entry);
		field_init(&entry->field);
		entry->field.secret = rows[i].secret;
		entry->field.complete = rows[i].complete;
		entry->field.context = context;
		field_set(&entry->field, form_initial(entry));
	}
	while (f->focus < count && !is_shown(f, f->focus))
		f->focus++;
	return f;
}

void form_free(struct form *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++) {
		field_done(&f->entries[i].field);
		strv_done(&f->entries[i].choices);
	}
	free(f->entries);
	free(f->title);
	free(f->accept);
	free(f->failed_name);
	free(f->failed_text);
	free(f);
}

static struct entry *form_find(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->entries[i].row->name, name) == 0)
			return &f->entries[i];
	return NULL;
}

static size_t choice_at(const struct entry *entry)
{
	size_t i = 0;

	while (i < entry->choices.count && strcmp(entry->choices.items[i], field_text(&entry->field)) != 0)
		i++;
	return i;
}

const char *form_get(const struct form *f, const char *name)
{
	const struct entry *entry = form_find(f, name);

	return entry ? field_text(&entry->field) : "";
}

void form_values(const struct form *f, struct params *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const char *value = field_text(&f->entries[i].field);

		if (is_shown(f, i) && *value)
			params_add(out, f->entries[i].row->name, value);
	}
}

static void forget_failure(struct form *f)
{
	free(steal(f->failed_name));
	free(steal(f->failed_text));
}

void form_fail(struct form *f, const char *name, const char *text)
{
	const struct entry *entry = name ? form_find(f, name) : NULL;

	forget_failure(f);
	f->failed_text = mem_strdup(text);
	if (!entry || !is_shown(f, (size_t)(entry - f->entries)))
		return;
	f->failed_name = mem_strdup(name);
	f->focus = (size_t)(entry - f->entries);
}

static bool has_failed(const struct form *f, size_t at)
{
	return f->failed_name && strcmp(f->failed_name, f->entries[at].row->name) == 0;
}

static int label_width(const struct form *f)
{
	int widest = 0;

	for (size_t i = 0; i < f->count; i++) {
		int width = text_width(f->entries[i].row->label);

		widest = width > widest ? width : widest;
	}
	return widest;
}

static void draw_value(struct entry *entry, struct area a, bool focused)
{
	struct pen pen = focused ? PEN_ON(ROLE_TEXT, ROLE_SELECTION) : PEN(ROLE_TEXT);
	bool on = strcmp(field_text(&entry->field), yes) == 0;
	int n;

	switch (entry->row->kind) {
	case FORM_TEXT:
		field_draw(&entry->field, a, PEN(ROLE_INPUT), focused);
		break;
	case FORM_FLAG:
		area_text(a, 0, 0, -1, pen, on ? "[x]" : "[ ]");
		break;
	case FORM_CHOICE:
		n = area_glyph(a, 0, 0, PEN(ROLE_KEY), "‹ ", "< ");
		n += area_text(a, 0, n, a.columns - n - 2, pen, field_text(&entry->field));
		area_glyph(a, 0, n, PEN(ROLE_KEY), " ›", " >");
		break;
	}
}

// Draws the fields below each other, their failure beneath. With an area of no rows it measures. Returns the lines
// needed; *FOCUS is the line of the one that has the focus.
static int draw_entries(struct form *f, struct area a, int top, int *focus)
{
	int label = label_width(f), line = 0;

	for (size_t i = 0; i < f->count; i++) {
		bool focused = i == f->focus;

		if (!is_shown(f, i))
			continue;
		if (focused)
			*focus = line;
		struct area row = line >= top ? area_sub(a, line - top, 0, 1, -1) : area_sub(a, 0, 0, 0, -1);
		area_text(row, 0, 1, label, PEN(focused ? ROLE_TITLE : ROLE_TEXT), f->entries[i].row->label);
		if (f->entries[i].row->required)
			area_text(row, 0, 0, 1, PEN(ROLE_WARNING), "*");
		if (!area_empty(row))
			draw_value(&f->entries[i], area_sub(row, 0, label + 3, 1, -1), focused);
		line++;
		if (has_failed(f, i))
			line += area_wrap(area_sub(a, 0, label + 3, -1, -1), line - top, PEN(ROLE_FAILED), f->failed_text);
	}
	return line;
}

static void draw_foot(const struct form *f, struct area a)
{
	const char *help = f->focus < f->count ? f->entries[f->focus].row->help : NULL;
	auto_free char *button = mem_printf("[ %s ]", f->accept);
	bool focused = f->focus == f->count;

	if (f->failed_text && !f->failed_name)
		area_text(a, 0, 1, -1, PEN(ROLE_FAILED), f->failed_text);
	else
		area_text(a, 0, 1, -1, PEN(ROLE_DIM), help ? help : "");
	int n = 1 + area_text(a, 1, 1, -1, focused ? PEN_ON(ROLE_TITLE, ROLE_SELECTION) : PEN(ROLE_TITLE), button);
	static const char *const hints[][2] = {{"Tab", "next"}, {"F10", "accept"}, {"Esc", "cancel"}};
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		n += 2 + area_text(a, 1, n + 2, -1, PEN(ROLE_KEY), hints[i][0]);
		n += 1 + area_text(a, 1, n + 1, -1, PEN(ROLE_DIM), hints[i][1]);
	}
}

void form_draw(struct form *f, struct area a)
{
	int focus = 0, width = a.columns < WIDTH ? a.columns : WIDTH;
	struct area measure = area_sub(a, 0, 0, 0, width > 4 ? width - 4 : 0);
	int lines = draw_entries(f, measure, 0, &focus);

	focus = f->focus == f->count ? lines - 1 : focus;
	struct area box = area_center(a, lines + 5, width);
	area_fill(box, PEN(ROLE_TEXT));
	area_box(box, PEN(ROLE_BORDER), f->title);
	struct area inside = area_sub(area_inside(box), 0, 1, -1, box.columns > 4 ? box.columns - 4 : 0);
	struct area body = area_sub(inside, 0, 0, inside.rows > 3 ? inside.rows - 3 : 1, -1);
	// the line of the focus, and its failure below, stay in sight
	if (focus < f->top)
		f->top = focus;
	if (focus + 1 >= f->top + body.rows)
		f->top = focus + 2 - body.rows < focus ? focus + 2 - body.rows : focus;
	if (f->top + body.rows > lines)
		f->top = lines - body.rows;
	f->top = f->top > 0 ? f->top : 0;
	draw_entries(f, body, f->top, &focus);
	if (f->top > 0)
		area_glyph(box, 0, box.columns - 3, PEN(ROLE_KEY), "↑", "^");
	if (f->top + body.rows < lines)
		area_glyph(box, body.rows + 1, box.columns - 1, PEN(ROLE_KEY), "↓", "v");
	if (inside.rows > 2)
		draw_foot(f, area_sub(inside, inside.rows - 2, 0, 2, -1));
}

// Returns 0, or negative with the failure shown at the field.
static int form_check(struct form *f, size_t at)
{
	const struct form_row *row = f->entries[at].row;
	const char *value = field_text(&f->entries[at].field);
	struct err e = {0};

	if (!is_shown(f, at))
		return 0;
	if (row->required && !*value) {
		form_fail(f, row->name, "is required");
		return -1;
	}
	if (!f->validate || (!*value && row->kind == FORM_TEXT && !row->required) ||
	    f->validate(f->context, f, row->name, value, &e) >= 0)
		return 0;
	form_fail(f, row->name, e.text);
	return -1;
}

static enum effect form_accept(struct form *f)
{
	forget_failure(f);
	for (size_t i = 0; i < f->count; i++)
		if (form_check(f, i) < 0)
			return EFFECT_REDRAW;
	return EFFECT_ACCEPT;
}

static enum effect form_go(struct form *f, int step)
{
	size_t places = f->count + 1, at = f->focus;

	do
		at = (at + places + (size_t)step) % places;
	while (at < f->count && !is_shown(f, at));
	f->focus = at;
	return EFFECT_REDRAW;
}

static enum effect form_choose(struct entry *entry, size_t at)
{
	if (entry->choices.count == 0)
		return EFFECT_REDRAW;
	field_set(&entry->field, entry->choices.items[at % entry->choices.count]);
	return EFFECT_CHANGED;
}

// The next choice that begins with LETTER.
static enum effect choose_letter(struct entry *entry, uint32_t letter)
{
	size_t from = choice_at(entry), count = entry->choices.count;

	for (size_t i = 1; letter < 0x80 && i <= count; i++)
		if (tolower((unsigned char)entry->choices.items[(from + i) % count][0]) == tolower((int)letter))
			return form_choose(entry, (from + i) % count);
	return EFFECT_REDRAW;
}

static enum effect handle_choice(struct entry *entry, struct key key)
{
	size_t count = entry->choices.count, at = choice_at(entry);

	if (key.code == K_LEFT)
		return form_choose(entry, at + count - 1);
	if (key.code == K_RIGHT || key.code == K_SPACE)
		return form_choose(entry, at + 1);
	return key.code != K_PASTE && key_character(key) ? choose_letter(entry, key_character(key)) : EFFECT_NONE;
}

static enum effect handle_flag(struct entry *entry, struct key key)
{
	bool on = strcmp(field_text(&entry->field), yes) == 0;

	if (key.code == K_SPACE || key.code == K_LEFT || key.code == K_RIGHT || key.code == 'x')
		field_set(&entry->field, on ? no : yes);
	else if (key.code == 'y' || key.code == 'n')
		field_set(&entry->field, key.code == 'y' ? yes : no);
	else
		return EFFECT_NONE;
	return EFFECT_CHANGED;
}

static enum effect handle_entry(struct form *f, struct entry *entry, struct key key)
{
	enum effect effect;

	if (entry->row->kind == FORM_CHOICE)
		effect = handle_choice(entry, key);
	else if (entry->row->kind == FORM_FLAG)
		effect = handle_flag(entry, key);
	else
		effect = field_handle(&entry->field, key);
	if (effect == EFFECT_CHANGED)
		forget_failure(f);
	return effect;
}

enum effect form_handle(struct form *f, struct key key)
{
	struct entry *entry = f->focus < f->count ? &f->entries[f->focus] : NULL;

	if (key.code == K_ESC)
		return EFFECT_CANCEL;
	if (key.code == K_F1 + 9 || key.code == (K_CTRL | K_ENTER) ||
	    (!entry && (key.code == K_ENTER || key.code == K_SPACE)))
		return form_accept(f);
	// Tab completes where there is something to complete, else moves on
	if (key.code == K_TAB && entry && *field_text(&entry->field) && handle_entry(f, entry, key) != EFFECT_NONE)
		return EFFECT_CHANGED;
	if (key.code == K_TAB || key.code == K_DOWN)
		return form_go(f, 1);
	if (key.code == (K_TAB | K_SHIFT) || key.code == K_UP)
		return form_go(f, -1);
	if (key.code == K_ENTER) {
		form_go(f, 1);
		return f->focus == f->count ? form_accept(f) : EFFECT_REDRAW;
	}
	return entry ? handle_entry(f, entry, key) : EFFECT_NONE;
}
