// The ':' line: the same verbs as on the command line, and what the screen offers, as a table of commands.
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "base/str.h"
#include "base/units.h"
#include "client/link.h"
#include "model/name.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/field.h"
#include "ui/keymap.h"
#include "ui/table.h"
#include "ui/term.h"
#include "ui/theme.h"

#include "app/columns/columns.h"
#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"
#include "app/settings/theming.h"
#include "actions.h"
#include "create.h"
#include "foreground.h"

enum { WORDS = 32 };

static void offer_names(struct app *app, struct strv *out)
{
	for (size_t i = 0; i < app->list->count; i++)
		if (name_is_valid(NAME_OF_ANY, app->list->shown[i]->w.name))
			strv_add(out, app->list->shown[i]->w.name);
}

static void offer_columns(struct app *app, struct strv *out)
{
	(void)app;
	for (enum fact i = 0; i < FACT_COLUMNS; i++)
		if (column_has_order(i))
			strv_add(out, fact_info(i)->name);
}

static void offer_themes(struct app *app, struct strv *out)
{
	auto_strv dirs = {0};

	(void)app;
	app_data_dirs("themes", &dirs);
	theme_list(out, &dirs);
}

static void offer_kinds(struct app *app, struct strv *out)
{
	(void)app;
	for (int kind = 0; kind < WORKLOAD_KINDS; kind++)
		strv_add(out, workload_kind_name((enum kind)kind));
}

// The ids of the names in REST, for the action that follows. Nothing named: the marked ones or the selected one.
static int command_name_targets(struct app *app, const char *rest, struct err *e)
{
	auto_strv words = {0};

	strv_done(&app->named);
	strv_split(&words, rest, " ");
	for (size_t i = 0; i < words.count; i++) {
		const char *found = NULL;

		for (size_t r = 0; r < app->rows.count; r++) {
			const struct workload *w = &app->rows.items[r]->w;

			if (!str_equal(w->name, words.items[i]) && !str_equal(w->id, words.items[i]))
				continue;
			if (found)
				return err_msg(e, ENOTUNIQ, "there is more than one '%s': say its id (%s)", words.items[i], w->id);
			found = w->id;
		}
		if (!found)
			return err_msg(e, ENOENT, "there is no '%s'", words.items[i]);
		strv_add(&app->named, found);
	}
	app->named_set = app->named.count > 0;
	return 0;
}

static int run_named(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	int r = command_name_targets(app, rest, e);

	// the action's own checks are about the row that is selected
	if (r == 0 && app->named.count == 1)
		table_select(&app->list->table, app->named.items[0]), app_selection_changed(app);
	if (r == 0)
		action_run(app, keymap_action(app->keymap, c->action));
	app->named_set = false;
	strv_done(&app->named);
	return r;
}

static int run_verb(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	auto_strv ids = {0};
	int r = app_read_only(app) ? err_msg(e, EPERM, "%s", app_read_only(app)) : command_name_targets(app, rest, e);

	if (r == 0) {
		app_targets(app, &ids);
		jobs_act(app, (enum verb)c->value, &ids, NULL);
	}
	app->named_set = false;
	strv_done(&app->named);
	return r;
}

// ":set mem 2G cpus 2": names and values in turn, of the recipe's live fields.
static int run_set(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	static const struct {
		const char *brief, *name;
	} briefs[] = {{"mem", PARAM_MEMORY}, {"cpu", PARAM_CPUS}};
	auto_strv words = {0}, ids = {0};
	auto_params params = {0};

	(void)c;
	if (app_read_only(app))
		return err_msg(e, EPERM, "%s", app_read_only(app));
	strv_split(&words, rest, " =");
	if (words.count < 2 || words.count % 2)
		return err_msg(e, EINVAL, ":set NAME VALUE …, as in :set mem 2G");
	for (size_t i = 0; i < words.count; i += 2) {
		const char *name = words.items[i];

		for (size_t b = 0; b < ARRAY_SIZE(briefs); b++)
			if (strcmp(name, briefs[b].brief) == 0)
				name = briefs[b].name;
		params_add(&params, name, words.items[i + 1]);
	}
	app_targets(app, &ids);
	jobs_act(app, VERB_SET, &ids, &params);
	return 0;
}

static int run_rename(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	const struct row *row = app_selected(app);
	auto_params params = {0};
	auto_strv ids = {0};

	(void)c;
	if (app_read_only(app))
		return err_msg(e, EPERM, "%s", app_read_only(app));
	if (!row)
		return err_msg(e, ENOENT, "nothing is selected");
	if (name_check((int)row->w.kind, rest, e) < 0)
		return -EINVAL;
	params_add(&params, PARAM_TO, rest);
	strv_add(&ids, row->w.id);
	jobs_act(app, VERB_RENAME, &ids, &params);
	return 0;
}

static int run_new(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	(void)c;
	if (app_read_only(app))
		return err_msg(e, EPERM, "%s", app_read_only(app));
	int kind = workload_kind_find(rest);
	if (kind < 0)
		return err_msg(e, EINVAL, ":new takes a kind (%s)", workload_kinds);
	create_open(app, (enum kind)kind);
	return 0;
}

static int run_sort(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	int column = column_to_sort_by(rest, e);

	(void)c;
	if (column < 0)
		return column;
	list_sort(app->list, (size_t)column);
	return 0;
}

static int run_filter(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	(void)c;
	return list_filter(app->list, rest, e);
}

static int run_theme(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	(void)c;
	return app_theme(app, rest, e);
}

static int run_interval(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	int64_t ns;

	(void)c;
	if (units_parse_duration(rest, &ns) < 0 || ns < SECOND / 5 || ns > 60 * SECOND)
		return err_msg(e, EINVAL, ":interval takes a time from 200ms to 60s");
	app->settings.interval = ns;
	link_set_interval(app->link, ns);
	return 0;
}

static int run_save(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	(void)c;
	if (!*rest)
		return err_msg(e, EINVAL, ":w FILE");
	int r = pane_save(app, rest, e);
	if (r == 0)
		app_say(app, false, "written to '%s'", rest);
	return r;
}

// What the dashboard itself costs.
static int run_self(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	struct term_stats stats = term_stats(app->term);
	char rss[UNITS_TEXT], bytes[UNITS_TEXT], trip[UNITS_TEXT];

	(void)c, (void)rest, (void)e;
	auto_free char *away = link_round_trip(app->link) < 0 ? mem_strdup("")
	                       : mem_printf(", agent answers in %s", units_short_time(trip, (double)link_round_trip(app->link) / MS));
	app_say(app, false, "self: %.1f%% of a core, %s resident, %s to the terminal in %llu frames, the last %zu bytes%s", app->host.own_cpu,
	        units_bytes(rss, app->host.own_rss), units_bytes(bytes, stats.bytes), (unsigned long long)stats.frames, stats.last, away);
	return 0;
}

static int run_do(struct app *app, const struct command *c, const char *rest, struct err *e)
{
	(void)rest, (void)e;
	action_run(app, keymap_action(app->keymap, c->action));
	return 0;
}

const struct command commands[] = {
	{.name = "attach", .operands = "[NAME]", .help = "connect to its first process", .offer = offer_names,
	 .run = run_named, .action = "attach"},
	{.name = "console", .operands = "[NAME]", .help = "connect to its serial console", .offer = offer_names,
	 .run = run_named, .action = "console"},
	{.name = "describe", .operands = "[NAME]", .help = "show all details", .offer = offer_names, .run = run_named,
	 .action = "describe"},
	{.name = "filter", .operands = "[TEXT]", .help = "filter the list", .run = run_filter},
	{.name = "freeze", .operands = "", .help = "freeze the order of the list", .run = run_do, .action = "freeze"},
	{.name = "help", .operands = "", .help = "show the keys", .run = run_do, .action = "help"},
	{.name = "inspect", .operands = "[NAME]", .help = "show the engine's own configuration", .offer = offer_names,
	 .run = run_named, .action = "raw"},
	{.name = "interval", .operands = "TIME", .help = "set the time between measurements", .run = run_interval},
	{.name = "jobs", .operands = "", .help = "list running jobs", .run = run_do, .action = "jobs"},
	{.name = "journal", .operands = "", .help = "show the journal", .run = run_do, .action = "journal"},
	{.name = "limits", .operands = "[NAME]", .help = "change limits", .offer = offer_names, .run = run_named,
	 .action = "limits"},
	{.name = "logs", .operands = "[NAME]", .help = "show the log", .offer = offer_names, .run = run_named,
	 .action = "logs"},
	{.name = "new", .operands = "container|guest", .help = "create a guest or container", .offer = offer_kinds,
	 .run = run_new},
	{.name = "pause", .operands = "[NAME]…", .help = "freeze", .offer = offer_names, .run = run_verb,
	 .value = VERB_PAUSE},
	{.name = "quit", .operands = "", .help = "quit; workloads keep running", .run = run_do, .action = "quit"},
	{.name = "redraw", .operands = "", .help = "redraw the screen", .run = run_do, .action = "redraw"},
	{.name = "refresh", .operands = "", .help = "reload everything", .run = run_do, .action = "refresh"},
	{.name = "rename", .operands = "NEW", .help = "rename the selected workload", .run = run_rename},
	{.name = "restart", .operands = "[NAME]…", .help = "stop, then start (asks)", .offer = offer_names,
	 .run = run_named, .action = "restart"},
	{.name = "resume", .operands = "[NAME]…", .help = "continue after pause", .offer = offer_names,
	 .run = run_verb, .value = VERB_RESUME},
	{.name = "rm", .operands = "[NAME]…", .help = "delete permanently (asks)", .offer = offer_names,
	 .run = run_named, .action = "delete"},
	{.name = "self", .operands = "", .help = "show what hostel itself uses", .run = run_self},
	{.name = "set", .operands = "NAME VALUE …", .help = "change limits: mem 2G cpus 1.5 pids 100 restart always",
	 .run = run_set},
	{.name = "setup", .operands = "", .help = "columns, theme, interval", .run = run_do, .action = "setup"},
	{.name = "shell", .operands = "[NAME]", .help = "open a shell inside", .offer = offer_names, .run = run_named,
	 .action = "shell"},
	{.name = "sort", .operands = "COLUMN", .help = "sort by it; again: reverse order", .offer = offer_columns,
	 .run = run_sort},
	{.name = "start", .operands = "[NAME]…", .help = "start", .offer = offer_names, .run = run_verb,
	 .value = VERB_START},
	{.name = "stop", .operands = "[NAME]…", .help = "open the stop menu", .offer = offer_names, .run = run_named,
	 .action = "stop"},
	{.name = "theme", .operands = "NAME", .help = "change the theme", .offer = offer_themes, .run = run_theme},
	{.name = "w", .operands = "FILE", .help = "write the pane's text to a new file", .run = run_save},
};
const size_t command_count = ARRAY_SIZE(commands);

// The command of the first N bytes of NAME: the whole name, or the only one that begins so.
static const struct command *command_find(const char *name, size_t n)
{
	const struct command *found = NULL;

	for (size_t i = 0; i < command_count; i++) {
		if (strncmp(commands[i].name, name, n) != 0)
			continue;
		if (!commands[i].name[n])
			return &commands[i];
		// "q" is "quit" and "s" is nothing
		found = found ? NULL : &commands[i];
		if (!found)
			return NULL;
	}
	return found;
}

static void command_complete(void *context, const char *text, size_t cursor, size_t *from, struct strv *out)
{
	struct app *app = context;
	auto_strv words = {0};
	size_t name = strcspn(text, " ");

	*from = cursor;
	while (*from > 0 && text[*from - 1] != ' ')
		--*from;
	if (cursor <= name) {
		for (size_t i = 0; i < command_count; i++)
			strv_addf(&words, "%s%s", commands[i].name, *commands[i].operands ? " " : "");
	} else {
		const struct command *c = command_find(text, name);

		if (c && c->offer)
			c->offer(app, &words);
	}
	for (size_t i = 0; i < words.count; i++)
		if (strncmp(words.items[i], text + *from, cursor - *from) == 0)
			strv_add(out, words.items[i]);
}

static void run_shell_line(struct app *app, const char *line)
{
	const char *shell = getenv("SHELL");
	auto_strv argv = {0};

	if (app_read_only(app)) {
		app_say(app, true, "%s", app_read_only(app));
		return;
	}
	strv_add(&argv, shell && *shell ? shell : "/bin/sh");
	strv_add(&argv, "-c");
	strv_add(&argv, line);
	foreground_run(app, &argv, line, NULL, true);
}

void command_run(struct app *app, const char *line)
{
	struct err e = {0};

	line += strspn(line, " :");
	if (!*line)
		return;
	if (*line == '!') {
		run_shell_line(app, line + 1);
		return;
	}
	size_t n = strcspn(line, " ");
	const struct command *c = command_find(line, n);
	auto_free char *rest = mem_strdup(line + n + strspn(line + n, " "));
	for (size_t end = strlen(rest); end > 0 && rest[end - 1] == ' ';)
		rest[--end] = '\0';
	if (!c) {
		auto_free char *word = mem_strndup(line, n);
		const char *near = opts_nearest(word, &commands[0].name, command_count, sizeof(commands[0]));

		app_say(app, true, near ? "unknown command :%s (did you mean :%s?)" : "unknown command :%s (Tab lists commands)", word, near);
		return;
	}
	if (c->run(app, c, rest, &e) < 0)
		app_say(app, true, "%s", e.text);
	app_dirty(app);
}

static bool command_answered(struct app *app, struct overlay *o, bool accepted)
{
	auto_free char *line = mem_strdup(field_text(o->field));

	if (!accepted)
		return true;
	field_remember(o->field, line);
	strv_done(&app->settings.history);
	strv_copy(&app->settings.history, &o->field->history);
	overlay_pop(app); // what it runs may put something in its place
	command_run(app, line);
	return false;
}

void command_open(struct app *app, const char *initial)
{
	struct overlay *o = overlay_prompt(app, ":", initial, command_answered);

	strv_copy(&o->field->history, &app->settings.history);
	o->field->history_at = o->field->history.count;
	o->field->complete = command_complete;
	o->field->context = app;
}
