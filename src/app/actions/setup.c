// The setup menu: columns, theme, figures, interval. A row of the table in actions.c.
#include "setup.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "ui/key.h"
#include "ui/menu.h"
#include "ui/theme.h"

#include "app/columns/columns.h"
#include "app/know/app.h"
#include "app/know/settings.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/settings/settings.h"
#include "app/settings/theming.h"

enum { PICK_COLUMN = 0, PICK_CPU = 50, PICK_THEME = 100, PICK_INTERVAL = 10000 };

static const struct {
	const char *label;
	int64_t ns;
} intervals[] = {
	{.label = "Measure every 0.5 s", .ns = SECOND / 2},
	{.label = "Measure every second", .ns = SECOND},
	{.label = "Measure every 2 s", .ns = 2 * SECOND},
	{.label = "Measure every 5 s", .ns = 5 * SECOND},
	{.label = "Measure every 10 s", .ns = 10 * SECOND},
};

static void setup_pick_column(struct app *app, size_t column)
{
	app->list->on[column] = !app->list->on[column];
	list_columns(app->list);
}

static void setup_pick_theme(struct app *app, size_t index)
{
	auto_strv dirs = {0}, names = {0};
	struct err e = {0};

	app_data_dirs("themes", &dirs);
	theme_list(&names, &dirs);
	if (index < names.count && app_theme(app, names.items[index], &e) < 0)
		app_say(app, true, "%s", e.text);
}

static void setup_pick_interval(struct app *app, size_t index)
{
	app_set_interval(app, intervals[index].ns);
}

static bool setup_picked(struct app *app, struct overlay *o, bool accepted)
{
	int value = menu_picked(o->menu);

	if (!accepted || value < 0)
		return true;
	if (value >= PICK_INTERVAL)
		setup_pick_interval(app, (size_t)(value - PICK_INTERVAL));
	else if (value >= PICK_THEME)
		setup_pick_theme(app, (size_t)(value - PICK_THEME));
	else if (value >= PICK_CPU)
		app->settings.cpu = (enum cpu_unit)(value - PICK_CPU);
	else
		setup_pick_column(app, (size_t)value);
	app_dirty(app);
	return true;
}

void setup_open_menu(struct app *app, int value)
{
	struct menu *menu = menu_new("Setup");
	auto_strv dirs = {0}, names = {0};

	(void)value;
	menu_add_heading(menu, "Columns (Enter: on or off)");
	for (enum fact i = FACT_NAME + 1; i < FACT_COLUMNS; i++) {
		auto_free char *label = mem_printf("[%s] %-10s", app->list->on[i] ? "x" : " ", fact_info(i)->title);

		menu_add(menu, K_NONE, label, fact_info(i)->help, NULL, PICK_COLUMN + (int)i);
	}
	menu_add_heading(menu, "Themes");
	app_data_dirs("themes", &dirs);
	theme_list(&names, &dirs);
	for (size_t i = 0; i < names.count; i++)
		menu_add(menu, K_NONE, names.items[i], str_equal(names.items[i], app->theming->theme.name) ? "now" : NULL,
		         NULL, PICK_THEME + (int)i);
	menu_add_heading(menu, "Figures");
	for (size_t i = 0; i < CPU_UNITS; i++) {
		auto_free char *label = mem_printf("CPU%%: 100 is the %s", cpu_unit_names[i]);

		menu_add(menu, K_NONE, label, app->settings.cpu == (enum cpu_unit)i ? "now" : NULL, NULL, PICK_CPU + (int)i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(intervals); i++)
		menu_add(menu, K_NONE, intervals[i].label, app->settings.interval == intervals[i].ns ? "now" : NULL, NULL,
		         PICK_INTERVAL + (int)i);
	overlay_menu(app, menu, setup_picked);
}
