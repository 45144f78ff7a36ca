// Menus: see ui/menu.h.
#include "ui/menu.h"

#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/mem.h"
#include "ui/field.h"

struct entry {
	uint32_t key;
	char *label, *note, *reason;
	int value;
	bool heading;
};

struct menu {
	char *title;
	struct entry *entries;
	size_t count;
	size_t *shown; // indexes of entries
	size_t shown_count;
	size_t selected; // index in shown
	size_t top;
	bool filtering;
	struct field filter;
	struct area drawn; // where the entries are
};

static void menu_narrow(struct menu *m);

struct menu *menu_new(const char *title)
{
	struct menu *m = mem_new(sizeof(*m));

	m->title = mem_strdup(title);
	field_init(&m->filter);
	return m;
}

void menu_free(struct menu *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++) {
		free(m->entries[i].label);
		free(m->entries[i].note);
		free(m->entries[i].reason);
	}
	free(m->entries);
	free(m->shown);
	free(m->title);
	field_done(&m->filter);
	free(m);
}

static void add(struct menu *m, struct entry entry)
{
	m->entries = mem_resize(m->entries, m->count + 1, sizeof(*m->entries));
	m->entries[m->count++] = entry;
	m->shown = mem_resize(m->shown, m->count, sizeof(*m->shown));
	menu_narrow(m);
}

void menu_add(struct menu *m, uint32_t key, const char *label, const char *note, const char *reason, int value)
{
	add(m, (struct entry){key, mem_strdup(label), mem_strdup(note), mem_strdup(reason), value, false});
}

void menu_add_heading(struct menu *m, const char *text)
{
	add(m, (struct entry){.label = mem_strdup(text ? text : ""), .heading = true, .value = -1});
}

static struct entry *shown_entry(const struct menu *m, size_t at)
{
	return &m->entries[m->shown[at]];
}

static bool menu_matches(const struct entry *entry, const char *text)
{
	return !*text || (!entry->heading &&
	                  (fold_find(entry->label, text, NULL) || (entry->note && fold_find(entry->note, text, NULL))));
}

// Moves the selection from a heading to the next entry, forward first.
static void leave_heading(struct menu *m)
{
	size_t at = m->selected;

	while (at < m->shown_count && shown_entry(m, at)->heading)
		at++;
	if (at < m->shown_count)
		m->selected = at;
}

static void menu_narrow(struct menu *m)
{
	m->shown_count = 0;
	for (size_t i = 0; i < m->count; i++)
		if (menu_matches(&m->entries[i], field_text(&m->filter)))
			m->shown[m->shown_count++] = i;
	if (m->selected >= m->shown_count)
		m->selected = 0;
	leave_heading(m);
}

static const char *menu_remark(const struct entry *entry)
{
	return entry->reason ? entry->reason : entry->note ? entry->note : "";
}

// The widest key, label and note.
static void menu_measure(const struct menu *m, int *key, int *label, int *note)
{
	char name[KEY_NAME];

	*key = *label = *note = 0;
	for (size_t i = 0; i < m->count; i++) {
		const struct entry *entry = &m->entries[i];
		int widths[] = {entry->key ? text_width(key_format(name, entry->key)) : 0, text_width(entry->label),
		                text_width(menu_remark(entry))};

		*key = widths[0] > *key ? widths[0] : *key;
		*label = widths[1] > *label ? widths[1] : *label;
		*note = widths[2] > *note ? widths[2] : *note;
	}
}

static void draw_entry(const struct menu *m, struct area a, size_t at, int key, int label)
{
	const struct entry *entry = shown_entry(m, at);
	uint8_t back = at == m->selected ? ROLE_SELECTION : ROLE_TEXT;
	uint8_t role = entry->reason ? ROLE_DIM : ROLE_TEXT;
	char name[KEY_NAME];

	if (entry->heading) {
		if (*entry->label)
			area_text(a, 0, 1, -1, PEN(ROLE_TITLE), entry->label);
		else
			area_hline(a, 0, 0, -1, PEN(ROLE_BORDER));
		return;
	}
	area_fill(a, PEN_ON(ROLE_TEXT, back));
	if (at == m->selected)
		area_glyph(a, 0, 0, PEN_ON(ROLE_TITLE, back), "▌", ">");
	if (entry->key)
		area_text(a, 0, 1, key, PEN_ON(entry->reason ? ROLE_DIM : ROLE_KEY, back), key_format(name, entry->key));
	int column = 1 + key + (key ? 2 : 0);
	area_text(a, 0, column, label, PEN_ON(role, back), entry->label);
	area_text(a, 0, column + label + 2, -1, PEN_ON(ROLE_DIM, back), menu_remark(entry));
}

static void draw_filter(struct menu *m, struct area a)
{
	int n = area_text(a, 0, 1, -1, PEN(ROLE_KEY), "/");

	field_draw(&m->filter, area_sub(a, 0, 1 + n, 1, -1), PEN(ROLE_INPUT), m->filtering);
}

// Arrows at the edges where entries are out of view.
static void draw_more(const struct menu *m, struct area box)
{
	if (m->top > 0)
		area_glyph(box, 0, box.columns - 3, PEN(ROLE_KEY), "↑", "^");
	if (m->top + (size_t)m->drawn.rows < m->shown_count)
		area_glyph(box, box.rows - 1, box.columns - 3, PEN(ROLE_KEY), "↓", "v");
}

void menu_draw(struct menu *m, struct area a)
{
	bool filter = m->filtering || *field_text(&m->filter);
	int key, label, note, title = text_width(m->title) + 6;

	menu_measure(m, &key, &label, &note);
	int width = 1 + key + (key ? 2 : 0) + label + (note ? 2 + note : 0) + 1;
	width = width + 2 > title ? width + 2 : title;
	struct area box = area_center(a, (int)m->count + 2 + filter, width);
	area_fill(box, PEN(ROLE_TEXT));
	area_box(box, PEN(ROLE_BORDER), m->title);
	struct area inside = area_inside(box);
	if (filter)
		draw_filter(m, area_sub(inside, inside.rows - 1, 0, 1, -1));
	m->drawn = area_sub(inside, 0, 0, inside.rows - filter, -1);
	size_t rows = (size_t)m->drawn.rows;
	if (m->selected < m->top)
		m->top = m->selected;
	if (rows && m->selected >= m->top + rows)
		m->top = m->selected - rows + 1;
	if (m->top + rows > m->shown_count)
		m->top = m->shown_count > rows ? m->shown_count - rows : 0;
	// keep the top entry's heading in view
	while (m->top > 0 && shown_entry(m, m->top - 1)->heading && m->selected + 1 < m->top + rows)
		m->top--;
	for (size_t i = 0; i < rows && m->top + i < m->shown_count; i++)
		draw_entry(m, area_sub(m->drawn, (int)i, 0, 1, -1), m->top + i, key, label);
	draw_more(m, box);
}

static enum effect menu_pick(struct menu *m, size_t at)
{
	m->selected = at;
	return at < m->shown_count && !shown_entry(m, at)->reason && !shown_entry(m, at)->heading ? EFFECT_ACCEPT
	                                                                                          : EFFECT_REDRAW;
}

// Moves STEPS entries down (negative: up), skipping headings, clamped to the menu.
static enum effect menu_step(struct menu *m, long steps)
{
	long direction = steps < 0 ? -1 : 1, at = (long)m->selected;

	for (long left = labs(steps); left > 0; left--) {
		long next = at + direction;

		while (next >= 0 && next < (long)m->shown_count && shown_entry(m, (size_t)next)->heading)
			next += direction;
		if (next < 0 || next >= (long)m->shown_count)
			break;
		at = next;
	}
	m->selected = (size_t)at;
	return EFFECT_REDRAW;
}

static bool move_key(const struct menu *m, uint32_t code, long *steps)
{
	long page = m->drawn.rows > 1 ? m->drawn.rows - 1 : 1;
	const struct {
		uint32_t code, letter;
		long steps;
	} moves[] = {
		{K_UP, 'k', -1},        {K_DOWN, 'j', 1},      {K_PGUP, K_NONE, -page},      {K_PGDN, K_NONE, page},
		{K_HOME, 'g', -100000}, {K_END, 'G', 100000},  {K_WHEEL_UP, K_NONE, -3},     {K_WHEEL_DOWN, K_NONE, 3},
		{K_TAB | K_SHIFT, K_CTRL | 'p', -1}, {K_TAB, K_CTRL | 'n', 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		if (moves[i].code != code && (moves[i].letter != code || m->filtering))
			continue;
		*steps = moves[i].steps;
		return true;
	}
	return false;
}

static enum effect menu_click(struct menu *m, struct key key)
{
	if (!area_holds(m->drawn, key.row, key.column))
		return EFFECT_NONE;
	size_t at = m->top + (size_t)(key.row - m->drawn.row);
	return at < m->shown_count && !shown_entry(m, at)->heading ? menu_pick(m, at) : EFFECT_NONE;
}

static enum effect handle_filter(struct menu *m, struct key key)
{
	enum effect effect = field_handle(&m->filter, key);

	if (effect == EFFECT_CANCEL) {
		field_set(&m->filter, "");
		m->filtering = false;
	}
	menu_narrow(m);
	return effect == EFFECT_NONE ? EFFECT_NONE : EFFECT_REDRAW;
}

static bool run_by_key(struct menu *m, uint32_t code, enum effect *effect)
{
	for (size_t i = 0; i < m->shown_count; i++) {
		if (shown_entry(m, i)->key != code || shown_entry(m, i)->heading)
			continue;
		*effect = menu_pick(m, i);
		return true;
	}
	return false;
}

enum effect menu_handle(struct menu *m, struct key key)
{
	enum effect effect = EFFECT_NONE;
	bool special = key.code >= K_UP || key.code == K_TAB;
	long steps;

	if (key.code == K_CLICK)
		return menu_click(m, key);
	if (key.code == K_ENTER)
		return menu_pick(m, m->selected);
	if (special && move_key(m, key.code, &steps))
		return menu_step(m, steps);
	if (m->filtering)
		return handle_filter(m, key);
	if (key.code == K_ESC || key.code == 'q')
		return EFFECT_CANCEL;
	if (key.code == K_PASTE)
		return EFFECT_NONE;
	if (run_by_key(m, key.code, &effect))
		return effect;
	if (move_key(m, key.code, &steps))
		return menu_step(m, steps);
	m->filtering = key.code == '/';
	return m->filtering ? EFFECT_REDRAW : EFFECT_NONE;
}

bool menu_narrows(const struct menu *m)
{
	return m->filtering;
}

int menu_picked(const struct menu *m)
{
	return m->selected < m->shown_count ? shown_entry(m, m->selected)->value : -1;
}
