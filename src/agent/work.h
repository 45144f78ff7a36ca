// Starts the process of a job that outlives the agent.
#pragma once

#include "engine/registry.h"
#include "model/param.h"

// What a job does.
struct work_request {
	enum verb verb;   // VERB_CREATE, or a verb on an item
	enum kind kind;   // to create, or of the item
	const char *item; // its id; NULL: a new one
	const struct params *params;
};
// Starts a process that does REQUEST with an engine like ENGINE; WHERE is the directory of the jobs. Returns the
// descriptor to read its lines from (wire/wire.h: job), until end of file when it exits, or negative errno.
int work_start(const struct engine *engine, const char *where, const struct work_request *request, struct err *e);
