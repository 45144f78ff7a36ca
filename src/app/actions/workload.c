// What is done to workloads: the questions before it, and the requests. Must not know how a request travels (jobs.c).
#include "workload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/name.h"
#include "model/recipe.h"
#include "model/stream.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/dialog.h"
#include "ui/field.h"
#include "ui/form.h"
#include "ui/key.h"
#include "ui/menu.h"

#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "create.h"
#include "foreground.h"

// What an action is about, while it is being asked: the selection may be another one by then.
struct intent {
	enum verb verb;
	struct strv ids;
	struct params params;
};

static void intent_free(void *context)
{
	struct intent *intent = context;

	strv_done(&intent->ids);
	params_done(&intent->params);
	free(intent);
}

static struct intent *intent_new(const struct app *app, enum verb verb)
{
	struct intent *intent = mem_new(sizeof(*intent));

	intent->verb = verb;
	app_targets(app, &intent->ids);
	return intent;
}

// Takes the intent out of a menu and the menu away: another question may come in its place.
static struct intent *intent_take(struct app *app, struct overlay *o)
{
	struct intent *intent = o->context;

	o->context = NULL;
	o->free_context = NULL;
	overlay_pop(app);
	return intent;
}

static bool answered(struct app *app, struct overlay *o, bool accepted)
{
	struct intent *intent = o->context;

	if (accepted)
		jobs_act(app, intent->verb, &intent->ids, &intent->params);
	return true;
}

// "'web-1'" or "5 workloads".
static char *targets_name(const struct app *app, const struct strv *ids)
{
	const struct row *row = ids->count == 1 ? rows_find(&app->rows, ids->items[0]) : NULL;

	return row ? mem_printf("'%s'", row->w.name) : mem_printf("%zu workloads", ids->count);
}

static void add_names(const struct app *app, const struct strv *ids, struct str *out)
{
	enum { MOST = 8 };

	for (size_t i = 0; i < ids->count && i < MOST; i++) {
		const struct row *row = rows_find(&app->rows, ids->items[i]);

		str_addf(out, "%s%s", i ? ", " : "", row ? row->w.name : ids->items[i]);
	}
	if (ids->count > MOST)
		str_addf(out, " and %zu more", ids->count - MOST);
	str_add(out, ".\n");
}

static bool any(const struct app *app, const struct strv *ids, bool (*is)(const struct row *row))
{
	for (size_t i = 0; i < ids->count; i++) {
		const struct row *row = rows_find(&app->rows, ids->items[i]);

		if (row && is(row))
			return true;
	}
	return false;
}

static bool is_guest(const struct row *row)
{
	return row->w.kind == KIND_GUEST;
}

static bool is_container(const struct row *row)
{
	return row->w.kind == KIND_CONTAINER;
}

static void confirm(struct app *app, struct intent *intent, const char *title, const char *body, bool typed)
{
	const struct row *row = intent->ids.count == 1 ? rows_find(&app->rows, intent->ids.items[0]) : NULL;
	auto_free char *word = row ? mem_strdup(row->w.name) : mem_printf("%zu", intent->ids.count);
	struct overlay *o = overlay_dialog(app, typed ? dialog_typed(title, body, word) : dialog_confirm(title, body), answered);

	o->context = intent;
	o->free_context = intent_free;
}

static void confirm_restart(struct app *app, struct intent *intent)
{
	auto_free char *name = targets_name(app, &intent->ids), *title = mem_printf("Restart %s?", name);
	auto_str body = {0};

	if (intent->ids.count > 1)
		add_names(app, &intent->ids, &body);
	str_add(&body, "Stop gracefully (containers are killed after 10 s), then start.");
	confirm(app, intent, title, str_text(&body), false);
}

static void confirm_kill(struct app *app, struct intent *intent)
{
	auto_free char *name = targets_name(app, &intent->ids), *title = mem_printf("Force stop %s?", name);
	auto_str body = {0};

	if (intent->ids.count > 1)
		add_names(app, &intent->ids, &body);
	str_add(&body, any(app, &intent->ids, is_guest) ? "A guest is powered off, as if unplugged: unsaved data is lost."
							: "Its processes get SIGKILL: unsaved data is lost.");
	confirm(app, intent, title, str_text(&body), false);
}

// The lines of DETAILS that begin with LABEL, each behind SIGN. Returns whether there was any.
static bool add_lines(struct str *body, const char *details, const char *label, const char *sign)
{
	auto_strv lines = {0};
	bool found = false;

	strv_split(&lines, details, "\n");
	for (size_t i = 0; i < lines.count; i++)
		if (str_starts(lines.items[i], label)) {
			str_addf(body, "\n%s%s", sign, lines.items[i] + strlen(label));
			found = true;
		}
	return found;
}

// What DETAILS of guests say of their files. Returns whether the disks are named, which is so only when STORAGE.
static bool add_files(struct str *body, const char *details, bool storage)
{
	bool named = storage && add_lines(body, details, "Own storage: ", "- ");

	add_lines(body, details, "Own state: ", "- ");
	if (storage)
		named |= add_lines(body, details, "Other storage: ", "but not ");
	add_lines(body, details, "Other state: ", "but not ");
	return named;
}

// DETAILS of the guests among them, NULL when they are not known.
static void confirm_delete(struct app *app, struct intent *intent, const char *details)
{
	auto_free char *name = targets_name(app, &intent->ids), *title = mem_printf("Delete %s?", name);
	bool storage = params_get(&intent->params, "storage"), many = intent->ids.count > 1;
	auto_str body = {0};

	if (many)
		add_names(app, &intent->ids, &body);
	str_add(&body, "This permanently deletes:");
	if (any(app, &intent->ids, is_container))
		str_add(&body, "\n- the container's own files (all it wrote outside volumes) and its log");
	if (any(app, &intent->ids, is_guest))
		str_add(&body, details ? "\n- the guest's definition and the records of its snapshots"
		                       : "\n- the guest's definition, saved state, firmware variables and the records of its snapshots");
	bool named = details && add_files(&body, details, storage);
	if (storage && !named)
		str_add(&body, "\n- the guest's disks, unless something else may use them");
	else if (!storage && any(app, &intent->ids, is_guest))
		str_add(&body, "\nIts disks are kept.");
	if (named && many) // each was judged while the others are there
		str_add(&body, "\nFiles shared only by these guests go with the last of them.");
	if (jobs_any_runs(app, &intent->ids))
		str_add(&body, many ? "\nThose that are running will be killed first." : "\nIt is running and will be killed first.");
	confirm(app, intent, title, str_text(&body), storage || many);
}

void act_verb(struct app *app, int verb)
{
	struct intent *intent = intent_new(app, (enum verb)verb);

	if (verb == VERB_RESTART) {
		confirm_restart(app, intent);
		return;
	}
	jobs_act(app, intent->verb, &intent->ids, &intent->params);
	intent_free(intent);
}

void act_pause(struct app *app, int value)
{
	const struct row *row = app_selected(app);

	(void)value;
	act_verb(app, row && row->w.state == STATE_PAUSED ? VERB_RESUME : VERB_PAUSE);
}

// The entries of the stop menu: how, and what that is called on the command line.
static const struct way {
	uint32_t key;
	const char *label;
	enum verb verb;
	const char *signal; // of VERB_KILL, NULL = by force
	bool container_only;
} ways[] = {
	{'g', "Stop gracefully (containers are killed after 10 s)", VERB_STOP, NULL, false},
	{'f', "Force stop", VERB_KILL, NULL, false},
	{'r', "Restart", VERB_RESTART, NULL, false},
	// no letter that means "back" or "down" elsewhere: a slip must not send a signal
	{K_NONE, "Signal HUP (often: reload the configuration)", VERB_KILL, "HUP", true},
	{K_NONE, "Signal INT", VERB_KILL, "INT", true},
	{K_NONE, "Signal QUIT", VERB_KILL, "QUIT", true},
	{K_NONE, "Signal TERM", VERB_KILL, "TERM", true},
	{'1', "Signal USR1", VERB_KILL, "USR1", true},
	{'2', "Signal USR2", VERB_KILL, "USR2", true},
};

static bool picked_way(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	struct intent *intent = intent_take(app, o);
	const struct way *way = &ways[picked];
	intent->verb = way->verb;
	if (way->signal)
		params_add(&intent->params, "signal", way->signal);
	if (way->verb == VERB_RESTART) {
		confirm_restart(app, intent);
	} else if (way->verb == VERB_KILL && !way->signal) {
		confirm_kill(app, intent);
	} else {
		jobs_act(app, intent->verb, &intent->ids, &intent->params);
		intent_free(intent);
	}
	return false;
}

void act_stop_menu(struct app *app, int value)
{
	struct intent *intent = intent_new(app, VERB_STOP);
	auto_free char *name = targets_name(app, &intent->ids), *title = mem_printf("Stop %s", name);
	struct menu *menu = menu_new(title);
	bool guests = any(app, &intent->ids, is_guest);

	(void)value;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		auto_params params = {0};

		if (ways[i].container_only && guests)
			continue;
		if (ways[i].signal)
			params_add(&params, "signal", ways[i].signal);
		auto_free char *line = jobs_command_line(app, ways[i].verb, &params);
		menu_add(menu, ways[i].key, ways[i].label, line, NULL, (int)i);
	}
	struct overlay *o = overlay_menu(app, menu, picked_way);
	o->context = intent;
	o->free_context = intent_free;
}

enum { DELETE_KEEP, DELETE_STORAGE };

// Asked when it is known which files go, or that this cannot be known.
struct delete_question {
	struct app *app;
	struct intent *intent;
	size_t next; // of the workloads, whose details are read one after the other
	struct str details;
	bool unknown;
};

static void read_next(struct delete_question *q);

static void on_details(void *context, const struct err *e, const char *text)
{
	struct delete_question *q = context;

	if (e->code == ECANCELED) { // the link closes
		intent_free(q->intent);
		str_done(&q->details);
		free(q);
		return;
	}
	q->unknown |= e->code != 0;
	if (!e->code)
		str_addf(&q->details, "%s\n", text);
	read_next(q);
}

static void read_next(struct delete_question *q)
{
	while (q->next < q->intent->ids.count) {
		const struct row *row = rows_find(&q->app->rows, q->intent->ids.items[q->next++]);

		if (row && is_guest(row)) {
			link_read(q->app->link, row->w.id, DOCUMENT_DETAILS, on_details, q);
			return;
		}
	}
	confirm_delete(q->app, q->intent, q->unknown ? NULL : str_text(&q->details));
	app_dirty(q->app);
	str_done(&q->details);
	free(q);
}

static void ask_delete(struct app *app, struct intent *intent, bool storage)
{
	struct delete_question *q = mem_new(sizeof(*q));

	if (storage)
		params_add(&intent->params, "storage", "yes");
	if (jobs_any_runs(app, &intent->ids))
		params_add(&intent->params, "force", "yes");
	*q = (struct delete_question){.app = app, .intent = intent};
	read_next(q);
}

static bool picked_delete(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	struct intent *intent = intent_take(app, o);
	ask_delete(app, intent, picked == DELETE_STORAGE);
	return false;
}

void act_delete_menu(struct app *app, int value)
{
	struct intent *intent = intent_new(app, VERB_DELETE);

	(void)value;
	if (!any(app, &intent->ids, is_guest)) {
		ask_delete(app, intent, false);
		return;
	}
	auto_free char *name = targets_name(app, &intent->ids), *title = mem_printf("Delete %s", name);
	struct menu *menu = menu_new(title);
	auto_params keep = {0}, storage = {0};
	if (jobs_any_runs(app, &intent->ids))
		params_add(&keep, "force", "yes");
	params_add(&storage, "storage", "yes");
	params_copy(&storage, &keep);
	auto_free char *keep_line = jobs_command_line(app, VERB_DELETE, &keep), *storage_line = jobs_command_line(app, VERB_DELETE, &storage);
	menu_add(menu, 'k', "Delete, keep the disks …", keep_line, NULL, DELETE_KEEP);
	menu_add(menu, 'd', "Delete with the disks …", storage_line, NULL, DELETE_STORAGE);
	struct overlay *o = overlay_menu(app, menu, picked_delete);
	o->context = intent;
	o->free_context = intent_free;
}

static bool renamed(struct app *app, struct overlay *o, bool accepted)
{
	struct intent *intent = o->context;

	if (!accepted || !*field_text(o->field))
		return true;
	struct err e;

	if (name_check(NAME_OF_ANY, field_text(o->field), &e) < 0) {
		app_say(app, true, "%s", e.text);
		return false;
	}
	params_add(&intent->params, "to", field_text(o->field));
	jobs_act(app, intent->verb, &intent->ids, &intent->params);
	return true;
}

void act_rename(struct app *app, int value)
{
	const struct row *row = app_selected(app);
	struct intent *intent = mem_new(sizeof(*intent));

	(void)value;
	intent->verb = VERB_RENAME;
	strv_add(&intent->ids, row->w.id); // one at a time: two cannot have one name
	struct overlay *o = overlay_prompt(app, "New name", row->w.name, renamed);
	o->context = intent;
	o->free_context = intent_free;
}

static bool limits_answered(struct app *app, struct overlay *o, bool accepted)
{
	struct intent *intent = o->context;

	if (!accepted)
		return true;
	form_values(o->form, &intent->params);
	if (intent->params.count)
		jobs_act(app, intent->verb, &intent->ids, &intent->params);
	return true;
}

static int limit_valid(void *context, const struct form *form, const char *name, const char *value, struct err *e)
{
	(void)context, (void)form;
	for (int kind = 0; kind < KINDS; kind++)
		for (const struct recipe_field *f = recipe_fields((enum workload_kind)kind); f->name; f++)
			if (f->flags & RECIPE_LIVE && strcmp(f->name, name) == 0 && *value)
				return recipe_check_value(f, value, e);
	return 0;
}

void act_limits(struct app *app, int value)
{
	static struct form_row rows[16]; // must outlive the form; made anew for each
	const struct row *row = app_selected(app);
	struct intent *intent = intent_new(app, VERB_SET);
	size_t count = 0;

	(void)value;
	for (const struct recipe_field *f = recipe_fields(row->w.kind); f->name && count < ARRAY_SIZE(rows); f++)
		if (f->flags & RECIPE_LIVE)
			rows[count++] = (struct form_row){.name = f->name, .label = f->label, .help = f->help, .initial = ""};
	auto_free char *name = targets_name(app, &intent->ids), *title = mem_printf("Limits of %s (leave empty to keep%s)", name, row->w.kind == KIND_CONTAINER ? "; 0 lifts a limit" : "");
	struct overlay *o = overlay_form(app, form_new(title, "Change", rows, count, limit_valid, NULL), limits_answered);
	o->context = intent;
	o->free_context = intent_free;
}

void act_cpus(struct app *app, int step)
{
	const struct row *row = app_selected(app);
	auto_params params = {0};
	auto_strv ids = {0};
	double wanted = jobs_cpus_step(app, row, step);

	if (wanted == row->w.cpus) {
		app_say(app, false, "'%s' has %g CPUs: %s", row->w.name, wanted, step < 0 ? "that is the minimum" : "the host has no more");
		return;
	}
	auto_free char *text = mem_printf("%g", wanted);
	params_add(&params, "cpus", text);
	strv_add(&ids, row->w.id);
	jobs_act(app, VERB_SET, &ids, &params);
}

void act_undo(struct app *app, int value)
{
	(void)value;
	jobs_undo(app);
}

static bool picked_kind(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	overlay_pop(app);
	create_open(app, (enum workload_kind)picked);
	return false;
}

// Why nothing of KIND can be created; NULL = it can.
static const char *no_engine(const struct app *app, enum workload_kind kind)
{
	const struct link_engine *engine;
	const char *trouble = "no engine for it here";

	for (size_t i = 0; (engine = link_engine(app->link, i)); i++) {
		if (engine->kind != kind && !str_equal(engine->name, "fake"))
			continue;
		if (!engine->trouble)
			return NULL;
		trouble = engine->trouble;
	}
	return trouble;
}

void act_create_menu(struct app *app, int value)
{
	struct menu *menu = menu_new("Create");

	(void)value;
	menu_add(menu, 'c', "A container", "from this host's files, a directory or an OCI image", no_engine(app, KIND_CONTAINER), KIND_CONTAINER);
	menu_add(menu, 'g', "A guest", "from a disk image, an ISO or a kernel", no_engine(app, KIND_GUEST), KIND_GUEST);
	overlay_menu(app, menu, picked_kind);
}

static const struct {
	enum stream stream;
	const char *what, *hint;
} streams[] = {
	{STREAM_EXEC, "shell in", "'exit' or Ctrl-D leaves"},
	{STREAM_ATTACH, "attached to", NULL},
	{STREAM_CONSOLE, "console of", NULL},
};

// With HINT a first line says how to leave; attach and console say it themselves.
static void stream(struct app *app, enum stream which, const struct params *params, const char *what, const char *hint, bool waits)
{
	const struct row *row = app_selected(app);
	auto_free char *title = mem_printf("%s '%s'", what, row->w.name), *banner = hint ? mem_printf("[hostel: %s %s; %s]", what, row->w.name, hint) : NULL;
	auto_strv argv = {0};

	link_stream_argv(app->link, row->w.id, which, params, &argv);
	run_on_terminal(app, &argv, title, banner, waits);
}

void act_stream(struct app *app, int which)
{
	auto_params params = {0};

	if (which == STREAM_EXEC) {
		const char *const command[] = {"sh", "-c", jobs_shell};

		params_add(&params, "tty", "yes");
		for (size_t i = 0; i < ARRAY_SIZE(command); i++)
			params_add(&params, "command", command[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		if ((int)streams[i].stream == which)
			stream(app, streams[i].stream, &params, streams[i].what, streams[i].hint, false);
}

static bool exec_answered(struct app *app, struct overlay *o, bool accepted)
{
	auto_params params = {0};
	auto_free char *line = mem_strdup(field_text(o->field));

	if (!accepted || !*line)
		return true;
	overlay_pop(app);
	const struct row *row = app_selected(app);
	if (row && row->w.kind == KIND_CONTAINER) // a guest's agent gives no terminal
		params_add(&params, "tty", "yes");
	params_add(&params, "command", "/bin/sh");
	params_add(&params, "command", "-c");
	params_add(&params, "command", line);
	if (row)
		stream(app, STREAM_EXEC, &params, "command in", NULL, true);
	return false;
}

void act_exec(struct app *app, int value)
{
	(void)value;
	overlay_prompt(app, "Run inside", "", exec_answered);
}
