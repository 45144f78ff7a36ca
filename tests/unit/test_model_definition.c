// model/definition: a record as text, and what an edit of it changes.
#include "model/definition.h"

#include <string.h>

#include "model/param.h"
#include "test.h"

static void fill(struct params *p)
{
	params_add(p, PARAM_IMAGE, "host");
	params_add(p, PARAM_COMMAND, "sleep");
	params_add(p, PARAM_COMMAND, "9");
	params_add(p, PARAM_MEMORY, "64M");
}

static const char written[] = "{\n"
                              "  \"name\": \"web\",\n"
                              "  \"image\": \"host\",\n"
                              "  \"command\": [\n"
                              "    \"sleep\",\n"
                              "    \"9\"\n"
                              "  ],\n"
                              "  \"memory\": \"64M\",\n"
                              "  \"cpus\": \"\",\n"
                              "  \"pids\": \"\",\n"
                              "  \"restart\": \"\",\n"
                              "  \"cpu-shares\": \"\",\n"
                              "  \"cpuset-cpus\": \"\",\n"
                              "  \"cpuset-mems\": \"\",\n"
                              "  \"memory-reservation\": \"\",\n"
                              "  \"memory-swap\": \"\"\n"
                              "}\n";

static void what_can_be_set_is_there(void **state)
{
	auto_params p = {0};
	auto_str out = {0};

	fill(&p);
	definition_write(&out, KIND_CONTAINER, "web", &p);
	assert_string_equal(str_text(&out), written);
}

// WRITTEN with FROM replaced by TO. Owned.
static char *edited(const char *from, const char *to)
{
	const char *at = strstr(written, from);

	assert_non_null(at);
	return mem_printf("%.*s%s%s", (int)(at - written), written, to, at + strlen(from));
}

static void a_change_is_a_parameter(void **state)
{
	static const struct {
		const char *from, *to, *name, *value, *renamed;
	} cases[] = {
		{"64M", "64M", NULL, NULL, NULL},
		{"64M", "128M", PARAM_MEMORY, "128M", NULL},
		{"\"64M\"", "\"\"", PARAM_MEMORY, "0", NULL},
		{"  \"memory\": \"64M\",\n", "", PARAM_MEMORY, "0", NULL},
		{"\"cpus\": \"\"", "\"cpus\": \"0.5\"", PARAM_CPUS, "0.5", NULL},
		{"\"web\"", "\"www\"", NULL, NULL, "www"},
		{"  \"cpu-shares\": \"\",\n", "", NULL, NULL, NULL}, // unset, and left out
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_params p = {0}, changes = {0};
		auto_free char *text = edited(cases[i].from, cases[i].to), *to = NULL;
		struct err e = {0};

		fill(&p);
		assert_int_equal(definition_changes(text, KIND_CONTAINER, "web", &p, &to, &changes, &e), 0);
		assert_int_equal(changes.count, cases[i].name ? 1 : 0);
		if (cases[i].name)
			assert_string_equal(params_get(&changes, cases[i].name), cases[i].value);
		assert_true(str_equal(to, cases[i].renamed));
	}
}

static void what_cannot_be_changed_is_named_with_its_line(void **state)
{
	static const struct {
		const char *from, *to, *error;
	} cases[] = {
		{"\"host\"", "\"other\"", "line 3: 'image' cannot be changed once it is created"},
		{"\"9\"", "\"10\"", "line 4: 'command' cannot be changed once it is created"},
		{"  \"image\": \"host\",\n", "", "'image' cannot be changed once it is created"},
		{"64M", "64Q", "line 8: invalid value '64Q' for 'memory' (a size, for example 512M or 2G)"},
		{"\"64M\"", "64", "line 8: 'memory' takes text"},
		{"\"64M\",", "\"64M\"", "line 9: "},
		{"\"pids\": \"\"", "\"colour\": \"\"", "line 10: 'colour' cannot be changed once it is created"},
		{written, "[]", "line 1: not an object"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_params p = {0}, changes = {0};
		auto_free char *text = edited(cases[i].from, cases[i].to), *to = NULL;
		struct err e = {0};

		fill(&p);
		assert_true(definition_changes(text, KIND_CONTAINER, "web", &p, &to, &changes, &e) < 0);
		if (!str_starts(e.text, cases[i].error))
			fail_msg("'%s', not '%s'", e.text, cases[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_set_is_there),
		cmocka_unit_test(a_change_is_a_parameter),
		cmocka_unit_test(what_cannot_be_changed_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
