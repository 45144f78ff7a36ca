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
#include "model/kind.h"
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
#include "intent.h"

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
	strv_add(out, THEME_AUTO);
	theme_list(out, &dirs);
}

static void offer_kinds(struct app *app, struct strv *out)
{
	(void)app;
	for (int kind = 0; kind < WORKLOAD_KINDS; kind++)
		strv_add(out, workload_kind_name((enum kind)kind));
}

// Row R of workloads, then of other items; NULL past the last.
static const struct row *nth_row(const struct app *app, size_t r)
{
	size_t workloads = app->rows.count;

	return r < workloads                       ? app->rows.items[r]
	       : r - workloads < app->others.count ? app->others.items[r - workloads]
	                                           : NULL;
}

// The id of the item of KINDS (a bit each) with WORD as its name or id.
static const char *id_of(const struct app *app, const char *word, unsigned kinds, struct err *e)
{
	const char *found = NULL;
	const struct row *row;

	for (size_t r = 0; (row = nth_row(app, r)); r++) {
		const struct workload *w = &row->w;

		if (!(kinds >> w->kind & 1) || (!str_equal(w->name, word) && !str_equal(w->id, word)))
			continue;
		if (found) {
			err_msg(e, ENOTUNIQ, "several items are named '%s' (use an id, for example %s)", word, w->id);
			return NULL;
		}
		found = w->id;
	}
	return found;
}

// The same for a name that items of several kinds may have: an item of the current view comes first, then a workload.
static const char *find_target(const struct app *app, const char *word, unsigned kinds, struct err *e)
{
	int kind = view_kind(app->list->view);
	unsigned here = kind < 0 ? KIND_BIT_ANY : 1u << kind, turns[] = {here, KIND_BIT_ANY, KIND_BITS_ALL};
	const char *found = NULL;

	*e = (struct err){0};
	for (size_t i = 0; i < ARRAY_SIZE(turns) && !found && !e->code; i++)
		found = id_of(app, word, kinds & turns[i], e);
	if (!found && !e->code)
		err_msg(e, ENOENT, "no %s '%s'",
		        here & ~KIND_BIT_ANY & kinds ? kind_name((enum kind)kind) : "guest or container", word);
	return found;
}

// The ids of WORDS, the targets of the following action. Without words: the marked ones, else the selected one.
static int name_targets(struct app *app, const struct strv *words, unsigned kinds, struct err *e)
{
	strv_done(&app->named);
	for (size_t i = 0; i < words->count; i++) {
		const char *id = find_target(app, words->items[i], kinds, e);

		if (!id)
			return -e->code;
		strv_add(&app->named, id);
	}
	app->named_set = app->named.count > 0;
	return 0;
}

static void forget_targets(struct app *app)
{
	app->named_set = false;
	strv_done(&app->named);
}

// Runs action INDEX on the items named by WORDS.
static int run_action_on(struct app *app, int index, const struct strv *words, struct err *e)
{
	int r = name_targets(app, words, action_kinds(&actions[index]), e);

	// the action checks the selected row
	if (r == 0 && app->named.count == 1)
		table_select(&app->list->table, app->named.items[0]), app_selection_changed(app);
	if (r == 0)
		action_run(app, index);
	forget_targets(app);
	return r;
}

// ":describe web", ":quit".
static int run_action(struct app *app, int action, const char *rest, struct err *e)
{
	auto_strv words = {0};

	strv_split(&words, rest, " ");
	if (actions[action].flags & ACTION_ROW)
		return run_action_on(app, action, &words, e);
	if (words.count)
		return err_msg(e, EINVAL, ":%s takes no operand", actions[action].name);
	action_run(app, action);
	return 0;
}

// A parsed line with a verb.
struct said {
	enum verb verb;
	struct strv names;
	struct params params;
};

static void said_done(struct said *said)
{
	strv_done(&said->names);
	params_done(&said->params);
}

// Adds WORD=VALUE to SAID. NEXT is the value if WORD has none. Returns how many of the two were used.
static int say_field(struct said *said, const char *word, const char *next, struct err *e)
{
	static const struct {
		const char *brief, *name;
	} briefs[] = {{"mem", PARAM_MEMORY}, {"cpu", PARAM_CPUS}};
	size_t n = strcspn(word, "=");
	auto_free char *name = mem_strndup(word, n);

	for (size_t b = 0; b < ARRAY_SIZE(briefs); b++)
		if (strcmp(name, briefs[b].brief) == 0)
			free(steal(name)), name = mem_strdup(briefs[b].name);
	const struct verb_field *f = verb_field_find(said->verb, KIND_BIT_ANY, name);
	if (!f || f->flags & (FIELD_OPERAND | FIELD_HIDDEN | FIELD_REFUSED | FIELD_LOCAL))
		return err_msg(e, EINVAL, ":%s takes no '%s'", verb_info(said->verb)->name, name);
	bool takes = verb_field_value(said->verb, f), has = word[n] == '=';
	if (takes && !has && !next)
		return err_msg(e, EINVAL, "'%s' needs a value", name);
	params_add(&said->params, f->name, !takes ? "yes" : has ? word + n + 1 : next);
	return takes && !has ? 2 : 1;
}

// The field for VERB's last operand: a new name, a size; NULL: none.
static const struct verb_field *last_operand(enum verb verb)
{
	const struct verb_field *f;
	size_t i = 0;

	while ((f = verb_field(verb, verb_info(verb)->kinds, i++)) && !(f->flags & FIELD_OPERAND))
		;
	return f;
}

static unsigned kinds_of(enum verb verb)
{
	unsigned kinds = 0;

	for (enum kind kind = 0; kind < KINDS; kind++)
		kinds |= (unsigned)verb_suits(verb, kind) << kind;
	return kinds;
}

// Parses WORDS: options as on the command line, names of items; fields may be given without dashes, and an operand of
// the verb is the last word.
static int said_read(struct said *said, const struct strv *words, struct err *e)
{
	bool bare = verb_info(said->verb)->recipe_flags;
	const struct verb_field *last = last_operand(said->verb);

	for (size_t i = 0; i < words->count;) {
		const char *word = words->items[i], *next = i + 1 < words->count ? words->items[i + 1] : NULL;
		bool dashes = str_starts(word, "--");
		int used = 1;

		if (dashes || bare)
			used = say_field(said, word + (dashes ? 2 : 0), next, e);
		else if (last && !next)
			params_add(&said->params, last->name, word);
		else
			strv_add(&said->names, word);
		if (used < 0)
			return used;
		i += (size_t)used;
	}
	return 0;
}

// Checks what the table can tell; the engine checks the rest.
static int said_check(const struct app *app, const struct said *said, const struct strv *ids, struct err *e)
{
	int r = ids->count ? 0 : err_msg(e, ENOENT, "%s", app_none_selected(app));

	if (r == 0 && last_operand(said->verb) && verb_info(said->verb)->most == (int)ids->count)
		r = err_msg(e, EINVAL, "only one workload can be renamed at a time");
	for (size_t i = 0; r == 0 && i < ids->count; i++) {
		const struct row *row = app_row(app, ids->items[i]);

		r = row ? verb_check_params(said->verb, row->w.kind, &said->params, e) : 0;
	}
	return r;
}

static int said_do(struct app *app, const struct said *said, struct err *e)
{
	auto_strv ids = {0};
	bool refused = verb_info(said->verb)->flags & WRITES && app_read_only(app);
	int r = refused ? err_msg(e, EPERM, "%s", app_read_only(app))
	                : name_targets(app, &said->names, kinds_of(said->verb), e);

	if (r == 0)
		app_targets(app, &ids);
	if (r == 0)
		r = said_check(app, said, &ids, e);
	if (r == 0) {
		struct intent *intent = intent_new(app, said->verb);

		params_copy(&intent->params, &said->params);
		intent_ask(app, intent, NULL);
	}
	forget_targets(app);
	return r;
}

// ":stop web --timeout 5s", ":set mem 2G cpus 2", ":rename NEW". With nothing but names, the action asks for the rest.
static int run_verb(struct app *app, enum verb verb, const char *rest, struct err *e)
{
	struct said said = {.verb = verb};
	auto_strv words = {0};
	int action = action_of_verb(verb);

	strv_split(&words, rest, " ");
	int r = said_read(&said, &words, e);
	if (r == 0 && !said.params.count && action >= 0 && actions[action].run)
		r = run_action_on(app, action, &said.names, e);
	else if (r == 0)
		r = said_do(app, &said, e);
	said_done(&said);
	return r;
}

static int run_new(struct app *app, const char *rest, struct err *e)
{
	int kind = workload_kind_find(rest);
	if (kind < 0)
		return err_msg(e, EINVAL, ":new needs a kind (%s)", workload_kinds);
	create_open(app, (enum kind)kind, NULL);
	return 0;
}

static int run_sort(struct app *app, const char *rest, struct err *e)
{
	int column = column_to_sort_by(rest, e);

	if (column < 0)
		return column;
	list_sort(app->list, (size_t)column);
	return 0;
}

static int run_filter(struct app *app, const char *rest, struct err *e)
{
	return list_filter(app->list, rest, e);
}

static int run_theme(struct app *app, const char *rest, struct err *e)
{
	return app_theme(app, rest, e);
}

static int run_interval(struct app *app, const char *rest, struct err *e)
{
	int64_t ns;

	if (units_parse_duration(rest, &ns) < 0 || ns < SECOND / 5 || ns > 60 * SECOND)
		return err_msg(e, EINVAL, "invalid interval (a time from 200ms to 60s)");
	app_set_interval(app, ns);
	return 0;
}

static int run_save(struct app *app, const char *rest, struct err *e)
{
	if (!*rest)
		return err_msg(e, EINVAL, ":w FILE");
	int r = pane_save(app, rest, e);
	if (r == 0)
		app_say(app, false, "written to '%s'", rest);
	return r;
}

// Shows the dashboard's own usage.
static int run_self(struct app *app, const char *rest, struct err *e)
{
	struct term_stats stats = term_stats(app->term);
	char rss[UNITS_TEXT], bytes[UNITS_TEXT], trip[UNITS_TEXT];

	(void)rest, (void)e;
	int64_t answer = link_round_trip(app_machine(app)->link);
	auto_free char *away =
	    answer < 0 ? mem_strdup("")
	               : mem_printf(", agent answers in %s", units_short_time(trip, (double)answer / MS));
	app_say(app, false, "self: %.1f%% of a core, %s resident, %s to the terminal in %llu frames, the last %zu bytes%s",
	        app->own.cpu, units_bytes(rss, app->own.rss), units_bytes(bytes, stats.bytes),
	        (unsigned long long)stats.frames, stats.last, away);
	return 0;
}

const struct command commands[] = {
	{.name = "filter", .operands = "[TEXT]", .help = "filter the list", .run = run_filter},
	{.name = "interval", .operands = "TIME", .help = "set the time between measurements", .run = run_interval},
	{.name = "new", .operands = "container|guest", .help = "create a guest or container", .offer = offer_kinds,
	 .run = run_new, .writes = true},
	{.name = "self", .operands = "", .help = "show hostel's own usage", .run = run_self},
	{.name = "sort", .operands = "COLUMN", .help = "sort by this column; again: reverse order", .offer = offer_columns,
	 .run = run_sort},
	{.name = "theme", .operands = "NAME", .help = "change the theme", .offer = offer_themes, .run = run_theme},
	{.name = "w", .operands = "FILE", .help = "write the pane's text to a new file", .run = run_save},
};
const size_t command_count = ARRAY_SIZE(commands);

static const struct command *own_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

// The action with NAME, or -1.
static int own_action(const char *name)
{
	for (size_t i = 0; i < action_count; i++)
		if (actions[i].flags & ACTION_COMMAND && strcmp(actions[i].name, name) == 0)
			return (int)i;
	return -1;
}

// Runs a verb or an action, unless a command or an action of the screen has its name.
static bool is_command(enum verb verb)
{
	const char *name = verb_info(verb)->name;

	return (verb_info(verb)->flags & ACTS || action_of_verb(verb) >= 0) && !own_command(name) && own_action(name) < 0;
}

void command_names(struct strv *out)
{
	for (size_t i = 0; i < command_count; i++)
		strv_add(out, commands[i].name);
	for (size_t i = 0; i < action_count; i++)
		if (actions[i].flags & ACTION_COMMAND)
			strv_add(out, actions[i].name);
	for (enum verb v = 0; v < VERBS; v++)
		if (is_command(v))
			strv_add(out, verb_info(v)->name);
}

// The command for the first N bytes of NAME: the exact name, or the only one with that prefix. NULL: none. Owned by
// the caller.
static char *command_find(const char *name, size_t n)
{
	auto_strv names = {0};
	const char *found = NULL;
	size_t count = 0;

	command_names(&names);
	for (size_t i = 0; i < names.count; i++) {
		if (strncmp(names.items[i], name, n) != 0)
			continue;
		if (!names.items[i][n])
			return mem_strdup(names.items[i]);
		found = names.items[i];
		count++; // "q" means "quit", "s" is ambiguous
	}
	return count == 1 ? mem_strdup(found) : NULL;
}

// Completions for option F and its values.
static void offer_field(enum verb verb, const struct verb_field *f, const char *dashes, struct strv *out)
{
	auto_strv choices = {0};

	strv_addf(out, "%s%s%s", dashes, f->name, verb_field_value(verb, f) ? "=" : "");
	strv_split(&choices, f->choices ? f->choices : "", " ");
	for (size_t i = 0; i < choices.count; i++)
		strv_addf(out, "%s%s=%s", dashes, f->name, choices.items[i]);
}

static void offer_fields(enum verb verb, struct strv *out)
{
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(verb, verb_info(verb)->kinds, i)); i++)
		if (!(f->flags & (FIELD_OPERAND | FIELD_HIDDEN | FIELD_REFUSED | FIELD_LOCAL)))
			offer_field(verb, f, verb_info(verb)->recipe_flags ? "" : "--", out);
}

// Completions for the targets of VERB and for its last operand.
static void offer_items(enum verb verb, struct app *app, struct strv *out)
{
	const struct verb_field *last = last_operand(verb);
	const struct row *row;

	for (size_t r = 0; (row = nth_row(app, r)); r++)
		if (verb_suits(verb, row->w.kind) && name_is_valid(NAME_OF_ANY, row->w.name))
			strv_add(out, row->w.name);
	if (last && last->choices)
		strv_split(out, last->choices, " ");
}

// Completions after the command NAME.
static void offer_operands(struct app *app, const char *name, struct strv *out)
{
	const struct command *c = own_command(name);
	int verb = verb_find(name), action = own_action(name);

	if (c && c->offer)
		c->offer(app, out);
	if (action >= 0 && actions[action].flags & ACTION_ROW)
		offer_names(app, out);
	if (c || action >= 0 || verb < 0)
		return;
	if (!verb_info((enum verb)verb)->recipe_flags)
		offer_items((enum verb)verb, app, out);
	if (verb_info((enum verb)verb)->flags & ACTS)
		offer_fields((enum verb)verb, out);
}

static bool takes_operands(const char *name)
{
	const struct command *c = own_command(name);
	int action = own_action(name);

	return c ? *c->operands : action < 0 || actions[action].flags & ACTION_ROW;
}

static void command_complete(void *context, const char *text, size_t cursor, size_t *from, struct strv *out)
{
	struct app *app = context;
	auto_strv words = {0}, names = {0};
	size_t name = strcspn(text, " ");

	*from = cursor;
	while (*from > 0 && text[*from - 1] != ' ')
		--*from;
	if (cursor <= name) {
		command_names(&names);
		for (size_t i = 0; i < names.count; i++)
			strv_addf(&words, "%s%s", names.items[i], takes_operands(names.items[i]) ? " " : "");
	} else {
		auto_free char *found = command_find(text, name);

		if (found)
			offer_operands(app, found, &words);
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

static void say_unknown(struct app *app, const char *word)
{
	auto_strv names = {0};

	command_names(&names);
	const char *near = opts_nearest(word, (const char *const *)names.items, names.count, sizeof(*names.items));
	app_say(app, true, near ? "unknown command :%s (did you mean :%s?)" : "unknown command :%s (Tab lists commands)",
	        word, near);
}

static int run_found(struct app *app, const char *name, const char *rest, struct err *e)
{
	const struct command *c = own_command(name);
	int action = own_action(name);

	if (c && c->writes && app_read_only(app))
		return err_msg(e, EPERM, "%s", app_read_only(app));
	if (c)
		return c->run(app, rest, e);
	return action >= 0 ? run_action(app, action, rest, e) : run_verb(app, (enum verb)verb_find(name), rest, e);
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
	auto_free char *word = mem_strndup(line, n), *name = command_find(line, n);
	auto_free char *rest = mem_strdup(line + n + strspn(line + n, " "));
	for (size_t end = strlen(rest); end > 0 && rest[end - 1] == ' ';)
		rest[--end] = '\0';
	if (!name) {
		say_unknown(app, word);
		return;
	}
	if (run_found(app, name, rest, &e) < 0)
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
	overlay_pop(app); // the command may open another overlay
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
