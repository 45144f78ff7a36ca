// Everything a key can do: one table feeds the keys, the help, the action menu, the key line and the manual.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct app;
struct keymap_row;
struct workload;

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
	// The command line that does the same: after "hostel", blanks in braces (jobs/command_line.c); what is after a | where the
	// selected workload is paused. NULL: the action asks for more first.
	const char *line;
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
