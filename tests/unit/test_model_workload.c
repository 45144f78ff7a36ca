// model: the tables of workloads, states, kinds, barriers and verbs have no hole, a workload survives its JSON, the
// inventory tells what changed.
#include "model/inventory.h"
#include "model/problem.h"
#include "model/verb.h"
#include "model/workload.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#include "test.h"

static void every_state_and_kind_has_its_row(void **state)
{
	for (enum item_state s = 0; s < STATES; s++) {
		const struct item_state_info *info = item_state_info(s);

		assert_non_null(info->name);
		assert_non_null(info->sign);
		assert_int_equal(strlen(info->ascii_sign), 1);
		assert_false((info->flags & NEEDS_RUNNING) && (info->flags & NEEDS_STOPPED));
		// one of both
		assert_true(s == STATE_UNKNOWN || s > STATE_SUSPENDED || info->flags & (NEEDS_RUNNING | NEEDS_STOPPED));
		for (enum item_state other = 0; other < s; other++)
			assert_string_not_equal(info->name, item_state_info(other)->name);
	}
	for (enum kind k = 0; k < KINDS; k++)
		assert_non_null(workload_kind_name(k));
}

static void every_verb_has_its_row(void **state)
{
	for (enum verb v = 0; v < VERBS; v++) {
		const struct verb_info *info = verb_info(v);

		assert_int_equal(verb_find(info->name), v);
		if (info->flags & ACTS)
			assert_true(info->label && info->doing && info->flags & WRITES);
	}
	assert_int_equal(verb_find("explode"), -1);
}

static void verbs_are_refused_with_a_reason(void **state)
{
	static const struct {
		enum verb verb;
		enum item_state in;
		const char *reason;
	} rows[] = {
		{VERB_START, STATE_RUNNING, "is running"}, {VERB_START, STATE_EXITED, NULL}, {VERB_START, STATE_CRASHED, NULL},
		{VERB_STOP, STATE_OFF, "is not running"}, {VERB_STOP, STATE_PAUSED, NULL}, {VERB_PAUSE, STATE_PAUSED,
		 "is paused"},
		{VERB_PAUSE, STATE_RUNNING, NULL}, {VERB_RESUME, STATE_RUNNING, "is not paused"}, {VERB_RESUME,
		 STATE_SUSPENDED, NULL},
		{VERB_DELETE, STATE_RUNNING, NULL}, {VERB_KILL, STATE_UNKNOWN,
		 "its engine does not answer"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct workload w = {.state = rows[i].in};
		const char *reason = verb_refusal(rows[i].verb, &w);

		if (rows[i].reason)
			assert_string_equal(reason, rows[i].reason);
		else
			assert_null(reason);
	}
}

static void only_guests_must_be_stopped_to_be_renamed(void **state)
{
	const struct workload guest = {.kind = KIND_GUEST, .state = STATE_RUNNING},
	                      container = {.kind = KIND_CONTAINER, .state = STATE_RUNNING};

	assert_string_equal(verb_refusal(VERB_RENAME, &guest), "is running");
	assert_null(verb_refusal(VERB_RENAME, &container));
}

static void one_that_is_active_is_no_stopped_one(void **state)
{
	static const struct {
		enum verb verb;
		enum item_state in;
		const char *reason;
	} rows[] = {
		{VERB_START, STATE_CRASHED, "is still in memory: stop or kill it first"},
		{VERB_STOP, STATE_CRASHED, NULL}, {VERB_KILL, STATE_CRASHED, NULL}, {VERB_RESTART, STATE_CRASHED, NULL},
		 {VERB_RESUME, STATE_CRASHED, NULL},
		{VERB_PAUSE, STATE_CRASHED, "is paused"}, {VERB_STOP, STATE_SUSPENDED, NULL}, {VERB_KILL, STATE_SUSPENDED,
		 NULL}, {VERB_RESUME, STATE_SUSPENDED, NULL},
		{VERB_START, STATE_SUSPENDED, "is still in memory: stop or kill it first"}, {VERB_STOP, STATE_OFF, NULL},
		 {VERB_START, STATE_RUNNING, "is running"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct workload w = {.state = rows[i].in, .active = true};
		const char *reason = verb_refusal(rows[i].verb, &w);

		assert_true(str_equal(reason, rows[i].reason));
	}
	struct inventory *inv = inventory_new();
	struct workload w = {.id = mem_strdup("x"), .name = mem_strdup("x"), .state = STATE_PAUSED};
	inventory_upsert(inv, &w);
	assert_true(inventory_find(inv, "x")->active);
	inventory_free(inv);
}

static struct workload full(void)
{
	struct workload w = {
		.id = mem_strdup("local/bunk/guest/web"), .name = mem_strdup("web"), .host = mem_strdup("local"),
		.engine = mem_strdup("bunk"),
		.kind = KIND_GUEST, .state = STATE_CRASHED, .image = mem_strdup("oci:/x"), .command = mem_strdup("sleep 1"),
		.created = 1, .started = INT64_C(1767268800000000001), .finished = 3, .exit_code = 137,
		.reason = mem_strdup("OOM"), .cpus = 0.25,
		.last_finished = 2, .last_exit_code = 139, .last_reason = mem_strdup("SIGSEGV"),
		.memory_limit = UINT64_C(1) << 40, .addresses = mem_strdup("10.0.0.1,fe80::1"), .restarts = 4,
		.health = mem_strdup("healthy"),
		.autostart = true, .persistent = true,
		.active = true, .simulated = true, .start_ms = 9.75, .pid = 12345, .trouble = mem_strdup("no answer"),
		.graphics = mem_strdup("vnc://127.0.0.1:5900"), .publisher = mem_strdup("passt"),
	};

	strv_add(&w.ports, "8080:80");
	strv_add(&w.networks, "default");
	strv_add(&w.labels, "app=web");
	strv_add(&w.labels, "tier=front");
	w.owner = mem_strdup("local/bunk/group/g");
	w.tree = mem_strdup("local/bunk/group/t");
	strv_add(&w.uses, "local/bunk/image/a%2Fb");
	posture_set(&w.posture, BARRIER_SECCOMP, true);
	posture_set(&w.posture, BARRIER_USER_NS, false);
	w.posture.capabilities = 0xa80425fb;
	return w;
}

static bool is_stored(enum fact fact)
{
	return workload_facts[fact].type != FIELD_NONE && workload_facts[fact].type < FIELD_METRIC;
}

static void a_workload_survives_its_json(void **state)
{
	struct workload w = full(), back = {0}, copy = {0};
	struct err e;
	json_t *json = workload_to_json(&w, NAMES_NOW);

	for (enum fact f = 0; f < FACTS; f++)
		if (is_stored(f))
			assert_non_null(json_object_get(json, fact_info(f)->name)); // every field of a full one is there
	assert_int_equal(workload_from_json(&back, json, NAMES_NOW, &e), 0);
	assert_true(workload_equal(&w, &back));
	workload_copy(&copy, &back);
	assert_true(workload_equal(&w, &copy));
	copy.pid++;
	assert_false(workload_equal(&w, &copy));
	json_decref(json);
	workload_done(&w);
	workload_done(&back);
	workload_done(&copy);
	workload_done(&copy); // twice is harmless
	workload_done(NULL);
}

// Each field changed by itself makes two workloads unequal: comparison forgets none.
static void every_field_counts_in_a_comparison(void **state)
{
	for (enum fact f = 0; f < FACTS; f++) {
		if (!is_stored(f))
			continue;
		struct workload a = full(), b = full();
		struct err e;
		const char *name = fact_info(f)->name;
		enum field_type type = workload_facts[f].type;
		json_t *json = workload_to_json(&a, NAMES_NOW);

		if (json_is_string(json_object_get(json, name)) && (type == FIELD_TEXT || type == FIELD_ID))
			json_object_set_new(json, name, json_string("other"));
		else if (type == FIELD_KIND)
			json_object_set_new(json, name, json_string("container"));
		else if (type == FIELD_STATE)
			json_object_set_new(json, name, json_string("running"));
		else if (type == FIELD_BOOL)
			json_object_set_new(json, name, json_false());
		else if (type == FIELD_LIST || type == FIELD_IDS)
			json_object_set_new(json, name, json_pack("[s]", "x=y"));
		else if (type == FIELD_POSTURE)
			json_object_set_new(json, name, json_pack("{s:b}", "seccomp", 0));
		else
			json_object_set_new(json, name, type == FIELD_NUMBER ? json_real(77.5) : json_integer(77));
		workload_done(&b);
		assert_int_equal(workload_from_json(&b, json, NAMES_NOW, &e), 0);
		assert_false(workload_equal(&a, &b));
		json_decref(json);
		workload_done(&a);
		workload_done(&b);
	}
}

static void wrong_json_is_refused_by_field(void **state)
{
	static const struct {
		const char *json, *names;
	} rows[] = {
		{"[]", "not a JSON object"},
		{"{\"name\":\"x\"}", "lacks its id or name"},
		{"{\"id\":\"x\",\"name\":3}", "'name'"},
		{"{\"id\":\"x\",\"name\":\"x\",\"state\":\"dancing\"}", "'state'"},
		{"{\"id\":\"x\",\"name\":\"x\",\"kind\":1}", "'kind'"},
		{"{\"id\":\"x\",\"name\":\"x\",\"pid\":99999999999}", "'pid'"},
		{"{\"id\":\"x\",\"name\":\"x\",\"memory-limit\":-1}", "'memory-limit'"},
		{"{\"id\":\"x\",\"name\":\"x\",\"labels\":[1]}", "'labels'"},
		{"{\"id\":\"x\",\"name\":\"x\",\"autostart\":\"yes\"}", "'autostart'"},
		{"{\"id\":\"x\",\"name\":\"x\",\"isolation\":[]}", "'isolation'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct workload w = {0};
		struct err e = {0};
		json_t *json = json_loads(rows[i].json, 0, NULL);

		assert_int_equal(workload_from_json(&w, json, NAMES_NOW, &e), -EINVAL);
		assert_non_null(strstr(e.text, rows[i].names));
		json_decref(json);
		workload_done(&w);
	}
	struct workload w = {0};
	struct err e;
	json_t *json = json_loads("{\"id\":\"x\",\"name\":\"x\",\"from-the-future\":{}}", 0, NULL);
	assert_int_equal(workload_from_json(&w, json, NAMES_NOW, &e), 0); // unknown keys are of a newer version
	json_decref(json);
	workload_done(&w);
}

static void text_that_is_no_utf8_is_made_visible(void **state)
{
	struct workload w = {.id = mem_strdup("x"), .name = mem_strdup("a\xff")};
	json_t *json = workload_to_json(&w, NAMES_NOW);

	assert_string_equal(json_string_value(json_object_get(json, "name")), "a\\xff");
	json_decref(json);
	workload_done(&w);
}

static void barriers_are_read_from_status(void **state)
{
	static const char status[] =
	    "Name:\tsleep\nUid:\t1000\t1000\t1000\t1000\nNoNewPrivs:\t1\nSeccomp:\t2\nCapEff:\t00000000a80425fb\n";
	struct posture p = {0};

	for (enum barrier b = 0; b < BARRIERS; b++)
		assert_true(barrier_info(b)->name && barrier_info(b)->help);
	assert_int_equal(posture_level(&p), -1);
	posture_from_status(&p, status);
	assert_true(posture_stands(&p, BARRIER_SECCOMP) && posture_stands(&p, BARRIER_NO_NEW_PRIVS) &&
	            posture_stands(&p, BARRIER_CAPS) && posture_stands(&p, BARRIER_NOT_ROOT));
	assert_int_equal(p.capabilities, 0xa80425fb);
	struct posture root = {0};
	posture_from_status(&root, "Uid:\t0\t0\t0\t0\nNoNewPrivs:\t0\nSeccomp:\t1\nCapEff:\t000001ffffffffff\n");
	assert_int_equal(root.stands, 0); // strict mode is not a filter
	assert_int_equal(posture_level(&root), 0);
	struct posture nearly = {0}; // all capabilities but one do not count as a barrier
	posture_from_status(&nearly, "CapEff:\t000001fffffffffe\n");
	assert_false(posture_stands(&nearly, BARRIER_CAPS));
	struct posture nothing = {0};
	posture_from_status(&nothing, "");
	assert_int_equal(nothing.known, 0);
}

// More barriers never make less isolation.
static void levels_grow_with_barriers(void **state)
{
	struct posture p = {0};
	int before = -1;

	for (enum barrier b = BARRIERS; b-- > 0;) {
		posture_set(&p, b, true);
		assert_true(posture_level(&p) >= before && posture_level(&p) <= 5);
		before = posture_level(&p);
	}
	assert_int_equal(before, 5);
}

struct told {
	unsigned added, changed, removed;
	char last[64];
};

static void note(void *context, enum change_kind kind, const struct item *w)
{
	struct told *t = context;

	t->added += kind == CHANGE_ADDED;
	t->changed += kind == CHANGE_CHANGED;
	t->removed += kind == CHANGE_REMOVED;
	snprintf(t->last, sizeof(t->last), "%s", w->id);
}

static void put(struct inventory *inv, const char *engine, int number, enum item_state in)
{
	struct workload w = {.id = mem_printf("local/%s/%d", engine, number),
	                     .name = mem_printf("w-%d", number),
	                     .engine = mem_strdup(engine),
	                     .state = in,
	                     .exit_code = -1};

	inventory_upsert(inv, &w);
	assert_null(w.id); // it is the inventory's now
}

static void only_what_differs_is_told(void **state)
{
	struct inventory *inv = inventory_new();
	struct told told = {0};

	inventory_on_change(inv, note, &told);
	for (int turn = 0; turn < 3; turn++) {
		inventory_begin(inv, NULL);
		for (int i = 0; i < 500; i++)
			put(inv, "bunk", i, STATE_RUNNING);
		inventory_end(inv);
	}
	assert_int_equal(told.added, 500);
	assert_int_equal(told.changed + told.removed, 0);
	put(inv, "bunk", 7, STATE_EXITED);
	assert_int_equal(told.changed, 1);
	assert_string_equal(told.last, "local/bunk/7");
	assert_int_equal(inventory_find(inv, "local/bunk/7")->state, STATE_EXITED);
	inventory_begin(inv, NULL);
	for (int i = 0; i < 500; i += 2)
		put(inv, "bunk", i, STATE_RUNNING);
	inventory_end(inv);
	assert_int_equal(told.removed, 250);
	assert_int_equal(inventory_count(inv), 250);
	for (int i = 0; i < 500; i++) { // everything is still found where it should be
		auto_free char *id = mem_printf("local/bunk/%d", i);
		assert_int_equal(inventory_find(inv, id) != NULL, i % 2 == 0);
	}
	inventory_remove(inv, "local/bunk/0");
	inventory_remove(inv, "local/bunk/0");
	assert_int_equal(told.removed, 251);
	assert_null(inventory_at(inv, 249));
	inventory_free(inv);
}

static void a_refresh_of_one_engine_leaves_the_others(void **state)
{
	struct inventory *inv = inventory_new();

	put(inv, "bunk", 1, STATE_RUNNING);
	put(inv, "libvirt", 1, STATE_RUNNING);
	inventory_begin(inv, "bunk");
	inventory_abort(inv);
	inventory_end(inv); // given up before: nothing goes
	assert_int_equal(inventory_count(inv), 2);
	inventory_begin(inv, "bunk");
	inventory_end(inv);
	assert_int_equal(inventory_count(inv), 1);
	assert_non_null(inventory_find(inv, "local/libvirt/1"));
	inventory_free(inv);
	inventory_free(NULL);
}

static void people_may_name_by_id_or_name(void **state)
{
	struct inventory *inv = inventory_new();
	size_t matches;

	put(inv, "bunk", 1, STATE_RUNNING);
	put(inv, "libvirt", 1, STATE_RUNNING);
	put(inv, "bunk", 2, STATE_RUNNING);
	assert_non_null(inventory_lookup(inv, "w-1", -1, &matches));
	assert_int_equal(matches, 2);
	assert_string_equal(inventory_lookup(inv, "local/libvirt/1", -1, &matches)->engine, "libvirt");
	assert_int_equal(matches, 1);
	assert_null(inventory_lookup(inv, "w-3", -1, &matches));
	assert_int_equal(matches, 0);
	assert_null(inventory_lookup(inv, "w-2", KIND_GUEST, NULL));
	inventory_free(inv);
}

// Percentages of pressure are percent, with rates and without; OOM kills are a total, with rates and without.
static void figures_have_their_unit(void **state)
{
	struct workload w = full();
	struct sample before = {.at = 0}, now = {.at = 1000000000};
	struct rates rates;

	sample_set(&before, METRIC_OOM_KILLS, 2);
	sample_set(&now, METRIC_OOM_KILLS, 3);
	sample_set(&now, METRIC_PSI_CPU, 1234);
	rates_make(&rates, &before, &now);
	const struct fact_source with = {&w.item, &now, &rates, 0}, without = {&w.item, &now, NULL, 0};
	assert_true(fact_number(FACT_PSI_CPU, &with) > 12.3 && fact_number(FACT_PSI_CPU, &with) < 12.4);
	assert_true(fact_number(FACT_PSI_CPU, &without) > 12.3 && fact_number(FACT_PSI_CPU, &without) < 12.4);
	assert_int_equal((int)fact_number(FACT_OOM_KILLS, &with), 3);
	assert_int_equal((int)fact_number(FACT_OOM_KILLS, &without), 3);
	workload_done(&w);
}

// --- what is wrong ---

#define SOME_TIME (INT64_C(1000000) * SECOND)

struct ailing {
	struct workload w;
	struct sample s;
	struct rates r;
	const char *problem; // NULL: nothing is wrong
};

// An item that runs and lacks nothing.
static struct ailing healthy(void)
{
	struct ailing a = {.w = {.kind = KIND_CONTAINER, .state = STATE_RUNNING, .exit_code = -1, .last_exit_code = -1,
	                         .started = SOME_TIME - 3600 * SECOND}};

	sample_set(&a.s, METRIC_MEMORY, 100);
	sample_set(&a.s, METRIC_MEMORY_LIMIT, 1000);
	sample_set(&a.s, METRIC_PIDS, 5);
	sample_set(&a.s, METRIC_PIDS_LIMIT, 100);
	sample_set(&a.s, METRIC_OOM_KILLS, 0);
	return a;
}

static int look_at(const struct ailing *a, struct str *out)
{
	struct fact_source from = {&a->w.item, &a->s, &a->r, SOME_TIME};

	return problem_of(&from, out);
}

static void set_last(struct ailing *a, int restarts, int ago, int code, char *reason)
{
	a->w.restarts = restarts;
	a->w.last_finished = SOME_TIME - ago * SECOND;
	a->w.last_exit_code = code;
	a->w.last_reason = reason;
}

static void what_is_wrong_is_one_phrase_the_worst_first(void **state)
{
	struct ailing all[16];
	int worst = INT_MAX;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		all[i] = healthy();
	all[n].w.kind = KIND_GUEST, all[n].w.state = STATE_PAUSED, all[n].w.reason = (char *)"disk I/O error";
	all[n++].problem = "paused: disk I/O error";
	set_last(&all[n], 12, 30, 1, NULL);
	all[n++].problem = "12 restarts, last exit: exit status 1";
	all[n].w.state = STATE_EXITED, all[n].w.exit_code = 137, all[n].w.reason = (char *)"OOM";
	all[n++].problem = "failed: OOM (exit status 137)";
	all[n].w.trouble = (char *)"no answer since 12:30:05";
	all[n++].problem = "no answer since 12:30:05";
	set_last(&all[n], 1, 30 * 60, 137, (char *)"OOM");
	all[n++].problem = "restarted after it was OOM-killed";
	sample_set(&all[n].s, METRIC_MEMORY, 900);
	all[n++].problem = "memory at 90% of the limit";
	sample_set(&all[n].s, METRIC_PIDS, 95);
	all[n++].problem = "processes and threads at 95% of the limit";
	all[n].r.have = 1u << METRIC_THROTTLED, all[n].r.value[METRIC_THROTTLED] = 31;
	all[n++].problem = "throttled 31% by its CPU limit";
	set_last(&all[n], 1, 60, 2, NULL);
	all[n++].problem = "restarted, last exit: exit status 2";
	// nothing is wrong with these
	n++;
	all[n].w.state = STATE_PAUSED, all[n++].w.reason = (char *)"being saved";
	all[n].w.state = STATE_EXITED, all[n++].w.exit_code = 0;
	set_last(&all[n++], 12, 3600, 1, NULL);
	sample_set(&all[n].s, METRIC_MEMORY, 950), all[n++].w.state = STATE_EXITED;
	sample_set(&all[n++].s, METRIC_MEMORY, 899);
	for (size_t i = 0; i < n; i++) {
		auto_str text = {0};
		int problem = look_at(&all[i], &text);

		if (strcmp(str_text(&text), all[i].problem ? all[i].problem : "") != 0)
			fail_msg("%zu: '%s'", i, str_text(&text));
		assert_true(all[i].problem ? problem > 0 && problem < worst : problem == 0);
		worst = all[i].problem ? problem : worst;
	}
	sample_set(&all[9].s, METRIC_OOM_KILLS, 2); // in its present run
	auto_str text = {0};
	assert_int_equal(look_at(&all[9], &text), look_at(&all[4], NULL));
	assert_string_equal(str_text(&text), "2 processes in it were OOM-killed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_and_kind_has_its_row),
		cmocka_unit_test(every_verb_has_its_row),
		cmocka_unit_test(verbs_are_refused_with_a_reason),
		cmocka_unit_test(only_guests_must_be_stopped_to_be_renamed),
		cmocka_unit_test(one_that_is_active_is_no_stopped_one),
		cmocka_unit_test(a_workload_survives_its_json),
		cmocka_unit_test(every_field_counts_in_a_comparison),
		cmocka_unit_test(wrong_json_is_refused_by_field),
		cmocka_unit_test(text_that_is_no_utf8_is_made_visible),
		cmocka_unit_test(barriers_are_read_from_status),
		cmocka_unit_test(levels_grow_with_barriers),
		cmocka_unit_test(only_what_differs_is_told),
		cmocka_unit_test(a_refresh_of_one_engine_leaves_the_others),
		cmocka_unit_test(people_may_name_by_id_or_name),
		cmocka_unit_test(figures_have_their_unit),
		cmocka_unit_test(what_is_wrong_is_one_phrase_the_worst_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
