// The agent serves the engines of this host over one stream of JSON lines: `hostel agent` on standard input and
// output.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct handover;

enum { AGENT_PATIENCE = 8 }; // seconds that requests wait for an engine that is being opened

struct agent_options {
	const struct strv *engines; // specs; NULL or empty = the defaults
	bool read_only;             // refuse requests that write
	const char *program;        // version, for the hello
	// list and sample only on request, and leave signals to the caller: the only client is in this process
	bool on_request;
	// NULL, or where such a client gets lists, samples and documents (wire/handover.h)
	struct handover *handover;
};

// Serves the peer on IN and OUT until IN ends, the peer misbehaves or SIGTERM arrives. Owns both descriptors (they may
// be the same). An engine that cannot be opened, or hangs when it is opened, is
// reported to the peer and does not affect the others. Each engine
// lists, samples and acts in its own threads; those that do not return within two seconds after the end are
// abandoned and their memory is not freed: the caller should exit. Returns 0, or negative errno if it
// could not start or the peer broke the rules.
int agent_run(int in, int out, const struct agent_options *options, struct err *e);

// The process of a job: forks, and executes the request from standard input in the child; only the child returns.
// Standard output goes to the agent that started it. Returns 0 or negative errno.
int agent_work(struct err *e);
