// The sources of the tabs with texts: see reading.h.
#include "reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/param.h"
#include "model/stream.h"
#include "ui/pager.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "follow.h"
#include "pane.h"
#include "text.h"

static const char log_tail[] = "2000";

const struct log_reach log_reaches[] = {
	{.label = "newest 2000 lines"},
	{.since = "1m", .label = "last minute"},
	{.since = "5m", .label = "last 5 minutes"},
	{.since = "15m", .label = "last 15 minutes"},
	{.since = "1h", .label = "last hour"},
	{.since = "6h", .label = "last 6 hours"},
	{.since = "1d", .label = "last day"},
};
const size_t log_reach_count = ARRAY_SIZE(log_reaches);

void pane_forget(struct pane *pane)
{
	follow_stop(steal(pane->logs));
	free(steal(pane->trouble));
	free(steal(pane->kept_events));
	pager_clear(pane->text);
	pager_filter(pane->text, NULL);
	pane->turn++;
	pane->asked = pane->loaded = false;
	pane->read_at = 0;
	pane->journal_seen = 0;
}

void pane_forget_log(struct pane *pane)
{
	char *trouble = steal(pane->trouble);

	pane_forget(pane);
	pane->trouble = trouble;
	pane->loaded = trouble != NULL;
}

struct document_request {
	struct app *app;
	unsigned turn;
};

void pane_set_trouble(struct pane *pane, const char *text)
{
	free(pane->trouble);
	pane->trouble = mem_strdup(text);
}

static void document_show(struct pane *pane, const char *text)
{
	auto_str aligned = {0};

	if (pane->tab == TAB_PROCESSES || pane->tab == TAB_EVENTS)
		pane_align(text, &aligned);
	if (pane->tab != TAB_EVENTS) {
		pager_replace(pane->text, pane->tab == TAB_PROCESSES ? str_text(&aligned) : text);
	} else if (!str_equal(pane->kept_events, str_text(&aligned))) { // merged with the actions of this dashboard
		free(pane->kept_events);
		pane->kept_events = mem_strdup(str_text(&aligned));
		pane->journal_seen = 0;
	}
}

static void document_on_reply(void *context, const struct err *e, const char *text)
{
	auto_free struct document_request *q = context;
	struct pane *pane = q->app->pane;

	if (q->turn != pane->turn)
		return;
	pane->asked = false;
	if (e->code && pane->tab == TAB_EVENTS) { // older agents have no events
		pane->loaded = true;
	} else if (e->code) {
		pane_set_trouble(pane, e->text);
	} else {
		pane_set_trouble(pane, NULL);
		document_show(pane, text);
		pane->loaded = true;
	}
	app_dirty(q->app);
}

static struct link *pane_link(const struct app *app)
{
	const struct row *row = rows_find(&app->rows, app->pane->id);

	return (row ? row->machine : app_machine(app))->link;
}

void pane_read_document(struct app *app, enum document document)
{
	struct pane *pane = app->pane;
	struct document_request *q = mem_new(sizeof(*q));

	*q = (struct document_request){app, pane->turn};
	pane->asked = true;
	pane->read_at = clock_mono();
	link_read(pane_link(app), pane->id, document, document_on_reply, q);
}

static const char program[] = "hostel: "; // the prefix of its errors

static void log_on_output(void *context, const char *text, size_t n, const char *why)
{
	struct app *app = context;
	struct pane *pane = app->pane;

	if (text) {
		pager_add(pane->text, text, n);
		pane_set_trouble(pane, NULL);
		pane->loaded = true;
	} else {
		auto_free char *line = mem_strdup(str_starts(why, program) ? why + strlen(program) : why);

		line[strcspn(line, "\r\n")] = '\0';
		follow_stop(steal(pane->logs));
		pane_set_trouble(pane, *line ? line : NULL);
		pane->loaded = true;
	}
	app_dirty(app);
}

void pane_start_log(struct app *app)
{
	struct pane *pane = app->pane;
	auto_params params = {0};
	auto_strv argv = {0}, names = {0};
	struct err e = {0};

	params_add(&params, PARAM_FOLLOW, "yes");
	if (log_reaches[pane->since].since)
		params_add(&params, PARAM_SINCE, log_reaches[pane->since].since);
	else
		params_add(&params, PARAM_TAIL, log_tail);
	if (pane->times)
		params_add(&params, PARAM_TIMESTAMPS, "yes");
	for (size_t i = 0; i < pane->several.count; i++)
		strv_add(&names, command_line_operand(app, pane->several.items[i]));
	if (names.count)
		link_logs_argv(pane_link(app), &names, &params, &argv);
	else
		link_stream_argv(pane_link(app), pane->id, STREAM_LOGS, &params, &argv);
	pager_follow(pane->text, true);
	pane->read_at = clock_mono();
	pane->logs = follow_start(&app->loop, &argv, log_on_output, app, &e);
	if (!pane->logs)
		pane_set_trouble(pane, e.text);
}

void pane_show_events(struct app *app)
{
	struct pane *pane = app->pane;
	auto_str text = {0};

	if (pane->journal_seen == app->journal.changes + 1)
		return;
	pane->journal_seen = app->journal.changes + 1;
	pane_events_text(app, &text);
	pager_follow(pane->text, true);
	pager_replace(pane->text, str_text(&text));
	pane->loaded = true;
	app_dirty(app);
}
