// SPDX-License-Identifier: LGPL-2.1-or-later
// Talking to the program criu.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "bunk/bunk.h"
#include "images.h"
#include "message.h"

// The key under which criu knows a namespace that is not saved but handed over again.
const char *criu_namespace_key(int flag);
// Fills what the two verbs give criu alike. Returns 0, or -EINVAL for an option that has no such value.
int criu_common(struct criu_options *q, const struct bunk_images *o, const struct images *i, const char *log,
                struct err *e);

// A criu that serves one request over SOCKET.
struct criu {
	int socket;
	pid_t pid;
	const struct images *images;
	const char *log; // its log's name in the work directory
	// Called where criu stops on its way, SCRIPT being its name for that point, with the first process's pid if it has
	// one (else 0) and the descriptor that came along (-1: none), which stays the caller's. May be NULL. Negative ends
	// the request.
	int (*notified)(void *context, const char *script, pid_t pid, int fd, struct err *e);
	void *context;
	int64_t timeout;  // of struct bunk_images
	uint64_t done;    // a number that grew with its last progress
	int64_t since;    // clock_mono() then
	bool own_session; // criu leads a session, so that everything it started can be killed with it
	bool useless;     // set by criu_do(): no longer worth waiting for
};

// Blocks the signals that interrupt a verb, so that criu_do() sees them; *BEFORE is the mask to restore once
// everything is undone.
void criu_block_signals(sigset_t *before);
// The path of the program. Owned; NULL with E naming the package.
char *criu_find(struct err *e);
// Only root: 0 or -EPERM.
int criu_allowed(const char *verb, struct err *e);
// Starts it beside this process.
int criu_start(struct criu *c, struct err *e);
// Has REQUEST done. Returns 0, ANSWER being filled, or negative errno with criu's own words and the path of its log.
// The caller releases ANSWER.
int criu_do(struct criu *c, const struct criu_request *request, struct criu_response *answer, struct err *e);
// Waits for its end. When that takes long or RESULT is negative, kills it; also what else is in its session.
void criu_end(struct criu *c, int result);
