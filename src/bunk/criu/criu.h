// SPDX-License-Identifier: LGPL-2.1-or-later
// The interface to the program criu.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/bunk.h"
#include "images.h"
#include "message.h"

// criu's key for a namespace that is not saved but passed in at restore.
const char *criu_namespace_key(int flag);
// Fills the criu options that both verbs share. Returns 0, or -EINVAL for an invalid value of an option.
int criu_common(struct criu_options *q, const struct bunk_images *o, const struct images *i, const char *log,
                struct err *e);

// A criu process that serves one request over SOCKET.
struct criu {
	int socket;
	pid_t pid;
	const struct images *images;
	const char *log; // the name of its log in the work directory
	// Called at criu's action scripts: SCRIPT is the name of the action, with the pid of the first process if it
	// exists (else 0) and the passed descriptor (-1: none), which remains the caller's. May be NULL. A negative
	// result aborts the request.
	int (*notified)(void *context, const char *script, pid_t pid, int fd, struct err *e);
	void *context;
	int64_t timeout;  // from struct bunk_images
	uint64_t done;    // a number that grows with its progress
	int64_t since;    // clock_mono() of the last progress
	bool own_session; // criu is a session leader, so that everything it started can be killed with it
	bool useless;     // set by criu_do(): it hangs, do not wait for it
};

// Blocks the signals that interrupt a verb, for criu_do() to receive; *BEFORE is the mask to restore after the
// clean-up.
void criu_block_signals(sigset_t *before);
// The path of the program. Owned; NULL with E naming the package.
char *criu_find(struct err *e);
// Returns 0 for root, else -EPERM.
int criu_allowed(const char *verb, struct err *e);
// Starts criu.
int criu_start(struct criu *c, struct err *e);
// Executes REQUEST. Returns 0 with ANSWER filled, or negative errno with criu's message and the path of its log. The
// caller releases ANSWER.
int criu_do(struct criu *c, const struct criu_request *request, struct criu_response *answer, struct err *e);
// Waits for criu to exit. Kills it and its session if that takes too long or RESULT is negative.
void criu_end(struct criu *c, int result);
