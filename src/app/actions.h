// Everything a key can do: one table feeds the keys, the help, the action menu, the key line and the manual.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/verb.h"
#include "ui/effect.h"
#include "ui/keymap.h"

struct app;

enum action_flag {
	// below these: enum verb_need
	ACTION_ROW = 1 << 8,       // is about a workload: in the menu of actions
	ACTION_GUEST = 1 << 9,     // … that is a guest
	ACTION_CONTAINER = 1 << 10, // … that is a container
	ACTION_LIST = 1 << 11,     // only where the list is seen
	ACTION_MOVE = 1 << 12,     // `value` is an enum move
	ACTION_TEXT = 1 << 13,     // in a pane: only where it shows a text
	ACTION_GRAPHS = 1 << 14,   // … graphs
};

struct action {
	const char *name;  // in the configuration and in `keys` of the help
	const char *keys;  // by default
	const char *label; // in menus and the key line
	const char *help;  // one line
	const char *group; // heading in the help
	unsigned flags;
	void (*run)(struct app *app, int value);
	int value;
	int rank;          // its place in the key line at the bottom, from 1 on; 0 = not there; RANK_LAST at the right edge
	const char *line;  // the command line that does the same: after "hostel", blanks in braces (jobs.c); behind | when the selected one is paused; NULL: it asks for more first
};
enum { RANK_LAST = 100 };
extern const struct action actions[];
extern const size_t action_count;

// The action of place RANK in the key line, or -1.
int action_ranked(int rank);
// Whether A is for workloads of W's kind.
bool action_suits(const struct action *a, const struct workload *w);
// Why action INDEX cannot be run now; NULL = it can.
const char *action_refusal(const struct app *app, int index);
// Runs it, or says why not.
void action_run(struct app *app, int index);
// The rows for a keymap. Owned by the caller.
struct keymap_row *action_keymap_rows(void);

// actions_list.c
void list_run_filter(struct app *app, int value);
void list_run_sort_menu(struct app *app, int value);
void list_run_group_menu(struct app *app, int value);
void list_run_sort_step(struct app *app, int value);
void list_run_sort_cpu(struct app *app, int value);
void list_run_sort_memory(struct app *app, int value);
void list_run_sort_time(struct app *app, int value);
void list_run_sort_name(struct app *app, int value);
void list_run_invert(struct app *app, int value);
void list_run_mark(struct app *app, int value);
void list_run_mark_range(struct app *app, int value);
void list_run_mark_invert(struct app *app, int value);
void list_run_mark_none(struct app *app, int value);
void list_run_view(struct app *app, int value);
void list_run_search(struct app *app, int value);
void list_run_again(struct app *app, int value);
void list_run_freeze(struct app *app, int value);

// actions_view.c
void view_run_move(struct app *app, int value);
void view_run_open(struct app *app, int value);
void view_run_back(struct app *app, int value);
void view_run_quit(struct app *app, int value);
void view_run_leave(struct app *app, int value);
void view_run_command(struct app *app, int value);
void view_run_jobs(struct app *app, int value);
void view_run_journal(struct app *app, int value);
void view_run_focus(struct app *app, int value);
void view_run_tab(struct app *app, int value);
void view_run_size(struct app *app, int value);
void view_run_show(struct app *app, int value);
void view_run_span(struct app *app, int value);
void view_run_wrap(struct app *app, int value);
void view_run_mouse(struct app *app, int value);

// setup.c
void setup_open_menu(struct app *app, int value);
void view_run_redraw(struct app *app, int value);
void view_run_refresh(struct app *app, int value);
void view_run_suspend(struct app *app, int value);

// act.c: what is done to workloads. The verb's own dialogs come first where there are any.
void act_verb(struct app *app, int verb);
void act_stop_menu(struct app *app, int value);
void act_delete_menu(struct app *app, int value);
void act_pause(struct app *app, int value);
void act_rename(struct app *app, int value);
void act_limits(struct app *app, int value);
void act_cpus(struct app *app, int step);
void act_undo(struct app *app, int value);
void act_create_menu(struct app *app, int value);
void act_stream(struct app *app, int stream);
void act_exec(struct app *app, int value);
