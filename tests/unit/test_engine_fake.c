// The fake engine and the registry: what screen tests and demonstrations rely on.
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/fake.h"
#include "engine/registry.h"
#include "model/id.h"

static struct engine open_fake(const char *spec)
{
	struct engine engine = {0};
	struct err e = {0};

	assert_int_equal(engine_open(&engine, spec, false, &e), 0);
	return engine;
}

static struct inventory *list(const struct engine *engine)
{
	struct inventory *inv = inventory_new();
	struct err e = {0};

	inventory_begin(inv, NULL);
	assert_int_equal(engine->ops->list(engine->self, inv, &e), 0);
	inventory_end(inv);
	return inv;
}

static enum item_state state_of(const struct engine *engine, const char *name)
{
	struct inventory *inv = list(engine);
	const struct workload *w = inventory_lookup(inv, name, -1, NULL);
	enum item_state state = w ? w->state : STATES;

	inventory_free(inv);
	return state;
}

static void a_spec_names_engine_and_place(void **state)
{
	struct engine engine = open_fake("fake:30");
	struct inventory *inv = list(&engine);

	assert_string_equal(engine.ops->name, "fake");
	assert_string_equal(engine.spec, "fake:30");
	assert_int_equal(inventory_count(inv), 30);
	inventory_free(inv);
	engine_close(&engine);
	engine_close(&engine);
}

static void a_wrong_spec_says_what_there_is(void **state)
{
	struct engine engine = {0};
	struct err e = {0};

	assert_int_equal(engine_open(&engine, "fike:3", false, &e), -EINVAL);
	assert_non_null(strstr(e.text, "'fike'"));
	assert_non_null(strstr(e.text, "fake"));
	assert_int_equal(engine_open(&engine, "fake:many", false, &e), -EINVAL);
	assert_non_null(strstr(e.text, "fake:many"));
	assert_null(engine.ops);
}

static void the_usual_engines_are_real(void **state)
{
	auto_strv specs = {0};

	engine_add_defaults(&specs);
	assert_true(specs.count > 0);
	for (size_t i = 0; i < specs.count; i++) {
		assert_string_not_equal(specs.items[i], "fake");
		assert_string_equal(engine_find(specs.items[i])->name, specs.items[i]);
	}
}

static void every_row_is_marked_and_both_kinds_occur(void **state)
{
	struct engine engine = open_fake("fake:20");
	struct inventory *inv = list(&engine);
	unsigned kinds[KINDS] = {0}, states[STATES] = {0};

	for (size_t i = 0; i < inventory_count(inv); i++) {
		const struct workload *w = inventory_at(inv, i);

		assert_true(w->simulated);
		assert_string_equal(w->engine, "fake");
		kinds[w->kind]++;
		states[w->state]++;
	}
	assert_true(kinds[KIND_GUEST] > 3 && kinds[KIND_CONTAINER] > 3);
	assert_true(states[STATE_RUNNING] && states[STATE_PAUSED] && states[STATE_EXITED] && states[STATE_OFF] &&
	            states[STATE_CRASHED]);
	inventory_free(inv);
	engine_close(&engine);
}

static const struct measures everything = {{[0 ... KINDS - 1] = METRICS_ALL}, {0}, 0};

static void take_sample(const struct engine *engine, struct sample_set *set)
{
	struct err e = {0};

	sample_set_clear(set);
	assert_int_equal(engine->ops->sample(engine->self, &everything, set, &e), 0);
}

static void a_stepped_clock_gives_the_same_figures_in_every_run(void **state)
{
	struct engine a = open_fake("fake:50,step"), b = open_fake("fake:50,step");
	struct sample_set x = {0}, y = {0};

	for (int tick = 0; tick < 50; tick++) {
		take_sample(&a, &x);
		take_sample(&b, &y);
		assert_int_equal(x.count, y.count);
		assert_int_equal(x.rows[0].sample.at, FAKE_MONO + (tick + 1) * SECOND);
		for (size_t i = 0; i < x.count; i++) {
			assert_string_equal(x.rows[i].id, y.rows[i].id);
			assert_memory_equal(&x.rows[i].sample, &y.rows[i].sample, sizeof(struct sample));
		}
	}
	sample_set_done(&x);
	sample_set_done(&y);
	engine_close(&a);
	engine_close(&b);
}

// Nothing is measured before the rows have been handed on; then all of the past at once, and the clock stops.
static void a_past_is_measured_at_once_and_then_time_stops(void **state)
{
	struct engine engine = open_fake("fake:12,past=3");
	struct sample_set set = {0};
	struct err e = {0};
	static const int more[] = {1, 1, 0, 0};

	assert_int_equal(engine.ops->sample(engine.self, &everything, &set, &e), 0);
	assert_int_equal(set.count, 0);
	inventory_free(list(&engine));
	engine.ops->wait(engine.self, 0, &e);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		sample_set_clear(&set);
		assert_int_equal(engine.ops->sample(engine.self, &everything, &set, &e), more[i]);
		assert_int_equal(set.rows[0].sample.at, FAKE_MONO + (i < 3 ? (int64_t)i + 1 : 3) * SECOND);
	}
	sample_set_done(&set);
	engine_close(&engine);
}

static struct proc_host measure_host(const struct engine *engine, struct sample_set *set)
{
	struct proc_host host;
	int64_t at;

	take_sample(engine, set);
	engine->ops->host(engine->self, &at, &host);
	assert_int_equal(at, set->rows[0].sample.at);
	assert_int_equal(host.wall, FAKE_WALL + at - FAKE_MONO);
	return host;
}

static uint64_t total(const struct sample_set *set, enum metric metric)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < set->count; i++)
		sum += id_is_workload(set->rows[i].id) ? set->rows[i].sample.value[metric] : 0;
	return sum;
}

static void the_host_uses_what_its_workloads_use_and_a_little_more(void **state)
{
	struct engine engine = open_fake("fake:12,step,quiet");
	struct sample_set before = {0}, now = {0};
	struct proc_host a = measure_host(&engine, &before), b = measure_host(&engine, &now);
	double own = (double)(b.busy_ns - a.busy_ns) - (double)(total(&now, METRIC_CPU) - total(&before, METRIC_CPU));

	assert_true(own > 0.05 * SECOND && own < 0.5 * SECOND);
	uint64_t cpus = 0;
	for (unsigned i = 0; i < b.cpu_count; i++)
		cpus += b.cpu_ns[i] - a.cpu_ns[i];
	assert_int_equal(b.cpu_count, b.cpus);
	assert_true(cpus <= b.busy_ns - a.busy_ns && cpus + 1000 > b.busy_ns - a.busy_ns);
	assert_int_equal(b.net_rx - a.net_rx, total(&now, METRIC_NET_RX) - total(&before, METRIC_NET_RX));
	assert_true(b.memory_total - b.memory_available > total(&now, METRIC_MEMORY_HOST));
	assert_true(b.memory_available < b.memory_total);
	sample_set_done(&before);
	sample_set_done(&now);
	engine_close(&engine);
}

static void the_figures_of_a_host_never_decrease(void **state)
{
	struct engine engine = open_fake("fake:12,step"); // flap-1 exits and restarts
	struct sample_set set = {0};
	struct proc_host last = {0};

	for (int i = 0; i < 90; i++) {
		struct proc_host now = measure_host(&engine, &set);

		assert_true(now.busy_ns >= last.busy_ns && now.net_rx >= last.net_rx && now.disk_write >= last.disk_write);
		last = now;
	}
	sample_set_done(&set);
	engine_close(&engine);
}

static void counters_never_go_back_and_give_the_rates_of_their_script(void **state)
{
	struct engine engine = open_fake("fake:14,step,quiet");
	struct sample_set before = {0}, now = {0};
	double sum = 0;

	take_sample(&engine, &before);
	for (int tick = 0; tick < 60; tick++) {
		take_sample(&engine, &now);
		for (size_t i = 0; i < now.count; i++)
			for (enum metric m = 0; m < METRICS; m++)
				if (metric_info(m)->type == METRIC_COUNTER && sample_has(&now.rows[i].sample, m))
					assert_true(now.rows[i].sample.value[m] >= before.rows[i].sample.value[m]);
		struct rates r;
		rates_make(&r, &before.rows[0].sample, &now.rows[0].sample);
		sum += rates_get(&r, METRIC_CPU);
		struct sample_set swap = before;
		before = now;
		now = swap;
	}
	assert_true(sum / 60 > 11.9 && sum / 60 < 12.1); // two whole waves of web-1 around 12 %
	sample_set_done(&before);
	sample_set_done(&now);
	engine_close(&engine);
}

static void only_what_has_processes_is_sampled_and_missing_is_missing(void **state)
{
	struct engine engine = open_fake("fake:14,step,quiet");
	struct sample_set set = {0};
	bool seen = false;

	take_sample(&engine, &set);
	for (size_t i = 0; i < set.count; i++) {
		assert_string_not_equal(set.rows[i].id, "local/fake/guest/5"); // old-dos is off
		if (strcmp(set.rows[i].id, "local/fake/container/13") == 0) {      // mute
			seen = true;
			assert_true(sample_has(&set.rows[i].sample, METRIC_CPU));
			assert_false(sample_has(&set.rows[i].sample, METRIC_MEMORY));
		}
	}
	assert_true(seen);
	sample_set_done(&set);
	engine_close(&engine);
}

static int act(const struct engine *engine, const char *id, enum verb verb, struct err *e)
{
	return engine->ops->act(engine->self, id, verb, NULL, NULL, e);
}

static void verbs_act_and_are_refused_with_a_reason(void **state)
{
	struct engine engine = open_fake("fake:14,step");
	struct err e = {0};

	assert_int_equal(act(&engine, "local/fake/guest/1", VERB_PAUSE, &e), -ENOENT); // it is a container
	assert_int_equal(act(&engine, "local/fake/container/1", VERB_PAUSE, &e), 0);
	assert_int_equal(state_of(&engine, "web-1"), STATE_PAUSED);
	assert_int_equal(act(&engine, "local/fake/1", VERB_PAUSE, &e), -EINVAL);
	assert_non_null(strstr(e.text, "'web-1'"));
	assert_int_equal(act(&engine, "local/fake/1", VERB_RESUME, &e), 0);
	assert_int_equal(act(&engine, "local/fake/1", VERB_STOP, &e), 0);
	assert_int_equal(state_of(&engine, "web-1"), STATE_EXITED);
	assert_int_equal(act(&engine, "local/fake/1", VERB_DELETE, &e), 0);
	assert_int_equal(state_of(&engine, "web-1"), STATES);
	assert_int_equal(act(&engine, "local/fake/1", VERB_START, &e), -ENOENT);
	assert_int_equal(act(&engine, "local/fake/11", VERB_STOP, &e), -EIO); // stubborn
	assert_int_equal(act(&engine, "local/fake/2", VERB_DELETE, &e), -EBUSY);
	engine_close(&engine);
}

static void a_pause_stops_its_counters(void **state)
{
	struct engine engine = open_fake("fake:1,step");
	struct sample_set one = {0}, two = {0};
	struct err e = {0};

	act(&engine, "local/fake/1", VERB_PAUSE, &e);
	take_sample(&engine, &one);
	take_sample(&engine, &two);
	assert_int_equal(one.rows[0].sample.value[METRIC_CPU], two.rows[0].sample.value[METRIC_CPU]);
	act(&engine, "local/fake/1", VERB_RESUME, &e);
	take_sample(&engine, &one);
	assert_true(one.rows[0].sample.value[METRIC_CPU] > two.rows[0].sample.value[METRIC_CPU]);
	sample_set_done(&one);
	sample_set_done(&two);
	engine_close(&engine);
}

static void a_script_exits_and_restarts_by_the_clock(void **state)
{
	struct engine engine = open_fake("fake:9,step");
	struct sample_set set = {0};
	unsigned seen[STATES] = {0};

	for (int tick = 0; tick < 45; tick++) {
		seen[state_of(&engine, "flap-1")]++;
		take_sample(&engine, &set);
	}
	assert_true(seen[STATE_EXITED] >= 10 && seen[STATE_EXITED] <= 15);
	assert_true(seen[STATE_RUNNING] >= 30);
	sample_set_done(&set);
	engine_close(&engine);
}

static void created_ones_run_and_end_with_their_status(void **state)
{
	struct engine engine = open_fake("fake:0");
	auto_params p = {0};
	auto_free char *id = NULL, *again = NULL;
	struct err e = {0};

	params_add(&p, "name", "quick");
	params_add(&p, "image", "host");
	params_add(&p, "command", "exit");
	params_add(&p, "command", "7");
	params_add(&p, "start", "yes");
	assert_int_equal(engine.ops->create(engine.self, KIND_CONTAINER, &p, NULL, &id, &e), 0);
	assert_string_equal(id, "local/fake/container/1");
	assert_int_equal(engine.ops->await_exit(engine.self, id, &e), 7);
	assert_int_equal(engine.ops->create(engine.self, KIND_CONTAINER, &p, NULL, &again, &e), -EEXIST);
	assert_non_null(strstr(e.text, "quick"));
	engine_close(&engine);
}

static void documents_are_there(void **state)
{
	struct engine engine = open_fake("fake:3,step");
	struct err e = {0};

	for (enum document d = DOCUMENT_CONFIG; d <= DOCUMENT_LOG_TAIL; d++) {
		auto_str text = {0};

		assert_int_equal(engine.ops->read(engine.self, "local/fake/1", d, &text, &e), 0);
		assert_true(text.length > 20);
		assert_true(text.length <= 64 << 10);
	}
	engine_close(&engine);
}

struct waiter {
	struct engine *engine;
	int64_t timeout;
	int result;
};

static void *wait_thread(void *argument)
{
	struct waiter *w = argument;
	struct err e = {0};

	w->result = w->engine->ops->wait(w->engine->self, w->timeout, &e);
	return NULL;
}

static void wait_ends_on_a_change(void **state)
{
	struct engine engine = open_fake("fake:14,step");
	struct waiter w = {&engine, 600 * SECOND, -1};
	struct sample_set set = {0};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wait_thread, &w), 0);
	for (int tick = 0; tick < 50; tick++) // until the script of flap-1 moves
		take_sample(&engine, &set);
	struct err e = {0};
	act(&engine, "local/fake/1", VERB_STOP, &e);
	act(&engine, "local/fake/2", VERB_STOP, &e);
	// the thread may not have begun to wait yet: change until it has seen a change
	while (pthread_tryjoin_np(thread, NULL) != 0)
		take_sample(&engine, &set);
	assert_int_equal(w.result, 1);
	assert_int_equal((w.timeout = 1, wait_thread(&w), w.result), 0);
	sample_set_done(&set);
	engine_close(&engine);
}

static void a_hung_one_is_released_by_wake(void **state)
{
	struct engine engine = open_fake("fake:3,hang");
	struct waiter w = {&engine, SECOND, 0};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wait_thread, &w), 0);
	engine.ops->wake(engine.self);
	pthread_join(thread, NULL);
	assert_int_equal(w.result, -ECANCELED);
	engine_close(&engine);
}

static void a_failing_one_says_so(void **state)
{
	struct engine engine = open_fake("fake:3,fail");
	struct inventory *inv = inventory_new();
	struct err e = {0};

	assert_int_equal(engine.ops->list(engine.self, inv, &e), -ENOTCONN);
	assert_non_null(strstr(e.text, "not running"));
	inventory_free(inv);
	engine_close(&engine);
}

static void slow_ones_report_and_can_be_cancelled(void **state)
{
	struct engine engine = open_fake("fake:10");
	atomic_bool cancelled = true;
	const struct job job = {.cancelled = &cancelled};
	struct err e = {0};

	assert_int_equal(engine.ops->act(engine.self, "local/fake/10", VERB_STOP, NULL, &job, &e), -ECANCELED);
	assert_int_equal(state_of(&engine, "slow-1"), STATE_RUNNING);
	engine_close(&engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_names_engine_and_place),
		cmocka_unit_test(a_wrong_spec_says_what_there_is),
		cmocka_unit_test(the_usual_engines_are_real),
		cmocka_unit_test(every_row_is_marked_and_both_kinds_occur),
		cmocka_unit_test(a_stepped_clock_gives_the_same_figures_in_every_run),
		cmocka_unit_test(a_past_is_measured_at_once_and_then_time_stops),
		cmocka_unit_test(the_host_uses_what_its_workloads_use_and_a_little_more),
		cmocka_unit_test(the_figures_of_a_host_never_decrease),
		cmocka_unit_test(counters_never_go_back_and_give_the_rates_of_their_script),
		cmocka_unit_test(only_what_has_processes_is_sampled_and_missing_is_missing),
		cmocka_unit_test(verbs_act_and_are_refused_with_a_reason),
		cmocka_unit_test(a_pause_stops_its_counters),
		cmocka_unit_test(a_script_exits_and_restarts_by_the_clock),
		cmocka_unit_test(created_ones_run_and_end_with_their_status),
		cmocka_unit_test(documents_are_there),
		cmocka_unit_test(wait_ends_on_a_change),
		cmocka_unit_test(a_hung_one_is_released_by_wake),
		cmocka_unit_test(a_failing_one_says_so),
		cmocka_unit_test(slow_ones_report_and_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
