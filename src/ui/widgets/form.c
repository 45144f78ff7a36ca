// The dialog of fields: see ui/form.h.
#include "ui/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "form_state.h"

static const char no[] = "no";

static void load_choices(struct form_entry *entry)
{
	for (const char *const *c = entry->row->choices; c && *c; c++)
		strv_add(&entry->choices, *c);
}

static const char *form_initial(const struct form_entry *entry)
{
	if (entry->row->initial)
		return entry->row->initial;
	if (entry->row->kind == FORM_FLAG)
		return no;
	return entry->row->kind == FORM_CHOICE && entry->choices.count ? entry->choices.items[0] : "";
}

// Inserts a line before line AT.
static void line_insert(const struct form *f, struct form_entry *entry, size_t at, const char *text)
{
	entry->lines = mem_resize(entry->lines, entry->count + 1, sizeof(*entry->lines));
	memmove(&entry->lines[at + 1], &entry->lines[at], (entry->count - at) * sizeof(*entry->lines));
	entry->count++;
	struct field *field = &entry->lines[at];

	field_init(field);
	field->secret = entry->row->secret;
	field->complete = entry->row->complete;
	field->context = f->context;
	field_set(field, text);
}

static void line_remove(struct form_entry *entry, size_t at)
{
	field_done(&entry->lines[at]);
	memmove(&entry->lines[at], &entry->lines[at + 1], (entry->count - at - 1) * sizeof(*entry->lines));
	entry->count--;
}

// Drops empty lines of a list, keeping one for input.
static void drop_empty_lines(struct form_entry *entry)
{
	for (size_t i = entry->count; i-- > 0 && entry->count > 1;)
		if (!*form_entry_text(entry, i))
			line_remove(entry, i);
}

static void entry_load(struct form *f, struct form_entry *entry, const struct form_row *row)
{
	auto_strv lines = {0};

	entry->row = row;
	load_choices(entry);
	if (row->kind == FORM_LIST)
		strv_split(&lines, form_initial(entry), "\n");
	for (size_t i = 0; i < lines.count; i++)
		line_insert(f, entry, i, lines.items[i]);
	if (!entry->count)
		line_insert(f, entry, 0, row->kind == FORM_LIST ? "" : form_initial(entry));
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
	for (size_t i = 0; i < count; i++)
		entry_load(f, &f->entries[i], &rows[i]);
	while (f->focus < count && !form_shows(f, f->focus))
		f->focus++;
	return f;
}

static void entry_done(struct form_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		field_done(&entry->lines[i]);
	free(entry->lines);
	strv_done(&entry->choices);
}

void form_free(struct form *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		entry_done(&f->entries[i]);
	free(f->entries);
	free(f->places);
	free(f->title);
	free(f->accept);
	free(f->failed_name);
	free(f->failed_text);
	free(f->busy);
	free(f);
}

void form_show_preview(struct form *f, form_preview *preview)
{
	f->preview = preview;
}

static struct form_entry *form_find(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->entries[i].row->name, name) == 0)
			return &f->entries[i];
	return NULL;
}

const char *form_get(const struct form *f, const char *name)
{
	const struct form_entry *entry = form_find(f, name);

	return entry ? form_entry_text(entry, 0) : "";
}

void form_values(const struct form *f, struct params *out)
{
	for (size_t i = 0; i < f->count; i++)
		for (size_t line = 0; form_shows(f, i) && line < f->entries[i].count; line++)
			if (*form_entry_text(&f->entries[i], line))
				params_add(out, f->entries[i].row->name, form_entry_text(&f->entries[i], line));
}

static void forget_failure(struct form *f)
{
	free(steal(f->failed_name));
	free(steal(f->failed_text));
}

void form_fail(struct form *f, const char *name, const char *text)
{
	const struct form_entry *entry = name ? form_find(f, name) : NULL;

	forget_failure(f);
	form_busy(f, NULL);
	f->failed_text = mem_strdup(text);
	f->failed_line = 0;
	if (!entry || !form_shows(f, (size_t)(entry - f->entries)))
		return;
	f->failed_name = mem_strdup(name);
	f->focus = (size_t)(entry - f->entries);
	f->line = 0;
}

void form_busy(struct form *f, const char *text)
{
	char *busy = text ? mem_strdup(text) : NULL;

	free(f->busy);
	f->busy = busy;
}

static size_t choice_at(const struct form_entry *entry)
{
	size_t i = 0;

	while (i < entry->choices.count && strcmp(entry->choices.items[i], form_entry_text(entry, 0)) != 0)
		i++;
	return i;
}

// Whether the field's text is one of its choices.
static bool form_has_choice(const struct form_entry *entry)
{
	return choice_at(entry) < entry->choices.count;
}

// Returns 0, or negative with the error shown at the line.
static int form_check_line(struct form *f, size_t at, size_t line)
{
	const struct form_row *row = f->entries[at].row;
	const char *value = form_entry_text(&f->entries[at], line);
	bool text = row->kind == FORM_TEXT || row->kind == FORM_LIST || row->open;
	struct err e = {0};

	if (row->required && !*value) {
		form_fail(f, row->name, "is required");
		return -1;
	}
	if (!f->validate || (!*value && text && !row->required) ||
	    f->validate(f->context, f, row->name, value, &e) >= 0)
		return 0;
	form_fail(f, row->name, e.text);
	f->line = f->failed_line = line;
	return -1;
}

static enum effect form_accept(struct form *f)
{
	forget_failure(f);
	for (size_t i = 0; i < f->count; i++) {
		drop_empty_lines(&f->entries[i]);
		for (size_t line = 0; form_shows(f, i) && line < f->entries[i].count; line++)
			if (form_check_line(f, i, line) < 0)
				return EFFECT_REDRAW;
	}
	if (form_focused(f) && f->line >= form_focused(f)->count)
		f->line = 0;
	return EFFECT_ACCEPT;
}

static void form_leave(struct form *f)
{
	struct form_entry *entry = form_focused(f);

	if (!entry)
		return;
	drop_empty_lines(entry);
	entry->typing = entry->typing && !form_has_choice(entry);
}

// Moves to the next line of the same list, or to another field or the button.
static enum effect form_go(struct form *f, int step)
{
	const struct form_entry *entry = form_focused(f);
	size_t places = f->count + 1, at = f->focus;

	if (entry && f->line + (size_t)step < entry->count) {
		f->line += (size_t)step;
		return EFFECT_REDRAW;
	}
	form_leave(f);
	do
		at = (at + places + (size_t)step) % places;
	while (at < f->count && !form_shows(f, at));
	f->focus = at;
	f->line = step < 0 && at < f->count ? f->entries[at].count - 1 : 0;
	return EFFECT_REDRAW;
}

static enum effect form_choose(struct form_entry *entry, size_t at)
{
	if (entry->choices.count == 0)
		return EFFECT_REDRAW;
	entry->typing = false;
	field_set(entry->lines, entry->choices.items[at % entry->choices.count]);
	return EFFECT_CHANGED;
}

// The next choice that begins with LETTER.
static enum effect choose_letter(struct form_entry *entry, uint32_t letter)
{
	size_t from = choice_at(entry), count = entry->choices.count;

	for (size_t i = 1; letter < 0x80 && i <= count; i++)
		if (tolower((unsigned char)entry->choices.items[(from + i) % count][0]) == tolower((int)letter))
			return form_choose(entry, (from + i) % count);
	return EFFECT_REDRAW;
}

// Starts typing a text other than the choices: a new one, or the current choice is edited at its end.
static enum effect choice_type(struct form_entry *entry, struct key key)
{
	if (!entry->typing && key.code != K_BACKSPACE && key.code != ':')
		field_set(entry->lines, "");
	entry->typing = true;
	return field_handle(entry->lines, key);
}

static enum effect handle_choice(struct form_entry *entry, struct key key)
{
	size_t count = entry->choices.count, at = choice_at(entry);
	bool typed = key.code == K_BACKSPACE || key_character(key);

	if (entry->typing && *form_entry_text(entry, 0))
		return field_handle(entry->lines, key);
	if (key.code == K_LEFT)
		return form_choose(entry, at < count ? at + count - 1 : 0);
	if (key.code == K_RIGHT || key.code == K_SPACE)
		return form_choose(entry, at < count ? at + 1 : 0);
	if (entry->row->open && (typed || key.code == K_PASTE))
		return choice_type(entry, key);
	return key.code != K_PASTE && key_character(key) ? choose_letter(entry, key_character(key)) : EFFECT_NONE;
}

static enum effect handle_flag(struct form_entry *entry, struct key key)
{
	bool on = strcmp(form_entry_text(entry, 0), form_yes) == 0;

	if (key.code == K_SPACE || key.code == K_LEFT || key.code == K_RIGHT || key.code == 'x')
		field_set(entry->lines, on ? no : form_yes);
	else if (key.code == 'y' || key.code == 'n')
		field_set(entry->lines, key.code == 'y' ? form_yes : no);
	else
		return EFFECT_NONE;
	return EFFECT_CHANGED;
}

// Backspace removes an empty line of a list.
static enum effect handle_line(struct form *f, struct form_entry *entry, struct key key)
{
	if (key.code != K_BACKSPACE || *form_entry_text(entry, f->line) || entry->count < 2)
		return field_handle(&entry->lines[f->line], key);
	line_remove(entry, f->line);
	f->line = f->line ? f->line - 1 : 0;
	return EFFECT_CHANGED;
}

static enum effect handle_entry(struct form *f, struct form_entry *entry, struct key key)
{
	enum effect effect;

	if (entry->row->kind == FORM_CHOICE)
		effect = handle_choice(entry, key);
	else if (entry->row->kind == FORM_FLAG)
		effect = handle_flag(entry, key);
	else
		effect = handle_line(f, entry, key);
	if (effect == EFFECT_CHANGED)
		forget_failure(f);
	return effect;
}

const char *form_focus(const struct form *f)
{
	const struct form_entry *entry = form_focused(f);

	return entry ? entry->row->name : NULL;
}

void form_offer(struct form *f, const char *name)
{
	struct form_entry *entry = form_focused(f);

	if (entry && strcmp(entry->row->name, name) == 0 && field_offer(&entry->lines[f->line]) == EFFECT_CHANGED)
		forget_failure(f);
}

static enum effect form_enter(struct form *f, struct form_entry *entry)
{
	if (entry && entry->row->kind == FORM_LIST && *form_entry_text(entry, f->line)) {
		line_insert(f, entry, ++f->line, "");
		return EFFECT_CHANGED;
	}
	if (entry)
		f->line = entry->count - 1;
	form_go(f, 1);
	return f->focus == f->count ? form_accept(f) : EFFECT_REDRAW;
}

// A click on a value.
static enum effect form_press(struct form *f, const struct form_place *p, int column)
{
	struct form_entry *entry = &f->entries[p->entry];

	if (p->what != PLACE_VALUE || column < 0)
		return EFFECT_REDRAW;
	if (entry->row->kind == FORM_FLAG)
		return handle_flag(entry, (struct key){.code = K_SPACE});
	if (entry->row->kind != FORM_CHOICE || entry->typing)
		return EFFECT_REDRAW;
	int choice = form_choices_walk(entry, area_sub(f->body, 0, form_value_column(f), 1, -1), true, false, column);
	return choice < 0 ? handle_choice(entry, (struct key){.code = K_RIGHT}) : form_choose(entry, (size_t)choice);
}

static enum effect form_click(struct form *f, struct key key)
{
	size_t at = (size_t)(f->top + key.row - f->body.row);

	if (area_holds(f->button, key.row, key.column))
		return form_accept(f);
	if (!area_holds(f->body, key.row, key.column) || at >= f->place_count)
		return EFFECT_NONE;
	const struct form_place place = f->places[at];
	if (f->focus != place.entry)
		form_leave(f);
	f->focus = place.entry;
	f->line = place.what == PLACE_VALUE ? place.line : 0;
	return form_press(f, &place, key.column - f->body.column - form_value_column(f));
}

enum effect form_handle(struct form *f, struct key key)
{
	struct form_entry *entry = form_focused(f);

	if (key.code == K_ESC)
		return EFFECT_CANCEL;
	if (f->busy)
		return EFFECT_NONE;
	if (key.code == K_CLICK)
		return form_click(f, key);
	if (key.code == K_F1 + 9 || key.code == (K_CTRL | K_ENTER) ||
	    (!entry && (key.code == K_ENTER || key.code == K_SPACE)))
		return form_accept(f);
	// Tab completes if possible, otherwise moves to the next field
	if (key.code == K_TAB && entry && *form_entry_text(entry, f->line) && handle_entry(f, entry, key) != EFFECT_NONE)
		return EFFECT_CHANGED;
	if (key.code == K_TAB || key.code == K_DOWN || key.code == K_WHEEL_DOWN)
		return form_go(f, 1);
	if (key.code == (K_TAB | K_SHIFT) || key.code == K_UP || key.code == K_WHEEL_UP)
		return form_go(f, -1);
	if (key.code == K_ENTER)
		return form_enter(f, entry);
	return entry ? handle_entry(f, entry, key) : EFFECT_NONE;
}
