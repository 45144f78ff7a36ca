// The user's own commands: [command] of the configuration.
#pragma once

struct err;
struct keymap;
struct settings;

// Adds NAME = "KEY KINDS WORD…" to SETTINGS. With MAP, KEY must not be bound in it. Returns 0 or negative errno.
int own_command_add(struct settings *settings, const struct keymap *map, const char *name, const char *value,
                    struct err *e);
void own_commands_done(struct settings *settings);
