// The agent: the engines of this host behind one stream of JSON lines. `hostel agent` on standard input and output.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct handover;

struct agent_options {
	const struct strv *engines; // specs; NULL or empty = the usual
	bool read_only;             // refuse what writes
	const char *program;        // version, for the hello
	// list and sample only when a request asks for it, and leave signals to the caller: its only client is in this
	// process
	bool on_request;
	// NULL, or what such a client takes lists, samples and documents from (wire/handover.h)
	struct handover *handover;
};

// Serves the peer on IN and OUT until IN ends, the peer misbehaves or SIGTERM comes. Owns both descriptors (they may
// be the same). An engine that cannot be opened is reported to the peer and does not affect the others. Each engine
// lists, samples and acts in threads of its own; those that do not come back within two seconds after the end are
// abandoned, and what they use is not freed: the caller should end the process. Returns 0, or negative errno when it
// could not start or the peer broke the rules.
int agent_run(int in, int out, const struct agent_options *options, struct err *e);

// The process of a job: does what the request on standard input says, in a child, and returns there only. Standard
// output goes to the agent that started it. Returns 0 or negative errno.
int agent_work(struct err *e);
