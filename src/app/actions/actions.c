// The table of actions: see actions.h. Must not know how workloads are changed (act.c) or drawn.
#include "actions.h"

#include <stdlib.h>

#include "app/app.h"
#include "base/mem.h"
#include "base/str.h"
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
#include "list_keys.h"
#include "setup.h"
#include "stream.h"
#include "view.h"
#include "workload.h"

static const char move_group[] = "Moving", list_keys[] = "The list", row_group[] = "The selected workload, or the marked ones",
		  pane_group[] = "The pane", screen_group[] = "hostel";

// The keys of an action, then what it does; what is picked is run.
static bool picked_action(struct app *app, struct overlay *o, bool accepted)
{
	int index = menu_picked(o->menu);

	if (!accepted || index < 0)
		return true;
	overlay_pop(app); // the action may put something in its place
	action_run(app, index);
	return false;
}

static bool is_here(const struct app *app, const struct action *a)
{
	return !(a->flags & ACTION_LIST) || !(app->zoomed || app->pane_focused);
}

// Whether the pane has the keys.
static bool in_pane(const struct app *app)
{
	return app->zoomed || app->pane_focused;
}

// Whether A is of use where the keys go now.
static bool helps_here(const struct app *app, const struct action *a)
{
	unsigned tab = pane_is_text(app) ? ACTION_TEXT : app->pane->tab == TAB_GRAPHS ? ACTION_GRAPHS : 0;

	if (!is_here(app, a))
		return false;
	if (!in_pane(app))
		return true;
	return a->flags & (ACTION_TEXT | ACTION_GRAPHS) ? a->flags & tab : a->group != list_keys;
}

// What A does where the pane has the keys.
static const char *help_here(const struct app *app, const struct action *a)
{
	static const struct {
		const char *name, *help;
	} in_text[] = {{"filter", "show only lines that contain a text"}, {"search", "search the text"}};

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

// First what only this place has: the pane's own keys when it has them.
static void run_help(struct app *app, int value)
{
	auto_free char *title = in_pane(app) ? mem_printf("Help: the keys of this pane, %s (Enter runs, / filters)", pane_tab_name(app)) : NULL;
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
				menu_add(menu, K_NONE, PANE_SINCE_HELP, NULL, NULL, -1);
		}
	overlay_menu(app, menu, picked_action);
}

static void run_actions(struct app *app, int value)
{
	const struct row *row = app_selected(app);

	(void)value;
	if (!row) {
		app_say(app, false, "nothing is selected");
		return;
	}
	size_t marks = app->list->table.marks.count;
	auto_free char *title = marks ? mem_printf("%zu marked", marks) : mem_strdup(row->w.name);
	struct menu *menu = menu_new(title);
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = &actions[i];

		if (!(a->flags & ACTION_ROW) || !action_suits(a, &row->w))
			continue;
		auto_free char *line = a->line ? command_line_of_action(app, a->line) : NULL;
		menu_add(menu, keymap_first(app->keymap, (int)i), a->label, line ? line : a->help, action_refusal(app, (int)i), (int)i);
	}
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
	static const struct {
		uint32_t key;
		const char *label, *action;
	} lines[] = {{'s', "Command: a shell in it", "shell"}, {'c', "Command: its console", "console"}, {'l', "Command: its log", "logs"}, {'x', "Command: stop it", "stop"}};

	(void)value;
	copy_offer(menu, copies, 'n', "Name", row->w.name);
	copy_offer(menu, copies, 'i', "Id", row->w.id);
	copy_offer(menu, copies, 'a', "Addresses", row->w.addresses);
	copy_offer(menu, copies, 'm', "Image", row->w.image);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct action *a = &actions[keymap_action(app->keymap, lines[i].action)];
		auto_free char *line = action_suits(a, &row->w) ? command_line_of_action(app, a->line) : NULL;

		copy_offer(menu, copies, lines[i].key, lines[i].label, line);
	}
	struct overlay *o = overlay_menu(app, menu, picked_copy);
	o->context = copies;
	o->free_context = copies_free;
}

const struct action actions[] = {
	{"open", "Enter", "Open", "show the pane full screen", move_group, ACTION_ROW, view_run_open, 0, 3, NULL},
	{"up", "k Up", "Up", "move up", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_UP, 0, NULL},
	{"down", "j Down", "Down", "move down", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_DOWN, 0, NULL},
	{"page-up", "PgUp", "Page up", "move up a page", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_PAGE_UP, 0, NULL},
	{"page-down", "PgDn", "Page down", "move down a page", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_PAGE_DOWN, 0, NULL},
	{"half-up", "Ctrl-U", "Half up", "move up half a page", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_HALF_UP, 0, NULL},
	{"half-down", "Ctrl-D", "Half down", "move down half a page", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_HALF_DOWN, 0, NULL},
	{"first", "g Home", "First", "go to the first", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_FIRST, 0, NULL},
	{"last", "G End", "Last", "go to the last", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_LAST, 0, NULL},
	{"left", "Left", "Left", "scroll left", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_LEFT, 0, NULL},
	{"right", "Right", "Right", "scroll right", move_group, ACTION_MOVE | ACTION_TEXT, view_run_move, MOVE_RIGHT, 0, NULL},
	{"back", "Esc Ctrl-C", "Back", "go back one layer: pane, marks, filter", move_group, 0, view_run_back, 0, 0, NULL},

	{"filter", "/ F4 \\", "Filter", "filter the list: web !test state:running cpu>50 mem>1G label:app=web", list_keys, ACTION_TEXT, list_run_filter, 0, 2, NULL},
	{"search", "F3", "Search", "search names, or the text", list_keys, ACTION_TEXT, list_run_search, 0, 0, NULL},
	{"next", "n", "Next", "next match", list_keys, ACTION_TEXT, list_run_again, false, 0, NULL},
	{"previous", "N", "Previous", "previous match", list_keys, ACTION_TEXT, list_run_again, true, 0, NULL},
	{"view-all", "1", "All", "show all", list_keys, 0, list_run_view, 0, 0, NULL},
	{"view-guests", "2", "Guests", "show guests only", list_keys, 0, list_run_view, 1, 0, NULL},
	{"view-containers", "3", "Containers", "show containers only", list_keys, 0, list_run_view, 2, 0, NULL},
	{"sort-cpu", "P", "Sort by CPU", "sort by CPU", list_keys, ACTION_LIST, list_run_sort_cpu, 0, 0, NULL},
	{"sort-memory", "M", "Sort by memory", "sort by memory", list_keys, ACTION_LIST, list_run_sort_memory, 0, 0, NULL},
	{"sort-time", "T", "Sort by time", "sort by uptime, or time since exit", list_keys, ACTION_LIST, list_run_sort_time, 0, 0, NULL},
	{"sort-name", "A", "Sort by name", "sort by name", list_keys, ACTION_LIST, list_run_sort_name, 0, 0, NULL},
	{"invert", "I", "Invert", "reverse order", list_keys, ACTION_LIST, list_run_invert, 0, 0, NULL},
	{"sort-menu", "F6", "Sort", "sort by any column", list_keys, ACTION_LIST, list_run_sort_menu, 0, 0, NULL},
	{"group", "F5 t", "Group", "group by kind, state, host, image or label", list_keys, ACTION_LIST, list_run_group_menu, 0, 0, NULL},
	{"sort-right", ">", "Sort right", "sort by the column to the right", list_keys, ACTION_LIST, list_run_sort_step, 1, 0, NULL},
	{"sort-left", "<", "Sort left", "sort by the column to the left", list_keys, ACTION_LIST, list_run_sort_step, -1, 0, NULL},
	{"mark", "Space", "Mark", "mark; actions then apply to all marked workloads", list_keys, ACTION_LIST, list_run_mark, 0, 0, NULL},
	{"mark-range", "Ctrl-Space", "Mark range", "mark all from the last mark to here", list_keys, ACTION_LIST, list_run_mark_range, 0, 0, NULL},
	{"mark-invert", "*", "Invert marks", "invert marks", list_keys, ACTION_LIST, list_run_mark_invert, 0, 0, NULL},
	{"mark-none", "U", "Unmark all", "clear marks", list_keys, ACTION_LIST, list_run_mark_none, 0, 0, NULL},
	{"freeze", "Z", "Freeze", "freeze the order of the list", list_keys, ACTION_LIST, list_run_freeze, 0, 0, NULL},

	{"logs", "l", "Logs", "show the output of a container, the serial log of a guest", row_group, ACTION_ROW, view_run_show, TAB_LOGS, 4, "logs -f {}"},
	{"shell", "s", "Shell", "open a shell inside", row_group, ACTION_ROW | ACTION_CONTAINER | NEEDS_RUNNING | NEEDS_UNPAUSED | WRITES, act_stream, STREAM_EXEC, 5,
	 "exec -t {1} sh -c {shell}"},
	{"exec", "E", "Run inside", "run a command inside", row_group, ACTION_ROW | NEEDS_RUNNING | NEEDS_UNPAUSED | WRITES, act_exec, 0, 0, NULL},
	{"attach", "a", "Attach", "connect to its first process (Ctrl-] leaves)", row_group,
	 ACTION_ROW | ACTION_CONTAINER | NEEDS_RUNNING | WRITES, act_stream, STREAM_ATTACH, 0, "attach {1}"},
	{"console", "c", "Console", "connect to its serial console (Ctrl-] leaves)", row_group,
	 ACTION_ROW | ACTION_GUEST | NEEDS_RUNNING | WRITES, act_stream, STREAM_CONSOLE, 0, "console {1}"},
	{"start", "S", "Start", "start", row_group, ACTION_ROW | NEEDS_STOPPED | WRITES, act_verb, VERB_START, 6, "start {}"},
	{"stop", "X F9", "Stop", "stop gracefully, force off, or send a signal", row_group, ACTION_ROW | NEEDS_RUNNING | WRITES | DESTRUCTIVE,
	 act_stop_menu, 0, 7, "stop {}"},
	{"pause", "p", "Pause", "pause or resume", row_group, ACTION_ROW | NEEDS_RUNNING | WRITES, act_pause, 0, 0, "pause {}|resume {}"},
	{"restart", "r", "Restart", "stop, then start (asks)", row_group, ACTION_ROW | NEEDS_RUNNING | WRITES | DESTRUCTIVE, act_verb,
	 VERB_RESTART, 0, "restart {}"},
	{"delete", "D Delete", "Delete", "delete permanently (asks)", row_group, ACTION_ROW | WRITES | DESTRUCTIVE, act_delete_menu, 0, 0, "rm {force} {}"},
	{"rename", "none", "Rename", "change the name", row_group, ACTION_ROW | NEEDS_STOPPED | WRITES, act_rename, 0, 0, NULL},
	{"limits", "none", "Limits", "change limits: CPUs, memory, restart policy", row_group, ACTION_ROW | WRITES, act_limits, 0, 0, NULL},
	{"cpu-less", "F7", "Less CPU", "lower the CPU limit", row_group, ACTION_ROW | WRITES, act_cpus, -1, 0, "set {1} --cpus {less}"},
	{"cpu-more", "F8", "More CPU", "raise the CPU limit", row_group, ACTION_ROW | WRITES, act_cpus, 1, 0, "set {1} --cpus {more}"},
	{"undo", "z", "Undo", "undo the last pause, rename or limit change", row_group, WRITES, act_undo, 0, 0, NULL},
	{"describe", "d", "Describe", "show all details", row_group, ACTION_ROW, view_run_show, TAB_DETAILS, 0, "inspect {1}"},
	{"raw", "i", "Configuration", "show the engine's own configuration: JSON or XML", row_group, ACTION_ROW, view_run_show, TAB_CONFIG, 0, "inspect --config {1}"},
	{"copy", "y", "Copy", "copy its name, id, address or a command line (also over SSH)", row_group, ACTION_ROW, run_copy_menu, 0, 0, NULL},
	{"actions", "x", "Actions", "list all actions, with the reason if one is unavailable", row_group, 0, run_actions, 0, 8, NULL},
	{"create", "C", "Create", "create a container or a guest", row_group, WRITES, act_create_menu, 0, 9, NULL},

	{"focus", "Tab Shift-Tab", "Pane", "move the focus between list and pane", pane_group, 0, view_run_focus, 0, 0, NULL},
	{"tab-left", "[", "Tab left", "previous tab", pane_group, 0, view_run_tab, -1, 0, NULL},
	{"tab-right", "]", "Tab right", "next tab", pane_group, 0, view_run_tab, 1, 0, NULL},
	{"larger", "+ =", "Larger", "enlarge the pane", pane_group, 0, view_run_size, 1, 0, NULL},
	{"smaller", "_ -", "Smaller", "shrink the pane", pane_group, 0, view_run_size, -1, 0, NULL},
	{"span-less", "(", "Shorter", "show a shorter time in graphs", pane_group, ACTION_GRAPHS, view_run_span, -1, 0, NULL},
	{"span-more", ")", "Longer", "show a longer time in graphs: 15 minutes, 3 hours, a day", pane_group, ACTION_GRAPHS, view_run_span, 1, 0, NULL},
	{"wrap", "w", "Wrap", "wrap long lines", pane_group, ACTION_TEXT, view_run_wrap, 0, 0, NULL},

	{"help", "? F1 h", "Help", "show the keys of this view", screen_group, 0, run_help, 0, 1, NULL},
	{"command", ":", "Command", "enter a command: :new guest, :sort cpu, :set mem 2G, :theme nord", screen_group, 0, view_run_command, 0, 10, NULL},
	{"jobs", "9", "Jobs", "list running jobs, to cancel them", screen_group, 0, view_run_jobs, 0, 0, NULL},
	{"journal", "J", "Journal", "show the journal: events and actions", screen_group, 0, view_run_journal, 0, 0, NULL},
	{"setup", "F2", "Setup", "set columns, theme and interval", screen_group, 0, setup_open_menu, 0, 0, NULL},
	{"mouse", "m", "Mouse", "switch the mouse on or off", screen_group, 0, view_run_mouse, 0, 0, NULL},
	{"redraw", "Ctrl-L", "Redraw", "redraw the screen", screen_group, 0, view_run_redraw, 0, 0, NULL},
	{"refresh", "Ctrl-R", "Reload", "reload everything; reconnect now", screen_group, 0, view_run_refresh, 0, 0, NULL},
	{"suspend", "Ctrl-Z", "Suspend", "suspend hostel; fg resumes it", screen_group, 0, view_run_suspend, 0, 0, NULL},
	{"leave", "q", "Quit", "go back one layer, quit at the top; workloads keep running", screen_group, 0, view_run_leave, 0, RANK_LAST, NULL},
	{"quit", "F10", "Quit now", "quit", screen_group, 0, view_run_quit, 0, 0, NULL},
};
const size_t action_count = ARRAY_SIZE(actions);

int action_ranked(int rank)
{
	for (size_t i = 0; i < action_count; i++)
		if (actions[i].rank == rank)
			return (int)i;
	return -1;
}

bool action_suits(const struct action *a, const struct workload *w)
{
	return a->flags & ACTION_GUEST ? w->kind == KIND_GUEST : a->flags & ACTION_CONTAINER ? w->kind == KIND_CONTAINER : true;
}

static const char *refusal_of_row(const struct action *a, const struct workload *w)
{
	if (!action_suits(a, w)) // a guest's agent gives no terminal
		return a->flags & ACTION_GUEST ? "is not a guest" : "is not a container (a guest has a console)";
	return verb_refusal_flags(a->flags, w);
}

const char *action_refusal(const struct app *app, int index)
{
	const struct action *a = &actions[index];
	const struct row *row = app_selected(app);

	if (a->flags & WRITES && app_read_only(app))
		return app_read_only(app);
	if (!(a->flags & ACTION_ROW))
		return NULL;
	if (!row)
		return "nothing is selected";
	// of many, those are taken that can be
	return app->list->table.marks.count ? NULL : refusal_of_row(a, &row->w);
}

void action_run(struct app *app, int index)
{
	const struct action *a = &actions[index];
	const char *refusal = action_refusal(app, index);
	const struct row *row = app_selected(app);

	if (!is_here(app, a))
		return;
	if (!refusal)
		a->run(app, a->value);
	else if (a->flags & ACTION_ROW && row)
		app_say(app, true, "%s: '%s' %s", a->label, row->w.name, refusal);
	else
		app_say(app, true, "%s: %s", a->label, refusal);
}

struct keymap_row *action_keymap_rows(void)
{
	struct keymap_row *rows = mem_array(action_count, sizeof(*rows));

	for (size_t i = 0; i < action_count; i++)
		rows[i] = (struct keymap_row){.action = actions[i].name, .keys = actions[i].keys, .moves = actions[i].flags & ACTION_MOVE,
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
