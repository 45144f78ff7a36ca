// The table of actions: see actions.h.
#include "actions.h"

#include <stdlib.h>

#include "app/app.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "model/stream.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/effect.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/menu.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"
#include "clipboard.h"
#include "create.h"
#include "delete.h"
#include "guest_shell.h"
#include "item.h"
#include "list_keys.h"
#include "own.h"
#include "port.h"
#include "setup.h"
#include "stream.h"
#include "view.h"
#include "viewer.h"
#include "workload.h"

static const char move_group[] = "Moving", list_keys[] = "The list",
                  row_group[] = "The selected workload, or the marked ones", pane_group[] = "The pane",
                  screen_group[] = "hostel";

// The menu of keys and help of actions; runs the chosen one.
static bool picked_action(struct app *app, struct overlay *o, bool accepted)
{
	int index = menu_picked(o->menu);

	if (!accepted || index < 0)
		return true;
	overlay_pop(app); // the action may open another overlay
	if ((size_t)index >= action_count)
		own_run(app, (size_t)index - action_count);
	else
		action_run(app, index);
	return false;
}

static bool is_here(const struct app *app, const struct action *a)
{
	return !(a->flags & ACTION_LIST) || !(app->zoomed || app->pane_focused);
}

// Whether the pane has the focus.
static bool in_pane(const struct app *app)
{
	return app->zoomed || app->pane_focused;
}

// Whether A applies to what has the focus.
static bool helps_here(const struct app *app, const struct action *a)
{
	unsigned tab = pane_is_text(app) ? ACTION_TEXT : app->pane->tab == TAB_GRAPHS ? ACTION_GRAPHS : 0;

	if (!is_here(app, a))
		return false;
	if (!in_pane(app))
		return true;
	return a->flags & (ACTION_TEXT | ACTION_GRAPHS) ? a->flags & tab : a->group != list_keys;
}

// The help of A while the pane has the focus.
static const char *help_here(const struct app *app, const struct action *a)
{
	static const struct {
		const char *name, *help;
	} in_text[] = {{"filter", "search the text"}, {"search", "search the text"}};

	for (size_t i = 0; in_pane(app) && i < ARRAY_SIZE(in_text); i++)
		if (str_equal(a->name, in_text[i].name))
			return in_text[i].help;
	return a->help;
}

static void add_help(const struct app *app, struct menu *menu, int index)
{
	auto_str label = {0};

	keymap_keys(app->keymap, index, " ", &label);
	auto_free char *line = mem_printf("%-18s %s", str_text(&label), help_here(app, &actions[index]));
	menu_add(menu, K_NONE, line, NULL, NULL, index);
}

static void add_log_help(struct menu *menu)
{
	menu_add(menu, K_NONE, PANE_SINCE_HELP, NULL, NULL, -1);
	menu_add(menu, K_NONE, PANE_TIMES_HELP, NULL, NULL, -1);
}

// First the keys specific to the focus: the pane's own.
static void run_help(struct app *app, int value)
{
	auto_free char *title =
	    in_pane(app) ? mem_printf("Help: the keys of this pane, %s (Enter runs, / filters)", pane_tab_name(app))
	                 : NULL;
	struct menu *menu = menu_new(title ? title : "Help: the keys here (Enter runs, / filters)");
	const char *group = NULL;

	(void)value;
	for (int pass = in_pane(app) ? 0 : 1; pass < 2; pass++)
		for (size_t i = 0; i < action_count; i++) {
			const struct action *a = &actions[i];
			bool own = in_pane(app) && (a->flags & (ACTION_TEXT | ACTION_GRAPHS) || a->group == pane_group);
			const char *heading = own ? pane_group : a->group;

			if (own != (pass == 0) || !helps_here(app, a))
				continue;
			if (!str_equal(heading, group))
				menu_add_heading(menu, group = heading);
			add_help(app, menu, (int)i);
			if (pass == 0 && app->pane->tab == TAB_LOGS && str_equal(a->name, "wrap"))
				add_log_help(menu);
		}
	overlay_menu(app, menu, picked_action);
}

// Whether an action applies to the item of ROW.
static bool any_suits(const struct row *row)
{
	for (size_t i = 0; i < action_count; i++)
		if (actions[i].flags & ACTION_ROW && action_suits(&actions[i], &row->w))
			return true;
	return false;
}

static bool is_action_of(enum verb verb, const struct row *row)
{
	for (size_t i = 0; i < action_count; i++)
		if (actions[i].flags & ACTION_VERB && (actions[i].verb == verb || actions[i].job == verb) &&
		    action_suits(&actions[i], &row->w))
			return true;
	return false;
}

// Whether a verb on the item of ROW has no key of its own.
static bool has_more_verbs(const struct row *row)
{
	for (enum verb v = 0; v < VERBS; v++)
		if (verb_info(v)->flags & ACTS && verb_suits(v, row->w.kind) && !is_action_of(v, row))
			return true;
	return false;
}

static void run_actions(struct app *app, int value)
{
	const struct row *row = app_selected_item(app);

	(void)value;
	if (row && row->other && (!any_suits(row) || has_more_verbs(row))) {
		item_menu(app);
		return;
	}
	if (!row || !any_suits(row)) {
		app_say(app, false, "%s", app_none_selected(app));
		return;
	}
	size_t marks = app->list->table.marks.count;
	auto_free char *title = marks ? mem_printf("%zu marked", marks) : mem_strdup(row->w.name);
	struct menu *menu = menu_new(title);
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = &actions[i];

		if (!(a->flags & ACTION_ROW) || !action_suits(a, &row->w))
			continue;
		auto_free char *line = action_line(app, a);
		menu_add(menu, keymap_first(app->keymap, (int)i), a->label, line ? line : a->help, action_refusal(app, (int)i),
		         (int)i);
	}
	own_add_entries(app, menu, (int)action_count);
	overlay_menu(app, menu, picked_action);
}

struct copies {
	struct strv texts;
};

static void copies_free(void *context)
{
	struct copies *copies = context;

	strv_done(&copies->texts);
	free(copies);
}

static bool picked_copy(struct app *app, struct overlay *o, bool accepted)
{
	const struct copies *copies = o->context;
	int picked = menu_picked(o->menu);

	if (accepted && picked >= 0)
		clipboard_copy(app, copies->texts.items[picked]);
	return true;
}

static void copy_offer(struct menu *menu, struct copies *copies, uint32_t key, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	menu_add(menu, key, label, text, NULL, (int)copies->texts.count);
	strv_add(&copies->texts, text);
}

static void run_copy_menu(struct app *app, int value)
{
	const struct row *row = app_selected(app);
	struct copies *copies = mem_new(sizeof(*copies));
	struct menu *menu = menu_new("Copy to your own clipboard");

	(void)value;
	copy_offer(menu, copies, 'n', "Name", row->w.name);
	copy_offer(menu, copies, 'i', "Id", row->w.id);
	copy_offer(menu, copies, 'a', "Addresses", row->w.addresses);
	copy_offer(menu, copies, 'm', "Image", row->w.image);
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = &actions[i];
		auto_free char *line = a->copy && action_suits(a, &row->w) ? action_line(app, a) : NULL;
		auto_free char *label = mem_printf("Command: %s", a->name);

		copy_offer(menu, copies, (uint32_t)a->copy, label, line);
	}
	struct overlay *o = overlay_menu(app, menu, picked_copy);
	o->context = copies;
	o->free_context = copies_free;
}

static void fill_follow(const struct app *app, const struct row *row, struct params *out)
{
	(void)app, (void)row;
	params_add(out, PARAM_FOLLOW, "yes");
}

static void fill_config(const struct app *app, const struct row *row, struct params *out)
{
	(void)app, (void)row;
	params_add(out, PARAM_CONFIG, "yes");
}

static void fill_force(const struct app *app, const struct row *row, struct params *out)
{
	auto_strv ids = {0};

	(void)row;
	app_targets(app, &ids);
	if (delete_needs_force(app, &ids))
		params_add(out, PARAM_FORCE, "yes");
}

static void fill_less(const struct app *app, const struct row *row, struct params *out)
{
	(void)app;
	params_add_cpus(out, cpus_after_step(row, -1));
}

static void fill_more(const struct app *app, const struct row *row, struct params *out)
{
	(void)app;
	params_add_cpus(out, cpus_after_step(row, 1));
}

const struct action actions[] = {
	{.name = "open", .keys = "Enter", .label = "Open", .help = "show the pane full screen", .group = move_group,
	 .flags = ACTION_ROW, .run = view_run_open, .rank = 3},
	{.name = "up", .keys = "k Up", .label = "Up", .help = "move up", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_UP},
	{.name = "down", .keys = "j Down", .label = "Down", .help = "move down", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_DOWN},
	{.name = "page-up", .keys = "PgUp", .label = "Page up", .help = "move up a page", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_PAGE_UP},
	{.name = "page-down", .keys = "PgDn", .label = "Page down", .help = "move down a page", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_PAGE_DOWN},
	{.name = "half-up", .keys = "Ctrl-U", .label = "Half up", .help = "move up half a page", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_HALF_UP},
	{.name = "half-down", .keys = "Ctrl-D", .label = "Half down", .help = "move down half a page",
	 .group = move_group, .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_HALF_DOWN},
	{.name = "first", .keys = "g Home", .label = "First", .help = "go to the first", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_FIRST},
	{.name = "last", .keys = "G End", .label = "Last", .help = "go to the last", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_LAST},
	{.name = "left", .keys = "Left", .label = "Left", .help = "scroll left", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_LEFT},
	{.name = "right", .keys = "Right", .label = "Right", .help = "scroll right", .group = move_group,
	 .flags = ACTION_MOVE | ACTION_TEXT, .run = view_run_move, .value = MOVE_RIGHT},
	{.name = "back", .keys = "Esc Ctrl-C", .label = "Back", .help = "go back one layer: pane, marks, filter",
	 .group = move_group, .run = view_run_back},

	{.name = "filter", .keys = "/ F4 \\", .label = "Filter",
	 .help = "filter the list: web !test state:running cpu>50 mem>1G label:app=web", .group = list_keys,
	 .flags = ACTION_TEXT, .run = list_run_filter, .rank = 2},
	{.name = "search", .keys = "F3", .label = "Search", .help = "search names, or the text", .group = list_keys,
	 .flags = ACTION_TEXT, .run = list_run_search},
	{.name = "next", .keys = "n", .label = "Next", .help = "next match", .group = list_keys, .flags = ACTION_TEXT,
	 .run = list_run_again},
	{.name = "previous", .keys = "N", .label = "Previous", .help = "previous match", .group = list_keys,
	 .flags = ACTION_TEXT, .run = list_run_again, .value = true},
	{.name = "view-all", .keys = "1", .label = "All", .help = "show all", .group = list_keys, .run = list_run_view},
	{.name = "view-guests", .keys = "2", .label = "Guests", .help = "show guests only", .group = list_keys,
	 .run = list_run_view, .value = 1},
	{.name = "view-containers", .keys = "3", .label = "Containers", .help = "show containers only",
	 .group = list_keys, .run = list_run_view, .value = 2},
	{.name = "view-images", .keys = "4", .label = "Images", .help = "show images", .group = list_keys,
	 .run = list_run_view, .value = 3},
	{.name = "view-networks", .keys = "5", .label = "Networks", .help = "show networks", .group = list_keys,
	 .run = list_run_view, .value = 4},
	{.name = "view-volumes", .keys = "6", .label = "Volumes", .help = "show volumes", .group = list_keys,
	 .run = list_run_view, .value = 5},
	{.name = "view-problems", .keys = "!", .label = "Problems", .help = "show problems, worst first",
	 .group = list_keys, .run = list_run_view, .value = VIEW_PROBLEMS},
	{.name = "views", .keys = "0", .label = "Views", .help = "show items of a kind: list all kinds",
	 .group = list_keys,
	 .run = list_run_view_menu},
	{.name = "sort-cpu", .keys = "P", .label = "Sort by CPU", .help = "sort by CPU", .group = list_keys,
	 .flags = ACTION_LIST, .run = list_run_sort_cpu},
	{.name = "sort-memory", .keys = "M", .label = "Sort by memory", .help = "sort by memory", .group = list_keys,
	 .flags = ACTION_LIST, .run = list_run_sort_memory},
	{.name = "sort-time", .keys = "T", .label = "Sort by time", .help = "sort by uptime, or time since exit",
	 .group = list_keys, .flags = ACTION_LIST, .run = list_run_sort_time},
	{.name = "sort-name", .keys = "A", .label = "Sort by name", .help = "sort by name", .group = list_keys,
	 .flags = ACTION_LIST, .run = list_run_sort_name},
	{.name = "invert", .keys = "I", .label = "Invert", .help = "reverse order", .group = list_keys,
	 .flags = ACTION_LIST, .run = list_run_invert},
	{.name = "sort-menu", .keys = "F6", .label = "Sort", .help = "sort by any column", .group = list_keys,
	 .flags = ACTION_LIST, .run = list_run_sort_menu},
	{.name = "group", .keys = "F5 t", .label = "Group", .help = "group by kind, state, host, image or label",
	 .group = list_keys, .flags = ACTION_LIST, .run = list_run_group_menu},
	{.name = "sort-right", .keys = ">", .label = "Sort right", .help = "sort by the column to the right",
	 .group = list_keys, .flags = ACTION_LIST, .run = list_run_sort_step, .value = 1},
	{.name = "sort-left", .keys = "<", .label = "Sort left", .help = "sort by the column to the left",
	 .group = list_keys, .flags = ACTION_LIST, .run = list_run_sort_step, .value = -1},
	{.name = "mark", .keys = "Space", .label = "Mark", .help = "mark; actions then apply to all marked workloads",
	 .group = list_keys, .flags = ACTION_LIST, .run = list_run_mark},
	{.name = "mark-range", .keys = "Ctrl-Space", .label = "Mark range",
	 .help = "mark all from the last mark to here", .group = list_keys, .flags = ACTION_LIST,
	 .run = list_run_mark_range},
	{.name = "mark-invert", .keys = "*", .label = "Invert marks", .help = "invert marks", .group = list_keys,
	 .flags = ACTION_LIST, .run = list_run_mark_invert},
	{.name = "mark-none", .keys = "U", .label = "Unmark all", .help = "clear marks", .group = list_keys,
	 .flags = ACTION_LIST, .run = list_run_mark_none},
	{.name = "freeze", .keys = "Z", .label = "Freeze", .help = "freeze the order of the list", .group = list_keys,
	 .flags = ACTION_COMMAND | ACTION_LIST, .run = list_run_freeze},
	{.name = "follow", .keys = "F", .label = "Follow", .help = "keep the selected workload in view while sorting",
	 .group = list_keys, .flags = ACTION_COMMAND | ACTION_LIST, .run = list_run_follow},

	{.name = "logs", .keys = "l", .label = "Logs",
	 .help = "show the output of a container, the serial log of a guest", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB, .verb = VERB_LOGS, .fill = fill_follow, .run = view_run_show,
	 .value = TAB_LOGS, .rank = 4, .copy = 'l'},
	{.name = "shell", .keys = "s", .label = "Shell", .help = "open a shell inside (guests: by ssh)",
	 .group = row_group, .flags = ACTION_COMMAND | ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_EXEC,
	 .fill = stream_fill_shell, .words = guest_shell_words, .run = act_shell, .rank = 5, .copy = 's'},
	{.name = "exec", .keys = "E", .label = "Run inside", .help = "run a command inside", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE | ACTION_ASKS, .verb = VERB_EXEC, .run = act_exec},
	{.name = "attach", .keys = "a", .label = "Attach", .help = "connect to its first process (Ctrl-] leaves)",
	 .group = row_group, .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_ATTACH, .run = act_stream,
	 .value = STREAM_ATTACH},
	{.name = "console", .keys = "c", .label = "Console", .help = "connect to its serial console (Ctrl-] leaves)",
	 .group = row_group, .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_CONSOLE, .run = act_stream,
	 .value = STREAM_CONSOLE, .copy = 'c'},
	{.name = "viewer", .keys = "v", .label = "Viewer", .help = "open its graphical console",
	 .group = row_group, .flags = ACTION_COMMAND | ACTION_ROW | ACTION_ONE | ACTION_GUEST | NEEDS_RUNNING | WRITES,
	 .words = viewer_words, .lacks = viewer_lacks, .run = act_viewer, .copy = 'v'},
	{.name = "open-port", .keys = "o", .label = "Open port", .help = "open a published port in the browser",
	 .group = row_group, .flags = ACTION_COMMAND | ACTION_ROW | ACTION_ONE | NEEDS_RUNNING,
	 .words = port_words, .lacks = port_lacks, .run = act_port},
	{.name = "start", .keys = "S", .label = "Start", .help = "start", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB, .verb = VERB_START, .rank = 6},
	{.name = "stop", .keys = "X F9", .label = "Stop", .help = "stop gracefully, force off, or send a signal",
	 .group = row_group, .flags = ACTION_ROW | ACTION_VERB, .verb = VERB_STOP, .run = act_stop_menu, .rank = 7,
	 .copy = 'x'},
	{.name = "pause", .keys = "p", .label = "Pause", .help = "pause or resume", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB, .verb = VERB_PAUSE, .paused = VERB_RESUME},
	{.name = "restart", .keys = "r", .label = "Restart", .help = "stop, then start (asks)", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB, .verb = VERB_RESTART},
	{.name = "delete", .keys = "D Delete", .label = "Delete", .help = "delete permanently, cancel a job (asks)",
	 .group = row_group, .flags = ACTION_ROW | ACTION_VERB, .verb = VERB_DELETE, .job = VERB_CANCEL,
	 .fill = fill_force, .run = act_delete_menu},
	{.name = "rename", .keys = "none", .label = "Rename", .help = "change the name", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE | ACTION_ASKS, .verb = VERB_RENAME, .run = act_rename},
	{.name = "connect", .keys = "none", .label = "Connect", .help = "connect a container to a network",
	 .group = row_group, .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE | ACTION_ASKS, .verb = VERB_CONNECT,
	 .run = item_form, .value = VERB_CONNECT},
	{.name = "disconnect", .keys = "none", .label = "Disconnect", .help = "disconnect a container from a network",
	 .group = row_group, .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE | ACTION_ASKS, .verb = VERB_DISCONNECT,
	 .run = item_form, .value = VERB_DISCONNECT},
	{.name = "limits", .keys = "none", .label = "Limits", .help = "change limits: CPUs, memory, restart policy",
	 .group = row_group, .flags = ACTION_COMMAND | ACTION_ROW | ACTION_VERB | ACTION_ASKS, .verb = VERB_SET,
	 .run = act_limits},
	{.name = "cpu-less", .keys = "F7", .label = "Less CPU", .help = "lower the CPU limit", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_SET, .fill = fill_less, .run = act_cpus,
	 .value = -1},
	{.name = "cpu-more", .keys = "F8", .label = "More CPU", .help = "raise the CPU limit", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_SET, .fill = fill_more, .run = act_cpus, .value = 1},
	{.name = "edit", .keys = "e", .label = "Edit", .help = "edit its definition: XML of a guest, JSON of a container",
	 .group = row_group, .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_EDIT, .run = act_edit},
	{.name = "undo", .keys = "z", .label = "Undo", .help = "undo the last pause, rename or limit change",
	 .group = row_group, .flags = WRITES, .run = act_undo},
	{.name = "describe", .keys = "d", .label = "Describe", .help = "show all details", .group = row_group,
	 .flags = ACTION_COMMAND | ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_INSPECT, .run = view_run_show,
	 .value = TAB_DETAILS},
	{.name = "raw", .keys = "i", .label = "Configuration",
	 .help = "show the engine's own configuration: JSON or XML", .group = row_group,
	 .flags = ACTION_COMMAND | ACTION_ROW | ACTION_VERB | ACTION_ONE, .verb = VERB_INSPECT, .fill = fill_config,
	 .run = view_run_show,
	 .value = TAB_CONFIG},
	{.name = "copy", .keys = "y", .label = "Copy",
	 .help = "copy its name, id, address or a command line (also over SSH)", .group = row_group,
	 .flags = ACTION_ROW, .run = run_copy_menu},
	{.name = "actions", .keys = "x", .label = "Actions",
	 .help = "list all actions, with the reason if one is unavailable", .group = row_group, .run = run_actions,
	 .rank = 8},
	{.name = "create", .keys = "C", .label = "Create", .help = "create a container or a guest",
	 .group = row_group, .flags = ACTION_VERB | ACTION_ASKS, .verb = VERB_CREATE, .run = act_create_menu, .rank = 9},
	{.name = "create-like", .keys = "none", .label = "Create another like this",
	 .help = "open the form with the values of the selected workload", .group = row_group,
	 .flags = ACTION_ROW | ACTION_VERB | ACTION_ONE | ACTION_ASKS, .verb = VERB_CREATE, .run = act_create_like},

	{.name = "focus", .keys = "Tab Shift-Tab", .label = "Pane", .help = "move the focus between list and pane",
	 .group = pane_group, .run = view_run_focus},
	{.name = "tab-left", .keys = "[", .label = "Tab left", .help = "previous tab", .group = pane_group,
	 .run = view_run_tab, .value = -1},
	{.name = "tab-right", .keys = "]", .label = "Tab right", .help = "next tab", .group = pane_group,
	 .run = view_run_tab, .value = 1},
	{.name = "larger", .keys = "+ =", .label = "Larger", .help = "enlarge the pane", .group = pane_group,
	 .run = view_run_size, .value = 1},
	{.name = "smaller", .keys = "_ -", .label = "Smaller", .help = "shrink the pane", .group = pane_group,
	 .run = view_run_size, .value = -1},
	{.name = "span-less", .keys = "(", .label = "Shorter", .help = "show a shorter time in graphs",
	 .group = pane_group, .flags = ACTION_GRAPHS, .run = view_run_span, .value = -1},
	{.name = "span-more", .keys = ")", .label = "Longer",
	 .help = "show a longer time in graphs: 15 minutes, 3 hours, a day", .group = pane_group,
	 .flags = ACTION_GRAPHS, .run = view_run_span, .value = 1},
	{.name = "filter-text", .keys = "&", .label = "Only lines", .help = "show only lines that contain a text",
	 .group = pane_group, .flags = ACTION_TEXT, .run = view_run_filter_text},
	{.name = "wrap", .keys = "w", .label = "Wrap", .help = "wrap long lines", .group = pane_group,
	 .flags = ACTION_TEXT, .run = view_run_wrap},

	{.name = "help", .keys = "? F1 h", .label = "Help", .help = "show the keys of this view",
	 .group = screen_group, .flags = ACTION_COMMAND, .run = run_help, .rank = 1},
	{.name = "command", .keys = ":", .label = "Command",
	 .help = "enter a command: :new guest, :sort cpu, :set mem 2G, :theme nord", .group = screen_group,
	 .run = view_run_command, .rank = 10},
	{.name = "jobs", .keys = "J 9", .label = "Jobs", .help = "list requests and jobs, to cancel them",
	 .group = screen_group, .flags = ACTION_COMMAND, .run = view_run_jobs},
	{.name = "journal", .keys = "L", .label = "Journal", .help = "show the journal: events and actions",
	 .group = screen_group, .flags = ACTION_COMMAND, .run = view_run_journal},
	{.name = "setup", .keys = "F2", .label = "Setup",
	 .help = "set theme, keys, figures and columns; saved when accepted",
	 .group = screen_group, .flags = ACTION_COMMAND, .run = setup_open_menu},
	{.name = "mouse", .keys = "m", .label = "Mouse", .help = "switch the mouse on or off", .group = screen_group,
	 .run = view_run_mouse},
	{.name = "redraw", .keys = "Ctrl-L", .label = "Redraw", .help = "redraw the screen", .group = screen_group,
	 .flags = ACTION_COMMAND, .run = view_run_redraw},
	{.name = "refresh", .keys = "Ctrl-R", .label = "Reload", .help = "reload everything; reconnect now",
	 .group = screen_group, .flags = ACTION_COMMAND, .run = view_run_refresh},
	{.name = "suspend", .keys = "Ctrl-Z", .label = "Suspend", .help = "suspend hostel; fg resumes it",
	 .group = screen_group, .run = view_run_suspend},
	{.name = "leave", .keys = "q", .label = "Quit",
	 .help = "go back one layer, quit at the top; workloads keep running", .group = screen_group,
	 .run = view_run_leave, .rank = RANK_LAST},
	{.name = "quit", .keys = "F10", .label = "Quit now", .help = "quit", .group = screen_group,
	 .flags = ACTION_COMMAND, .run = view_run_quit},
};
const size_t action_count = ARRAY_SIZE(actions);

int action_ranked(int rank)
{
	for (size_t i = 0; i < action_count; i++)
		if (actions[i].rank == rank)
			return (int)i;
	return -1;
}

int action_of_verb(enum verb verb)
{
	for (size_t i = 0; i < action_count; i++)
		if (actions[i].flags & ACTION_VERB &&
		    (actions[i].verb == verb || (actions[i].paused && actions[i].paused == verb) ||
		     (actions[i].job && actions[i].job == verb)))
			return (int)i;
	return -1;
}

static enum verb verb_of(const struct action *a, const struct row *row)
{
	bool job = row && row->w.kind == KIND_JOB && row->w.state == STATE_RUNNING;

	return a->paused && row && row->w.state == STATE_PAUSED ? a->paused : a->job && job ? a->job : a->verb;
}

// The requirements of A and of its verb.
static unsigned flags_of(const struct action *a, const struct row *row)
{
	const enum kind kind = row ? row->w.kind : KIND_CONTAINER;

	return a->flags | (a->flags & ACTION_VERB ? verb_flags(verb_of(a, row), kind) : 0);
}

// Any kind can be created, but a copy of an item only if its recipe is known.
unsigned action_kinds(const struct action *a)
{
	bool verb = a->flags & ACTION_VERB && !(verb_info(a->verb)->flags & CREATES);

	return a->flags & ACTION_GUEST ? 1u << KIND_GUEST : verb ? verb_info(a->verb)->kinds : KIND_BIT_ANY;
}

bool action_suits(const struct action *a, const struct workload *w)
{
	return action_kinds(a) & 1u << w->kind;
}

// The selected row, if A applies to its kind.
static const struct row *subject(const struct app *app, const struct action *a)
{
	const struct row *row = app_selected_item(app);

	return row && row->other && !action_suits(a, &row->w) ? NULL : row;
}

char *action_line(const struct app *app, const struct action *a)
{
	const struct row *row = subject(app, a);
	auto_params params = {0};
	auto_strv ids = {0};

	auto_strv words = {0};

	if (row && a->words)
		a->words(app, row, &words);
	if (words.count)
		return command_line_quote(&words);
	if (!row || !(a->flags & ACTION_VERB) || a->flags & ACTION_ASKS)
		return NULL;
	if (a->fill)
		a->fill(app, row, &params);
	if (a->flags & ACTION_ONE)
		strv_add(&ids, row->w.id);
	else
		app_targets(app, &ids);
	return command_line_of_verb(app, verb_of(a, row), &ids, &params);
}

static const char *refusal_of_row(const struct app *app, const struct action *a, const struct row *row)
{
	if (!action_suits(a, &row->w))
		return action_kinds(a) & 1u << KIND_GUEST ? "is not a guest" : "is not a container (a guest has a console)";
	const char *refusal = verb_refusal_flags(flags_of(a, row), &row->w);
	return refusal || !a->lacks ? refusal : a->lacks(app, row);
}

bool action_writes(const struct action *a)
{
	return flags_of(a, NULL) & WRITES;
}

const char *action_refusal(const struct app *app, int index)
{
	const struct action *a = &actions[index];
	const struct row *row = subject(app, a);

	if (action_writes(a) && app_read_only(app))
		return app_read_only(app);
	if (!(a->flags & ACTION_ROW))
		return NULL;
	if (!row)
		return app_none_selected(app);
	// of several workloads, those that allow the action
	return app->list->table.marks.count && !(a->flags & ACTION_ONE) ? NULL : refusal_of_row(app, a, row);
}

void action_run(struct app *app, int index)
{
	const struct action *a = &actions[index];
	const char *refusal = action_refusal(app, index);
	const struct row *row = subject(app, a);

	if (!is_here(app, a))
		return;
	if (!refusal && a->run)
		a->run(app, a->value);
	else if (!refusal)
		act_verb(app, verb_of(a, row));
	else if (a->flags & ACTION_ROW && row)
		app_say(app, true, "%s: '%s' %s", a->label, row->w.name, refusal);
	else
		app_say(app, true, "%s: %s", a->label, refusal);
}

struct keymap_row *action_keymap_rows(void)
{
	struct keymap_row *rows = mem_array(action_count, sizeof(*rows));

	for (size_t i = 0; i < action_count; i++)
		rows[i] = (struct keymap_row){.action = actions[i].name,
		                              .keys = actions[i].keys,
		                              .moves = actions[i].flags & ACTION_MOVE,
		                              .move = (enum move)actions[i].value};
	return rows;
}

void app_keys(struct str *out)
{
	const char *group = NULL;

	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = &actions[i];

		if (!str_equal(group, a->group))
			str_addf(out, "%s%s\n", group ? "\n" : "", a->group);
		group = a->group;
		str_addf(out, "  %-14s %-16s %s\n", a->keys, a->name, a->help);
	}
}
