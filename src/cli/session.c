// Sessions of the command line: see session.h.
#include "session.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <uv.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/registry.h"
#include "client/link.h"


enum { SESSION_ENGINES = 8, SESSION_PATIENCE = 5 }; // seconds an engine may take to list

struct session_ops {
	int (*list)(struct session *s, struct str *trouble, struct err *e);
	int (*act)(struct session *s, const char *id, enum verb verb, const struct params *p, struct err *e);
	int (*create)(struct session *s, enum kind kind, const struct params *p, char **id, struct err *e);
	int (*read)(struct session *s, const char *id, enum document what, struct str *text, struct err *e);
	int (*sample)(struct session *s, int64_t ns, struct sample_set *set, struct err *e);
	void (*close)(struct session *s);
};

struct session {
	const struct session_ops *ops;
	struct inventory *inv;
	struct str absent; // engines that have nothing to list and nothing to list it with, as lines
	// here
	struct engine engines[SESSION_ENGINES];
	bool lost[SESSION_ENGINES]; // a thread is still in it
	size_t engine_count;
	struct str unopened; // troubles of engines that could not be opened
	bool chosen;         // the user named the engines
	// over ssh
	uv_loop_t loop;
	struct link *link;
	bool ready, over, answered;
	struct err error; // why it is over; of the last answer
	struct str text;  // of the last answer
	struct sample_set *set;
	unsigned kinds; // of which items are listed, a bit each
};

// One engine at work in a thread, so that a hung one cannot hold up the others.
struct task {
	struct engine *engine;
	struct inventory *inv;  // list into this
	struct sample_set *set; // or sample into that
	int result;
	struct err err;
	bool started;
	pthread_t thread;
};

static void *run_task(void *argument)
{
	struct task *t = argument;

	if (t->inv) {
		inventory_begin(t->inv, NULL);
		t->result = t->engine->ops->list(t->engine->self, t->inv, &t->err);
		inventory_end(t->inv);
	} else {
		t->result = t->engine->ops->sample(t->engine->self, t->set, &t->err);
	}
	return NULL;
}

static struct task *start_task(struct session *s, size_t i, bool list)
{
	struct task *t = mem_new(sizeof(*t));

	t->engine = &s->engines[i];
	if (list) {
		t->inv = inventory_new();
		inventory_want(t->inv, s->kinds);
	} else {
		t->set = mem_new(sizeof(*t->set));
	}
	t->started = !s->lost[i] && pthread_create(&t->thread, NULL, run_task, t) == 0;
	return t;
}

static void task_free(struct task *t)
{
	inventory_free(t->inv);
	if (t->set)
		sample_set_done(t->set);
	free(t->set);
	free(t);
}

// Returns whether the task is back; otherwise it and its engine are left to themselves.
static bool join_task(struct session *s, size_t i, struct task *t, const struct timespec *until)
{
	if (t->started && pthread_timedjoin_np(t->thread, NULL, until) == 0)
		return true;
	s->lost[i] = true;
	err_msg(&t->err, ETIMEDOUT, "no answer within %d seconds", SESSION_PATIENCE);
	return false;
}

static void take_rows(struct session *s, const struct inventory *from)
{
	for (size_t i = 0; i < inventory_item_count(from); i++) {
		struct item *item = item_copy(inventory_item_at(from, i));

		inventory_upsert_item(s->inv, item);
		free(item);
	}
}

// The first line says why nothing can be listed.
static int no_engine(const struct session *s, const struct str *trouble, struct err *e)
{
	const char *text = trouble->length ? trouble->text : s->absent.length ? s->absent.text : "there is no engine";

	return err_msg(e, ENOTCONN, "%.*s", (int)strcspn(text, "\n"), text);
}

static int here_list(struct session *s, struct str *trouble, struct err *e)
{
	struct task *tasks[SESSION_ENGINES];
	struct timespec until;
	size_t fine = 0;

	str_add(trouble, str_text(&s->unopened));
	for (size_t i = 0; i < s->engine_count; i++)
		tasks[i] = start_task(s, i, true);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SESSION_PATIENCE;
	inventory_begin(s->inv, NULL);
	for (size_t i = 0; i < s->engine_count; i++) {
		bool back = join_task(s, i, tasks[i], &until);
		bool good = back && tasks[i]->result >= 0;

		fine += good;
		auto_free char *note = good ? engine_note(&s->engines[i]) : NULL;
		if (good)
			take_rows(s, tasks[i]->inv);
		bool absent = back && tasks[i]->result == -ENOPKG && !s->chosen;
		if (note)
			str_addf(trouble, "%s: %s\n", s->engines[i].ops->name, note);
		else if (!good)
			str_addf(absent ? &s->absent : trouble, "%s: %s\n", s->engines[i].ops->name, back ? tasks[i]->err.text : "no answer within 5 seconds");
		if (back)
			task_free(tasks[i]);
	}
	inventory_end(s->inv);
	return fine ? 0 : no_engine(s, trouble, e);
}

// "HOST/ENGINE/…"
static struct engine *engine_of(struct session *s, const char *id, struct err *e)
{
	const char *name = strchr(id, '/') ? strchr(id, '/') + 1 : "";

	for (size_t i = 0; i < s->engine_count; i++)
		if (strlen(s->engines[i].ops->name) == strcspn(name, "/") && str_starts(name, s->engines[i].ops->name))
			return &s->engines[i];
	err_msg(e, ENOENT, "there is no workload '%s'", id);
	return NULL;
}

static void note(void *context, const char *text)
{
	struct session *s = context;

	str_addf(&s->text, "%s%s", s->text.length ? "\n" : "", text);
}

static int here_act(struct session *s, const char *id, enum verb verb, const struct params *p, struct err *e)
{
	struct engine *engine = engine_of(s, id, e);
	const struct job job = {.note = note, .context = s};

	return engine ? engine->ops->act(engine->self, id, verb, p, &job, e) : -ENOENT;
}

static int here_create(struct session *s, enum kind kind, const struct params *p, char **id, struct err *e)
{
	const struct job job = {.note = note, .context = s};

	for (size_t i = 0; i < s->engine_count; i++)
		if (engine_creates(&s->engines[i], kind))
			return s->engines[i].ops->create(s->engines[i].self, p, &job, id, e);
	err_msg(e, ENOSYS, "no engine here creates a %s", workload_kind_name(kind));
	return s->unopened.length ? err_hint(e, "%.*s", (int)strcspn(s->unopened.text, "\n"), s->unopened.text) : -ENOSYS;
}

static int here_read(struct session *s, const char *id, enum document what, struct str *text, struct err *e)
{
	struct engine *engine = engine_of(s, id, e);

	return engine ? engine->ops->read(engine->self, id, what, text, e) : -ENOENT;
}

static void sleep_for(int64_t ns)
{
	struct timespec left = clock_timespec(ns);

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

static int here_sample(struct session *s, int64_t ns, struct sample_set *set, struct err *e)
{
	struct task *tasks[SESSION_ENGINES];
	struct timespec until;

	(void)e;
	sleep_for(ns);
	for (size_t i = 0; i < s->engine_count; i++)
		tasks[i] = start_task(s, i, false);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SESSION_PATIENCE;
	for (size_t i = 0; i < s->engine_count; i++) {
		if (!join_task(s, i, tasks[i], &until))
			continue;
		for (size_t row = 0; tasks[i]->result >= 0 && row < tasks[i]->set->count; row++)
			sample_set_add(set, tasks[i]->set->rows[row].id, &tasks[i]->set->rows[row].sample);
		task_free(tasks[i]);
	}
	return 0;
}

static void here_close(struct session *s)
{
	for (size_t i = 0; i < s->engine_count; i++)
		if (!s->lost[i])
			engine_close(&s->engines[i]);
	str_done(&s->unopened);
}

static int here_open(struct session *s, const struct cli *c, struct err *e)
{
	static const struct session_ops here = {here_list, here_act, here_create, here_read, here_sample, here_close};
	auto_strv usual = {0};
	struct err each = {0};

	s->ops = &here;
	s->chosen = c->engines.count;
	engine_add_defaults(&usual);
	const struct strv *specs = c->engines.count ? &c->engines : &usual;
	for (size_t i = 0; i < specs->count && s->engine_count < SESSION_ENGINES; i++) {
		if (engine_open(&s->engines[s->engine_count], specs->items[i], c->read_only, &each) == 0)
			s->engine_count++;
		else if (c->engines.count)
			return err_msg(e, each.code, "%s", each.text); // it was asked for
		else
			str_addf(&s->unopened, "%s: %s\n", specs->items[i], each.text);
	}
	return s->engine_count ? 0 : err_msg(e, ENOTCONN, "no engine could be opened: %s", str_text(&s->unopened));
}

static void on_ready(void *context)
{
	struct session *s = context;

	s->ready = true;
}

static void on_lost(void *context, const char *why, int64_t retry_in)
{
	struct session *s = context;

	(void)retry_in;
	s->over = true;
	err_msg(&s->error, ENOTCONN, "%s: %s", link_name(s->link), why);
}

static void on_tick(void *context, const struct sample_set *set)
{
	struct session *s = context;

	for (size_t i = 0; s->set && i < set->count; i++) {
		bool known = false;

		for (size_t j = 0; j < s->set->count && !known; j++)
			if (strcmp(s->set->rows[j].id, set->rows[i].id) == 0) {
				s->set->rows[j].sample = set->rows[i].sample;
				known = true;
			}
		if (!known)
			sample_set_add(s->set, set->rows[i].id, &set->rows[i].sample);
	}
}

static void on_reply(void *context, const struct err *e, const char *text)
{
	struct session *s = context;

	s->answered = true;
	s->error = *e;
	str_clear(&s->text);
	str_add(&s->text, text);
}

// Runs the loop until *FLAG or the end of the connection.
static int until(struct session *s, const bool *flag, struct err *e)
{
	while (!*flag && !s->over && uv_run(&s->loop, UV_RUN_ONCE))
		;
	if (*flag)
		return 0;
	*e = s->error;
	return e->code ? -e->code : err_msg(e, ENOTCONN, "the connection ended");
}

static int answer(struct session *s, struct err *e)
{
	int r = until(s, &s->answered, e);

	if (r == 0 && s->error.code) {
		*e = s->error;
		r = -e->code;
	}
	return r;
}

static int there_list(struct session *s, struct str *trouble, struct err *e)
{
	const struct link_engine *engine;
	int r = until(s, &s->ready, e);
	size_t fine = 0;

	if (r < 0)
		return r;
	for (size_t i = 0; (engine = link_engine(s->link, i)); i++) {
		fine += engine->listed;
		const char *text = engine->trouble ? engine->trouble : engine->note;
		if (text)
			str_addf(engine->absent ? &s->absent : trouble, "%s on %s: %s\n", engine->name, link_name(s->link), text);
	}
	return fine ? 0 : no_engine(s, trouble, e);
}

static int there_act(struct session *s, const char *id, enum verb verb, const struct params *p, struct err *e)
{
	s->answered = false;
	link_act(s->link, id, verb, p, 0, on_reply, NULL, s);
	return answer(s, e);
}

static void on_time(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

// Runs the loop for MS, or until the row ID is there (NULL: for all of MS).
static int run_for(struct session *s, int64_t ms, const char *id, struct err *e)
{
	uv_timer_t timer;
	bool over = false;

	uv_timer_init(&s->loop, &timer);
	timer.data = &over;
	uv_timer_start(&timer, on_time, (uint64_t)ms, 0);
	while (!over && !s->over && !(id && inventory_find(link_inventory(s->link), id)))
		uv_run(&s->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&s->loop, UV_RUN_NOWAIT); // the handle is on this stack
	if (!s->over)
		return 0;
	*e = s->error;
	return -e->code;
}

static int there_create(struct session *s, enum kind kind, const struct params *p, char **id, struct err *e)
{
	int r = until(s, &s->ready, e);
	struct err ignored;

	if (r < 0)
		return r;
	s->answered = false;
	link_create(s->link, kind, p, 0, on_reply, NULL, s);
	r = answer(s, e);
	if (r < 0)
		return r;
	size_t length = strcspn(str_text(&s->text), "\n"); // notes follow
	auto_free char *notes = mem_strdup(str_text(&s->text) + length + (length < s->text.length));
	*id = mem_strndup(str_text(&s->text), length);
	str_clear(&s->text);
	str_add(&s->text, notes);
	link_refresh(s->link);
	run_for(s, 3000, *id, &ignored); // its row, which has its name
	return 0;
}

static int there_read(struct session *s, const char *id, enum document what, struct str *text, struct err *e)
{
	s->answered = false;
	link_read(s->link, id, what, on_reply, s);
	int r = answer(s, e);
	if (r == 0)
		str_add(text, str_text(&s->text));
	return r;
}

static int there_sample(struct session *s, int64_t ns, struct sample_set *set, struct err *e)
{
	s->set = set;
	link_set_interval(s->link, ns < SECOND / 10 ? SECOND / 10 : ns < SECOND ? ns : SECOND);
	int r = run_for(s, ns / MS + 300, NULL, e); // and the way over the line
	s->set = NULL;
	return r;
}

static void there_close(struct session *s)
{
	link_close(s->link);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	str_done(&s->text);
}

static int there_open(struct session *s, const struct cli *c, struct err *e)
{
	static const struct session_ops there = {there_list, there_act, there_create, there_read, there_sample, there_close};
	static const struct link_callbacks callbacks = {.on_ready = on_ready, .on_lost = on_lost, .on_tick = on_tick};
	const struct link_options options = {.engines = (const char *const *)c->engines.items, .read_only = c->read_only, .once = true};

	s->ops = &there;
	cli_connecting(c);
	uv_loop_init(&s->loop);
	return link_open_ssh(&s->link, &s->loop, c->host, &options, &callbacks, s, e);
}

int session_open(struct session **out, const struct cli *c, struct err *e)
{
	struct session *s = mem_new(sizeof(*s));

	s->inv = inventory_new();
	s->kinds = c->noun < 0 ? KIND_BIT_ANY : 1u << c->noun;
	int r = c->host ? there_open(s, c, e) : here_open(s, c, e);
	if (r < 0) {
		session_close(s);
		return r;
	}
	*out = s;
	return 0;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	s->ops->close(s);
	inventory_free(s->inv);
	str_done(&s->absent);
	free(s);
}

int session_list(struct session *s, struct str *trouble, struct err *e)
{
	str_clear(&s->absent);
	return s->ops->list(s, trouble, e);
}

const struct str *session_absent(const struct session *s)
{
	return &s->absent;
}

const struct inventory *session_inventory(const struct session *s)
{
	return s->link ? link_inventory(s->link) : s->inv;
}

static int ambiguous(const struct inventory *inv, const char *word, size_t matches, struct err *e)
{
	auto_str ids = {0};

	for (size_t i = 0; i < inventory_count(inv); i++)
		if (strcmp(inventory_at(inv, i)->name, word) == 0)
			str_addf(&ids, "%s%s", ids.length ? ", " : "", inventory_at(inv, i)->id);
	return err_msg(e, ENOTUNIQ, "%zu workloads are called '%s' (give one of the ids: %s)", matches, word, str_text(&ids));
}

static const char *nearest(const struct inventory *inv, const char *word)
{
	size_t count = inventory_count(inv);
	auto_free const char **names = mem_array(count + 1, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = inventory_at(inv, i)->name;
	return opts_nearest(word, names, count, sizeof(*names));
}

const struct workload *session_find(const struct session *s, const char *word, const struct str *trouble, struct err *e)
{
	const struct inventory *inv = session_inventory(s);
	size_t matches = 0;
	const struct workload *w = inventory_lookup(inv, word, -1, &matches);

	if (w && matches == 1)
		return w;
	if (w) {
		ambiguous(inv, word, matches, e);
		return NULL;
	}
	const struct str *hint = trouble->length ? trouble : &s->absent;
	const char *near = nearest(inv, word);
	err_msg(e, ENOENT, "there is no workload '%s'", word);
	if (near)
		err_hint(e, "did you mean '%s'?", near);
	else if (trouble->length || s->absent.length)
		err_hint(e, "%.*s", (int)strcspn(str_text(hint), "\n"), str_text(hint));
	else
		err_hint(e, "see 'hostel ls'");
	return NULL;
}

int session_act(struct session *s, const char *id, enum verb verb, const struct params *p, struct err *e)
{
	str_clear(&s->text);
	return s->ops->act(s, id, verb, p, e);
}

void session_show_notes(const struct session *s)
{
	auto_strv lines = {0};

	strv_split(&lines, str_text(&s->text), "\n");
	for (size_t i = 0; i < lines.count; i++)
		cli_warn("%s", lines.items[i]);
}

int session_create(struct session *s, enum kind kind, const struct params *p, char **id, struct err *e)
{
	str_clear(&s->text);
	return s->ops->create(s, kind, p, id, e);
}

int session_read(struct session *s, const char *id, enum document what, struct str *text, struct err *e)
{
	return s->ops->read(s, id, what, text, e);
}

int session_sample(struct session *s, int64_t ns, struct sample_set *set, struct err *e)
{
	return s->ops->sample(s, ns, set, e);
}

int session_stream(struct session *s, const char *id, enum stream stream, const struct params *p, struct err *e)
{
	struct engine *engine = engine_of(s, id, e);

	return engine ? engine->ops->stream(engine->self, id, stream, p, e) : -ENOENT;
}

int session_await_exit(struct session *s, const char *id, struct err *e)
{
	struct engine *engine = engine_of(s, id, e);

	if (!engine)
		return -ENOENT;
	if (!engine->ops->await_exit)
		return err_msg(e, ENOTSUP, "'%s' has no exit status to wait for", id);
	return engine->ops->await_exit(engine->self, id, e);
}
