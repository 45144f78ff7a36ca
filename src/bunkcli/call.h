// A call of bunk: its command line, and the table of verbs.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bunk/bunk.h"
#include "options.h"

// One call of the program, passed to the verb.
struct call {
	struct bunk b;
	struct options o;
	int argc;    // operands
	char **argv;
	char **all;  // the whole command line, to execute it again
	struct err e;
	bool interrupted; // by a signal that is still pending
};

struct verb {
	const char *name, *operands, *help;
	const struct opt *options;
	int (*run)(struct call *c);
	int least, most; // operands
	int flags;       // of opts_parse()
	int own_status;  // exit status of failures; 125 differs from usual exit statuses of programs
};

extern const struct verb bunk_verbs[];
extern const size_t bunk_verb_count;

// The verbs: each returns the exit status, or negative errno with C->e set.
int do_create(struct call *c), do_run(struct call *c), do_exec(struct call *c), do_checkpoint(struct call *c),
    do_restore(struct call *c);
int do_start(struct call *c), do_kill(struct call *c), do_delete(struct call *c), do_pause(struct call *c),
    do_resume(struct call *c), do_update(struct call *c);
int do_state(struct call *c), do_list(struct call *c), do_ps(struct call *c), do_events(struct call *c),
    do_features(struct call *c), do_spec(struct call *c);
