// The ':' line: the same verbs as on the command line, and what the screen offers, as a table of commands. Must not know how they work.
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

// Whatever completes: the words that stand at a place.
typedef void offer_words(struct app *app, struct strv *out);

struct command {
	const char *name, *operands, *help;
	offer_words *offer; // for the operands; NULL: nothing
	int (*run)(struct app *app, const struct command *c, const char *rest, struct err *e); // REST: the line behind the name
	int value;          // enum verb
	const char *action; // of the table of actions
};

static void offer_names(struct app *app, struct strv *out)
{
	for (size_t i = 0; i < app->list->count; i++)
		if (name_is_valid(NAME_OF_ANY, app->list->shown[i]->w.name))
			strv_add(out, app->list->shown[i]->w.name);
}

static void offer_columns(struct app *app, struct strv *out)
{
	(void)app;
	for (size_t i = 0; i < column_count; i++)
		if (column_table[i].compare)
			strv_add(out, column_table[i].name);
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
	for (int kind = 0; kind < KINDS; kind++)
		strv_add(out, workload_kind_name((enum workload_kind)kind));
}

// The ids of the names in REST, for the action that follows. Nothing named: the marked ones or the selected one.
static int name_targets(struct app *app, const char *rest, struct err *e)
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
	int r = name_targets(app, rest, e);

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
	int r = app_read_only(app) ? err_msg(e, EPERM, "%s", app_read_only(app)) : name_targets(app, rest, e);

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
	} briefs[] = {{"mem", "memory"}, {"cpu", "cpus"}};
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
	params_add(&params, "to", rest);
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
	create_open(app, (enum workload_kind)kind);
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

static const struct command commands[] = {
	{"attach", "[NAME]", "connect to its first process", offer_names, run_named, 0, "attach"},
	{"console", "[NAME]", "connect to its serial console", offer_names, run_named, 0, "console"},
	{"describe", "[NAME]", "show all details", offer_names, run_named, 0, "describe"},
	{"filter", "[TEXT]", "filter the list", NULL, run_filter, 0, NULL},
	{"freeze", "", "freeze the order of the list", NULL, run_do, 0, "freeze"},
	{"help", "", "show the keys", NULL, run_do, 0, "help"},
	{"inspect", "[NAME]", "show the engine's own configuration", offer_names, run_named, 0, "raw"},
	{"interval", "TIME", "set the time between measurements", NULL, run_interval, 0, NULL},
	{"jobs", "", "list running jobs", NULL, run_do, 0, "jobs"},
	{"journal", "", "show the journal", NULL, run_do, 0, "journal"},
	{"limits", "[NAME]", "change limits", offer_names, run_named, 0, "limits"},
	{"logs", "[NAME]", "show the log", offer_names, run_named, 0, "logs"},
	{"new", "container|guest", "create a guest or container", offer_kinds, run_new, 0, NULL},
	{"pause", "[NAME]…", "freeze", offer_names, run_verb, VERB_PAUSE, NULL},
	{"quit", "", "quit; workloads keep running", NULL, run_do, 0, "quit"},
	{"redraw", "", "redraw the screen", NULL, run_do, 0, "redraw"},
	{"refresh", "", "reload everything", NULL, run_do, 0, "refresh"},
	{"rename", "NEW", "rename the selected workload", NULL, run_rename, 0, NULL},
	{"restart", "[NAME]…", "stop, then start (asks)", offer_names, run_named, 0, "restart"},
	{"resume", "[NAME]…", "continue after pause", offer_names, run_verb, VERB_RESUME, NULL},
	{"rm", "[NAME]…", "delete permanently (asks)", offer_names, run_named, 0, "delete"},
	{"self", "", "show what hostel itself uses", NULL, run_self, 0, NULL},
	{"set", "NAME VALUE …", "change limits: mem 2G cpus 1.5 pids 100 restart always", NULL, run_set, 0, NULL},
	{"setup", "", "columns, theme, interval", NULL, run_do, 0, "setup"},
	{"shell", "[NAME]", "open a shell inside", offer_names, run_named, 0, "shell"},
	{"sort", "COLUMN", "sort by it; again: reverse order", offer_columns, run_sort, 0, NULL},
	{"start", "[NAME]…", "start", offer_names, run_verb, VERB_START, NULL},
	{"stop", "[NAME]…", "open the stop menu", offer_names, run_named, 0, "stop"},
	{"theme", "NAME", "change the theme", offer_themes, run_theme, 0, NULL},
	{"w", "FILE", "write the pane's text to a new file", NULL, run_save, 0, NULL},
};

// The command of the first N bytes of NAME: the whole name, or the only one that begins so.
static const struct command *find(const char *name, size_t n)
{
	const struct command *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
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

static void complete(void *context, const char *text, size_t cursor, size_t *from, struct strv *out)
{
	struct app *app = context;
	auto_strv words = {0};
	size_t name = strcspn(text, " ");

	*from = cursor;
	while (*from > 0 && text[*from - 1] != ' ')
		--*from;
	if (cursor <= name) {
		for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
			strv_addf(&words, "%s%s", commands[i].name, *commands[i].operands ? " " : "");
	} else {
		const struct command *c = find(text, name);

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
	run_on_terminal(app, &argv, line, NULL, true);
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
	const struct command *c = find(line, n);
	auto_free char *rest = mem_strdup(line + n + strspn(line + n, " "));
	for (size_t end = strlen(rest); end > 0 && rest[end - 1] == ' ';)
		rest[--end] = '\0';
	if (!c) {
		auto_free char *word = mem_strndup(line, n);
		const char *near = opts_nearest(word, &commands[0].name, ARRAY_SIZE(commands), sizeof(commands[0]));

		app_say(app, true, near ? "unknown command :%s (did you mean :%s?)" : "unknown command :%s (Tab lists commands)", word, near);
		return;
	}
	if (c->run(app, c, rest, &e) < 0)
		app_say(app, true, "%s", e.text);
	app_dirty(app);
}

static bool answered(struct app *app, struct overlay *o, bool accepted)
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
	struct overlay *o = overlay_prompt(app, ":", initial, answered);

	strv_copy(&o->field->history, &app->settings.history);
	o->field->history_at = o->field->history.count;
	o->field->complete = complete;
	o->field->context = app;
}
