// The command line of hostel: verbs, and the dashboard when none is given.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

// What the command line says about the dashboard.
struct dashboard_options {
	const char *host;           // for ssh; NULL = this machine
	const struct strv *engines; // specs for the agent; empty = the usual
	bool read_only;
	bool linear;                // lines instead of a screen
	const char *config, *theme; // NULL = as configured
};

// The dashboard, which the command line starts without knowing it.
struct cli_dashboard {
	// Returns 0, or negative errno with the reason.
	int (*run)(const struct dashboard_options *options, struct err *e);
	// Adds the table of keys as text.
	void (*add_keys)(struct str *out);
};

// Returns the exit status of the program.
int cli_main(int argc, char **argv, const struct cli_dashboard *dashboard);
