// The dashboard: everything a person sees and presses, over one link to an agent. It never blocks: what takes time is
// the agent's.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct app_options {
	const char *host;            // for ssh; NULL = this machine
	const struct strv *engines;  // specs for the agent; NULL or empty = the usual
	bool read_only;              // nothing that writes can be chosen, and the agent refuses it too
	bool linear;                 // lines instead of a screen, for screen readers and logs
	const char *config;          // configuration file; NULL = the user's own, if there is one
	const char *theme;           // over the configuration's
};

// Runs the dashboard on descriptors 0 and 1 until the user leaves or the terminal goes. The locale must have been set.
// Returns 0, or negative errno with the reason: no terminal, a wrong configuration (FILE:LINE), an agent that never
// answered.
int app_run(const struct app_options *options, struct err *e);

// Adds the table of keys as text: keys by default, the action's name in the configuration, what it does; by groups.
void app_keys(struct str *out);
