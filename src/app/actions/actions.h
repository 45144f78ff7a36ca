// Actions, what keys do: one table feeds the keymap, the help, the action menu, the key line and the man page.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/verb.h"

struct app;
struct keymap_row;
struct params;
struct row;
struct strv;
struct workload;

enum action_flag {
	// the bits below: enum verb_flag
	ACTION_ROW = 1 << 16,       // acts on a workload: listed in the action menu
	ACTION_GUEST = 1 << 17,     // … which must be a guest
	ACTION_LIST = 1 << 18,     // only while the list is visible
	ACTION_MOVE = 1 << 19,     // `value` is an enum move
	ACTION_TEXT = 1 << 20,     // in a pane: only if it shows a text
	ACTION_GRAPHS = 1 << 21,   // … or graphs
	ACTION_VERB = 1 << 22,     // does `verb`, whose row has its requirements and kinds
	ACTION_ONE = 1 << 23,      // … for the selected workload only
	ACTION_COMMAND = 1 << 25,   // also a command of the ':' line
	ACTION_ASKS = 1 << 24,     // … after asking for more, so it has no command line yet
};

struct action {
	const char *name;  // in the configuration and the help on keys
	const char *keys;  // by default
	const char *label; // in menus and the key line
	const char *help;  // one line
	const char *group; // heading in the help
	unsigned flags;
	void (*run)(struct app *app, int value); // NULL: does the verb, after its confirmation
	int value;
	// with ACTION_VERB; PAUSED: for a paused workload, JOB: for a running job, 0: the same
	enum verb verb, paused, job;
	// the parameters of its command line; may be NULL
	void (*fill)(const struct app *app, const struct row *row, struct params *out);
	// appends the words of its command line for ROW where that is another program than hostel; NULL: never
	void (*words)(const struct app *app, const struct row *row, struct strv *out);
	// why it cannot run for ROW, apart from its flags and verb; NULL: no other reason
	const char *(*lacks)(const struct app *app, const struct row *row);
	char copy; // key in the copy menu, which offers its command line; 0: not listed
	// position in the key line at the bottom, from 1; 0 = not listed; RANK_LAST: at the right edge
	int rank;
};
enum { RANK_LAST = 100 };
extern const struct action actions[];
extern const size_t action_count;

// The action at position RANK in the key line, or -1.
int action_ranked(int rank);
// The kinds (a bit each) that A applies to.
unsigned action_kinds(const struct action *a);
// Whether A applies to workloads of W's kind.
bool action_suits(const struct action *a, const struct workload *w);
// The command line equivalent to A for the selected workload; NULL: none. Owned by the caller.
char *action_line(const struct app *app, const struct action *a);
// The first action for VERB, or -1.
int action_of_verb(enum verb verb);
// Whether --read-only refuses it.
bool action_writes(const struct action *a);
// Why action INDEX cannot run now; NULL = it can.
const char *action_refusal(const struct app *app, int index);
// Runs it, or shows why it cannot run.
void action_run(struct app *app, int index);
// The rows for the keymap. Owned by the caller.
struct keymap_row *action_keymap_rows(void);
