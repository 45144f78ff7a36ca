// The agent and the link over a socket pair, with the fake engine: what is said, what is done, what hangs, and what
// hostile peers get.
#include "agent_1.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"
#include "sys/fs.h"
#include "agent/state.h"
#include "client/state.h"
#include "agent/agent.h"
#include "client/link.h"
#include "wire/wire.h"

// libuv closes descriptors by bare system calls, which the thread sanitizer does not see: when another thread gets the
// same number, it takes the two openings for a race.
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:pipe2\nrace:eventfd\nrace:epoll_create1\n";
}

// An agent in a thread of its own.
struct side {
	pthread_t thread;
	int fd;
	struct strv engines;
	bool read_only, on_request;
	struct handover *handover;
	int result;
	struct err err;
};

static void *run_agent(void *argument)
{
	struct side *side = argument;
	const struct agent_options options = {
	    .engines = &side->engines, .read_only = side->read_only, .program = "test", .on_request = side->on_request,
	    .handover = side->handover};

	side->result = agent_run(side->fd, side->fd, &options, &side->err);
	return NULL;
}

// Returns the other end of the agent's socket.
static int start_agent_as(struct side *side, const char *engine, struct side how)
{
	int fds[2];

	*side = how;
	strv_add(&side->engines, engine);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	side->fd = fds[0];
	assert_int_equal(pthread_create(&side->thread, NULL, run_agent, side), 0);
	return fds[1];
}

static int start_agent(struct side *side, const char *engine, bool read_only)
{
	return start_agent_as(side, engine, (struct side){.read_only = read_only});
}

static int join_agent(struct side *side)
{
	pthread_join(side->thread, NULL);
	strv_done(&side->engines);
	return side->result;
}

// A link and what it told.
struct bench {
	uv_loop_t loop;
	uv_timer_t guard;
	struct side side;
	struct link *link;
	bool timed_out;
	unsigned hellos, readies, changes, ticks, hosts, lost, replies, reports, events;
	size_t longest; // event
	char host[64], trouble[256], event[256], why[512], text[4096];
	struct err err; // of the last reply
	int64_t host_at;
	unsigned host_cpus;
	struct sample_set last;
	enum item_state seen; // of the row watched
	const char *watched;
};

static void on_hello(void *context, const struct link_hello *hello)
{
	struct bench *b = context;

	b->hellos++;
	snprintf(b->host, sizeof(b->host), "%s", hello->host);
	assert_true(hello->cpus >= 1);
}

static void on_engine(void *context, const struct link_engine *engine)
{
	struct bench *b = context;

	snprintf(b->trouble, sizeof(b->trouble), "%s", engine->trouble ? engine->trouble : "");
}

static void on_change(void *context, enum change_kind kind, const struct item *w)
{
	struct bench *b = context;

	b->changes++;
	if (b->watched && strcmp(w->name, b->watched) == 0)
		b->seen = kind == CHANGE_REMOVED ? STATES : w->state;
	assert_string_equal(w->host, link_name(b->link));
	assert_true(id_is_on(w->id, link_name(b->link)) && strstr(w->id, "/fake/"));
}

static void on_ready(void *context)
{
	((struct bench *)context)->readies++;
}

static void on_tick(void *context, const struct sample_set *set)
{
	struct bench *b = context;

	b->ticks++;
	sample_set_clear(&b->last);
	for (size_t i = 0; i < set->count; i++)
		sample_set_add(&b->last, set->rows[i].id, &set->rows[i].sample);
}

static void on_host(void *context, int64_t at, const struct proc_host *host)
{
	struct bench *b = context;

	b->hosts++;
	b->host_at = at;
	b->host_cpus = host->cpus;
}

static void on_event(void *context, const struct link_event *event)
{
	struct bench *b = context;

	snprintf(b->event, sizeof(b->event), "%s", event->text);
	b->events++;
	b->longest = strlen(event->text) > b->longest ? strlen(event->text) : b->longest;
}

static void on_lost(void *context, const char *why, int64_t retry_in)
{
	struct bench *b = context;

	b->lost++;
	snprintf(b->why, sizeof(b->why), "%s", why);
	assert_int_equal(retry_in, -1); // descriptors cannot be opened again
}

static void on_reply(void *context, const struct err *e, const char *text)
{
	struct bench *b = context;

	b->replies++;
	b->err = *e;
	snprintf(b->text, sizeof(b->text), "%s", text);
}

static void on_progress(void *context, double fraction, const char *text, const char *job)
{
	struct bench *b = context;

	assert_true(fraction >= 0 && fraction <= 1 && *text);
	b->reports++;
}

static void on_guard(uv_timer_t *timer)
{
	((struct bench *)timer->data)->timed_out = true;
}

// Runs the loop until CONDITION; fails after 30 s.
#define AWAIT(B, CONDITION)                      \
	do {                                         \
		while (!(CONDITION) && !(B)->timed_out)  \
			uv_run(&(B)->loop, UV_RUN_ONCE);     \
		assert_true(CONDITION);                  \
	} while (0)

static void open_link_for(struct bench *b, int fd, int64_t interval, const struct subscription *wants)
{
	static const struct link_callbacks callbacks = {
		.on_hello = on_hello, .on_engine = on_engine, .on_change = on_change, .on_ready = on_ready,
		.on_tick = on_tick, .on_host = on_host, .on_event = on_event, .on_lost = on_lost};
	const struct link_options options = {.interval = interval, .wants = wants, .handover = b->side.handover};
	const char *name = b->side.handover ? ID_HERE : "box";
	struct err e = {0};

	uv_loop_init(&b->loop);
	uv_timer_init(&b->loop, &b->guard);
	b->guard.data = b;
	uv_timer_start(&b->guard, on_guard, 30000, 0);
	assert_int_equal(link_open_fds(&b->link, &b->loop, name, fd, fd, &options, &callbacks, b, &e), 0);
}

static void open_link(struct bench *b, int fd, int64_t interval)
{
	open_link_for(b, fd, interval, NULL);
}

static void open_bench(struct bench *b, const char *engine, int64_t interval)
{
	*b = (struct bench){.seen = STATES};
	open_link(b, start_agent(&b->side, engine, false), interval);
}

static void close_link(struct bench *b)
{
	link_close(b->link);
	uv_close((uv_handle_t *)&b->guard, NULL);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b->loop), 0);
	sample_set_done(&b->last);
}

// The agent must end by itself when the link is closed.
static void close_bench(struct bench *b)
{
	close_link(b);
	assert_int_equal(join_agent(&b->side), 0);
}

// --- subscriptions

enum { WORKLOADS = (1 << WORKLOAD_KINDS) - 1 };

static size_t count_kind(const struct bench *b, enum kind kind)
{
	return inventory_kind_count(link_inventory(b->link), kind);
}

// Which figures the last tick has of any item.
static uint32_t measured(const struct bench *b)
{
	uint32_t have = 0;

	for (size_t i = 0; i < b->last.count; i++)
		have |= b->last.rows[i].sample.have;
	return have;
}

static void only_what_is_wanted_comes(void **state)
{
	struct bench b = {.seen = STATES};
	struct subscription s = {0};

	(void)state;
	fact_set_add(&subscription_add(&s, WORKLOADS)->facts, FACT_CPU);
	open_link_for(&b, start_agent(&b.side, "fake:12,quiet", false), SECOND / 20, &s);
	AWAIT(&b, b.readies == 1 && b.ticks >= 2 && link_count(b.link, KIND_IMAGE) == 4);
	assert_int_equal(inventory_item_count(link_inventory(b.link)), 12);
	assert_int_equal(link_count(b.link, KIND_NETWORK), 2);
	AWAIT(&b, measured(&b) == METRIC_BIT(METRIC_CPU));
	assert_null(inventory_at(link_inventory(b.link), 0)->image); // a fact that no client asked for
	// the signs of trouble come by themselves
	AWAIT(&b, measured(&b) & METRIC_BIT(METRIC_OOM_KILLS));
	assert_int_equal(measured(&b) & ~(METRIC_BIT(METRIC_CPU) | METRICS_OF_TROUBLE), 0);
	// another kind, then no more
	subscription_add(&s, 1u << KIND_IMAGE)->stored = true;
	link_subscribe(b.link, &s);
	AWAIT(&b, count_kind(&b, KIND_IMAGE) == 4);
	assert_int_equal(count_kind(&b, KIND_NETWORK), 0);
	s.count = 1;
	link_subscribe(b.link, &s);
	AWAIT(&b, count_kind(&b, KIND_IMAGE) == 0);
	assert_int_equal(link_count(b.link, KIND_IMAGE), 4);
	assert_int_equal(inventory_item_count(link_inventory(b.link)), 12);
	subscription_done(&s);
	close_bench(&b);
}

static void more_is_measured_of_one_item(void **state)
{
	struct bench b = {.seen = STATES};
	struct subscription s = {0};

	(void)state;
	fact_set_add(&subscription_add(&s, WORKLOADS)->facts, FACT_CPU);
	open_link_for(&b, start_agent(&b.side, "fake:12,quiet", false), SECOND / 20, &s);
	AWAIT(&b, b.readies == 1 && measured(&b) == METRIC_BIT(METRIC_CPU));
	const char *id = b.last.rows[1].id;
	struct want *one = subscription_add(&s, WORKLOADS);
	strv_add(&one->ids, id);
	fact_set_add(&one->facts, FACT_NET);
	link_subscribe(b.link, &s);
	uint32_t net = METRIC_BIT(METRIC_NET_RX) | METRIC_BIT(METRIC_NET_TX);
	AWAIT(&b, measured(&b) == (METRIC_BIT(METRIC_CPU) | net));
	for (size_t i = 0; i < b.last.count; i++)
		assert_int_equal((b.last.rows[i].sample.have & net) != 0, strcmp(b.last.rows[i].id, s.wants[1].ids.items[0]) == 0);
	subscription_done(&s);
	close_bench(&b);
}

// Of disks those of one guest, of images two in the order of their names, of workloads those that a filter finds.
static void a_part_of_a_list_comes(void **state)
{
	struct bench b = {.seen = STATES};
	struct subscription s = {0};

	(void)state;
	subscription_add(&s, 1u << KIND_DISK)->owner = NULL;
	open_link_for(&b, start_agent(&b.side, "fake:12,quiet", false), SECOND / 20, &s);
	AWAIT(&b, b.readies == 1);
	assert_true(count_kind(&b, KIND_DISK) > 1);
	assert_int_equal(inventory_item_count(link_inventory(b.link)), count_kind(&b, KIND_DISK));
	s.wants[0].stored = true;
	link_subscribe(b.link, &s);
	AWAIT(&b, inventory_item_at(link_inventory(b.link), 0)->owner);
	s.wants[0].owner = mem_strdup(inventory_item_at(link_inventory(b.link), 0)->owner);
	struct want *images = subscription_add(&s, 1u << KIND_IMAGE);
	images->offset = 1;
	images->count = 2;
	images->descending = true;
	struct want *some = subscription_add(&s, WORKLOADS);
	some->filter = mem_strdup("state:running");
	fact_set_add(&some->facts, FACT_MEMORY);
	link_subscribe(b.link, &s);
	AWAIT(&b, count_kind(&b, KIND_DISK) == 1 && count_kind(&b, KIND_IMAGE) == 2 && b.ticks > 2);
	const struct inventory *inv = link_inventory(b.link);
	for (size_t i = 0; i < inventory_count(inv); i++)
		assert_int_equal(inventory_at(inv, i)->state, STATE_RUNNING);
	for (size_t i = inventory_count(inv); i < inventory_item_count(inv); i++)
		if (inventory_item_at(inv, i)->kind == KIND_IMAGE) // of debian, nginx, valkey, worker, from the end
			assert_true(inventory_item_at(inv, i)->name[0] == 'v' || inventory_item_at(inv, i)->name[0] == 'n');
	AWAIT(&b, link_count(b.link, KIND_IMAGE) == 4);
	AWAIT(&b, measured(&b) == METRIC_BIT(METRIC_MEMORY));
	for (size_t i = 0; i < b.last.count; i++)
		assert_non_null(inventory_find_item(inv, b.last.rows[i].id));
	subscription_done(&s);
	close_bench(&b);
}

static void rows_and_figures_arrive(void **state)
{
	struct bench b;

	open_bench(&b, "fake:2500,quiet", SECOND / 10);
	AWAIT(&b, b.readies == 1 && b.ticks >= 4 && b.hosts >= 2);
	assert_int_equal(b.hellos, 1);
	assert_int_equal(inventory_count(link_inventory(b.link)), 2500);
	assert_true(link_is_up(b.link) && link_last_heard(b.link) > 0);
	assert_true(b.host_at > 0 && b.host_at <= clock_mono() && b.host_cpus > 0);
	AWAIT(&b, link_round_trip(b.link) > 0);
	assert_non_null(inventory_find(link_inventory(b.link), b.last.rows[0].id));
	assert_true(inventory_find(link_inventory(b.link), "box/fake/1")->simulated);
	close_bench(&b);
}

static const struct measures everything = {{[0 ... KINDS - 1] = METRICS_ALL}, {0}, 0};

static void figures_are_the_ones_of_the_engine(void **state)
{
	struct bench b;
	const struct engine_ops *ops = &engine_fake;
	struct sample_set set = {0};
	struct err e = {0};
	void *self;

	open_bench(&b, "fake:14,step,quiet", SECOND / 10);
	AWAIT(&b, b.ticks >= 1);
	assert_int_equal(ops->open(&self, "14,step,quiet", false, &e), 0);
	while (!set.count || set.rows[0].sample.at < b.last.rows[0].sample.at) {
		sample_set_clear(&set);
		ops->sample(self, &everything, &set, &e);
	}
	assert_int_equal(set.count, b.last.count);
	for (size_t i = 0; i < set.count; i++)
		assert_memory_equal(&set.rows[i].sample, &b.last.rows[i].sample, sizeof(struct sample));
	sample_set_done(&set);
	ops->close(self);
	close_bench(&b);
}

// The agent in the process of a verb: a reply comes behind the rows or figures that were asked for.
static void an_agent_on_request_does_nothing_unasked(void **state)
{
	struct bench b = {.seen = STATES};

	open_link(&b, start_agent_as(&b.side, "fake:2500,quiet", (struct side){.on_request = true}), 0);
	AWAIT(&b, link_engine(b.link, 0));
	link_read(b.link, "box/fake/1", DOCUMENT_CONFIG, on_reply, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.changes + b.ticks + b.hosts + b.readies, 0);
	link_list(b.link, "fake", KIND_BIT_ANY, 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 2);
	assert_int_equal(b.err.code, 0);
	assert_int_equal(inventory_count(link_inventory(b.link)), 2500);
	assert_int_equal(b.readies, 1);
	link_sample(b.link, "fake", 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 3);
	assert_int_equal(b.err.code, 0);
	assert_int_equal(b.ticks, 1);
	assert_int_equal(b.hosts, 0);
	link_list(b.link, "none", KIND_BIT_ANY, 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 4);
	assert_int_equal(b.err.code, ENOENT);
	close_bench(&b);
}

// Between threads of one process no lines are made of what is long, and it is there before the reply, too.
static void an_agent_hands_over_in_its_process(void **state)
{
	struct handover *handover = handover_new();
	struct bench b = {.seen = STATES};

	open_link(&b,
	          start_agent_as(&b.side, "fake:2500,quiet", (struct side){.on_request = true, .handover = handover}), 0);
	AWAIT(&b, link_engine(b.link, 0));
	for (unsigned i = 1; i <= 2; i++) { // a list that replaces one
		link_list(b.link, "fake", KIND_BIT_ANY, 30 * SECOND, on_reply, &b);
		AWAIT(&b, b.replies == i);
		assert_int_equal(inventory_count(link_inventory(b.link)), 2500);
		assert_true(link_engine(b.link, 0)->listed);
	}
	assert_int_equal(b.changes, inventory_item_count(link_inventory(b.link)));
	assert_int_equal(b.readies, 1);
	link_sample(b.link, "fake", 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 3);
	assert_int_equal(b.ticks, 1);
	assert_true(b.last.count > 0);
	link_read(b.link, inventory_at(link_inventory(b.link), 0)->id, DOCUMENT_CONFIG, on_reply, &b);
	AWAIT(&b, b.replies == 4);
	assert_int_equal(b.err.code, 0);
	assert_true(*b.text);
	close_bench(&b);
	handover_free(handover);
}

static void what_was_handed_over_comes_in_its_order(void **state)
{
	struct handover *h = handover_new();

	assert_null(handover_take(h));
	for (int i = 1; i <= 3; i++)
		handover_put(h, &(struct handed){.request = i, .list = inventory_new(), .engine = mem_strdup("fake")});
	for (int i = 1; i <= 2; i++) {
		struct handed *thing = handover_take(h);

		assert_int_equal(thing->request, i);
		handed_free(thing);
	}
	handover_free(h); // with the third
}

static void an_agent_on_request_says_why_a_list_fails(void **state)
{
	struct bench b = {.seen = STATES};

	open_link(&b, start_agent_as(&b.side, "fake:3,fail", (struct side){.on_request = true}), 0);
	AWAIT(&b, link_engine(b.link, 0));
	link_list(b.link, "fake", KIND_BIT_ANY, 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, ENOTCONN);
	close_bench(&b);
}

static void an_agent_that_lists_by_itself_is_not_asked_to(void **state)
{
	struct bench b;

	open_bench(&b, "fake:3,quiet", 0);
	AWAIT(&b, b.readies == 1);
	link_list(b.link, "fake", KIND_BIT_ANY, 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, ENOSYS);
	link_sample(b.link, "fake", 30 * SECOND, on_reply, &b); // there is no interval
	AWAIT(&b, b.replies == 2);
	assert_int_equal(b.err.code, 0);
	assert_int_equal(b.ticks, 1);
	link_set_interval(b.link, 3600 * SECOND);
	link_sample(b.link, "fake", 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 3);
	assert_int_equal(b.err.code, ENOSYS);
	close_bench(&b);
}

// An interval that is set between a thread's look at it and its nap must not be slept through.
static void a_nap_does_not_miss_the_interval(void **state)
{
	struct agent a = {.interval = SECOND};
	int64_t begin = clock_mono();

	uv_mutex_init(&a.lock);
	uv_cond_init(&a.changed);
	assert_true(agent_nap_while(&a, 3600 * SECOND, 0)); // the thread has seen none yet
	assert_true(agent_nap_while(&a, SECOND / 100, SECOND));
	assert_true(clock_mono() - begin >= SECOND / 100);
	uv_cond_destroy(&a.changed);
	uv_mutex_destroy(&a.lock);
}

static void no_interval_means_no_ticks(void **state)
{
	struct bench b;

	open_bench(&b, "fake:3", 0);
	AWAIT(&b, b.readies == 1 && link_round_trip(b.link) > 0);
	assert_int_equal(b.ticks + b.hosts, 0);
	link_set_interval(b.link, SECOND / 10);
	AWAIT(&b, b.ticks && b.hosts);
	close_bench(&b);
}

static void acting_answers_and_changes_the_row(void **state)
{
	struct bench b;

	open_bench(&b, "fake:14,quiet", 0);
	b.watched = "web-1";
	AWAIT(&b, b.readies == 1);
	assert_true(link_act(b.link, "box/fake/1", VERB_STOP, NULL, 0, on_reply, NULL, &b) > 0);
	AWAIT(&b, b.replies == 1 && b.seen == STATE_EXITED);
	assert_int_equal(b.err.code, 0);
	assert_string_equal(b.event, "web-1: running → exited 143 (SIGTERM)");
	link_act(b.link, "box/fake/1", VERB_DELETE, NULL, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 2 && b.seen == STATES);
	close_bench(&b);
}

static void refusals_carry_their_reason(void **state)
{
	struct bench b;

	open_bench(&b, "fake:14,quiet", 0);
	AWAIT(&b, b.readies == 1);
	link_act(b.link, "box/fake/1", VERB_START, NULL, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, EINVAL);
	assert_non_null(strstr(b.err.text, "is running"));
	link_act(b.link, "box/fake/99", VERB_STOP, NULL, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 2);
	assert_int_equal(b.err.code, ENOENT);
	link_act(b.link, "box/nothing/1", VERB_STOP, NULL, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 3);
	assert_int_equal(b.err.code, ENOENT);
	link_act(b.link, "box/fake/network/2", VERB_PAUSE, NULL, 0, on_reply, NULL, &b); // not the guest with this key
	AWAIT(&b, b.replies == 4);
	assert_int_equal(b.err.code, ENOTSUP);
	assert_non_null(strstr(b.err.text, "'fake' does not support 'pause' for 'local/fake/network/2'"));
	close_bench(&b);
}

static void choices_of_a_field_are_those_of_the_host(void **state)
{
	auto_params so_far = {0};
	struct bench b;

	open_bench(&b, "fake:4,quiet", 0);
	AWAIT(&b, b.readies == 1);
	link_choices(b.link, KIND_GUEST, VERB_CREATE, "pool", "", &so_far, on_reply, &b);
	AWAIT(&b, b.replies == 1);
	assert_string_equal(b.text, "default\nfast");
	link_choices(b.link, KIND_CONTAINER, VERB_RUN, "image", "oci:d", NULL, on_reply, &b);
	AWAIT(&b, b.replies == 2);
	assert_string_equal(b.text, "oci:debian:12");
	link_choices(b.link, KIND_GUEST, VERB_CREATE, "kernel", "/proc/self/cgr", NULL, on_reply, &b);
	AWAIT(&b, b.replies == 3);
	assert_string_equal(b.text, "/proc/self/cgroup");
	link_choices(b.link, KIND_GUEST, VERB_CREATE, "colour", "", NULL, on_reply, &b);
	AWAIT(&b, b.replies == 4);
	assert_int_equal(b.err.code, EINVAL);
	close_bench(&b);
}

// An item that is not a workload: it is listed, changed by a verb of its kind, and another is made.
static void a_kind_of_one_engine_crosses_the_line(void **state)
{
	auto_params size = {0}, name = {0};
	struct bench b;

	open_bench(&b, "fake:4,quiet", 0);
	AWAIT(&b, b.readies == 1);
	assert_non_null(inventory_find_item(link_inventory(b.link), "box/fake/bucket/demo"));
	params_add(&size, "to", "1G");
	link_act(b.link, "box/fake/bucket/demo", VERB_FILL, &size, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, 0);
	AWAIT(&b, inventory_find_item(link_inventory(b.link), "box/fake/bucket/demo")->state == STATE_USED);
	params_add(&name, "name", "second");
	link_create(b.link, KIND_BUCKET, &name, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 2);
	assert_string_equal(b.text, "box/fake/bucket/second");
	AWAIT(&b, inventory_find_item(link_inventory(b.link), "box/fake/bucket/second"));
	link_act(b.link, "box/fake/1", VERB_FILL, &size, 0, on_reply, NULL, &b); // not of its kind
	AWAIT(&b, b.replies == 3);
	assert_int_equal(b.err.code, ENOTSUP);
	close_bench(&b);
}

// What a request says is held against the table before an engine sees it, for each verb.
static void parameters_that_a_verb_does_not_take_are_refused(void **state)
{
	auto_params params = {0};
	struct bench b;
	unsigned replies = 0;

	open_bench(&b, "fake:3,quiet", 0);
	AWAIT(&b, b.readies == 1);
	params_add(&params, "colour", "red");
	for (enum verb v = 0; v < VERBS; v++) {
		if (!(verb_info(v)->flags & ACTS) || verb_info(v)->flags & OF_KIND || !verb_suits(v, KIND_CONTAINER))
			continue;
		link_act(b.link, "box/fake/1", v, &params, 0, on_reply, NULL, &b);
		replies++;
		AWAIT(&b, b.replies == replies);
		assert_int_equal(b.err.code, EINVAL);
		if (!strstr(b.err.text, "'colour'"))
			fail_msg("%s: %s", verb_info(v)->name, b.err.text);
	}
	close_bench(&b);
}

static void creating_gives_the_new_id(void **state)
{
	struct bench b;
	auto_params p = {0};
	auto_params wrong = {0};

	open_bench(&b, "fake:0", 0);
	b.watched = "fresh";
	AWAIT(&b, b.readies == 1);
	params_add(&p, "name", "fresh");
	params_add(&p, "image", "host");
	params_add(&p, "start", "yes");
	link_create(b.link, KIND_CONTAINER, &p, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 1 && b.seen == STATE_RUNNING);
	assert_string_equal(b.text, "box/fake/container/1");
	params_add(&wrong, "name", "-rf");
	link_create(b.link, KIND_GUEST, &wrong, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 2);
	assert_int_equal(b.err.code, EINVAL);
	close_bench(&b);
}

static void documents_travel(void **state)
{
	struct bench b;

	open_bench(&b, "fake:14,quiet", 0);
	AWAIT(&b, b.readies == 1);
	link_read(b.link, "box/fake/14", DOCUMENT_DETAILS, on_reply, &b);
	AWAIT(&b, b.replies == 1);
	assert_non_null(strstr(b.text, "Name: odd-1\n"));
	link_read(b.link, "box/fake/14", DOCUMENT_LOG_TAIL, on_reply, &b);
	AWAIT(&b, b.replies == 2);
	assert_int_equal(b.err.code, 0);
	close_bench(&b);
}

static void slow_work_reports_and_is_cancelled(void **state)
{
	struct bench b;

	open_bench(&b, "fake:10,quiet", 0);
	AWAIT(&b, b.readies == 1);
	unsigned id = link_act(b.link, "box/fake/10", VERB_STOP, NULL, 0, on_reply, on_progress, &b);
	AWAIT(&b, b.reports >= 2);
	assert_int_equal(b.replies, 0);
	link_cancel(b.link, id);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, ECANCELED);
	close_bench(&b);
}

static void many_requests_wait_in_line_and_too_many_are_refused(void **state)
{
	struct bench b;

	open_bench(&b, "fake:10,quiet", 0);
	AWAIT(&b, b.readies == 1);
	unsigned first = link_act(b.link, "box/fake/10", VERB_STOP, NULL, 0, on_reply, NULL, &b);
	for (int i = 0; i < 256; i++)
		link_act(b.link, "box/fake/10", VERB_STOP, NULL, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, EBUSY);
	for (unsigned id = first; id < first + 256; id++)
		link_cancel(b.link, id);
	AWAIT(&b, b.replies == 257);
	link_read(b.link, "box/fake/1", DOCUMENT_DETAILS, on_reply, &b); // and it works again
	AWAIT(&b, b.replies == 258 && b.err.code == 0);
	close_bench(&b);
}

// No request is given up while a workload may still use the time it is given to end.
static void every_verb_has_the_time_it_takes(void **state)
{
	auto_params params = {0}, wrong = {0};

	for (enum verb v = 0; v < VERBS; v++)
		assert_true(!(verb_info(v)->flags & (ACTS | CREATES)) || request_deadline(v, NULL) >= 30 * SECOND);
	for (int kind = 0; kind < WORKLOAD_KINDS; kind++) {
		assert_true(request_deadline(VERB_STOP, NULL) > verb_grace((enum kind)kind) + 10 * SECOND);
		assert_true(request_deadline(VERB_RESTART, NULL) > verb_grace((enum kind)kind) + 10 * SECOND);
	}
	params_add(&params, "timeout", "5m");
	assert_true(request_deadline(VERB_STOP, &params) > 310 * SECOND);
	params_add(&wrong, "timeout", "soon"); // the engine says what is wrong with it
	assert_true(request_deadline(VERB_STOP, &wrong) >= 30 * SECOND);
}

static void a_deadline_is_kept_by_an_engine_that_hangs(void **state)
{
	struct bench b;

	open_bench(&b, "fake:3,hang", 0);
	AWAIT(&b, b.hellos == 1);
	link_act(b.link, "box/fake/1", VERB_STOP, NULL, SECOND / 10, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, ETIMEDOUT);
	AWAIT(&b, b.readies == 1);
	assert_true(str_starts(b.trouble, "no answer since "));
	close_bench(&b); // and it ends although the engine hangs
}

// One whose opening hangs delays no other; what needs it is told, and the agent ends.
static void an_engine_that_does_not_open_delays_no_other(void **state)
{
	char store[] = "/tmp/test_agent.XXXXXX";
	auto_free char *spec = mem_printf("bunk:%s", mkdtemp(store));
	struct bench b = {.seen = STATES, .side = {.on_request = true}};

	strv_add(&b.side.engines, spec);
	open_link(&b, start_agent_as(&b.side, "fake:3,stuck", b.side), 0);
	AWAIT(&b, link_engine(b.link, 1));
	link_list(b.link, "fake", KIND_BIT_ANY, SECOND / 10, on_reply, &b);
	link_list(b.link, "bunk", KIND_BIT_ANY, 30 * SECOND, on_reply, &b);
	AWAIT(&b, b.replies == 1); // the other one's, first
	assert_int_equal(b.err.code, 0);
	AWAIT(&b, b.replies == 2);
	assert_int_equal(b.err.code, ETIMEDOUT);
	unsigned request = link_act(b.link, "box/fake/1", VERB_STOP, NULL, 30 * SECOND, on_reply, NULL, &b);
	link_cancel(b.link, request);
	AWAIT(&b, b.replies == 3);
	assert_int_equal(b.err.code, ECANCELED);
	close_bench(&b);
	assert_int_equal(fs_remove_tree(AT_FDCWD, store, NULL), 0);
}

static void a_dashboard_is_told_of_an_engine_that_does_not_open(void **state)
{
	struct bench b;

	open_bench(&b, "fake:3,stuck", 0);
	AWAIT(&b, b.readies == 1);
	assert_true(str_starts(b.trouble, "no answer since "));
	link_act(b.link, "box/fake/1", VERB_STOP, NULL, 30 * SECOND, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, ETIMEDOUT);
	assert_string_equal(b.err.text, "engine 'fake' could not be opened within 8 seconds");
	close_bench(&b);
}

// Reads and acts on ID, which does not exist, in all ways: each answer is one line that says so.
static void refuse_all(struct bench *b, const char *id)
{
	unsigned asked = b->replies;

	for (enum document document = 0; document < DOCUMENTS; document++) {
		link_read(b->link, id, document, on_reply, b);
		asked++;
		AWAIT(b, b->replies == asked);
		if (!b->err.code ? b->text[0] : !b->err.text[0] || strchr(b->err.text, '\n'))
			fail_msg("%s, document %d: '%s' '%s'", id, (int)document, b->err.text, b->text);
	}
	for (enum verb verb = 0; verb < VERBS; verb++) {
		if (!(verb_info(verb)->flags & ACTS) || verb_info(verb)->flags & OF_KIND || verb == VERB_PUSH)
			continue; // to push asks a registry
		link_act(b->link, id, verb, NULL, 30 * SECOND, on_reply, NULL, b);
		asked++;
		AWAIT(b, b->replies == asked);
		if (!b->err.code || !b->err.text[0] || strchr(b->err.text, '\n'))
			fail_msg("%s, %s: '%s' '%s'", id, verb_info(verb)->name, b->err.text, b->text);
	}
}

// An id whose kind the engine does not have is not taken for one of a container of the same key.
static void every_verb_on_every_kind_is_refused_where_there_is_none(void **state)
{
	char store[] = "/tmp/test_agent.XXXXXX";
	auto_free char *spec = mem_printf("bunk:%s", mkdtemp(store)), *directory = mem_printf("%s/containers", store);
	auto_free char *made = mem_printf("%s/web", directory);
	struct bench b = {.seen = STATES};

	assert_int_equal(mkdir(directory, 0700) + mkdir(made, 0700), 0);
	open_link(&b, start_agent_as(&b.side, spec, (struct side){.on_request = true}), 0);
	AWAIT(&b, link_engine(b.link, 0));
	for (enum kind kind = 0; kind < KINDS; kind++) {
		auto_free char *id = mem_printf("box/bunk/%s/%s", kind_name(kind), kind == KIND_CONTAINER ? "none" : "web");

		refuse_all(&b, id);
	}
	link_read(b.link, "box/bunk/guest/web", DOCUMENT_CONFIG, on_reply, &b);
	unsigned replies = b.replies;
	AWAIT(&b, b.replies == replies + 1);
	assert_string_equal(b.err.text, "no item 'local/bunk/guest/web': engine 'bunk' has none of this kind");
	close_bench(&b);
	assert_int_equal(fs_remove_tree(AT_FDCWD, store, NULL), 0);
}

static void an_engine_that_fails_says_why(void **state)
{
	struct bench b;

	open_bench(&b, "fake:3,fail", 0);
	AWAIT(&b, b.readies == 1);
	assert_non_null(strstr(b.trouble, "is not running"));
	close_bench(&b);
}

static void an_engine_that_is_none_says_so(void **state)
{
	struct bench b;

	open_bench(&b, "fike", 0);
	AWAIT(&b, b.readies == 1);
	assert_non_null(strstr(b.trouble, "unknown engine 'fike'"));
	close_bench(&b);
}

static void a_read_only_agent_refuses_to_write(void **state)
{
	struct bench b = {.seen = STATES};
	auto_params p = {0};

	open_link(&b, start_agent(&b.side, "fake:3", true), 0);
	AWAIT(&b, b.readies == 1);
	link_act(b.link, "box/fake/1", VERB_STOP, NULL, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 1);
	assert_int_equal(b.err.code, EROFS);
	link_create(b.link, KIND_CONTAINER, &p, 0, on_reply, NULL, &b);
	AWAIT(&b, b.replies == 2);
	assert_int_equal(b.err.code, EROFS);
	link_read(b.link, "box/fake/1", DOCUMENT_CONFIG, on_reply, &b);
	AWAIT(&b, b.replies == 3);
	assert_int_equal(b.err.code, 0);
	close_bench(&b);
}

static void requests_on_a_closed_link_are_answered(void **state)
{
	struct bench b;

	open_bench(&b, "fake:10,quiet", 0);
	assert_int_equal(link_act(b.link, "box/fake/1", VERB_STOP, NULL, 0, on_reply, NULL, &b), 0);
	assert_int_equal(b.err.code, ENOTCONN);
	AWAIT(&b, b.readies == 1);
	link_act(b.link, "box/fake/10", VERB_STOP, NULL, 0, on_reply, NULL, &b);
	close_bench(&b);
	assert_int_equal(b.replies, 2);
	assert_int_equal(b.err.code, ECANCELED);
}

// What the agent answers to TEXT, until it closes.
static char *talk(struct side *side, const char *text)
{
	int fd = start_agent(side, "fake:1", false);
	auto_str answer = {0};
	char bytes[4096];

	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	for (ssize_t n; (n = read(fd, bytes, sizeof(bytes))) > 0;)
		str_add_bytes(&answer, bytes, (size_t)n);
	close(fd);
	return str_steal(&answer);
}

static void an_agent_closes_on_a_hostile_peer(void **state)
{
	static const char *const texts[] = {"GET / HTTP/1.1\r\n", "{\"type\":1}\n", "[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
	                                    "{\"type\":\"ping\"\n"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct side side;
		auto_free char *answer = talk(&side, texts[i]);

		assert_int_equal(join_agent(&side), -EPROTO);
		assert_non_null(strstr(answer, "{\"type\":\"error\""));
	}
}

static void an_agent_survives_odd_messages(void **state)
{
	struct bench b;
	int fds[2];

	open_bench(&b, "fake:1", 0);
	AWAIT(&b, b.hellos == 1);
	close_bench(&b);
	b = (struct bench){0};
	fds[1] = start_agent(&b.side, "fake:1", false);
	const char *text =
	    "{\"type\":\"bogus\"}\n{\"type\":\"interval\",\"ms\":-5}\n{\"type\":\"interval\"}\n"
	    "{\"type\":\"cancel\",\"id\":77}\n"
	    "{\"type\":\"request\"}\n{\"type\":\"request\",\"id\":\"x\",\"do\":\"act\"}\n"
	    "{\"type\":\"request\",\"id\":4,\"do\":\"act\",\"workload\":\"local/fake/1\",\"verb\":\"explode\"}\n"
	    "{\"type\":\"request\",\"id\":5,\"do\":\"read\",\"workload\":\"../../etc/passwd\",\"document\":\"config\"}\n"
	    "{\"type\":\"request\",\"id\":6,\"do\":\"create\",\"kind\":\"ghost\",\"params\":{}}\n"
	    "{\"type\":\"request\",\"id\":7,\"do\":\"create\",\"kind\":\"container\",\"params\":[[\"image\"]]}\n"
	    "{\"type\":\"error\",\"text\":\"x\"}\n{\"type\":\"hello\"}\n{\"type\":\"ping\",\"stamp\":123454321}\n";
	assert_int_equal(send(fds[1], text, strlen(text), MSG_NOSIGNAL), strlen(text));
	auto_str answer = {0};
	char bytes[4096];
	while (!strstr(str_text(&answer), "123454321")) {
		ssize_t n = read(fds[1], bytes, sizeof(bytes));
		assert_true(n > 0);
		str_add_bytes(&answer, bytes, (size_t)n);
	}
	assert_non_null(strstr(answer.text, "unknown message 'bogus'"));
	assert_non_null(strstr(answer.text, "unknown verb 'explode'"));
	close(fds[1]);
	assert_int_equal(join_agent(&b.side), 0);
}

#define HELLO "{\"type\":\"hello\",\"version\":1,\"program\":\"test\",\"cpus\":1,\"engines\":1}\n"
#define ENGINE "{\"type\":\"engine\",\"name\":\"fake\",\"kind\":\"guest\"}\n"
#define ROW(ID) "{\"id\":\"" ID "\",\"name\":\"n\",\"kind\":\"guest\",\"state\":\"off\"}"
#define ROWS(PUT) "{\"type\":\"rows\",\"engine\":\"fake\",\"begin\":true,\"put\":[" PUT "],\"end\":true}\n"

// A link whose agent is TEXT.
static void open_script(struct bench *b, const char *text, int *fd)
{
	int fds[2];

	*b = (struct bench){.seen = STATES};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	*fd = fds[0];
	assert_int_equal(send(fds[0], text, strlen(text), MSG_NOSIGNAL), strlen(text));
	open_link(b, fds[1], 0);
}

static void a_link_closes_on_a_hostile_agent(void **state)
{
	static const char *const texts[] = {
		"Last login: today\n",
		"{\"type\":\"hello\"}\n",
		ROWS(ROW("local/fake/1")), // before the hello
		HELLO ROWS(ROW("local/fake/1")), // of no engine
		HELLO ENGINE ROWS(ROW("local/other/1")),
		HELLO ENGINE ROWS(ROW("box/fake/1")),
		HELLO ENGINE ROWS(ROW("local/fake/")),
		HELLO ENGINE "{\"type\":\"rows\",\"engine\":\"fake\",\"drop\":[5]}\n",
		HELLO "{\"type\":\"engine\",\"name\":\"../x\"}\n",
		HELLO "{\"type\":\"engine\"}\n",
		HELLO ENGINE "{\"type\":\"tick\",\"engine\":\"fake\",\"group\":0,\"at\":1,\"cpu\":[1]}\n",
		HELLO ENGINE "{\"type\":\"ids\",\"engine\":\"fake\",\"group\":7,\"ids\":[]}\n",
		HELLO ENGINE "{\"type\":\"ids\",\"engine\":\"fake\",\"group\":0,\"ids\":[1]}\n",
		HELLO ENGINE "{\"type\":\"ids\",\"engine\":\"fake\",\"group\":0,\"ids\":[\"local/fake/1\"]}\n"
		             "{\"type\":\"tick\",\"engine\":\"fake\",\"group\":0,\"at\":1,\"cpu\":[1,2]}\n",
		HELLO "[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct bench b;
		char byte;
		int fd;

		open_script(&b, texts[i], &fd);
		AWAIT(&b, b.lost == 1);
		assert_true(b.why[0]);
		assert_false(link_is_up(b.link));
		assert_int_equal(inventory_count(link_inventory(b.link)), 0);
		close_link(&b);
		while (recv(fd, &byte, 1, 0) > 0)
			;
		close(fd); // it was closed from the other side
	}
}

// Writes a long script while the link reads it.
struct writer {
	int fd;
	struct str text;
	pthread_t thread;
};

static void *write_script(void *argument)
{
	struct writer *w = argument;

	for (size_t at = 0; at < w->text.length;) {
		ssize_t n = send(w->fd, w->text.text + at, w->text.length - at, MSG_NOSIGNAL);
		if (n <= 0)
			break; // the link has closed
		at += (size_t)n;
	}
	return NULL;
}

static void begin_script(struct bench *b, struct writer *w)
{
	open_script(b, HELLO ENGINE, &w->fd);
	assert_int_equal(pthread_create(&w->thread, NULL, write_script, w), 0);
}

static void end_script(struct bench *b, struct writer *w)
{
	close_link(b);
	shutdown(w->fd, SHUT_RDWR);
	pthread_join(w->thread, NULL);
	close(w->fd);
	str_done(&w->text);
}

static void long_texts_are_cut(void **state)
{
	auto_free char *long_text = mem_printf("%0*d", 5000, 7);
	struct writer w = {0};
	struct bench b;

	str_addf(&w.text, "{\"type\":\"event\",\"text\":\"%s\"}\n", long_text);
	str_add(
	    &w.text,
	    "{\"type\":\"rows\",\"engine\":\"fake\",\"begin\":true,\"end\":true,\"put\":[{\"id\":\"local/fake/1\",\"kind\":\"guest\",\"state\":\"off\",");
	str_addf(&w.text, "\"name\":\"\u00fc%s\",\"image\":\"%s\",\"reason\":\"%s\",\"labels\":[", long_text, long_text,
	         long_text);
	for (int i = 0; i < 100; i++)
		str_addf(&w.text, "%s\"%s\"", i ? "," : "", long_text);
	str_add(&w.text, "]}]}\n");
	begin_script(&b, &w);
	AWAIT(&b, b.readies == 1);
	const struct workload *kept = inventory_find(link_inventory(b.link), "box/fake/1");
	assert_true(b.longest == WIRE_TEXT_MAX && str_ends(b.event, "0"));
	assert_true(kept && strlen(kept->name) <= 255 && str_ends(kept->name, "…") && str_ends(kept->image, "…") &&
	            str_ends(kept->reason, "…"));
	assert_int_equal(kept->labels.count, 64);
	assert_string_equal(kept->labels.items[64 - 1], "… (37 more)");
	assert_true(item_bytes(&kept->item) < ITEM_BYTES_MOST);
	end_script(&b, &w);
}

// What comes too fast is counted and told, once a second.
static void a_flood_of_events_is_counted(void **state)
{
	struct writer w = {0};
	struct bench b;

	for (int i = 0; i < 20000; i++)
		str_addf(&w.text, "{\"type\":\"event\",\"text\":\"%d\"}\n", i);
	begin_script(&b, &w);
	AWAIT(&b, strstr(b.event, "more events were dropped"));
	assert_true(b.events < 20000 / 2 && b.events > WIRE_EVENTS_BURST);
	end_script(&b, &w);
}

// Each of these, whole, would take more memory than a link may.
static void what_a_link_holds_is_bounded(void **state)
{
	static const char *const whys[] = {"more than 32 MiB of items", "more than 8 MiB of ids", "more than 20000 items"};
	auto_free char *label = mem_printf("%0*d", 500, 7), *pad = mem_printf("%0*d", 900, 7);

	for (size_t k = 0; k < ARRAY_SIZE(whys); k++) {
		struct writer w = {0};
		struct bench b;

		for (int i = 0; i < 30000 && w.text.length < 60 << 20; i++)
			if (k == 1 && i % 1000 == 0)
				str_addf(&w.text, "%s{\"type\":\"ids\",\"engine\":\"fake\",\"group\":%d,\"ids\":[\"local/fake/%d\"",
				         i ? "]}\n" : "", i / 1000 % 10, i);
			else if (k == 1)
				str_addf(&w.text, ",\"local/fake/%s%d\"", pad, i);
			else
				str_addf(&w.text, "{\"type\":\"rows\",\"engine\":\"fake\",\"put\":[" ROW("local/fake/%d") "]}\n", i);
		for (int i = 0; k == 0 && i < 2000; i++) {
			if (i == 0)
				str_clear(&w.text);
			str_addf(
			    &w.text,
			    "{\"type\":\"rows\",\"engine\":\"fake\",\"put\":[{\"id\":\"local/fake/%d\",\"name\":\"n\",\"kind\":\"guest\",\"state\":\"off\",\"labels\":[",
			    i);
			for (int j = 0; j < 60; j++)
				str_addf(&w.text, "%s\"%s\"", j ? "," : "", label);
			str_add(&w.text, "]}]}\n");
		}
		str_add(&w.text, k == 1 ? "]}\n" : "");
		begin_script(&b, &w);
		AWAIT(&b, b.lost == 1);
		if (!strstr(b.why, whys[k]))
			fail_msg("'%s' is not about '%s'", b.why, whys[k]);
		end_script(&b, &w);
	}
}

// Rows that come and go do not add up.
static void what_is_gone_is_not_counted(void **state)
{
	auto_free char *label = mem_printf("%0*d", 500, 7);
	struct writer w = {0};
	struct bench b;

	for (int i = 0; i < 2000; i++) {
		str_addf(
		    &w.text,
		    "{\"type\":\"rows\",\"engine\":\"fake\",\"drop\":[\"local/fake/%d\"],\"put\":[{\"id\":\"local/fake/%d\",\"name\":\"n\",\"kind\":\"guest\",\"state\":\"off\",\"labels\":[",
		    i - 1, i);
		for (int j = 0; j < 60; j++)
			str_addf(&w.text, "%s\"%s\"", j ? "," : "", label);
		str_add(&w.text, "]}]}\n");
	}
	str_add(&w.text, ROWS(""));
	begin_script(&b, &w);
	AWAIT(&b, b.readies == 1 || b.lost);
	assert_int_equal(b.lost, 0);
	assert_int_equal(inventory_count(link_inventory(b.link)), 0);
	end_script(&b, &w);
}

// An agent that only asks: its questions are answered until it does not read the answers.
static void an_agent_that_does_not_read_is_left(void **state)
{
	struct writer w = {0};
	struct bench b;

	for (int i = 0; i < 200000; i++)
		str_add(
		    &w.text,
		    "{\"type\":\"what is a type that no agent has ever known and that is answered at length every time it "
		    "comes\"}\n");
	begin_script(&b, &w);
	AWAIT(&b, b.lost == 1);
	assert_non_null(strstr(b.why, "does not respond"));
	end_script(&b, &w);
}

static void a_link_takes_what_it_does_not_know(void **state)
{
	const char *text = HELLO "{\"type\":\"weather\",\"rain\":true}\n" ENGINE ROWS(ROW(
	    "local/fake/1") ",{\"id\":\"local/fake/2\",\"name\":\"x\",\"kind\":\"guest\",\"state\":\"levitating\"},"
	                    "{\"id\":\"local/fake/4\",\"name\":\"z\",\"kind\":\"pod\",\"state\":\"off\"},"
	                    "{\"id\":\"local/fake/3\",\"name\":\"y\",\"kind\":\"guest\",\"state\":\"off\",\"colour\":\"red\",\"cpus\":-5}");
	struct bench b;
	char bytes[4096];
	int fd;

	open_script(&b, text, &fd);
	AWAIT(&b, b.readies == 1);
	assert_int_equal(b.lost, 0);
	assert_int_equal(inventory_count(link_inventory(b.link)), 2); // not those of a state or kind of the future
	assert_string_equal(
	    b.event,
	    "fake: some items are not shown: field 'state' has the wrong type or value (update hostel on this host)");
	assert_int_equal(b.events, 1);
	assert_true(inventory_find(link_inventory(b.link), "box/fake/3")->cpus >= 0);
	auto_str answer = {0};
	while (!strstr(str_text(&answer), "weather")) {
		ssize_t n = read(fd, bytes, sizeof(bytes));
		assert_true(n > 0);
		str_add_bytes(&answer, bytes, (size_t)n);
	}
	assert_non_null(strstr(answer.text, "{\"type\":\"error\""));
	close_link(&b);
	close(fd);
}

static void a_lost_link_keeps_its_rows_and_fails_its_requests(void **state)
{
	struct bench b;
	int fd;

	open_script(&b, HELLO ENGINE ROWS(ROW("local/fake/1")), &fd);
	AWAIT(&b, b.readies == 1);
	link_act(b.link, "box/fake/1", VERB_START, NULL, 0, on_reply, NULL, &b);
	close(fd);
	AWAIT(&b, b.lost == 1 && b.replies == 1);
	assert_int_equal(b.err.code, ECONNRESET);
	assert_int_equal(inventory_count(link_inventory(b.link)), 1);
	assert_int_equal(link_retry_in(b.link), -1);
	close_link(&b);
}

// What a peer of version 1 is sent, up to its second tick.
static void hear_as_version_1(struct str *heard)
{
	static const char text[] = "{\"type\":\"hello\",\"version\":1}\n{\"type\":\"interval\",\"ms\":50}\n";
	struct side side;
	char bytes[65536];
	int fd = start_agent(&side, "fake:12,quiet", false);
	const char *first = NULL;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	while (!first || !strstr(first + 1, "\"tick\"")) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		assert_true(n > 0);
		str_add_bytes(heard, bytes, (size_t)n);
		first = strstr(str_text(heard), "\"tick\"");
	}
	close(fd);
	assert_int_equal(join_agent(&side), 0);
}

static void a_client_of_version_1_is_sent_workloads_in_its_names(void **state)
{
	static const char *const never[] = {"\"image\",\"state", "\"kind\":\"image\"", "\"kind\":\"network\"",
	                                    "\"kind\":\"disk\"", "fake/disk/",         "fake/interface/",
	                                    "fake/container/",    "fake/guest/",
	                                    "\"isolation\"",     "\"host-rss\""};
	auto_str heard = {0};

	hear_as_version_1(&heard);
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (strstr(str_text(&heard), never[i]))
			fail_msg("a client of version 1 hears %s", never[i]);
	assert_non_null(strstr(heard.text, "\"posture\""));
	assert_non_null(strstr(heard.text, "\"memory-host\""));
	assert_non_null(strstr(heard.text, "\"id\":\"local/fake/12\""));
}

// Lines of such an agent, as they were recorded.
static void an_agent_of_version_1_is_understood(void **state)
{
	struct bench b;
	char bytes[4096];
	int fd;
	auto_str asked = {0};

	open_script(&b, agent_1_lines, &fd);
	AWAIT(&b, b.readies == 1 && b.ticks == 2);
	assert_int_equal(b.lost + b.events, 0);
	const struct inventory *inv = link_inventory(b.link);
	assert_int_equal(inventory_count(inv), 4);
	assert_int_equal(inventory_item_count(inv), 4);
	const struct workload *web = inventory_find(inv, "box/fake/1");
	assert_string_equal(web->name, "web-1");
	assert_string_equal(web->id, "box/fake/container/1"); // whatever its agent calls it
	assert_int_equal(web->state, STATE_RUNNING);
	assert_true(posture_stands(&web->posture, BARRIER_SECCOMP));
	assert_int_equal(web->memory_limit, 512 << 20);
	assert_string_equal(b.last.rows[0].id, "box/fake/container/1");
	assert_true(sample_has(&b.last.rows[0].sample, METRIC_MEMORY_HOST));
	link_act(b.link, web->id, VERB_STOP, NULL, 0, on_reply, NULL, &b);
	while (!strstr(str_text(&asked), "\"request\"")) {
		uv_run(&b.loop, UV_RUN_NOWAIT);
		ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		str_add_bytes(&asked, bytes, n > 0 ? (size_t)n : 0);
	}
	assert_non_null(strstr(asked.text, "\"local/fake/1\""));
	close_link(&b);
	close(fd);
}

static const struct item *first_of(const struct inventory *inv, enum kind kind)
{
	for (size_t i = 0; i < inventory_item_count(inv); i++)
		if (inventory_item_at(inv, i)->kind == kind)
			return inventory_item_at(inv, i);
	return NULL;
}

static bool has_figures(const struct bench *b, const char *id, enum metric m)
{
	for (size_t i = 0; i < b->last.count; i++)
		if (strcmp(b->last.rows[i].id, id) == 0)
			return sample_has(&b->last.rows[i].sample, m);
	return false;
}

static void items_of_every_kind_travel(void **state)
{
	struct bench b;

	open_bench(&b, "fake:12,quiet", SECOND / 10);
	AWAIT(&b, b.readies == 1 && b.ticks > 1);
	const struct inventory *inv = link_inventory(b.link);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		const struct item *item = first_of(inv, kind);

		if (!item)
			fail_msg("there is no %s", kind_name(kind));
		assert_string_equal(item->host, "box");
		assert_string_equal(item->engine, "fake");
	}
	assert_int_equal(inventory_count(inv), 12);
	const struct item *disk = first_of(inv, KIND_DISK), *net = first_of(inv, KIND_INTERFACE);
	assert_non_null(inventory_find(inv, disk->owner)); // references are ids of this side
	assert_non_null(inventory_find_item(inv, net->uses.items[0]));
	assert_true(has_figures(&b, disk->id, METRIC_READ));
	assert_false(has_figures(&b, disk->id, METRIC_CPU));
	close_bench(&b);
}

// A small generator of its own: the same mutations in every run.
static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void mutated_lines_end_in_an_error_or_are_taken(void **state)
{
	static const char text[] = HELLO ENGINE ROWS(ROW("local/fake/1") "," ROW("local/fake/2"))
		"{\"type\":\"ids\",\"engine\":\"fake\",\"group\":0,\"ids\":[\"local/fake/1\",\"local/fake/2\"]}\n"
		"{\"type\":\"tick\",\"engine\":\"fake\",\"group\":0,\"at\":7,\"cpu\":[1,null],\"memory\":[5,6]}\n"
		"{\"type\":\"host\",\"at\":1,\"cpus\":2,\"load\":0.5}\n"
		"{\"type\":\"reply\",\"id\":1,\"error\":{\"code\":2,\"text\":\"x\"}}\n"
		"{\"type\":\"progress\",\"id\":1,\"fraction\":0.5}\n{\"type\":\"pong\",\"stamp\":1}\n"
		"{\"type\":\"event\",\"text\":\"t\"}\n";
	unsigned seed = 1;

	for (int round = 0; round < 300; round++) {
		char mutated[sizeof(text)];
		struct bench b;
		int fd;

		memcpy(mutated, text, sizeof(text));
		for (unsigned n = 1 + next_random(&seed) % 4; n > 0; n--)
			mutated[strlen(HELLO) + next_random(&seed) % (sizeof(text) - 1 - strlen(HELLO))] =
			    "{}[]\",:0-9ex/\\\n"[next_random(&seed) % 15];
		open_script(&b, mutated, &fd);
		shutdown(fd, SHUT_WR);
		AWAIT(&b, b.lost == 1); // at its end at the latest
		close_link(&b);
		close(fd);
	}
}

static void streams_are_command_lines_with_operands_behind_dashes(void **state)
{
	struct bench b;
	auto_strv argv = {0};
	auto_params p = {0};
	auto_str line = {0};
	int fd;

	open_script(&b, HELLO, &fd);
	params_add(&p, "tty", "yes");
	params_add(&p, "user", "me");
	params_add(&p, "command", "-x");
	link_stream_argv(b.link, "box/fake/1", STREAM_EXEC, &p, &argv);
	for (size_t i = 1; i < argv.count; i++)
		str_addf(&line, "%s ", argv.items[i]);
	assert_string_equal(str_text(&line), "exec --tty --user=me -- local/fake/1 -x ");
	close_link(&b);
	close(fd);
}

static void hosts_that_ssh_would_take_for_options_are_refused(void **state)
{
	static const char *const hosts[] = {"", "-oProxyCommand=reboot", "a b", "a\nb", "a/b", "\x1b[0m"};
	auto_strv words = {0};
	struct err e = {0};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		auto_strv argv = {0};

		assert_int_equal(link_remote_argv(hosts[i], &words, false, &argv, &e), -EINVAL);
	}
}

static void words_for_another_machine_are_quoted(void **state)
{
	auto_strv words = {0};
	auto_strv argv = {0};
	struct err e = {0};

	unsetenv("XDG_RUNTIME_DIR");
	setenv("HOSTEL_SSH", "/opt/ssh -F /etc/x", 1);
	strv_add(&words, "exec");
	strv_add(&words, "it's; $(reboot) `x`");
	strv_add(&words, "");
	assert_int_equal(link_remote_argv("me@box", &words, true, &argv, &e), 0);
	assert_string_equal(argv.items[0], "/opt/ssh");
	assert_string_equal(argv.items[2], "/etc/x");
	assert_string_equal(argv.items[argv.count - 3], "--");
	assert_string_equal(argv.items[argv.count - 2], "me@box");
	assert_string_equal(argv.items[argv.count - 1], "hostel exec 'it'\\''s; $(reboot) `x`' ''");
	unsetenv("HOSTEL_SSH");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_figures_arrive),
		cmocka_unit_test(figures_are_the_ones_of_the_engine),
		cmocka_unit_test(an_agent_on_request_does_nothing_unasked),
		cmocka_unit_test(an_agent_on_request_says_why_a_list_fails),
		cmocka_unit_test(an_agent_hands_over_in_its_process),
		cmocka_unit_test(what_was_handed_over_comes_in_its_order),
		cmocka_unit_test(an_agent_that_lists_by_itself_is_not_asked_to),
		cmocka_unit_test(a_nap_does_not_miss_the_interval),
		cmocka_unit_test(no_interval_means_no_ticks),
		cmocka_unit_test(acting_answers_and_changes_the_row),
		cmocka_unit_test(refusals_carry_their_reason),
		cmocka_unit_test(choices_of_a_field_are_those_of_the_host),
		cmocka_unit_test(a_kind_of_one_engine_crosses_the_line),
		cmocka_unit_test(creating_gives_the_new_id),
		cmocka_unit_test(documents_travel),
		cmocka_unit_test(slow_work_reports_and_is_cancelled),
		cmocka_unit_test(many_requests_wait_in_line_and_too_many_are_refused),
		cmocka_unit_test(every_verb_has_the_time_it_takes),
		cmocka_unit_test(a_deadline_is_kept_by_an_engine_that_hangs),
		cmocka_unit_test(an_engine_that_does_not_open_delays_no_other),
		cmocka_unit_test(a_dashboard_is_told_of_an_engine_that_does_not_open),
		cmocka_unit_test(every_verb_on_every_kind_is_refused_where_there_is_none),
		cmocka_unit_test(an_engine_that_fails_says_why),
		cmocka_unit_test(an_engine_that_is_none_says_so),
		cmocka_unit_test(a_read_only_agent_refuses_to_write),
		cmocka_unit_test(parameters_that_a_verb_does_not_take_are_refused),
		cmocka_unit_test(requests_on_a_closed_link_are_answered),
		cmocka_unit_test(an_agent_closes_on_a_hostile_peer),
		cmocka_unit_test(an_agent_survives_odd_messages),
		cmocka_unit_test(a_link_closes_on_a_hostile_agent),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(a_flood_of_events_is_counted),
		cmocka_unit_test(what_a_link_holds_is_bounded),
		cmocka_unit_test(what_is_gone_is_not_counted),
		cmocka_unit_test(an_agent_that_does_not_read_is_left),
		cmocka_unit_test(a_link_takes_what_it_does_not_know),
		cmocka_unit_test(only_what_is_wanted_comes),
		cmocka_unit_test(more_is_measured_of_one_item),
		cmocka_unit_test(a_part_of_a_list_comes),
		cmocka_unit_test(a_client_of_version_1_is_sent_workloads_in_its_names),
		cmocka_unit_test(an_agent_of_version_1_is_understood),
		cmocka_unit_test(items_of_every_kind_travel),
		cmocka_unit_test(a_lost_link_keeps_its_rows_and_fails_its_requests),
		cmocka_unit_test(mutated_lines_end_in_an_error_or_are_taken),
		cmocka_unit_test(streams_are_command_lines_with_operands_behind_dashes),
		cmocka_unit_test(hosts_that_ssh_would_take_for_options_are_refused),
		cmocka_unit_test(words_for_another_machine_are_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
