// The configuration file.
#pragma once

#include <stddef.h>

#include "app/know/settings.h"

struct err;
struct keymap;
struct settings_reader;

struct setting {
	const char *section, *name;
	int (*set)(const struct settings_reader *reader, const char *value, struct err *e);
};
extern const struct setting setting_table[];
extern const size_t setting_count;

// Reads the defaults and then FILE (NULL: the user's own, if it exists) into SETTINGS and MAP. Returns 0, or negative
// errno with "FILE:LINE: section.name: what is wrong".
int settings_load(struct settings *settings, struct keymap *map, const char *file, struct err *e);
// Sets NAME ("section.name") to VALUE without saving it. Returns 0 or negative errno.
int settings_change(struct settings *settings, const char *name, const char *value, struct err *e);
// Whether NAME can be a user for ssh: not an option, and without characters special to a shell or ssh.
bool ssh_user_is_valid(const char *name);
// Checks VALUE for NAME. Returns 0, or negative errno with the reason.
int setting_check(const char *name, const char *value, struct err *e);
void settings_done(struct settings *settings);
// The default configuration as a file, for the user to start from.
const char *settings_default(void);
extern const char *const cpu_unit_names[CPU_UNITS];
extern const char *const alert_names[ALERTS];
