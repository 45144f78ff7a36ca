// A call of bunk: what the command line says, and the verbs that it may name.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/bunk.h"
#include "options.h"

// One call of the program, as a verb sees it.
struct call {
	struct bunk b;
	struct options o;
	int argc;    // operands
	char **argv;
	char **all;  // the whole command line, to execute again
	struct err e;
	bool interrupted; // by a signal that is still pending
};

struct verb {
	const char *name, *operands, *help;
	const struct opt *options;
	int (*run)(struct call *c);
	int least, most; // operands
	int flags;       // of opts_parse()
	int own_status;  // of a failure; 125 differs from what a program that runs exits with
};

extern const struct verb bunk_verbs[];
extern const size_t bunk_verb_count;

// What the verbs do: each returns the exit status, or negative errno with the reason in C->e.
int do_create(struct call *c), do_run(struct call *c), do_exec(struct call *c), do_checkpoint(struct call *c),
    do_restore(struct call *c);
int do_start(struct call *c), do_kill(struct call *c), do_delete(struct call *c), do_pause(struct call *c),
    do_resume(struct call *c), do_update(struct call *c);
int do_state(struct call *c), do_list(struct call *c), do_ps(struct call *c), do_events(struct call *c),
    do_features(struct call *c), do_spec(struct call *c);
