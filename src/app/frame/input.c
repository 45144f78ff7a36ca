// Keys and clicks: for the topmost overlay, else an action of the table.
#include "input.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/table.h"

#include "app/actions/actions.h"
#include "app/actions/command.h"
#include "app/actions/own.h"
#include "app/know/app.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"
#include "app/screen/key_line.h"
#include "app/screen/layout.h"
#include "app/screen/views.h"

enum { DOUBLE_MS = 400 }; // the longest time between the clicks of a double click

// The second click on a row opens it, as Enter does.
static void input_double_click(struct app *app, struct key key, bool same)
{
	int64_t now = clock_mono(), before = app->clicked_at;
	bool twice = same && before && now - before < DOUBLE_MS * MS;

	app->clicked_at = key.code == K_CLICK && !twice ? now : 0;
	if (twice && key.code == K_CLICK)
		action_run(app, keymap_action(app->keymap, "open"));
}

static void input_list(struct app *app, struct key key)
{
	int column = -1;
	enum effect effect = table_mouse(&app->list->table, key, &column);
	bool on_row = effect != EFFECT_NONE && column < 0;

	app->pane_focused = false;
	if (column >= 0)
		list_sort(app->list, app->list->columns[column]);
	if (on_row)
		app_chosen(app);
	if (effect == EFFECT_CHANGED)
		app_selection_changed(app);
	if (key.code == K_RIGHT_CLICK && on_row)
		action_run(app, keymap_action(app->keymap, "actions"));
	input_double_click(app, key, on_row && effect != EFFECT_CHANGED);
}

static void input_mouse(struct app *app, struct key key)
{
	const struct layout *l = app->layout;

	if (key.code == K_CLICK && area_holds(l->views, key.row, key.column)) {
		int view = views_at(app, key.column);

		if (view >= 0)
			list_view(app->list, (size_t)view);
	} else if (area_holds(l->pane, key.row, key.column)) {
		app->pane_focused = app->zoomed || (key.code == K_CLICK ? app_selected(app) != NULL : app->pane_focused);
		pane_mouse(app, key);
	} else if (!app->zoomed) {
		input_list(app, key);
	}
	app_dirty(app);
}

// A click on the key line presses that key in any layer. Returns whether it was one.
static bool input_footer(struct app *app, struct key *key)
{
	const struct area footer = app->layout->footer;

	if (key->code != K_CLICK || !area_holds(footer, key->row, key->column) || app->message)
		return false;
	*key = (struct key){.code = key_line_key(app, footer, key->column)};
	return true;
}

static bool is_mouse(uint32_t code)
{
	return code == K_CLICK || code == K_RIGHT_CLICK || code == K_WHEEL_UP || code == K_WHEEL_DOWN;
}

static void input_route(struct app *app, struct key key)
{
	list_settle(app->list, app->list->frozen);
	if (input_footer(app, &key) && key.code == K_NONE)
		return;
	if (app->message) {
		free(steal(app->message));
		app_dirty(app);
	}
	if (overlays_key(app, key))
		return;
	if (is_mouse(key.code)) {
		input_mouse(app, key);
		return;
	}
	if ((app->zoomed || app->pane_focused) && pane_key(app, key))
		return;
	int index = keymap_find(app->keymap, key.code);
	int own = index < 0 ? own_find(app, key.code) : -1;
	if (index >= 0)
		action_run(app, index);
	else if (own >= 0)
		own_run(app, (size_t)own);
	else if (key.code != K_PASTE && key.code != K_NONE)
		app_say(app, false, "this key is not bound (? shows the keys)");
}

void input_key(struct app *app, struct key key)
{
	input_route(app, key);
	if (app->command_due) // the key's action, or the chosen entry of a menu
		command_open(app, "");
	app->command_due = false;
}
