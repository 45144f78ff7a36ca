// The client of verbs, its agent and its loop: see client.h.
#include "client_state.h"

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"
#include "wire/handover.h"

static void on_hello(void *context, const struct link_hello *hello)
{
	struct client *s = context;

	s->engines = hello->engines;
	s->introduced = hello->engines == 0;
}

// The agent announces its engines before it uses them.
static void on_engine(void *context, const struct link_engine *engine)
{
	struct client *s = context;

	s->introduced |= s->engines && s->engines <= ENGINES && link_engine(s->link, s->engines - 1) == engine;
}

static void on_ready(void *context)
{
	struct client *s = context;

	s->ready = true;
}

static void on_lost(void *context, const char *why, int64_t retry_in)
{
	struct client *s = context;

	(void)retry_in;
	s->lost = true;
	err_msg(&s->why, ENOTCONN, "%s: %s", link_name(s->link), why);
}

static struct sample *find_sample(struct sample_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->rows[i].id, id) == 0)
			return &set->rows[i].sample;
	return NULL;
}

// With an agent that measures at an interval the last measurement counts; the local agent measures once.
static void on_tick(void *context, const struct sample_set *set)
{
	struct client *s = context;

	for (size_t i = 0; s->set && i < set->count; i++) {
		struct sample *before = s->ticks ? find_sample(s->set, set->rows[i].id) : NULL;

		if (before)
			*before = set->rows[i].sample;
		else
			sample_set_add(s->set, set->rows[i].id, &set->rows[i].sample);
	}
}

void client_on_answer(void *context, const struct err *e, const char *text)
{
	struct answer *a = context;

	a->e = *e;
	str_add(&a->text, text);
	a->client->pending--;
	a->client->hung |= e->code == ETIMEDOUT;
}

int client_run_until(struct client *s, const bool *flag, struct err *e)
{
	while (!*flag && !s->lost && uv_run(&s->loop, UV_RUN_ONCE))
		;
	if (*flag)
		return 0;
	*e = s->why;
	return e->code ? -e->code : err_msg(e, ENOTCONN, "connection closed");
}

void client_run_until_answered(struct client *s)
{
	while (s->pending && uv_run(&s->loop, UV_RUN_ONCE))
		;
}

int client_finish(struct client *s, struct answer *a, struct err *e)
{
	client_run_until_answered(s);
	if (a->e.code)
		*e = s->lost ? s->why : a->e;
	return a->e.code ? -e->code : 0;
}

static void on_time(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

int client_run_for(struct client *s, int64_t ms, const char *id, struct err *e)
{
	uv_timer_t timer;
	bool over = false;

	uv_timer_init(&s->loop, &timer);
	timer.data = &over;
	uv_timer_start(&timer, on_time, (uint64_t)ms, 0);
	while (!over && !s->lost && !(id && inventory_find_item(link_inventory(s->link), id)))
		uv_run(&s->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&s->loop, UV_RUN_NOWAIT); // the handle is on this stack
	if (!s->lost)
		return 0;
	*e = s->why;
	return -e->code;
}

static void *run_agent(void *argument)
{
	const struct client *s = argument;
	const struct agent_options options = {
	    .engines = &s->specs, .read_only = s->read_only, .program = PACKAGE_VERSION, .on_request = true,
	    .handover = s->handover};
	struct err ignored;

	agent_run(s->fd, s->fd, &options, &ignored);
	return NULL;
}

static int open_here(struct client *s, const struct cli *c, unsigned kinds, const struct subscription *wants,
                     const struct link_callbacks *callbacks, struct err *e)
{
	const struct link_options options = {.once = true, .wants = wants, .handover = s->handover = handover_new()};
	int pair[2];

	client_choose_engines(s, c, kinds);
	s->read_only = c->read_only;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return err_set(e, errno, "cannot create a socket pair");
	s->fd = pair[1];
	int r = pthread_create(&s->thread, NULL, run_agent, s);
	if (r) {
		close(pair[0]);
		close(pair[1]);
		return err_set(e, r, "cannot start a thread");
	}
	s->own = true;
	return link_open_fds(&s->link, &s->loop, ID_HERE, pair[0], pair[0], &options, callbacks, s, e);
}

static int open_there(struct client *s, const struct cli *c, const struct subscription *wants,
                      const struct link_callbacks *callbacks, struct err *e)
{
	const struct link_options options = {.engines = (const char *const *)c->engines.items,
	                                     .read_only = c->read_only, .wants = wants, .once = true};

	cli_connecting(c);
	return link_open_ssh(&s->link, &s->loop, c->host, &options, callbacks, s, e);
}

int client_check_opened(const struct client *s, struct err *e)
{
	const struct link_engine *engine;

	for (unsigned i = 0; s->own && s->chosen && (engine = link_engine(s->link, i)); i++)
		if (engine->unopened)
			return err_msg(e, ENOTCONN, "%s", engine->trouble);
	return 0;
}

// All items of the kinds that are listed, and FIGURES of those with IDS (NULL or none: all).
static void add_wants(const struct client *s, const struct strv *ids, const struct fact_set *figures,
                      struct subscription *wants)
{
	struct want *all = subscription_add(wants, s->listed);

	all->stored = true;
	if (!ids || !ids->count) {
		all->facts = *figures;
		return;
	}
	struct want *some = subscription_add(wants, s->listed);
	some->facts = *figures;
	strv_copy(&some->ids, ids);
}

void client_measure_only(struct client *s, const struct strv *ids, const struct fact_set *figures)
{
	struct subscription wants = {0};

	add_wants(s, ids, figures, &wants);
	link_subscribe(s->link, &wants);
	subscription_done(&wants);
}

int client_open(struct client **out, const struct cli *c, unsigned kinds, struct err *e)
{
	struct fact_set all = {0};

	fact_set_add_all(&all);
	return client_open_for(out, c, kinds, &all, e);
}

int client_open_for(struct client **out, const struct cli *c, unsigned kinds, const struct fact_set *figures,
                    struct err *e)
{
	static const struct link_callbacks callbacks = {
	    .on_hello = on_hello, .on_engine = on_engine, .on_ready = on_ready, .on_lost = on_lost, .on_tick = on_tick};
	struct client *s = *out = mem_new(sizeof(*s));

	uv_loop_init(&s->loop);
	s->cli = c;
	s->chosen = c->engines.count;
	s->kinds = cli_kinds(c);
	s->listed = client_kinds_to_list(c, kinds);
	struct subscription wants = {0};
	add_wants(s, NULL, figures, &wants);
	int r = c->host ? open_there(s, c, &wants, &callbacks, e) : open_here(s, c, kinds, &wants, &callbacks, e);
	subscription_done(&wants);
	if (r == 0)
		r = client_run_until(s, &s->introduced, e);
	return r == 0 ? client_check_opened(s, e) : r;
}

void client_close(struct client *s)
{
	if (!s)
		return;
	if (s->link)
		link_close(s->link);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	if (s->own && s->hung) // its thread still uses this memory
		return;
	if (s->own)
		pthread_join(s->thread, NULL);
	handover_free(s->handover);
	strv_done(&s->specs);
	str_done(&s->absent);
	str_done(&s->notes);
	free(s);
}

const struct inventory *client_inventory(const struct client *s)
{
	return link_inventory(s->link);
}
