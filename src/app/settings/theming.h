// Loading the theme, and reloading it when its file is saved.
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "ui/theme.h"

struct app;

struct theming {
	struct theme theme;
	char *path;          // of its file, NULL = built in
	uv_fs_event_t watch; // watches the directory of that file
	bool watchable;      // the watch is initialised
	bool watched;
};

// Loads theme NAME. Returns 0 or negative errno.
int app_theme(struct app *app, const char *name, struct err *e);
// Reloads the theme whenever its file is saved, until it is closed.
void theming_start(struct app *app);
void theming_close(struct app *app);
void theming_done(struct theming *theming);
// Appends the directories to search for files of a kind ("themes", "presets"): the user's own first.
void app_data_dirs(const char *folder, struct strv *dirs);
