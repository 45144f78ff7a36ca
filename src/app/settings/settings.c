// Settings: see settings.h. The defaults are a configuration file that is compiled in and parsed like the user's.
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "ui/keymap.h"

#include "app/columns/columns.h"
#include "app/know/settings.h"
#include "own_commands.h"
#include "save.h"
#include "settings_text.h"
#include "theming.h"

struct settings_reader {
	struct settings *settings;
	struct keymap *map;
};

static int setting_store(char **into, const char *value)
{
	free(*into);
	*into = mem_strdup(value);
	return 0;
}

static int set_theme(const struct settings_reader *l, const char *value, struct err *e)
{
	(void)e;
	return setting_store(&l->settings->theme, value);
}

static int set_interval(const struct settings_reader *l, const char *value, struct err *e)
{
	if (units_parse_duration(value, &l->settings->interval) < 0 || l->settings->interval < SECOND / 5 ||
	    l->settings->interval > 60 * SECOND)
		return err_msg(e, EINVAL, "invalid value '%s' (a time from 200ms to 60s)", value);
	return 0;
}

static int yes_or_no(bool *into, const char *value, struct err *e)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_msg(e, EINVAL, "invalid value '%s' (yes or no)", value);
	*into = strcmp(value, "yes") == 0;
	return 0;
}

static int set_mouse(const struct settings_reader *l, const char *value, struct err *e)
{
	setting_store(&l->settings->mouse_way, value);
	if (strcmp(value, "auto") == 0) {
		l->settings->mouse = !getenv("SSH_CONNECTION") && !getenv("SSH_TTY");
		return 0;
	}
	if (yes_or_no(&l->settings->mouse, value, e) < 0)
		return err_msg(e, EINVAL, "invalid value '%s' (auto, yes or no)", value);
	return 0;
}

static int set_ascii(const struct settings_reader *l, const char *value, struct err *e)
{
	return yes_or_no(&l->settings->ascii, value, e);
}

static int set_cpu_meters(const struct settings_reader *l, const char *value, struct err *e)
{
	return yes_or_no(&l->settings->cpu_meters, value, e);
}

const char *const cpu_unit_names[CPU_UNITS] = {
    [CPU_OF_CORE] = "core", [CPU_OF_LIMIT] = "limit", [CPU_OF_HOST] = "host"};

static int set_cpu(const struct settings_reader *l, const char *value, struct err *e)
{
	for (size_t i = 0; i < CPU_UNITS; i++)
		if (strcmp(cpu_unit_names[i], value) == 0) {
			l->settings->cpu = (enum cpu_unit)i;
			return 0;
		}
	return err_msg(e, EINVAL, "invalid value '%s' (core, limit or host)", value);
}

const char *const alert_names[ALERTS] = {
    [ALERTS_NONE] = "none", [ALERTS_BELL] = "bell", [ALERTS_NOTIFY] = "notify"};

static int set_alerts(const struct settings_reader *l, const char *value, struct err *e)
{
	for (size_t i = 0; i < ALERTS; i++)
		if (strcmp(alert_names[i], value) == 0) {
			l->settings->alerts = (enum alerts)i;
			return 0;
		}
	return err_msg(e, EINVAL, "invalid value '%s' (none, bell or notify)", value);
}

static int preset_bind_key(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	const struct settings_reader *l = context;

	if (strcmp(section, "keys") != 0)
		return err_msg(e, EINVAL, "a preset can only have [keys]");
	return keymap_bind(l->map, name, value, e);
}

// A preset is a file of the same grammar with keys only.
static int set_preset(const struct settings_reader *l, const char *value, struct err *e)
{
	auto_strv dirs = {0};

	setting_store(&l->settings->preset, value);
	if (strcmp(value, "hostel") == 0 || !l->map) // without a map it takes effect at the next start
		return 0;
	if (strchr(value, '/'))
		return conf_read_file(value, preset_bind_key, (void *)l, e);
	app_data_dirs("presets", &dirs);
	for (size_t i = 0; i < dirs.count; i++) {
		auto_free char *path = mem_printf("%s/%s.conf", dirs.items[i], value);
		int r = conf_read_file(path, preset_bind_key, (void *)l, e);

		if (r != -ENOENT)
			return r;
	}
	return err_msg(e, EINVAL, "unknown preset '%s' (presets: hostel, vim, htop, k9s, lazydocker, or a path)", value);
}

static int set_columns(const struct settings_reader *l, const char *value, struct err *e)
{
	auto_strv names = {0};

	strv_split(&names, value, " \t,");
	for (size_t i = 0; strcmp(value, "default") != 0 && i < names.count; i++)
		if (column_find(names.items[i]) < 0)
			return column_unknown(names.items[i], false, e);
	return setting_store(&l->settings->columns, value);
}

static int set_sort(const struct settings_reader *l, const char *value, struct err *e)
{
	int column = column_to_sort_by(value, e);

	if (column < 0)
		return column;
	return setting_store(&l->settings->sort, value);
}

// The engine also reads it, and knows which networks exist.
static int set_network(const struct settings_reader *l, const char *value, struct err *e)
{
	(void)e;
	return setting_store(&l->settings->network, value);
}

// For the engine (container/store/defaults.h).
static int set_network_helper(const struct settings_reader *l, const char *value, struct err *e)
{
	static const char *const names[] = {"auto", "pasta", "slirp4netns"};

	(void)l;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], value) == 0)
			return 0;
	return err_msg(e, EINVAL, "invalid value '%s' (auto, pasta or slirp4netns)", value);
}

bool ssh_user_is_valid(const char *name)
{
	return str_is_made_of(name, STR_LETTERS STR_DIGITS "_", STR_LETTERS STR_DIGITS "_.-", 64);
}

static int set_ssh_user(const struct settings_reader *l, const char *value, struct err *e)
{
	if (*value && !ssh_user_is_valid(value))
		return err_msg(e, EINVAL, "invalid user '%s' (letters, digits, '.', '_' and '-')", value);
	return setting_store(&l->settings->ssh_user, value);
}

const struct setting setting_table[] = {
	{.section = "screen", .name = "theme", .set = set_theme},
	{.section = "screen", .name = "interval", .set = set_interval},
	{.section = "screen", .name = "mouse", .set = set_mouse},
	{.section = "screen", .name = "ascii", .set = set_ascii},
	{.section = "screen", .name = "cpu-meters", .set = set_cpu_meters},
	{.section = "screen", .name = "alerts", .set = set_alerts},
	{.section = "screen", .name = "preset", .set = set_preset},
	{.section = "list", .name = "columns", .set = set_columns},
	{.section = "list", .name = "sort", .set = set_sort},
	{.section = "list", .name = "cpu", .set = set_cpu},
	{.section = "containers", .name = "network", .set = set_network},
	{.section = "containers", .name = "network-helper", .set = set_network_helper},
	{.section = "guests", .name = "ssh-user", .set = set_ssh_user},
};
const size_t setting_count = ARRAY_SIZE(setting_table);

static int unknown_setting(struct err *e)
{
	auto_str names = {0};

	for (size_t i = 0; i < setting_count; i++)
		str_addf(&names, "%s%s.%s", i ? ", " : "", setting_table[i].section, setting_table[i].name);
	return err_msg(e, EINVAL, "unknown setting (settings: %s, keys, and command)", str_text(&names));
}

static int settings_set(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	const struct settings_reader *l = context;

	if (strcmp(section, "keys") == 0)
		return keymap_bind(l->map, name, value, e);
	if (strcmp(section, "command") == 0)
		return own_command_add(l->settings, l->map, name, value, e);
	for (size_t i = 0; i < setting_count; i++)
		if (strcmp(setting_table[i].section, section) == 0 && strcmp(setting_table[i].name, name) == 0)
			return setting_table[i].set(l, value, e);
	return unknown_setting(e);
}

int settings_change(struct settings *settings, const char *name, const char *value, struct err *e)
{
	const struct settings_reader reader = {settings, NULL};
	auto_free char *section = mem_strndup(name, strcspn(name, "."));
	const char *rest = strchr(name, '.');

	return settings_set((void *)&reader, section, rest ? rest + 1 : "", value, e);
}

int setting_check(const char *name, const char *value, struct err *e)
{
	struct settings scratch = {0};
	int r = settings_change(&scratch, name, value, e);

	settings_done(&scratch);
	return r;
}

// As for containers that are created on the command line (container/store/defaults.h).
static void prefer_environment(const struct settings_reader *l)
{
	const char *network = getenv("HOSTEL_NETWORK");

	if (network && *network)
		setting_store(&l->settings->network, network);
}

int settings_load(struct settings *settings, struct keymap *map, const char *file, struct err *e)
{
	struct settings_reader reader = {settings, map};
	auto_free char *own = file ? NULL : settings_path(NULL);

	int r = conf_read_text("the default configuration", settings_default(), settings_set, &reader, e);
	if (r == 0 && (file || own))
		r = conf_read_file(file ? file : own, settings_set, &reader, e);
	prefer_environment(&reader);
	return r == -ENOENT && !file ? 0 : r;
}

void settings_done(struct settings *settings)
{
	free(settings->theme);
	free(settings->mouse_way);
	free(settings->preset);
	free(settings->columns);
	own_commands_done(settings);
	free(settings->sort);
	free(settings->network);
	free(settings->ssh_user);
	free(settings->searched);
	strv_done(&settings->history);
	*settings = (struct settings){0};
}

const char *settings_default(void)
{
	return settings_default_text;
}
