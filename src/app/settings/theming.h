// The theme: found, read, and read again when its file is saved.
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "ui/theme.h"

struct app;

struct theming {
	struct theme theme;
	char *path;          // of its file, NULL = the one compiled in
	uv_fs_event_t watch; // on that file's directory
	bool watchable;      // that is initialised
	bool watched;
};

// Loads theme NAME. Returns 0 or negative errno.
int app_theme(struct app *app, const char *name, struct err *e);
// Reads the theme again whenever its file is saved, until it is closed.
void theming_start(struct app *app);
void theming_close(struct app *app);
void theming_done(struct theming *theming);
// Adds the directories where files of a kind ("themes", "presets") are looked for: the user's own first.
void app_data_dirs(const char *folder, struct strv *dirs);
