// The client of verbs: see client.h.
#include "client.h"

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/mem.h"
#include "client/link.h"
#include "wire/handover.h"
#include "model/id.h"
#include "model/image.h"
#include "stream.h"

enum {
	ENGINES = 16,
	PATIENCE = AGENT_PATIENCE, // seconds, for lists and measurements of a local engine; libvirt fails after 4
	TOGETHER_MOST = 8, // requests at the same time; an agent has so many threads for an engine
	ACT_SECONDS = 86400 // timeout of other local requests: the user can interrupt them
};

struct client {
	const struct cli *cli;
	uv_loop_t loop;
	struct link *link;
	bool introduced, ready, lost;
	bool chosen;           // the user named the engines
	bool narrowed;         // not all default engines were opened
	unsigned engines;      // of the agent
	bool ticks;            // the agent measures only at an interval
	struct err why;        // the connection was lost
	struct str absent;     // lines about engines without workloads and without the software they need
	struct str notes;      // of the last answer
	struct sample_set *set;
	unsigned kinds;        // kinds of the items that are meant, a bit each
	unsigned listed;       // kinds to list: these, and others by which an error can name what was found
	unsigned pending;      // answers

	// The agent in this process.
	bool own;
	bool hung; // one of its threads is still in an engine call
	pthread_t thread;
	int fd;
	struct handover *handover;
	struct strv specs;
	bool read_only;
};

struct answer {
	struct client *client;
	struct err e;
	struct str text;
	unsigned request;
	char *job; // the job that does the request
	uv_signal_t interrupt;
};

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

static void on_answer(void *context, const struct err *e, const char *text)
{
	struct answer *a = context;

	a->e = *e;
	str_add(&a->text, text);
	a->client->pending--;
	a->client->hung |= e->code == ETIMEDOUT;
}

// Runs the loop until *FLAG is set or the connection ends.
static int run_until(struct client *s, const bool *flag, struct err *e)
{
	while (!*flag && !s->lost && uv_run(&s->loop, UV_RUN_ONCE))
		;
	if (*flag)
		return 0;
	*e = s->why;
	return e->code ? -e->code : err_msg(e, ENOTCONN, "connection closed");
}

static void run_until_answered(struct client *s)
{
	while (s->pending && uv_run(&s->loop, UV_RUN_ONCE))
		;
}

// The end of one request.
static int finish(struct client *s, struct answer *a, struct err *e)
{
	run_until_answered(s);
	if (a->e.code)
		*e = s->lost ? s->why : a->e;
	return a->e.code ? -e->code : 0;
}

static void on_time(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

// Runs the loop for MS, or until the item ID is listed (NULL: for all of MS).
static int run_for(struct client *s, int64_t ms, const char *id, struct err *e)
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

// Avoids asking engines that cannot have NAME if another engine has it: asking libvirt loads its library.
static unsigned kinds_called(const char *name)
{
	unsigned kinds = 0;
	bool sure = false;
	auto_strv usual = {0};

	engine_add_defaults(&usual);
	for (size_t i = 0; i < usual.count; i++) {
		const struct engine_ops *ops = engine_find(usual.items[i]);
		int has = ops->has ? ops->has(NULL, name) : -1;

		sure |= has > 0;
		kinds |= has ? 1u << ops->kind : 0;
	}
	return sure ? kinds : CLIENT_ALL_KINDS;
}

unsigned client_kinds_of(const struct cli *c, int count, char **words)
{
	unsigned kinds = count ? 0 : CLIENT_ALL_KINDS;
	bool workloads = c->noun < 0 || kind_is_workload((enum kind)c->noun);

	for (int i = 0; i < count; i++) {
		const struct engine_ops *ops = engine_of_id(words[i]);

		kinds |= ops ? 1u << ops->kind : workloads && !c->host ? kinds_called(words[i]) : CLIENT_ALL_KINDS;
	}
	return kinds;
}

// Of engines that the user did not name, those that cannot have items of the KINDS are not asked: see kinds_called().
static bool may_have(const char *name, unsigned kinds)
{
	const struct engine_ops *ops = engine_find(name);

	bool may = !ops->may_have;

	for (int kind = 0; !may && kind < KINDS; kind++)
		may = kinds >> kind & 1 && ops->may_have(NULL, (enum kind)kind);
	return may;
}

static void choose_engines(struct client *s, const struct cli *c, unsigned kinds)
{
	auto_strv usual = {0};

	engine_add_defaults(&usual);
	const struct strv *specs = c->engines.count ? &c->engines : &usual;
	bool jobs = s->kinds == 1u << KIND_JOB;
	for (size_t i = 0; i < specs->count; i++)
		if (jobs ? !engine_leaves_jobs(specs->items[i])
		         : c->engines.count || (kinds & ~KIND_BIT_ANY && may_have(specs->items[i], s->listed)) ||
		       kinds & KIND_BIT_ANY & s->listed & 1u << engine_find(specs->items[i])->kind)
			strv_add(&s->specs, specs->items[i]);
	if (jobs)
		engine_add_jobs(specs, &s->specs);
	s->narrowed = s->specs.count < specs->count;
}

static int open_here(struct client *s, const struct cli *c, unsigned kinds, const struct subscription *wants,
                     const struct link_callbacks *callbacks, struct err *e)
{
	const struct link_options options = {.once = true, .wants = wants, .handover = s->handover = handover_new()};
	int pair[2];

	choose_engines(s, c, kinds);
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

// Every engine that the user chose must open; of the default engines, one is enough.
static int check_opened(const struct client *s, struct err *e)
{
	const struct link_engine *engine;

	for (unsigned i = 0; s->own && s->chosen && (engine = link_engine(s->link, i)); i++)
		if (engine->unopened)
			return err_msg(e, ENOTCONN, "%s", engine->trouble);
	return 0;
}

// A filter of `ls` can name any kind. Other workloads are listed, too, so that an error can say what was found.
static unsigned kinds_to_list(const struct cli *c, unsigned kinds)
{
	unsigned meant = cli_kinds(c);

	if (c->noun < 0 && kinds != CLIENT_ALL_KINDS)
		meant |= kinds;
	return meant & KIND_BIT_ANY ? meant | KIND_BIT_ANY : meant;
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
	s->listed = kinds_to_list(c, kinds);
	struct subscription wants = {0};
	add_wants(s, NULL, figures, &wants);
	int r = c->host ? open_there(s, c, &wants, &callbacks, e) : open_here(s, c, kinds, &wants, &callbacks, e);
	subscription_done(&wants);
	if (r == 0)
		r = run_until(s, &s->introduced, e);
	return r == 0 ? check_opened(s, e) : r;
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

// Fails with the first line of TROUBLE.
static int no_engine(const struct client *s, const struct str *trouble, struct err *e)
{
	const char *text = trouble->length ? trouble->text : s->absent.length ? s->absent.text : "no engine is available";

	return err_msg(e, ENOTCONN, "%.*s", (int)strcspn(text, "\n"), text);
}

// Asks all engines for one list or measurement concurrently, so that a hanging engine does not delay the others.
static void ask_all(struct client *s, bool list, struct answer *answers)
{
	const struct link_engine *engine;

	for (unsigned i = 0; i < ENGINES && (engine = link_engine(s->link, i)); i++) {
		answers[i].client = s;
		s->pending++;
		if (list)
			link_list(s->link, engine->name, s->listed, PATIENCE * SECOND, on_answer, &answers[i]);
		else
			link_sample(s->link, engine->name, PATIENCE * SECOND, on_answer, &answers[i]);
	}
	run_until_answered(s);
}

// Whether ENGINE timed out without an error of its own, which would be its trouble.
static bool is_silent(const struct link_engine *engine, const struct err *e)
{
	return e->code == ETIMEDOUT && !str_equal(engine->trouble, e->text);
}

// Whether the user asked for ENGINE or a kind it lists: then its absence is reported.
static bool is_asked_for(const struct client *s, const struct link_engine *engine)
{
	const struct engine_ops *ops = engine_find(engine->name);

	return s->chosen || (s->cli->noun >= 0 && ops && ops->lists >> s->cli->noun & 1);
}

// Adds the error or note of a list of ENGINE to TROUBLE. Returns whether it succeeded.
static bool add_outcome(struct client *s, const struct link_engine *engine, const struct err *e, struct str *trouble)
{
	bool absent = e->code == ENOPKG && !is_asked_for(s, engine);

	if (is_silent(engine, e))
		str_addf(trouble, "%s: no answer within %d seconds\n", engine->name, PATIENCE);
	else if (e->code)
		str_addf(absent ? &s->absent : trouble, "%s: %s\n", engine->name, e->text);
	else if (engine->note)
		str_addf(trouble, "%s: %s\n", engine->name, engine->note);
	return e->code == 0;
}

static size_t list_here(struct client *s, struct str *trouble)
{
	struct answer answers[ENGINES] = {0};
	const struct link_engine *engine;
	size_t fine = 0;

	ask_all(s, true, answers);
	for (unsigned i = 0; i < ENGINES && (engine = link_engine(s->link, i)); i++) {
		fine += add_outcome(s, engine, &answers[i].e, trouble);
		str_done(&answers[i].text);
	}
	return fine;
}

static size_t list_there(struct client *s, struct str *trouble)
{
	const struct link_engine *engine;
	size_t fine = 0;

	for (size_t i = 0; (engine = link_engine(s->link, i)); i++) {
		fine += engine->listed;
		const char *text = engine->trouble ? engine->trouble : engine->note;
		bool absent = engine->absent && !is_asked_for(s, engine);
		if (text)
			str_addf(absent ? &s->absent : trouble, "%s on %s: %s\n", engine->name, link_name(s->link), text);
	}
	return fine;
}

int client_list(struct client *s, struct str *trouble, struct err *e)
{
	int r = s->own ? 0 : run_until(s, &s->ready, e);

	if (r < 0)
		return r;
	str_clear(&s->absent);
	size_t fine = s->own ? list_here(s, trouble) : list_there(s, trouble);
	r = check_opened(s, e);
	if (r < 0)
		return r;
	bool none_here = s->narrowed && s->absent.length && !trouble->length; // others were not asked
	return fine || none_here ? 0 : no_engine(s, trouble, e);
}

const struct str *client_absent(const struct client *s)
{
	return &s->absent;
}

const struct inventory *client_inventory(const struct client *s)
{
	return link_inventory(s->link);
}

static int ambiguous(const struct inventory *inv, const char *word, size_t matches, struct err *e)
{
	auto_str ids = {0};

	for (size_t i = 0; i < inventory_count(inv); i++)
		if (strcmp(inventory_at(inv, i)->name, word) == 0)
			str_addf(&ids, "%s%s", ids.length ? ", " : "", inventory_at(inv, i)->id);
	return err_msg(e, ENOTUNIQ, "%zu guests and containers are named '%s' (use an id: %s)", matches, word,
	               str_text(&ids));
}

static const char *nearest(const struct inventory *inv, const char *word)
{
	size_t count = inventory_count(inv);
	auto_free const char **names = mem_array(count + 1, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = inventory_at(inv, i)->name;
	return opts_nearest(word, names, count, sizeof(*names));
}

const struct workload *client_find(const struct client *s, const char *word, const struct str *trouble, struct err *e)
{
	const struct inventory *inv = client_inventory(s);
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
	err_msg(e, ENOENT, "no guest or container '%s'", word);
	if (near)
		err_hint(e, "did you mean '%s'?", near);
	else if (trouble->length || s->absent.length)
		err_hint(e, "%.*s", (int)strcspn(str_text(hint), "\n"), str_text(hint));
	else
		err_hint(e, "see 'hostel ls'");
	return NULL;
}

static bool is_named(const struct client *s, const struct item *item, const char *word, bool exact)
{
	if (!(s->kinds >> item->kind & 1))
		return false;
	return strcmp(item->id, word) == 0 || str_equal(item->name, word) ||
	       (item->kind == KIND_IMAGE && image_called((const struct image_item *)item, word, exact));
}

// Finds the items called WORD. Returns how many there are.
static size_t find_items(const struct client *s, const char *word, bool exact, const struct item **found)
{
	const struct inventory *inv = client_inventory(s);
	const struct item *item;
	size_t matches = 0;

	for (size_t i = 0; (item = inventory_item_at(inv, i)); i++)
		if (is_named(s, item, word, exact)) {
			*found = item;
			matches++;
		}
	return matches;
}

const struct item *client_find_item(const struct client *s, const char *word, const struct str *trouble, struct err *e)
{
	const struct item *found = NULL;

	if (s->kinds & KIND_BIT_ANY) {
		const struct workload *w = client_find(s, word, trouble, e);

		if (w && !(s->kinds >> w->kind & 1))
			err_msg(e, ENOENT, "'%s' is %s", word, kind_phrase(w->kind));
		return w && s->kinds >> w->kind & 1 ? &w->item : NULL;
	}
	size_t matches = find_items(s, word, true, &found);
	if (!matches)
		matches = find_items(s, word, false, &found);
	if (matches == 1)
		return found;
	const char *kind = kind_name(s->cli->kind);
	if (found)
		err_msg(e, ENOTUNIQ, "%zu are named '%s' (use an id, for example %s)", matches, word, found->id);
	else
		err_msg(e, ENOENT, "no %s '%s' (see 'hostel %s ls')", kind, word, kind);
	return NULL;
}

static int64_t deadline_of(const struct client *s)
{
	return s->own ? ACT_SECONDS * SECOND : 0;
}

char *client_all_of(const struct client *s, enum kind kind)
{
	const char *engine = client_engine_doing(s, kind, VERB_PRUNE);

	if (!engine)
		cli_fail(EXIT_FAILED, "no engine on this host can remove unused %s", kind_info(kind)->plural);
	return engine ? id_make(engine, kind, "*") : NULL;
}

const char *client_engine_doing(const struct client *s, enum kind kind, enum verb verb)
{
	const struct link_engine *engine;

	for (unsigned i = 0; (engine = link_engine(s->link, i)); i++) {
		const struct engine_ops *ops = engine_find(engine->name);

		if (ops && ops->does(kind, verb))
			return engine->name;
	}
	return NULL;
}

int client_choices(struct client *s, enum kind kind, enum verb verb, const char *field, const char *typed,
                   const struct params *so_far, struct strv *out, struct err *e)
{
	struct answer a = {.client = s};

	s->pending++;
	link_choices(s->link, kind, verb, field, typed, so_far, on_answer, &a);
	int r = finish(s, &a, e);
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
	a->request = id ? link_act(s->link, id, verb, p, deadline_of(s), on_answer, on_progress, a)
	                : link_create(s->link, kind, p, deadline_of(s), on_answer, on_progress, a);
	int r = finish(s, a, e);
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
	link_act(s->link, id, verb, p, deadline_of(s), on_answer, NULL, a);
	return finish(s, a, e);
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
		link_act(s->link, ids->items[i], verb, p, deadline_of(s), on_answer, NULL, &answers[i]);
	}
	run_until_answered(s);
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
		run_for(s, 3000, *id, &ignored); // wait for its row, to get its name
	}
	return r;
}

int client_read(struct client *s, const char *id, enum document what, struct str *text, struct err *e)
{
	struct answer a = {.client = s};

	s->pending++;
	link_read(s->link, id, what, on_answer, &a);
	int r = finish(s, &a, e);
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

	ask_all(s, false, answers);
	for (size_t i = 0; i < ENGINES; i++) {
		asked &= answers[i].e.code != ENOSYS;
		str_done(&answers[i].text);
	}
	return asked;
}

static int sample_by_ticks(struct client *s, int64_t ns, struct err *e)
{
	link_set_interval(s->link, ns < SECOND / 10 ? SECOND / 10 : ns < SECOND ? ns : SECOND);
	return run_for(s, ns / MS + 300, NULL, e); // and the network latency
}

int client_sample(struct client *s, int64_t ns, struct sample_set *set, struct err *e)
{
	s->set = set;
	int r = ns && !s->ticks ? run_for(s, ns / MS, NULL, e) : 0;

	if (r == 0 && !s->ticks)
		s->ticks = !sample_once(s) && !s->own;
	if (r == 0 && s->ticks)
		r = sample_by_ticks(s, ns, e);
	s->set = NULL;
	return r;
}

int client_check_kind(const struct cli *c, const struct item *item)
{
	auto_free char *wrong = verb_wrong_kind(c->verb, item);

	return wrong ? cli_fail(EXIT_FAILED, "%s", wrong) : EXIT_OK;
}

// Opens the engines of KINDS and finds WORD. Returns 0 with *ITEM, or negative errno.
static int look_for(struct cli *c, struct client **s, char *word, unsigned kinds, const struct item **item,
                    struct err *e)
{
	auto_str trouble = {0};

	if (client_open(s, c, kinds, e) < 0 || client_list(*s, &trouble, e) < 0)
		return -e->code;
	*item = client_find_item(*s, word, &trouble, e);
	return *item ? 0 : -e->code;
}

// For a verb of one kind, the other kinds are searched only for the error message.
int client_find_one(struct cli *c, struct client **s, char *word, char **id)
{
	unsigned all = client_kinds_of(c, 1, &word), own = all & c->info->kinds ? all & c->info->kinds : all;
	const struct item *item = NULL;
	struct err e = {0};
	int r = look_for(c, s, word, own, &item, &e);

	if (r < 0 && r != -ENOTUNIQ && own != all && !c->engines.count) {
		client_close(*s);
		r = look_for(c, s, word, all, &item, &e);
	}
	if (r < 0)
		return cli_not_found(&e);
	*id = mem_strdup(item->id);
	return client_check_kind(c, item);
}
