// Callbacks of links: see link_events.h.
#include "link_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "client/link.h"
#include "model/id.h"
#include "model/inventory.h"
#include "model/sample.h"
#include "model/workload.h"
#include "sys/proc.h"
#include "ui/term.h"

#include "app/columns/columns.h"
#include "app/know/alerts.h"
#include "app/know/app.h"
#include "app/know/host.h"
#include "app/know/journal.h"
#include "app/know/machine.h"
#include "app/know/rows.h"
#include "app/list/list.h"

enum { MOVE_REST = 2 }; // seconds without sorting after a move

void link_events_title(const struct machine *m)
{
	if (!m->app->term || !m->name)
		return;
	auto_free char *title = mem_printf("hostel: %s", m->name);
	term_title(m->app->term, title);
}

// Drops code names and build numbers: "Debian GNU/Linux 12", "Linux 6.1".
static void take_system(struct machine *m, const struct link_hello *hello)
{
	const char *system = hello->system ? hello->system : "";
	size_t n = strcspn(system, "(");
	int major, minor;

	while (n && system[n - 1] == ' ')
		n--;
	free(m->system);
	free(m->kernel);
	m->system = n ? mem_strndup(system, n) : NULL;
	m->kernel = hello->kernel && sscanf(hello->kernel, "%d.%d", &major, &minor) == 2
	                ? mem_printf("Linux %d.%d", major, minor)
	                : NULL;
}

static void on_hello(void *context, const struct link_hello *hello)
{
	struct machine *m = context;

	free(m->name);
	m->name = mem_strdup(hello->host);
	take_system(m, hello);
	if (!m->app->options->read_only)
		m->read_only = hello->read_only ? "refused: the agent is read-only" : NULL;
	m->clock_ahead = hello->clock ? hello->clock - clock_wall() : 0;
	m->ticks = 0;
	if (!m->host.at)
		m->host.now.cpus = hello->cpus;
	free(steal(m->lost));
	m->app->rows.problems_due = true;
	link_events_title(m);
	app_dirty(m->app);
}

static void on_engine(void *context, const struct link_engine *engine)
{
	struct app *app = ((struct machine *)context)->app;

	if (engine->trouble || engine->note) {
		auto_free char *text = mem_printf("%s: %s", engine->name, engine->trouble ? engine->trouble : engine->note);

		journal_add(&app->journal, clock_wall(), NULL, engine->trouble, false, text);
	}
	app_dirty(app);
}

static void on_change(void *context, enum change_kind kind, const struct item *item)
{
	struct machine *m = context;
	struct app *app = m->app;
	const struct workload *w = workload_of(item);
	struct rows *rows = w ? &app->rows : &app->others;

	if (kind == CHANGE_REMOVED)
		rows_remove(rows, item->id);
	else if (w)
		rows_put(rows, m, w);
	else
		rows_put_other(rows, m, item);
	app->rows_changed = true;
	app_dirty(app);
}

static void on_tick(void *context, const struct sample_set *set)
{
	struct machine *m = context;
	struct app *app = m->app;
	int64_t now = clock_mono();

	for (size_t i = 0; i < set->count; i++)
		rows_sample(id_is_workload(set->rows[i].id) ? &app->rows : &app->others, set->rows[i].id, &set->rows[i].sample,
		            now);
	host_settle(&m->host, &app->rows);
	alerts_look(app, m);
	// figures change the order and the matches of a filter, but not while the user moves through the list
	bool moving = now - app->moved_at < MOVE_REST * SECOND;
	if (!app->list->frozen && (fact_info(app->list->sort)->flags & FACT_LIVE || app->list->query ||
	                           app->list->view == VIEW_PROBLEMS) && !moving)
		app->rows_changed = true;
	app_dirty(app);
}

static void on_host(void *context, int64_t at, const struct proc_host *host)
{
	struct machine *m = context;

	host_update(&m->host, &m->app->rows, at, host);
	app_dirty(m->app);
}

static void on_event(void *context, const struct link_event *event)
{
	struct app *app = ((struct machine *)context)->app;

	journal_add(&app->journal, event->at ? event->at : clock_wall(), event->id, event->bad, false, event->text);
	if (event->bad && event->id) // events of the host are shown in the footer
		app_say_event(app, event->text);
	app_dirty(app);
}

static void on_lost(void *context, const char *why, int64_t retry_in)
{
	struct machine *m = context;
	struct app *app = m->app;

	if (!m->lost)
		journal_add(&app->journal, clock_wall(), NULL, true, false, why);
	free(m->lost);
	m->lost = mem_strdup(why);
	app->rows.problems_due = true;
	// over ssh the screen starts with the first hello: until then prompts and errors are printed to the terminal
	if (!app->term && retry_in < 0)
		app_quit(app);
	app_dirty(app);
}

static void on_counts(void *context)
{
	app_dirty(((struct machine *)context)->app);
}

static void on_ready(void *context)
{
	app_dirty(((struct machine *)context)->app);
}

const struct link_callbacks link_event_callbacks = {
	.on_hello = on_hello,
	.on_engine = on_engine,
	.on_change = on_change,
	.on_ready = on_ready,
	.on_counts = on_counts,
	.on_tick = on_tick,
	.on_host = on_host,
	.on_event = on_event,
	.on_lost = on_lost,
};
