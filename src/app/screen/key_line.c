// The key line: see key_line.h.
#include "key_line.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/table.h"

#include "app/actions/actions.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"

// An entry: "X Stop".
struct key_entry {
	char key[KEY_NAME];
	const char *label;
	uint32_t code; // what a click on it presses; K_NONE: nothing
};

enum { ENTRIES = 24 };

// The key line of a pane: actions with names for what they do there.
struct pane_key {
	const char *action, *label;
	unsigned flags; // if the pane shows this: ACTION_TEXT, ACTION_GRAPHS; 0: always
};
static const struct pane_key pane_keys[] = {
	{.action = "help", .label = "Help"},
	{.action = "back", .label = "Back"},
	{.action = "filter", .label = "Search", .flags = ACTION_TEXT},
	{.action = "filter-text", .label = "Only lines", .flags = ACTION_TEXT},
	{.action = "next", .label = "Next", .flags = ACTION_TEXT},
	{.action = "wrap", .label = "Wrap", .flags = ACTION_TEXT},
	{.action = "span-less", .label = "Shorter", .flags = ACTION_GRAPHS},
	{.action = "span-more", .label = "Longer", .flags = ACTION_GRAPHS},
	{.action = "tab-left", .label = "Tab left"},
	{.action = "tab-right", .label = "Tab right"},
	{.action = "actions", .label = "Actions"},
};

struct key_entries {
	struct key_entry items[ENTRIES];
	size_t count;
};

static void entry_add(struct key_entries *all, uint32_t code, const char *name, const char *label)
{
	struct key_entry *entry = &all->items[all->count];

	if (all->count == ENTRIES)
		return;
	*entry = (struct key_entry){.label = label, .code = code};
	if (name)
		snprintf(entry->key, sizeof(entry->key), "%s", name);
	else
		key_format(entry->key, code);
	all->count++;
}

static void action_add(const struct app *app, struct key_entries *all, int index, const char *label)
{
	uint32_t code = keymap_first(app->keymap, index);

	if (code != K_NONE && !(action_writes(&actions[index]) && app_read_only(app)))
		entry_add(all, code, NULL, label ? label : actions[index].label);
}

static void entries_of_pane(const struct app *app, struct key_entries *all)
{
	unsigned shows = pane_is_text(app) ? ACTION_TEXT : app->pane->tab == TAB_GRAPHS ? ACTION_GRAPHS : 0;

	for (size_t i = 0; i < ARRAY_SIZE(pane_keys); i++) {
		const struct pane_key *k = &pane_keys[i];

		if (!k->flags || k->flags & shows)
			action_add(app, all, keymap_action(app->keymap, k->action), k->label);
		if (str_equal(k->action, "filter-text") && app->pane->tab == TAB_LOGS && shows & ACTION_TEXT)
			entry_add(all, K_NONE, "0-6", "How far back");
	}
}

// Without the verbs that items like the selected one never have.
static void entries_of_list(const struct app *app, struct key_entries *all)
{
	const struct row *row = app_selected_item(app);
	const unsigned verb_of_row = ACTION_ROW | ACTION_VERB;
	int index;

	for (int rank = 1; (index = action_ranked(rank)) >= 0; rank++)
		if (!row || (actions[index].flags & verb_of_row) != verb_of_row || action_suits(&actions[index], &row->w))
			action_add(app, all, index, NULL);
}

// "db-1 is in row 31 (g: top)", if the selected row is scrolled out of view. Owned; NULL = it is in view.
static char *selection_place(const struct app *app)
{
	const struct row *row = app_selected_item(app);
	char key[KEY_NAME];

	if (!row || !table_selection_hidden(app->table))
		return NULL;
	key_format(key, keymap_first(app->keymap, keymap_action(app->keymap, "first")));
	return mem_printf("%s is in row %zu (%s: top)", row->w.name ? row->w.name : row->w.id, table_index(app->table) + 1,
	                  key);
}

static void entries_of_overlay(const struct overlay *o, struct key_entries *all)
{
	const char *label, *name;
	uint32_t code;

	for (size_t i = 0; overlay_hint(o, i, &name, &code, &label); i++)
		entry_add(all, code, name, label);
}

static int entry_width(const struct key_entry *entry)
{
	return text_width(entry->key) + 1 + text_width(entry->label);
}

static void entry_draw(struct area a, int column, const struct key_entry *entry)
{
	int n = area_text(a, 0, column, -1, PEN_ON(ROLE_KEY, ROLE_FOOTER), entry->key);

	area_text(a, 0, column + n + 1, -1, PEN(ROLE_FOOTER), entry->label);
}

// Draws that at the left edge. Returns the column after it.
static int place_draw(const struct app *app, struct area a, bool draws)
{
	auto_free char *place = selection_place(app);
	int width = place ? text_width(place) : 0;

	if (width > a.columns / 2)
		width = a.columns / 2;
	if (draws && place)
		area_text(a, 0, 1, width, PEN(ROLE_WARNING), place);
	return 1 + (width ? width + 2 : 0);
}

// Draws the most important keys, as many as fit; quit is at the right edge. With CLICKED, returns the key at that
// column, else K_NONE.
static uint32_t key_line_walk(const struct app *app, struct area a, bool draws, int clicked)
{
	const struct overlay *top = overlay_top(app);
	struct key_entries all = {0}, last = {0};
	int at = 1;

	if (top) {
		entries_of_overlay(top, &all);
	} else if (app->zoomed || app->pane_focused) {
		entries_of_pane(app, &all);
	} else {
		entries_of_list(app, &all);
		at = place_draw(app, a, draws);
	}
	if (!top)
		action_add(app, &last, action_ranked(RANK_LAST), NULL);
	int end = a.columns - 1 - (last.count ? entry_width(last.items) : 0);
	if (draws && last.count && end > 0)
		entry_draw(a, end, last.items);
	if (clicked >= end)
		return last.count ? last.items[0].code : K_NONE;
	for (size_t i = 0; i < all.count; i++) {
		int width = entry_width(&all.items[i]);

		if (at + width + (last.count ? 2 : 0) > end)
			break;
		if (draws)
			entry_draw(a, at, &all.items[i]);
		if (clicked >= at && clicked < at + width)
			return all.items[i].code;
		at += width + 2;
	}
	return K_NONE;
}

uint32_t key_line_key(const struct app *app, struct area a, int column)
{
	return key_line_walk(app, a, false, column);
}

void key_line_draw(struct app *app, struct area a)
{
	struct pen pen = app->message_bad ? PEN_ON(ROLE_FAILED, ROLE_FOOTER) : PEN(ROLE_FOOTER);

	area_fill(a, PEN(ROLE_FOOTER));
	if (app->message)
		area_text(a, 0, 1, a.columns - 2, pen, app->message);
	else
		key_line_walk(app, a, true, -1);
}
