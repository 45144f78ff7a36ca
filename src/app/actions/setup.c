// The setup form: theme, keys, figures, columns; saved when accepted. A row of the table in actions.c.
#include "setup.h"

#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "ui/form.h"
#include "ui/term.h"
#include "ui/theme.h"

#include "app/columns/columns.h"
#include "app/know/app.h"
#include "app/know/settings.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/settings/save.h"
#include "app/settings/settings.h"
#include "app/settings/theming.h"

enum { SETTINGS = 10, ROWS = SETTINGS + FACT_COLUMNS };

// Names of settings: section and name.
#define SETTING_COLUMNS "list.columns"
#define SETTING_SORT "list.sort"
#define SETTING_THEME "screen.theme"

static const char column_prefix[] = "column."; // prefix of the rows that are columns

static const char *const intervals[] = {"500ms", "1s", "2s", "5s", "10s", NULL};
static const char *const cpu_units[] = {"core", "limit", "host", NULL}; // enum cpu_unit
static const char *const switches[] = {"yes", "no", NULL};
static const char *const mouse_ways[] = {"auto", "yes", "no", NULL};
static const char *const alert_choices[] = {"none", "bell", "notify", NULL}; // enum alerts
static const char *const presets[] = {"hostel", "vim", "htop", "k9s", "lazydocker", NULL};

struct setup {
	struct form_row rows[ROWS];
	size_t count;
	struct strv themes, sorts, texts;
	const char *theme; // when it was opened
};

static void setup_free(void *context)
{
	struct setup *s = context;

	strv_done(&s->themes);
	strv_done(&s->sorts);
	strv_done(&s->texts);
	free(s);
}

// A text that is valid as long as the form.
static const char *setup_keep(struct setup *s, char *text)
{
	strv_take(&s->texts, text);
	return text;
}

static void setup_add(struct setup *s, const char *name, const char *label, const char *help,
                      const char *const *choices, const char *now)
{
	bool list = str_starts(name, "list.");

	s->rows[s->count++] = (struct form_row){.name = name,
	                                        .label = label,
	                                        .help = help,
	                                        .initial = setup_keep(s, mem_strdup(now)),
	                                        .section = list ? "List" : "Screen",
	                                        .kind = FORM_CHOICE,
	                                        .open = strcmp(name, "screen.interval") == 0,
	                                        .choices = choices};
}

static void setup_add_column(struct setup *s, const struct list *list, enum fact fact)
{
	s->rows[s->count++] =
	    (struct form_row){.name = setup_keep(s, mem_printf("%s%s", column_prefix, fact_info(fact)->name)),
	                      .label = fact_info(fact)->title,
	                      .help = fact_info(fact)->help,
	                      .initial = list->on[fact] ? "yes" : "no",
	                      .section = "Columns",
	                      .kind = FORM_FLAG};
}

static const char *interval_now(struct setup *s, const struct app *app)
{
	int64_t ms = app->settings.interval / MS;

	return setup_keep(s, ms % 1000 ? mem_printf("%lldms", (long long)ms) : mem_printf("%llds", (long long)ms / 1000));
}

static const char *sort_now(struct setup *s, const struct app *app)
{
	return setup_keep(s, mem_printf("%s%s", app->list->descending ? "-" : "", fact_info(app->list->sort)->name));
}

static void setup_load_choices(struct setup *s)
{
	auto_strv dirs = {0};

	app_data_dirs("themes", &dirs);
	strv_add(&s->themes, THEME_AUTO);
	theme_list(&s->themes, &dirs);
	for (enum fact i = 0; i < FACT_COLUMNS; i++)
		if (column_has_order(i)) {
			strv_add(&s->sorts, fact_info(i)->name);
			strv_addf(&s->sorts, "-%s", fact_info(i)->name);
		}
}

static void setup_rows(struct setup *s, const struct app *app)
{
	s->theme = setup_keep(s, mem_strdup(app->theming->chosen));
	setup_load_choices(s);
	setup_add(s, SETTING_THEME, "Theme", "colours of the screen; auto: light on a light terminal",
	          (const char *const *)s->themes.items, app->theming->chosen);
	setup_add(s, "screen.interval", "Measure every", "time between measurements, for example 1s", intervals,
	          interval_now(s, app));
	setup_add(s, "screen.mouse", "Mouse", "auto: on locally, off over SSH", mouse_ways,
	          app->settings.mouse_way ? app->settings.mouse_way : "auto");
	setup_add(s, "screen.ascii", "ASCII", "ASCII characters only, after a restart", switches,
	          app->settings.ascii ? "yes" : "no");
	setup_add(s, "screen.cpu-meters", "CPU meters",
	          "a meter for each CPU, on screens of at least 120 columns and 36 rows",
	          switches, app->settings.cpu_meters ? "yes" : "no");
	setup_add(s, "screen.alerts", "Alerts", "on new problems: bell, or a notification if the terminal supports it",
	          alert_choices, alert_names[app->settings.alerts]);
	setup_add(s, "screen.preset", "Keys like", "key bindings of another program, after a restart",
	          presets, app->settings.preset ? app->settings.preset : "hostel");
	setup_add(s, "list.cpu", "CPU% of a", "meaning of 100 % in the CPU column", cpu_units,
	          cpu_unit_names[app->settings.cpu]);
	setup_add(s, SETTING_SORT, "Sort by", "prefix - for descending order", (const char *const *)s->sorts.items,
	          sort_now(s, app));
	for (enum fact i = FACT_NAME + 1; i < FACT_COLUMNS; i++)
		setup_add_column(s, app->list, i);
}

static int setup_check(void *context, const struct form *form, const char *name, const char *value, struct err *e)
{
	(void)context, (void)form;
	return str_starts(name, column_prefix) ? 0 : setting_check(name, value, e);
}

// The chosen columns, "default" for the default ones.
static char *columns_of(const struct form *form)
{
	auto_str text = {0};
	bool usual = true;

	for (enum fact i = FACT_NAME + 1; i < FACT_COLUMNS; i++) {
		auto_free char *name = mem_printf("%s%s", column_prefix, fact_info(i)->name);
		bool on = strcmp(form_get(form, name), "yes") == 0;

		usual = usual && on == !(fact_info(i)->flags & FACT_HIDDEN);
		if (on)
			str_addf(&text, "%s%s", text.length ? " " : "", fact_info(i)->name);
	}
	return usual ? mem_strdup("default") : text.length ? str_steal(&text) : mem_strdup("name");
}

// Settings that differ from NOW, as "section.name".
static void setup_changes(const struct setup *s, const struct form *form, struct params *out)
{
	auto_free char *columns = columns_of(form);
	bool changed = false;

	for (size_t i = 0; i < s->count; i++) {
		const struct form_row *row = &s->rows[i];
		const char *value = form_get(form, row->name);

		if (strcmp(value, row->initial) == 0)
			continue;
		if (str_starts(row->name, column_prefix))
			changed = true;
		else
			params_add(out, row->name, value);
	}
	if (changed)
		params_add(out, SETTING_COLUMNS, columns);
}

static int setup_apply(struct app *app, const struct form *form, const struct params *changes, struct err *e)
{
	bool list = params_get(changes, SETTING_COLUMNS) || params_get(changes, SETTING_SORT);
	auto_free char *columns = columns_of(form);
	int r = settings_change(&app->settings, SETTING_COLUMNS, columns, e);

	if (r == 0) // the present state, which a key may have changed
		r = settings_change(&app->settings, SETTING_SORT, form_get(form, SETTING_SORT), e);

	for (size_t i = 0; r == 0 && i < changes->count; i++)
		r = settings_change(&app->settings, changes->items[i].name, changes->items[i].value, e);
	if (r == 0 && list)
		r = list_apply_settings(app->list, &app->settings, e);
	term_mouse(app->term, app->settings.mouse);
	for (size_t i = 0; i < app->machines.count; i++)
		link_set_interval(app->machines.items[i]->link, app->settings.interval);
	return r;
}

static void setup_save(struct app *app, const struct params *changes)
{
	auto_free char *path = settings_path(app->options->config);
	struct err e = {0};

	if (!path)
		app_say(app, true, "applied but not saved: neither XDG_CONFIG_HOME nor HOME is set");
	else if (settings_save(path, changes, &e) < 0)
		app_say(app, true, "applied but not saved: %s", e.text);
	else
		app_say(app, false, "saved in %s", path);
}

// Previews the theme.
static void setup_changed(struct app *app, struct overlay *o)
{
	const char *theme = form_get(o->form, SETTING_THEME);
	struct err e = {0};

	if (strcmp(theme, app->theming->chosen) != 0 && app_theme(app, theme, &e) < 0)
		form_fail(o->form, SETTING_THEME, e.text);
}

static bool setup_answered(struct app *app, struct overlay *o, bool accepted)
{
	const struct setup *s = o->context;
	auto_params changes = {0};
	struct err e = {0};

	if (!accepted) {
		app_theme(app, s->theme, &e);
		return true;
	}
	setup_changes(s, o->form, &changes);
	if (!changes.count)
		return true;
	if (setup_apply(app, o->form, &changes, &e) < 0) {
		form_fail(o->form, NULL, e.text);
		return false;
	}
	setup_save(app, &changes);
	return true;
}

void setup_open_menu(struct app *app, int value)
{
	struct setup *s = mem_new(sizeof(*s));

	(void)value;
	setup_rows(s, app);
	struct overlay *o =
	    overlay_form(app, form_new("Setup", "Save", s->rows, s->count, setup_check, s), setup_answered);
	o->changed = setup_changed;
	o->context = s;
	o->free_context = setup_free;
}
