// Actions on the list: filter, sort, group, marks, views. Rows of the table in actions.c.
#include "list_keys.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/field.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/menu.h"
#include "ui/table.h"

#include "app/columns/columns.h"
#include "app/know/app.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"

static void list_filter_changed(struct app *app, struct overlay *o)
{
	struct err e = {0};

	if (list_filter(app->list, field_text(o->field), &e) < 0)
		app_say(app, true, "%s", e.text);
}

static bool list_filter_answered(struct app *app, struct overlay *o, bool accepted)
{
	struct err e = {0};

	if (!accepted)
		list_filter(app->list, o->context, NULL);
	else if (list_filter(app->list, field_text(o->field), &e) < 0)
		app_say(app, true, "%s", e.text);
	return true;
}

void list_run_filter(struct app *app, int value)
{
	(void)value;
	if (app->zoomed || app->pane_focused) {
		pane_search(app);
		return;
	}
	struct overlay *o = overlay_prompt(app, "/", app->list->filter ? app->list->filter : "", list_filter_answered);
	o->changed = list_filter_changed;
	o->context = mem_strdup(app->list->filter ? app->list->filter : "");
	o->free_context = free;
}

static bool picked_sort(struct app *app, struct overlay *o, bool accepted)
{
	if (accepted && menu_picked(o->menu) >= 0)
		list_sort(app->list, (size_t)menu_picked(o->menu));
	return true;
}

void list_run_sort_menu(struct app *app, int value)
{
	struct menu *menu = menu_new("Sort by (again: reverse order)");

	(void)value;
	for (enum fact i = 0; i < FACT_COLUMNS; i++)
		if (column_has_order(i))
			menu_add(menu, K_NONE, fact_info(i)->title, fact_info(i)->help, NULL, (int)i);
	overlay_menu(app, menu, picked_sort);
}

static bool picked_group(struct app *app, struct overlay *o, bool accepted)
{
	if (accepted && menu_picked(o->menu) >= 0)
		list_group(app->list, (size_t)menu_picked(o->menu));
	return true;
}

void list_run_group_menu(struct app *app, int value)
{
	struct menu *menu = menu_new("Group by (Space on a heading marks the group)");

	(void)value;
	for (size_t i = 0; i < grouping_count; i++)
		menu_add(menu, (uint32_t)groupings[i].name[0], groupings[i].name, i == app->list->group ? "now" : NULL, NULL,
		         (int)i);
	overlay_menu(app, menu, picked_group);
}

void list_run_sort_step(struct app *app, int step)
{
	list_sort_step(app->list, step);
	app_dirty(app);
}

static void sort_by(struct app *app, const char *name)
{
	list_sort(app->list, (enum fact)column_find(name));
	app_dirty(app);
}

void list_run_sort_cpu(struct app *app, int value)
{
	(void)value;
	sort_by(app, "cpu");
}

void list_run_sort_memory(struct app *app, int value)
{
	(void)value;
	sort_by(app, "mem");
}

void list_run_sort_time(struct app *app, int value)
{
	(void)value;
	sort_by(app, "up");
}

void list_run_sort_name(struct app *app, int value)
{
	(void)value;
	sort_by(app, "name");
}

void list_run_invert(struct app *app, int value)
{
	(void)value;
	list_sort(app->list, app->list->sort);
	app_dirty(app);
}

void list_run_mark(struct app *app, int value)
{
	(void)value;
	if (!list_mark_group(app->list))
		table_mark(&app->list->table);
	app_selection_changed(app);
}

void list_run_mark_range(struct app *app, int value)
{
	(void)value;
	table_mark_range(&app->list->table);
	app_dirty(app);
}

void list_run_mark_invert(struct app *app, int value)
{
	(void)value;
	table_mark_invert(&app->list->table);
	app_dirty(app);
}

void list_run_mark_none(struct app *app, int value)
{
	(void)value;
	table_mark_none(&app->list->table);
	app_dirty(app);
}

void list_run_view(struct app *app, int view)
{
	app->zoomed = app->pane_focused = false;
	list_view(app->list, (size_t)view);
	app_dirty(app);
}

static bool picked_view(struct app *app, struct overlay *o, bool accepted)
{
	if (accepted && menu_picked(o->menu) >= 0)
		list_run_view(app, menu_picked(o->menu));
	return true;
}

void list_run_view_menu(struct app *app, int value)
{
	struct menu *menu = menu_new("Kinds");

	(void)value;
	for (size_t i = 0; i < VIEW_PROBLEMS; i++) {
		char key = view_key(i);

		menu_add(menu, key ? (uint32_t)key : K_NONE, view_name(i), i == app->list->view ? "now" : NULL, NULL, (int)i);
	}
	overlay_menu(app, menu, picked_view);
}

static bool list_search_answered(struct app *app, struct overlay *o, bool accepted)
{
	if (!accepted)
		return true;
	free(app->settings.searched);
	app->settings.searched = mem_strdup(field_text(o->field));
	if (!list_search(app->list, app->settings.searched, false))
		app_say(app, true, "'%s' not found", app->settings.searched);
	app_selection_changed(app);
	return true;
}

void list_run_search(struct app *app, int value)
{
	(void)value;
	if (app->zoomed || app->pane_focused)
		pane_search(app);
	else
		overlay_prompt(app, "Search", "", list_search_answered);
}

void list_run_again(struct app *app, int backward)
{
	if (app->zoomed || app->pane_focused)
		pane_search_again(app, backward);
	else if (!app->settings.searched)
		list_run_search(app, 0);
	else if (list_search(app->list, app->settings.searched, backward))
		app_selection_changed(app);
	app_dirty(app);
}

void list_run_freeze(struct app *app, int value)
{
	(void)value;
	app->list->frozen = !app->list->frozen;
	app_say(app, false,
	        app->list->frozen ? "the order is frozen; figures are still updated (Z: unfreeze)"
	                          : "the order is no longer frozen");
}

void list_run_follow(struct app *app, int value)
{
	auto_str key = {0};

	(void)value;
	keymap_keys(app->keymap, keymap_action(app->keymap, "follow"), " ", &key);
	app->list->follows = !app->list->follows;
	if (app->list->follows)
		table_show_selected(&app->list->table);
	app_say(app, false,
	        app->list->follows ? "the selected row stays in view while the list is sorted (%s: stop following)"
	                           : "the selection is no longer followed",
	        str_text(&key));
}
