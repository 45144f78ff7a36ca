// The helper: a program that connects one network namespace of an ordinary user to the outside, through the user's own
// sockets. It is pasta(1) or slirp4netns(1); only this module knows which. A child process, the keeper, starts it and
// exits when the helper does; it ends the helper when all descriptors of the writing end of a pipe are closed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

// The settings of the namespace, always the same.
#define HELPER_INTERFACE "tap0"
#define HELPER_ADDRESS "10.0.2.100"
#define HELPER_GATEWAY "10.0.2.2"
#define HELPER_PREFIX "24"
#define HELPER_SERVER "10.0.2.3"
#define HELPER_MTU 65520 // a small packet takes as long as a large one

// A program that can be the helper.
struct helper_program {
	const char *name, *package;
	unsigned least; // the oldest usable version, as a date (20240814); 0 = any
	// Adds the arguments after the name. PROCESS: has the namespaces. CONFINED: with sandbox options, which old
	// versions do not support.
	void (*command)(struct strv *argv, pid_t process, bool confined);
	const char *const *chatter; // beginnings of output lines that are not errors; ends with NULL
};
extern const struct helper_program helper_pasta, helper_slirp;

// What is known of the programs on this host, in the order of the table.
enum { HELPER_PROGRAMS = 2 };
struct helper_found {
	bool installed;
	unsigned version; // as a date; 0 = unknown
};
// The date in the version of TEXT: 20240814 of "pasta 2024_08_14.61c0b0d" and "pasta 0.0~git20240814.61c0b0d-1"; 0 if
// there is none.
unsigned helper_version(const char *text);
// Picks one of FOUND by the setting WANTED, a name or "auto": pasta if its version is recent, else slirp4netns.
// NULL: E says why there is none.
const struct helper_program *helper_pick(const char *wanted, const struct helper_found found[HELPER_PROGRAMS],
                                         struct err *e);
// "pasta (version 2025-05-03)", "slirp4netns (pasta is too old: version unknown, 2024-08-14 or later needed)". Owned.
char *helper_reason(const struct helper_program *picked, const char *wanted,
                    const struct helper_found found[HELPER_PROGRAMS]);
// The helper to use on this host, by the setting. NULL: E says why there is none.
const struct helper_program *helper_choose(struct err *e);
// Describes the helper of this host, in the same words. Owned; NULL: E says why there is none.
char *helper_describe(struct err *e);

// Where the helper runs.
struct helper_place {
	pid_t process; // has the network namespace to connect, and the user namespace that owns it
	int alive;     // the reading end of the pipe
	void (*at_end)(const void *context); // called in the keeper when the pipe is closed; may be NULL
	const void *context;
};
// Starts the helper. Returns the pid of the keeper, which the caller reaps, and sets *PROGRAM (may be NULL) to the
// helper's, once the namespace is connected; or negative errno.
pid_t helper_launch(const struct helper_place *place, pid_t *program, struct err *e);

// That of a private network. It exits with the container's monitor, which holds the other end of the pipe.
struct helper {
	pid_t pid;  // of the keeper; 0 = not running
	int alive;  // it ends when this is closed
};
// Connects the network namespace of process PID. Returns 0 or negative errno, with nothing left behind.
int helper_start(struct helper *h, pid_t pid, struct err *e);
void helper_stop(struct helper *h);
