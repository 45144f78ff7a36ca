// What the user has set: the configuration file, and what was changed since.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/keymap.h"

struct settings {
	char *theme;      // name or path
	int64_t interval; // ns between measurements
	bool mouse;
	bool ascii;
	enum cpu_unit { CPU_OF_CORE, CPU_OF_LIMIT, CPU_OF_HOST, CPU_UNITS } cpu; // what 100 % of the CPU column is
	char *columns;    // names separated by blanks; NULL = as shipped
	char *sort;       // "cpu" or "-cpu"
	char *searched;   // the last search in the list
	struct strv history; // of the ':' line
};

// The shipped defaults, then the file FILE (NULL: the user's own, if there is one) into SETTINGS and MAP. Returns 0, or negative
// errno with "FILE:LINE: section.name: what is wrong".
int settings_load(struct settings *settings, struct keymap *map, const char *file, struct err *e);
void settings_done(struct settings *settings);
// The default configuration as a file the user may start from.
const char *settings_default(void);
extern const char *const cpu_unit_names[CPU_UNITS];
