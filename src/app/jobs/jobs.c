// Jobs: see jobs.h.
#include "jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "client/link.h"
#include "model/job.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/canvas.h"
#include "ui/form.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/menu.h"

#include "app/know/app.h"
#include "app/know/journal.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "command_line.h"
#include "refused.h"

struct app_job {
	struct app *app;
	struct machine *machine;
	struct app_job *next; // the older ones
	int number;        // in menus
	unsigned request;  // of the machine's link; 0: answered
	char *what;        // "stopping web-1"
	char *line;        // the equivalent command line
	char *id;          // of the workload, NULL for a new one
	char *text;        // its present step
	char *item;        // id of its item of kind job, NULL = none
	double fraction;
	int64_t started;   // monotonic
	enum verb verb;
	enum verb undo;    // VERBS: cannot be undone
	struct params undo_params;
	char *change;      // the change, "CPUs 0.3 → 0.4", NULL = unknown
	uint64_t form;     // serial of its form, 0 = none
	struct params params;
};

static void job_free(struct app_job *job)
{
	free(job->what);
	free(job->line);
	free(job->id);
	free(job->text);
	free(job->change);
	free(job->item);
	params_done(&job->undo_params);
	params_done(&job->params);
	free(job);
}

static void job_forget(struct app *app, struct app_job *job)
{
	for (struct app_job **at = &app->jobs->first; *at; at = &(*at)->next)
		if (*at == job) {
			*at = job->next;
			break;
		}
	job_free(job);
}

// Its form, NULL if that was closed.
static struct overlay *form_of(const struct app_job *job)
{
	return job->form ? overlay_find(job->app, job->form) : NULL;
}

// Shows the progress in the form.
static void form_follow(const struct app_job *job)
{
	struct overlay *form = form_of(job);
	auto_free char *text = mem_printf("%s%s%s …", job->what, job->text && *job->text ? ": " : "",
	                                  job->text ? job->text : "");

	if (form)
		form_busy(form->form, text);
}

// Closes the form, or shows the engine's refusal at its field. Returns whether it shows one.
static bool form_end(const struct app_job *job, const struct err *e)
{
	struct overlay *form = form_of(job);

	if (form && e->code)
		form_fail(form->form, refused_param(&job->params, e->text), e->text);
	else if (form)
		overlay_close(job->app, form);
	return form && e->code;
}

static void job_on_progress(void *context, double fraction, const char *text, const char *item)
{
	struct app_job *job = context;

	job->fraction = fraction;
	free(job->text);
	job->text = mem_strdup(text);
	form_follow(job);
	free(job->item);
	job->item = mem_strdup(item);
	app_dirty(job->app);
}

// "; kept '/a' (…); kept '/b' (…)" of lines.
static char *notes_in_one_line(const char *notes)
{
	auto_strv lines = {0};
	auto_str text = {0};

	strv_split(&lines, notes ? notes : "", "\n");
	for (size_t i = 0; i < lines.count; i++)
		str_addf(&text, "; %s", lines.items[i]);
	return str_steal(&text);
}

// Why a job failed, with the remedy.
static char *job_failure(const struct app *app, const struct app_job *job, const struct err *e)
{
	const struct row *row = app_row(app, job->id);
	char key[KEY_NAME];

	if ((job->verb != VERB_STOP && job->verb != VERB_RESTART) || e->code != ETIMEDOUT || !row)
		return mem_printf("%s: %s", job->what, e->text);
	key_format(key, keymap_first(app->keymap, keymap_action(app->keymap, "stop")));
	return mem_printf("'%s' is still shutting down after %d s: force it off from the stop menu (%s)", row->w.name,
	                  (int)(verb_grace(row->w.kind) / SECOND), key);
}

static void job_on_reply(void *context, const struct err *e, const char *text)
{
	struct app_job *job = context;
	struct app *app = job->app;
	bool ok = e->code == 0;
	auto_free char *why = ok ? NULL : job_failure(app, job, e);
	size_t id_length = job->verb == VERB_CREATE ? strcspn(text, "\n") : 0; // notes follow
	auto_free char *notes = notes_in_one_line(ok ? text + id_length : "");
	auto_free char *outcome =
	    !ok           ? mem_printf("%s  (%s)", why, job->line)
	    : job->change ? mem_printf("%s%s  (%s)", job->change, notes, job->line)
	                  : mem_printf("%s: done%s  (%s)", job->what, notes, job->line);

	journal_add(&app->journal, clock_wall(), job->id, !ok, true, outcome);
	if (!form_end(job, e) && !ok)
		app_say(app, true, "%s", why);
	else if (app->message && app->message_bad && !app->message_event)
		; // refusals of the same action stay until the next key
	else if (ok && job->change)
		app_say(app, false, "%s%s", job->change, notes);
	else if (ok)
		app_say(app, false, "%s: done%s", job->what, notes);
	if (ok && id_length) { // its row may come before or after the reply
		auto_free char *id = mem_strndup(text, id_length);

		app_select_later(app, id);
	}
	if (ok && job->undo != VERBS) {
		strv_done(&app->jobs->undo.ids);
		params_done(&app->jobs->undo.params);
		app->jobs->undo.verb = job->undo;
		strv_add(&app->jobs->undo.ids, job->id);
		params_copy(&app->jobs->undo.params, &job->undo_params);
	}
	job_forget(app, job);
}

static struct app_job *job_add(struct app *app, char *what, char *line, const char *id)
{
	struct app_job *job = mem_new(sizeof(*job));

	*job = (struct app_job){.app = app,
	                        .next = app->jobs->first,
	                        .number = ++app->jobs->last,
	                        .undo = VERBS,
	                        .what = what,
	                        .line = line,
	                        .id = mem_strdup(id),
	                        .fraction = -1,
	                        .started = clock_mono()};
	app->jobs->first = job;
	app_dirty(app);
	return job;
}

void jobs_undo(struct app *app)
{
	struct undo undo = app->jobs->undo;

	if (!undo.ids.count) {
		app_say(app, false, "nothing to undo");
		return;
	}
	app->jobs->undo = (struct undo){0};
	jobs_act(app, undo.verb, &undo.ids, &undo.params);
	strv_done(&undo.ids);
	params_done(&undo.params);
}

// A limit for people. Owned by the caller.
static char *limit_shown(const struct verb_field *f, const char *value)
{
	char text[UNITS_TEXT];
	uint64_t bytes;

	if (!value)
		return NULL;
	if (f && f->flags & FIELD_LIMIT && strcmp(value, "0") == 0)
		return mem_strdup("no limit");
	if (f && f->type == VALUE_BYTES && units_parse_bytes(value, &bytes) >= 0)
		return mem_strdup(units_bytes(text, bytes));
	return mem_strdup(value);
}

// The change that VERB on ROW makes: "'web': CPUs 0.3 → 0.4". NULL: unknown. Owned by the caller.
static char *change_of(const struct app *app, const struct row *row, const struct params *params,
                       const struct params *before)
{
	const char *arrow = app->canvas.glyphs == GLYPHS_ASCII ? "->" : "→";
	auto_str text = {0};

	for (size_t i = 0; params && i < params->count; i++) {
		const char *name = params->items[i].name, *old = params_get(before, name);
		const struct verb_field *f = verb_field_find(VERB_SET, 1u << row->w.kind, name);
		auto_free char *was = limit_shown(f, old), *is = limit_shown(f, params->items[i].value);

		str_addf(&text, "%s%s ", i ? ", " : "", f ? f->label : name);
		if (was)
			str_addf(&text, "%s ", was);
		str_addf(&text, "%s %s", arrow, is);
	}
	return text.length ? mem_printf("'%s': %s", row->w.name, str_text(&text)) : NULL;
}

// The targets that do not allow VERB, and why: as many as fit on a line.
struct refused {
	size_t count;
	struct str text;
};

static void refused_add(struct refused *refused, const char *name, const char *why)
{
	enum { NAMED = 2 };

	if (refused->count++ < NAMED)
		str_addf(&refused->text, "%s'%s' %s", refused->text.length ? ", " : "", name, why);
}

static void refused_say(struct app *app, enum verb verb, const struct refused *refused, size_t all)
{
	if (!refused->count)
		return;
	auto_free char *more = refused->text.length && refused->count > 2 ? mem_printf(" and %zu more", refused->count - 2)
	                                                                 : mem_strdup("");
	auto_free char *text =
	    all == 1 ? mem_printf("%s: %s", verb_info(verb)->label, str_text(&refused->text))
	             : mem_printf("%s: skipped %zu of %zu: %s%s", verb_info(verb)->label, refused->count, all,
	                          str_text(&refused->text), more);

	app_say(app, true, "%s", text);
	if (all > 1)
		journal_add(&app->journal, clock_wall(), NULL, true, true, text);
}

static void act_on(struct app *app, enum verb verb, const struct row *row, const struct params *params,
                   const struct overlay *form)
{
	char *id = row->w.id;
	struct strv one = {&id, 1};
	struct app_job *job = job_add(app, mem_printf("%s '%s'", verb_info(verb)->doing, row->w.name),
	                              command_line_of_verb(app, verb, &one, params), row->w.id);

	job->machine = row->machine;
	job->verb = verb;
	job->undo = verb_undo(verb, &row->w, params, &job->undo_params);
	if (verb == VERB_SET)
		job->change = change_of(app, row, params, &job->undo_params);
	if (form) {
		job->form = form->serial;
		params_copy(&job->params, params);
		form_follow(job);
	}
	// if the link is down, the reply arrives before this returns, and the job no longer exists
	unsigned request = link_act(row->machine->link, row->w.id, verb, params, 0, job_on_reply, job_on_progress, job);
	if (request)
		job->request = request;
}

void jobs_act_from(struct app *app, enum verb verb, const struct strv *ids, const struct params *params,
                   struct overlay *form)
{
	struct refused refused = {0};

	for (size_t i = 0; i < ids->count; i++) {
		const struct row *row = app_row(app, ids->items[i]);
		const char *refusal = !row                             ? "no longer exists"
		                      : !verb_suits(verb, row->w.kind) ? "does not support this action"
		                                                       : verb_refusal(verb, &row->w);

		if (refusal)
			refused_add(&refused, row ? row->w.name : ids->items[i], refusal);
		else
			act_on(app, verb, row, params, form);
	}
	refused_say(app, verb, &refused, ids->count);
	str_done(&refused.text);
}

void jobs_act(struct app *app, enum verb verb, const struct strv *ids, const struct params *params)
{
	jobs_act_from(app, verb, ids, params, NULL);
}

void jobs_create(struct app *app, enum kind kind, const struct params *params, struct overlay *form)
{
	const char *name = params_or(params, PARAM_NAME, workload_kind_name(kind));
	struct app_job *job = job_add(app, mem_printf("%s '%s'", verb_info(VERB_CREATE)->doing, name),
	                              command_line_of_creation(app, kind, params), NULL);

	job->machine = app_machine(app);
	job->verb = VERB_CREATE;
	if (form) {
		job->form = form->serial;
		params_copy(&job->params, params);
		form_follow(job);
	}
	unsigned request = link_create(job->machine->link, kind, params, 0, job_on_reply, job_on_progress, job);
	if (request)
		job->request = request;
}

size_t jobs_running(const struct app *app)
{
	size_t count = 0;

	for (const struct app_job *job = app->jobs->first; job; job = job->next)
		count++;
	return count;
}

// " of 1m0s" for a graceful stop, which has a deadline.
static char *job_grace(const struct app_job *job)
{
	const struct row *row = job->verb != VERB_STOP ? NULL : app_row(job->app, job->id);
	char text[UNITS_TEXT];

	return row ? mem_printf(" of %s", units_age(text, verb_grace(row->w.kind))) : mem_strdup("");
}

static char *job_describe(const struct app_job *job)
{
	char age[UNITS_TEXT];
	auto_free char *grace = job_grace(job);
	auto_free char *share = job->fraction >= 0 ? mem_printf(" %.0f%%", job->fraction * 100) : mem_strdup("");

	return mem_printf("%s%s%s%s  %s%s", job->what, job->text && *job->text ? ": " : "", job->text ? job->text : "",
	                  share, units_age(age, (clock_mono() - job->started) / SECOND * SECOND), grace);
}

char *jobs_line(const struct app *app)
{
	const struct app_job *oldest = app->jobs->first;

	while (oldest && oldest->next)
		oldest = oldest->next;
	if (!oldest)
		return NULL;
	auto_free char *one = job_describe(oldest);
	size_t more = jobs_running(app) - 1;
	return more ? mem_printf("%s   and %zu more (9)", one, more) : mem_printf("%s   (9: cancel)", one);
}

// Values of the menu: requests by their number, jobs by this plus theirs.
enum { JOB_ITEMS = 1 << 30 };

static const struct row *job_row(const struct app *app, int number)
{
	auto_free char *name = mem_printf("%d", number);

	for (size_t i = 0; i < app->others.count; i++)
		if (app->others.items[i]->w.kind == KIND_JOB && str_equal(app->others.items[i]->w.name, name))
			return app->others.items[i];
	return NULL;
}

static void cancel_or_forget(struct app *app, const struct row *row)
{
	enum verb verb = row->w.state == STATE_RUNNING ? VERB_CANCEL : VERB_DELETE;
	char *id = row->w.id;

	if (app_read_only(app))
		app_say(app, true, "%s: %s", verb_info(verb)->label, app_read_only(app));
	else
		jobs_act(app, verb, &(struct strv){&id, 1}, NULL);
}

static bool picked_job(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);
	const struct row *row = accepted && picked > JOB_ITEMS ? job_row(app, picked - JOB_ITEMS) : NULL;

	if (row) {
		cancel_or_forget(app, row);
	} else if (accepted && picked > 0 && picked < JOB_ITEMS) {
		for (const struct app_job *job = app->jobs->first; job; job = job->next)
			if (job->number == picked)
				link_cancel(job->machine->link, job->request);
		app_say(app, false, "cancelling");
	}
	return true;
}

static void add_item(struct menu *menu, const struct row *row)
{
	const struct job_record *job = (const struct job_record *)row->other;
	auto_free char *share = job->progress > 0 && job->state == STATE_RUNNING ? mem_printf(" %.0f%%", job->progress)
	                                                                        : mem_strdup("");
	auto_free char *label = mem_printf("%s  %s: %s%s%s%s", job->name, job->what ? job->what : "?",
	                                   item_state_info(job->state)->name, share, job->phase ? ", " : "",
	                                   job->phase ? job->phase : "");

	menu_add(menu, K_NONE, label, job->command, NULL, JOB_ITEMS + atoi(job->name));
}

void jobs_menu(struct app *app)
{
	if (!app->jobs->first && !app->others.kinds[KIND_JOB]) {
		app_say(app, false, "no jobs");
		return;
	}
	struct menu *menu = menu_new("Jobs (Enter cancels a running job, removes an ended one)");
	for (const struct app_job *job = app->jobs->first; job; job = job->next) {
		auto_free char *label = job_describe(job);

		if (!app_row(app, job->item)) // else it is listed below
			menu_add(menu, K_NONE, label, job->line, NULL, job->number);
	}
	for (size_t i = 0; i < app->others.count; i++)
		if (app->others.items[i]->w.kind == KIND_JOB)
			add_item(menu, app->others.items[i]);
	overlay_menu(app, menu, picked_job);
}

void jobs_done(struct app *app)
{
	while (app->jobs->first)
		job_forget(app, app->jobs->first);
	strv_done(&app->jobs->undo.ids);
	params_done(&app->jobs->undo.params);
}
