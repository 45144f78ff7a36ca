// Settings: see settings.h. The defaults are a file in the user's own grammar, compiled in and read by the same reader.
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/mem.h"
#include "base/units.h"

#include "parts.h"
#include "settings_text.h"

struct loading {
	struct settings *settings;
	struct keymap *map;
};

static int set_text(char **into, const char *value)
{
	free(*into);
	*into = mem_strdup(value);
	return 0;
}

static int set_theme(const struct loading *l, const char *value, struct err *e)
{
	(void)e;
	return set_text(&l->settings->theme, value);
}

static int set_interval(const struct loading *l, const char *value, struct err *e)
{
	if (units_parse_duration(value, &l->settings->interval) < 0 || l->settings->interval < SECOND / 5 || l->settings->interval > 60 * SECOND)
		return err_msg(e, EINVAL, "takes a time from 200ms to 60s, not '%s'", value);
	return 0;
}

static int yes_or_no(bool *into, const char *value, struct err *e)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_msg(e, EINVAL, "takes yes or no, not '%s'", value);
	*into = strcmp(value, "yes") == 0;
	return 0;
}

static int set_mouse(const struct loading *l, const char *value, struct err *e)
{
	if (strcmp(value, "auto") == 0) {
		l->settings->mouse = !getenv("SSH_CONNECTION") && !getenv("SSH_TTY");
		return 0;
	}
	return yes_or_no(&l->settings->mouse, value, e) < 0 ? err_msg(e, EINVAL, "takes auto, yes or no, not '%s'", value) : 0;
}

static int set_ascii(const struct loading *l, const char *value, struct err *e)
{
	return yes_or_no(&l->settings->ascii, value, e);
}

static const char *const cpu_units[] = {[CPU_OF_CORE] = "core", [CPU_OF_LIMIT] = "limit", [CPU_OF_HOST] = "host"};

static int set_cpu(const struct loading *l, const char *value, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(cpu_units); i++)
		if (strcmp(cpu_units[i], value) == 0) {
			l->settings->cpu = (enum cpu_unit)i;
			return 0;
		}
	return err_msg(e, EINVAL, "takes core, limit or host, not '%s'", value);
}

static int take_key(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	const struct loading *l = context;

	if (strcmp(section, "keys") != 0)
		return err_msg(e, EINVAL, "a preset holds [keys] only");
	return keymap_bind(l->map, name, value, e);
}

// A preset is a file of keys in this same grammar.
static int set_preset(const struct loading *l, const char *value, struct err *e)
{
	auto_strv dirs = {0};

	if (strcmp(value, "hostel") == 0)
		return 0;
	if (strchr(value, '/'))
		return conf_read_file(value, take_key, (void *)l, e);
	app_data_dirs("presets", &dirs);
	for (size_t i = 0; i < dirs.count; i++) {
		auto_free char *path = mem_printf("%s/%s.conf", dirs.items[i], value);
		int r = conf_read_file(path, take_key, (void *)l, e);

		if (r != -ENOENT)
			return r;
	}
	return err_msg(e, EINVAL, "there is no preset '%s' (hostel, vim, htop, k9s, lazydocker, or a path)", value);
}

static int set_columns(const struct loading *l, const char *value, struct err *e)
{
	auto_strv names = {0};

	strv_split(&names, value, " \t,");
	for (size_t i = 0; strcmp(value, "default") != 0 && i < names.count; i++)
		if (column_find(names.items[i]) < 0)
			return column_unknown(names.items[i], false, e);
	return set_text(&l->settings->columns, value);
}

static int set_sort(const struct loading *l, const char *value, struct err *e)
{
	int column = column_to_sort_by(value, e);

	if (column < 0)
		return column;
	return set_text(&l->settings->sort, value);
}

static const struct setting {
	const char *section, *name;
	int (*set)(const struct loading *l, const char *value, struct err *e);
} known[] = {
	{"screen", "theme", set_theme},   {"screen", "interval", set_interval}, {"screen", "mouse", set_mouse},
	{"screen", "ascii", set_ascii},   {"list", "columns", set_columns},     {"list", "sort", set_sort},
	{"list", "cpu", set_cpu},         {"screen", "preset", set_preset},
};

static int take(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	const struct loading *l = context;

	if (strcmp(section, "keys") == 0)
		return keymap_bind(l->map, name, value, e);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].section, section) == 0 && strcmp(known[i].name, name) == 0)
			return known[i].set(l, value, e);
	return err_msg(e, EINVAL, "there is no such setting (see hostel(1))");
}

static char *own_file(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && config[0] == '/')
		return mem_printf("%s/hostel/hostel.conf", config);
	return home && home[0] == '/' ? mem_printf("%s/.config/hostel/hostel.conf", home) : NULL;
}

int settings_load(struct settings *settings, struct keymap *map, const char *file, struct err *e)
{
	struct loading loading = {settings, map};
	auto_free char *own = file ? NULL : own_file();

	int r = conf_read_text("the default configuration", settings_default(), take, &loading, e);
	if (r < 0 || (!file && !own))
		return r;
	r = conf_read_file(file ? file : own, take, &loading, e);
	return r == -ENOENT && !file ? 0 : r;
}

void settings_done(struct settings *settings)
{
	free(settings->theme);
	free(settings->columns);
	free(settings->sort);
	free(settings->searched);
	strv_done(&settings->history);
	*settings = (struct settings){0};
}

const char *settings_default(void)
{
	return settings_default_text;
}

int settings_apply_list(struct app *app, struct err *e)
{
	struct settings *s = &app->settings;
	auto_strv names = {0};
	int column = column_find(s->sort[0] == '-' ? s->sort + 1 : s->sort);

	if (column < 0)
		return err_msg(e, EINVAL, "there is no column '%s'", s->sort);
	if (strcmp(s->columns, "default") != 0) {
		strv_split(&names, s->columns, " \t,");
		memset(app->list.on, 0, sizeof(app->list.on));
		app->list.on[0] = true; // a row without its name is of no use
		for (size_t i = 0; i < names.count; i++)
			app->list.on[column_find(names.items[i])] = true;
	}
	app->list.sort = (size_t)column;
	app->list.descending = s->sort[0] == '-';
	list_columns(&app->list);
	return 0;
}

enum { PICK_COLUMN = 0, PICK_CPU = 50, PICK_THEME = 100, PICK_INTERVAL = 10000 };

static const struct {
	const char *label;
	int64_t ns;
} intervals[] = {{"Measure every 0.5 s", SECOND / 2}, {"Measure every second", SECOND}, {"Measure every 2 s", 2 * SECOND}, {"Measure every 5 s", 5 * SECOND},
		 {"Measure every 10 s", 10 * SECOND}};

static void pick_column(struct app *app, size_t column)
{
	app->list.on[column] = !app->list.on[column];
	list_columns(&app->list);
}

static void pick_theme(struct app *app, size_t index)
{
	auto_strv dirs = {0}, names = {0};
	struct err e = {0};

	app_data_dirs("themes", &dirs);
	theme_list(&names, &dirs);
	if (index < names.count && app_theme(app, names.items[index], &e) < 0)
		app_say(app, true, "%s", e.text);
}

static void pick_interval(struct app *app, size_t index)
{
	app->settings.interval = intervals[index].ns;
	link_set_interval(app->link, intervals[index].ns);
}

static bool picked(struct app *app, struct overlay *o, bool accepted)
{
	int value = menu_picked(o->menu);

	if (!accepted || value < 0)
		return true;
	if (value >= PICK_INTERVAL)
		pick_interval(app, (size_t)(value - PICK_INTERVAL));
	else if (value >= PICK_THEME)
		pick_theme(app, (size_t)(value - PICK_THEME));
	else if (value >= PICK_CPU)
		app->settings.cpu = (enum cpu_unit)(value - PICK_CPU);
	else
		pick_column(app, (size_t)value);
	app_dirty(app);
	return true;
}

void settings_menu(struct app *app)
{
	struct menu *menu = menu_new("Setup");
	auto_strv dirs = {0}, names = {0};

	menu_add_heading(menu, "Columns (Enter: on or off)");
	for (size_t i = 1; i < column_count; i++) {
		auto_free char *label = mem_printf("[%s] %-9s", app->list.on[i] ? "x" : " ", column_table[i].table.title);

		menu_add(menu, K_NONE, label, column_table[i].help, NULL, PICK_COLUMN + (int)i);
	}
	menu_add_heading(menu, "Themes");
	app_data_dirs("themes", &dirs);
	theme_list(&names, &dirs);
	for (size_t i = 0; i < names.count; i++)
		menu_add(menu, K_NONE, names.items[i], str_equal(names.items[i], app->theme.name) ? "now" : NULL, NULL, PICK_THEME + (int)i);
	menu_add_heading(menu, "Figures");
	for (size_t i = 0; i < ARRAY_SIZE(cpu_units); i++) {
		auto_free char *label = mem_printf("CPU%%: 100 is the %s", cpu_units[i]);

		menu_add(menu, K_NONE, label, app->settings.cpu == (enum cpu_unit)i ? "now" : NULL, NULL, PICK_CPU + (int)i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(intervals); i++)
		menu_add(menu, K_NONE, intervals[i].label, app->settings.interval == intervals[i].ns ? "now" : NULL, NULL, PICK_INTERVAL + (int)i);
	overlay_menu(app, menu, picked);
}
