// model/query and model/verb: what people type.
#include "model/query.h"
#include "base/clock.h"
#include "model/verb.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

#include "test.h"

#define NOW (INT64_C(1000000) * SECOND)

static struct workload web(void)
{
	struct workload w = {.id = (char *)"lab/bunk/web-1",
	                     .name = (char *)"web-1",
	                     .host = (char *)"lab",
	                     .engine = (char *)"bunk",
	                     .kind = KIND_CONTAINER,
	                     .state = STATE_RUNNING,
	                     .image = (char *)"oci:debian:12",
	                     .addresses = (char *)"10.0.0.7",
	                     .started = NOW - 90 * SECOND,
	                     .cpus = 2,
	                     .exit_code = -1,
	                     .restarts = 3,
	                     .reason = NULL};

	return w;
}

static bool matches(const char *text, const struct workload *w, const struct rates *r)
{
	struct query *q = NULL;
	struct err e = {0};

	if (query_new(&q, text, &e) < 0)
		fail_msg("'%s': %s", text, e.text);
	struct fact_source from = {&w->item, NULL, r, NOW};
	bool result = query_matches(q, &from);
	query_free(q);
	return result;
}

static void terms(void **state)
{
	static const struct {
		const char *text;
		bool matches;
	} rows[] = {
		{"", true}, {"  ", true}, {"web", true}, {"WEB", true}, {"db", false}, {"debian", true}, {"10.0", true},
		 {"web debian", true}, {"web db", false},
		{"!db", true}, {"!web", false}, {"~wb1", true}, {"~1w", false}, {"!~xyz", true}, {"~", false},
		{"state:running", true}, {"state:run", true}, {"state:exited", false}, {"STATE:Running", true},
		 {"!state:exited", true}, {"kind:container", true}, {"kind:ct", true}, {"kind:VM", false}, {"!kind:vm", true},
		 {"kind:", true},
		{"kind:guest", false}, {"host:lab", true}, {"engine:libvirt", false}, {"image:debian", true}, {"name:web",
		 true}, {"id:bunk/web", true},
		{"label:app", true}, {"label:app=web", true}, {"label:app=we", false}, {"label:ap", false}, {"reason:oom",
		 false}, {"address:10.", true},
		{"cpu>50", true}, {"cpu>50.5", false}, {"cpu>=50.5", true}, {"cpu<50", false}, {"cpu=50.5", true}, {"mem>1M",
		 true}, {"mem<=1M", false}, {"mem=2M", true},
		{"net>1k", true}, {"io>1", false}, {"pids>3", true}, {"pids>=5", false}, {"age<2m", true}, {"age>2m", false},
		 {"cpus>=2", true}, {"cpus<0.5", false},
		{"exit=137", false}, {"restarts>2", true}, {"restarts=0", false}, {"web state:running cpu>10 !db", true},
	};
	struct workload w = web();
	struct rates r = {0};

	strv_add(&w.labels, "app=web");
	r.have = 1u << METRIC_CPU | 1u << METRIC_MEMORY | 1u << METRIC_NET_RX | 1u << METRIC_PIDS;
	r.value[METRIC_CPU] = 50.5;
	r.value[METRIC_MEMORY] = 2 << 20;
	r.value[METRIC_NET_RX] = 4096;
	r.value[METRIC_PIDS] = 4;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (matches(rows[i].text, &w, &r) != rows[i].matches)
			fail_msg("'%s' should %s", rows[i].text, rows[i].matches ? "match" : "not match");
	// beyond ASCII too
	static const char *const found[] = {"café", "CAFÉ", "~cé", "~CÉ", "name:café", "reason:ÖFFNEN"};
	w.name = (char *)"Café", w.reason = (char *)"öffnen";
	for (size_t i = 0; i < ARRAY_SIZE(found); i++)
		if (!matches(found[i], &w, &r))
			fail_msg("'%s' should match", found[i]);
	assert_false(matches("cafe", &w, &r));
	strv_done(&w.labels);
}

static void what_is_missing_never_matches(void **state)
{
	struct workload w = web();

	w.started = w.created = 0;
	w.cpus = 0;
	w.addresses = w.image = NULL;
	for (size_t i = 0;; i++) {
		auto_free char *key = query_key(i);

		if (!key)
			break;
		auto_free char *text = mem_printf("%s0", key);
		if (strchr("<>=", key[strlen(key) - 1]) && strcmp(key, "restarts>") != 0 &&
		    strcmp(key, "last-exit-code>") != 0)
			assert_false(matches(text, &w, NULL));
	}
	assert_false(matches("image:x", &w, NULL));
	assert_true(matches("restarts>2", &w, NULL));
}

static void nonsense_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"colour:red", "unknown field 'colour' (fields: name: "}, {"weight>3",
		 "unknown field 'weight' (fields: name: "},
		{"kind:nonsense", "unknown kind 'nonsense' (kinds: container or ct, guest or vm, image or img"}, {"!kind:vms",
		 "unknown kind 'vms'"}, {"state:paws", "unknown state 'paws' (states: "},
		{"state>5", "invalid filter 'state>5' (write state:…)"}, {"cpu:50", "invalid filter 'cpu:50' (write cpu>…)"},
		 {"cpu>", "invalid filter 'cpu>' (cpu is"}, {"cpu>lots", "(cpu is a percentage, for example cpu>50)"},
		{"mem>x", "(mem is a size"}, {"age<soon", "(age is a duration"}, {"cpu>>x", "invalid filter 'cpu>>x'"},
		 {"web exit=-1", "(exit is a number"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct query *q = NULL;
		struct err e = {0};
		assert_int_equal(query_new(&q, rows[i].text, &e), -EINVAL);
		assert_non_null(strstr(e.text, rows[i].says));
		assert_null(q);
	}
	query_free(NULL);
	assert_true(query_matches(NULL, NULL));
}

static void kinds_that_are_asked_for(void **state)
{
	enum { GUESTS = 1u << KIND_GUEST, CONTAINERS = 1u << KIND_CONTAINER, ALL = (1u << KINDS) - 1 };
	static const struct {
		const char *text;
		bool guests;
		unsigned kinds;
	} rows[] = {
		{"", false, ALL}, {"web", false, ALL}, {"kind:guest", true, GUESTS}, {"kind:vm cpu>1", true, GUESTS},
		 {"!kind:container", true, ALL ^ CONTAINERS},
		{"kind:container", false, CONTAINERS}, {"!kind:guest web", false, ALL ^ GUESTS}, {"kind:guest kind:container",
		 true, ALL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct query *q = NULL;
		struct err e = {0};
		assert_int_equal(query_new(&q, rows[i].text, &e), 0);
		assert_int_equal(query_asks_for(q, KIND_GUEST), rows[i].guests);
		assert_int_equal(query_kinds(q), rows[i].kinds);
		query_free(q);
	}
}

// What completion offers is what the language takes.
static void every_key_is_one(void **state)
{
	for (size_t i = 0;; i++) {
		struct query *q = NULL;
		struct err e = {0};
		auto_free char *key = query_key(i);

		if (!key)
			break;
		auto_free char *text = mem_printf("%s%s", key,
		                                  strcmp(key, "kind:") == 0    ? "guest"
		                                  : strcmp(key, "state:") == 0 ? "running"
		                                                               : "1");
		assert_int_equal(query_new(&q, text, &e), 0);
		query_free(q);
	}
}

static void fields_of_creating_are_checked(void **state)
{
	static const struct {
		enum kind kind;
		const char *name, *value, *says; // NULL: fine
	} rows[] = {
		{KIND_CONTAINER, "memory", "512M", NULL}, {KIND_CONTAINER, "memory", "0", NULL}, {KIND_GUEST, "memory", "0",
		 "for 'memory' (a size"}, {KIND_CONTAINER, "memory", "lots", "invalid value 'lots' for 'memory' (a size"},
		{KIND_CONTAINER, "cpus", "0.5", NULL}, {KIND_CONTAINER, "cpus", "0", NULL}, {KIND_GUEST, "cpus", "0",
		 "for 'cpus' ("}, {KIND_CONTAINER, "pids", "-1", "for 'pids' ("},
		{KIND_CONTAINER, "pull", "often", "'often' for 'pull' (one of: missing always never)"}, {KIND_CONTAINER, "env", "A=b",
		 NULL}, {KIND_CONTAINER, "env", "=b", "'=b' for 'env' (NAME=VALUE"},
		{KIND_CONTAINER, "name", "../x", "for 'name' (1 to 64"}, {KIND_CONTAINER, "name", "a b", "for 'name' (1 to 64"},
		 {KIND_CONTAINER, "tty", "maybe", "'maybe' for 'tty' (yes or no)"},
		{KIND_CONTAINER, "workdir", "relative", "for 'workdir' (an absolute path)"}, {KIND_CONTAINER, "disk", "/x",
		 "a container has no 'disk'"},
		{KIND_CONTAINER, "start", "yes", NULL}, {KIND_GUEST, "volume", "/a:/b", "a guest has no 'volume'"},
		 {KIND_GUEST, "cpus", "0.5", "'0.5' for 'cpus' (a whole number"},
		{KIND_GUEST, "disk", "/var/x.qcow2", NULL}, {KIND_CONTAINER, "env", "A=\xff", "for 'env' (not UTF-8)"},
		 {KIND_CONTAINER, "env", "A=\xc3\xa4", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_params p = {0};
		struct err e = {0};

		params_add(&p, rows[i].kind == KIND_CONTAINER ? "image" : "name",
		           rows[i].kind == KIND_CONTAINER ? "host" : "x");
		params_add(&p, rows[i].name, rows[i].value);
		int r = verb_check_params(VERB_CREATE, rows[i].kind, &p, &e);
		assert_int_equal(r, rows[i].says ? -EINVAL : 0);
		if (rows[i].says && !strstr(e.text, rows[i].says))
			fail_msg("'%s' does not say '%s'", e.text, rows[i].says);
	}
	auto_params none = {0};
	struct err e = {0};
	assert_int_equal(verb_check_params(VERB_CREATE, KIND_CONTAINER, &none, &e), -EINVAL);
	assert_non_null(strstr(e.text, "a container needs 'image'"));
	assert_int_equal(verb_check_params(VERB_CREATE, KIND_GUEST, &none, &e), -EINVAL);
	assert_string_equal(e.text, "a guest needs '--name': name of the guest");
}

static void parameters_of_verbs_are_checked(void **state)
{
	static const struct {
		enum verb verb;
		enum kind kind;
		const char *name, *value, *says; // NULL: fine
	} rows[] = {
		{VERB_STOP, KIND_CONTAINER, "timeout", "10s", NULL}, {VERB_STOP, KIND_GUEST, "timeout", "soon",
		 "for 'timeout' (a duration"},
		{VERB_STOP, KIND_GUEST, "storage", "yes", "'stop' has no option 'storage' for a guest"}, {VERB_DELETE, KIND_GUEST,
		 "storage", "yes", NULL},
		{VERB_DELETE, KIND_GUEST, "force", "perhaps", "'perhaps' for 'force' (yes or no)"}, {VERB_DELETE, KIND_GUEST, "with",
		 "other", NULL},
		{VERB_RENAME, KIND_GUEST, "to", "../x", "'../x' for 'to' (1 to 64"}, {VERB_RENAME, KIND_GUEST, "to", "other", NULL},
		{VERB_RENAME, KIND_GUEST, "to", "", "for 'to' (1 to 64"}, {VERB_SET, KIND_GUEST, "autostart", "yes", NULL},
		{VERB_SET, KIND_CONTAINER, "autostart", "yes",
		 "'autostart' of a container cannot be changed (use --restart always"},
		{VERB_SET, KIND_GUEST, "pids", "5", "'pids' of a guest cannot be changed (cpus, memory and autostart can)"},
		{VERB_SET, KIND_CONTAINER, "pids", "0", NULL}, {VERB_SET, KIND_CONTAINER, "image", "host",
		 "'image' of a container cannot be changed"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_params p = {0};
		struct err e = {0};

		params_add(&p, rows[i].name, rows[i].value);
		int r = verb_check_params(rows[i].verb, rows[i].kind, &p, &e);
		if (rows[i].says ? r != -EINVAL || !strstr(e.text, rows[i].says) : r != 0)
			fail_msg("%s %s=%s: %d '%s'", verb_info(rows[i].verb)->name, rows[i].name, rows[i].value, r, e.text);
	}
	struct err e = {0};
	assert_int_equal(verb_check_params(VERB_RENAME, KIND_GUEST, NULL, &e), -EINVAL);
	assert_string_equal(e.text, "'rename' needs 'to': the new name");
}

// What a command line says is what was asked for: options by their fields, operands behind the names.
static void parameters_are_words_of_a_command_line(void **state)
{
	static const struct {
		enum verb verb;
		const char *name, *value, *options, *operands;
	} rows[] = {
		{VERB_DELETE, "force", "yes", "--force", ""}, {VERB_DELETE, "force", "no", "", ""}, {VERB_DELETE, "with",
		 "other", "", ""},
		{VERB_SET, "autostart", "yes", "--autostart=yes", ""}, {VERB_SET, "autostart", "no", "--autostart=no", ""},
		{VERB_CREATE, "autostart", "yes", "--autostart", ""}, {VERB_CREATE, "serial-log", "no", "--serial-log=no", ""},
		{VERB_RENAME, "to", "new", "", "new"}, {VERB_EXEC, "command", "true", "", "true"}, {VERB_LOGS, "tail", "5",
		 "--tail=5", ""},
		{VERB_LOGS, "visible", "yes", "", ""}, {VERB_CREATE, "image", "host", "", "host"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_strv options = {0}, operands = {0};
		auto_params p = {0};

		params_add(&p, rows[i].name, rows[i].value);
		verb_add_options(rows[i].verb, &p, &options);
		verb_add_operands(rows[i].verb, &p, &operands);
		assert_string_equal(options.count ? options.items[0] : "", rows[i].options);
		assert_string_equal(operands.count ? operands.items[0] : "", rows[i].operands);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms),
		cmocka_unit_test(what_is_missing_never_matches),
		cmocka_unit_test(nonsense_is_refused_by_name),
		cmocka_unit_test(kinds_that_are_asked_for), cmocka_unit_test(every_key_is_one),
		cmocka_unit_test(fields_of_creating_are_checked),
		cmocka_unit_test(parameters_of_verbs_are_checked),
		cmocka_unit_test(parameters_are_words_of_a_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
