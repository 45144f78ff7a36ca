// Requests of the client of verbs: see client.h.
#include "client_state.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"
#include "model/param.h"

static int64_t deadline_of(const struct client *s)
{
	return s->own ? ACT_SECONDS * SECOND : 0;
}

int client_choices(struct client *s, enum kind kind, enum verb verb, const char *field, const char *typed,
                   const struct params *so_far, struct strv *out, struct err *e)
{
	struct answer a = {.client = s};

	s->pending++;
	link_choices(s->link, kind, verb, field, typed, so_far, client_on_answer, &a);
	int r = client_finish(s, &a, e);
	if (r == 0)
		strv_split(out, str_text(&a.text), "\n");
	str_done(&a.text);
	return r;
}

const char *client_answer(const struct client *s)
{
	return str_text(&s->notes);
}

void client_show_notes(const struct client *s)
{
	auto_strv lines = {0};

	strv_split(&lines, str_text(&s->notes), "\n");
	for (size_t i = 0; i < lines.count; i++)
		cli_warn("%s", lines.items[i]);
}

static void on_progress(void *context, double fraction, const char *text, const char *job)
{
	struct answer *a = context;

	free(a->job);
	a->job = mem_strdup(job);
	cli_progress(fraction, text);
}

// A second interrupt kills this process.
static void on_interrupt(uv_signal_t *signal, int number)
{
	const struct answer *a = signal->data;

	(void)number;
	uv_signal_stop(signal);
	link_cancel(a->client->link, a->request);
}

// Ctrl-C on a terminal also kills ssh; the job then continues.
static void add_job(const struct client *s, const struct answer *a, struct err *e)
{
	if (a->job && s->lost)
		err_hint(e, "job %s continues: hostel --" OPTION_HOST " %s job ls", id_key(a->job), link_name(s->link));
}

// Performs VERB on the item ID (NULL: creates a KIND), shows progress on the terminal; can be interrupted.
static int do_aloud(struct client *s, struct answer *a, const char *id, enum verb verb, enum kind kind,
                    const struct params *p, struct err *e)
{
	uv_signal_init(&s->loop, &a->interrupt);
	a->interrupt.data = a;
	uv_signal_start(&a->interrupt, on_interrupt, SIGINT);
	s->pending++;
	a->request = id ? link_act(s->link, id, verb, p, deadline_of(s), client_on_answer, on_progress, a)
	                : link_create(s->link, kind, p, deadline_of(s), client_on_answer, on_progress, a);
	int r = client_finish(s, a, e);
	cli_progress(-1, NULL);
	if (r < 0)
		add_job(s, a, e);
	free(a->job);
	uv_close((uv_handle_t *)&a->interrupt, NULL);
	uv_run(&s->loop, UV_RUN_NOWAIT); // the handle is on a stack
	return r;
}

static int do_quietly(struct client *s, struct answer *a, const char *id, enum verb verb, const struct params *p,
                      struct err *e)
{
	s->pending++;
	link_act(s->link, id, verb, p, deadline_of(s), client_on_answer, NULL, a);
	return client_finish(s, a, e);
}

int client_act(struct client *s, const char *id, enum verb verb, const struct params *p, struct err *e)
{
	struct answer a = {.client = s};
	int r = verb_info(verb)->flags & BY_JOB ? do_aloud(s, &a, id, verb, KINDS, p, e)
	                                        : do_quietly(s, &a, id, verb, p, e);

	str_clear(&s->notes);
	str_add(&s->notes, r == 0 ? str_text(&a.text) : "");
	str_done(&a.text);
	return r;
}

// Runs the loop until fewer than MOST answers are pending.
static void run_until_fewer(struct client *s, unsigned most)
{
	while (s->pending >= most && uv_run(&s->loop, UV_RUN_ONCE))
		;
}

void client_act_all(struct client *s, const struct strv *ids, enum verb verb, const struct params *p,
                    void (*done)(void *context, size_t i, const struct err *e), void *context)
{
	auto_free struct answer *answers = mem_array(ids->count + 1, sizeof(*answers));

	for (size_t i = 0; i < ids->count; i++) {
		answers[i].client = s;
		run_until_fewer(s, TOGETHER_MOST);
		s->pending++;
		link_act(s->link, ids->items[i], verb, p, deadline_of(s), client_on_answer, NULL, &answers[i]);
	}
	client_run_until_answered(s);
	for (size_t i = 0; i < ids->count; i++) {
		str_clear(&s->notes);
		str_add(&s->notes, answers[i].e.code ? "" : str_text(&answers[i].text));
		done(context, i, answers[i].e.code && s->lost ? &s->why : &answers[i].e);
		str_done(&answers[i].text);
	}
}

int client_create(struct client *s, enum kind kind, const struct params *p, char **id, struct err *e)
{
	struct answer a = {.client = s};
	struct err ignored;

	int r = do_aloud(s, &a, NULL, VERB_CREATE, kind, p, e);
	size_t length = strcspn(str_text(&a.text), "\n"); // notes follow
	str_clear(&s->notes);
	if (r == 0) {
		str_add(&s->notes, str_text(&a.text) + length + (length < a.text.length));
		*id = mem_strndup(str_text(&a.text), length);
	}
	str_done(&a.text);
	if (r == 0 && !s->own) {
		link_refresh(s->link);
		client_run_for(s, 3000, *id, &ignored); // wait for its row, to get its name
	}
	return r;
}

int client_read(struct client *s, const char *id, enum document what, struct str *text, struct err *e)
{
	struct answer a = {.client = s};

	s->pending++;
	link_read(s->link, id, what, client_on_answer, &a);
	int r = client_finish(s, &a, e);
	if (r == 0)
		str_add(text, str_text(&a.text));
	if (r == 0 && !s->own && a.text.length >= LINK_DOCUMENT_MAX)
		cli_warn("the output is truncated after %d KiB (for all of it: ssh %s hostel %s …)", LINK_DOCUMENT_MAX >> 10,
		         s->cli->host, s->cli->info->name);
	str_done(&a.text);
	return r;
}

// Whether the agent was asked: older ones on other hosts measure only at an interval.
static bool sample_once(struct client *s)
{
	struct answer answers[ENGINES] = {0};
	bool asked = true;

	client_ask_all(s, false, answers);
	for (size_t i = 0; i < ENGINES; i++) {
		asked &= answers[i].e.code != ENOSYS;
		str_done(&answers[i].text);
	}
	return asked;
}

static int sample_by_ticks(struct client *s, int64_t ns, struct err *e)
{
	link_set_interval(s->link, ns < SECOND / 10 ? SECOND / 10 : ns < SECOND ? ns : SECOND);
	return client_run_for(s, ns / MS + 300, NULL, e); // and the network latency
}

int client_sample(struct client *s, int64_t ns, struct sample_set *set, struct err *e)
{
	s->set = set;
	int r = ns && !s->ticks ? client_run_for(s, ns / MS, NULL, e) : 0;

	if (r == 0 && !s->ticks)
		s->ticks = !sample_once(s) && !s->own;
	if (r == 0 && s->ticks)
		r = sample_by_ticks(s, ns, e);
	s->set = NULL;
	return r;
}
