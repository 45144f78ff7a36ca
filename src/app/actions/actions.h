// Everything a key can do: one table feeds the keys, the help, the action menu, the key line and the manual.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/verb.h"

struct app;
struct keymap_row;
struct params;
struct row;
struct workload;

enum action_flag {
	// below these: enum verb_flag
	ACTION_ROW = 1 << 16,       // is about a workload: in the menu of actions
	ACTION_CONTAINER = 1 << 17, // … that is a container
	ACTION_LIST = 1 << 18,     // only where the list is seen
	ACTION_MOVE = 1 << 19,     // `value` is an enum move
	ACTION_TEXT = 1 << 20,     // in a pane: only where it shows a text
	ACTION_GRAPHS = 1 << 21,   // … graphs
	ACTION_VERB = 1 << 22,     // does `verb`: what it needs, and which kinds it is for, are of the verb's row
	ACTION_ONE = 1 << 23,      // … to the selected workload only
	ACTION_COMMAND = 1 << 25,   // its name is a command of the ':' line, too
	ACTION_ASKS = 1 << 24,     // … after more was asked for, so that there is no command line for it yet
};

struct action {
	const char *name;  // in the configuration and in `keys` of the help
	const char *keys;  // by default
	const char *label; // in menus and the key line
	const char *help;  // one line
	const char *group; // heading in the help
	unsigned flags;
	void (*run)(struct app *app, int value); // NULL: does the verb, after the question of its row
	int value;
	// with ACTION_VERB; PAUSED where the selected workload is paused, JOB where a job is that runs, 0: the same
	enum verb verb, paused, job;
	// the parameters of its command line; may be NULL
	void (*fill)(const struct app *app, const struct row *row, struct params *out);
	char copy; // its key in the menu of what is copied, which then has its command line; 0: not there
	// its place in the key line at the bottom, from 1 on; 0 = not there; RANK_LAST at the right edge
	int rank;
};
enum { RANK_LAST = 100 };
extern const struct action actions[];
extern const size_t action_count;

// The action of place RANK in the key line, or -1.
int action_ranked(int rank);
// Whether A is for workloads of W's kind.
bool action_suits(const struct action *a, const struct workload *w);
// The command line that does the same as A to the selected workload; NULL when there is none. Owned by the caller.
char *action_line(const struct app *app, const struct action *a);
// The first action that does VERB, or -1.
int action_of_verb(enum verb verb);
// Whether --read-only refuses it.
bool action_writes(const struct action *a);
// Why action INDEX cannot be run now; NULL = it can.
const char *action_refusal(const struct app *app, int index);
// Runs it, or says why not.
void action_run(struct app *app, int index);
// The rows for a keymap. Owned by the caller.
struct keymap_row *action_keymap_rows(void);
