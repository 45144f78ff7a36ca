// Settings: from the configuration file, and changed since.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// A command of the user's own, for the selected workload.
struct own_command {
	char *name;
	uint32_t key;      // K_NONE: only in the menu of actions
	unsigned kinds;    // a bit each
	struct strv words; // with {facts} in them
};

struct settings {
	char *theme;      // name or path
	int64_t interval; // ns between measurements
	bool mouse;
	char *mouse_way;  // as the configuration says it: auto, yes or no
	char *preset;     // of keys
	bool ascii;
	bool cpu_meters;  // for each CPU, where there is room
	enum alerts { ALERTS_NONE, ALERTS_BELL, ALERTS_NOTIFY, ALERTS } alerts; // of new problems
	enum cpu_unit { CPU_OF_CORE, CPU_OF_LIMIT, CPU_OF_HOST, CPU_UNITS } cpu; // meaning of 100 % in the CPU column
	char *columns;    // names separated by spaces; NULL = default
	char *sort;       // "cpu" or "-cpu"
	char *network;    // of new containers
	char *ssh_user;   // of shells in guests; "": that of ssh's configuration
	struct own_command *commands;
	size_t command_count;
	char *searched;   // the last search in the list
	struct strv history; // of the ':' line
};
