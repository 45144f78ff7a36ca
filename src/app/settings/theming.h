// Loading the theme, and reloading it when its file is saved.
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "ui/theme.h"

struct app;

struct theming {
	struct theme theme;
	char *chosen;        // its name, or THEME_AUTO
	char *path;          // of its file, NULL = built in
	uv_fs_event_t watch; // watches the directory of that file
	bool watchable;      // the watch is initialised
	bool watched;
};

// The name of the theme that is light on a light terminal and otherwise dark.
#define THEME_AUTO "auto"
// Loads theme NAME. Returns 0 or negative errno.
int app_theme(struct app *app, const char *name, struct err *e);
// The background of the terminal has become known: adapts the theme.
void theming_adapt(struct app *app);
// Reloads the theme whenever its file is saved, until it is closed.
void theming_start(struct app *app);
void theming_close(struct app *app);
void theming_done(struct theming *theming);
// Appends the directories to search for files of a kind ("themes", "presets"): the user's own first.
void app_data_dirs(const char *folder, struct strv *dirs);
