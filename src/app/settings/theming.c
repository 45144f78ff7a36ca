// Loading themes: see theming.h.
#include "config.h"

#include "theming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"
#include "ui/term.h"
#include "ui/theme.h"

#include "app/know/app.h"
#include "app/settings/save.h"

void app_data_dirs(const char *folder, struct strv *dirs)
{
	char *own = conf_own_path(folder);
	auto_free char *beside = proc_find_program("hostel");
	char *slash = beside ? strrchr(beside, '/') : NULL;

	if (own)
		strv_take(dirs, own);
	if (slash) { // in a build directory: those of the source
		*slash = '\0';
		strv_addf(dirs, "%s/%s", beside, folder);
		strv_addf(dirs, "%s/../%s", beside, folder);
		strv_addf(dirs, "%s/../src/app/%s", beside, folder);
	}
	strv_addf(dirs, PACKAGE_DATADIR "/%s", folder);
}

static void on_theme_saved(uv_fs_event_t *watch, const char *name, int events, int status)
{
	struct app *app = watch->data;
	struct theme theme;
	struct stat st;
	struct err e = {0};

	(void)events;
	// editors rename a new file over the old one, or truncate and rewrite it: meanwhile it may be missing or empty
	if (status < 0 || !name || !app->theming->path || !str_equal(name, strrchr(app->theming->path, '/') + 1))
		return;
	if (stat(app->theming->path, &st) < 0 || st.st_size == 0)
		return;
	int r = theme_read(&theme, app->theming->path, &e);
	if (r < 0) {
		app_say(app, true, "%s", e.text);
		return;
	}
	app->theming->theme = theme;
	term_theme(app->term, &app->theming->theme);
	app_dirty(app);
}

static void theming_watch(struct app *app)
{
	if (app->theming->watched)
		uv_fs_event_stop(&app->theming->watch);
	if (!app->theming->watchable || !app->theming->path)
		return;
	auto_free char *folder =
	    mem_strndup(app->theming->path, (size_t)(strrchr(app->theming->path, '/') - app->theming->path) + 1);
	app->theming->watched = uv_fs_event_start(&app->theming->watch, on_theme_saved, folder, 0) == 0;
}

static int unknown_theme(const char *name, const struct strv *dirs, struct err *e)
{
	auto_strv themes = {0};
	auto_str names = {0};

	theme_list(&themes, dirs);
	for (size_t i = 0; i < themes.count; i++)
		str_addf(&names, ", %s", themes.items[i]);
	return err_msg(e, ENOENT, "unknown theme '%s' (themes: " THEME_AUTO "%s)", name,
	               names.length ? names.text : ", dark");
}

// The theme that NAME means on this terminal.
static const char *theming_resolve(const struct app *app, const char *name)
{
	uint32_t ground = app->term ? term_ground(app->term) : COLOUR_UNSET;

	if (strcmp(name, THEME_AUTO) != 0)
		return name;
	return ground != COLOUR_UNSET && colour_is_light(ground) ? "light" : "dark";
}

static int theming_load(struct app *app, const char *name, struct err *e)
{
	struct theme theme;
	auto_strv dirs = {0};

	app_data_dirs("themes", &dirs);
	auto_free char *path = theme_find(name, &dirs);
	if (!path && strcmp(name, "dark") == 0) {
		theme_default(&theme);
	} else if (!path) {
		return unknown_theme(name, &dirs, e);
	} else {
		int r = theme_read(&theme, path, e);

		if (r < 0)
			return r;
	}
	app->theming->theme = theme;
	free(app->theming->path);
	app->theming->path = path ? realpath(path, NULL) : NULL;
	theming_watch(app);
	if (app->term)
		term_theme(app->term, &app->theming->theme);
	app_dirty(app);
	return 0;
}

int app_theme(struct app *app, const char *name, struct err *e)
{
	int r = theming_load(app, theming_resolve(app, name), e);

	if (r == 0) {
		auto_free char *chosen = app->theming->chosen;

		app->theming->chosen = mem_strdup(name); // which may be the old one
	}
	return r;
}

void theming_adapt(struct app *app)
{
	struct err e = {0};

	if (str_equal(app->theming->chosen, THEME_AUTO) && app_theme(app, THEME_AUTO, &e) == 0)
		return;
	term_theme(app->term, &app->theming->theme);
	app_dirty(app);
}

void theming_start(struct app *app)
{
	uv_fs_event_init(&app->loop, &app->theming->watch);
	app->theming->watch.data = app;
	app->theming->watchable = true;
	theming_watch(app);
}

void theming_close(struct app *app)
{
	if (app->theming->watchable)
		uv_close((uv_handle_t *)&app->theming->watch, NULL);
}

void theming_done(struct theming *theming)
{
	free(theming->path);
	free(theming->chosen);
}
