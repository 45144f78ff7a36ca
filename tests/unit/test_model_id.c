// model/id: ids are put together, taken apart and compared.
#include "model/id.h"

#include <string.h>

#include "base/mem.h"
#include "model/sample.h"

#include "test.h"

static void an_id_has_three_parts(void **state)
{
	auto_free char *id = id_make("bunk", "web");
	__attribute__((cleanup(auto_workload_run))) struct workload w = {0};
	struct sample_set set = {0};

	assert_string_equal(id, "local/bunk/web");
	assert_string_equal(id_key(id), "web");
	assert_string_equal(id_key("web"), "web");
	assert_string_equal(id_key("local/bunk/"), "");
	id_fill(&w, "libvirt", "6f1c", "db");
	assert_string_equal(w.id, "local/libvirt/6f1c");
	assert_string_equal(w.host, "local");
	assert_string_equal(w.engine, "libvirt");
	assert_string_equal(w.name, "db");
	sample_set_add_of(&set, "bunk", "web", &(struct sample){.at = 7});
	assert_string_equal(set.rows[0].id, id);
	assert_int_equal(set.rows[0].sample.at, 7);
	sample_set_done(&set);
}

static void an_id_belongs_to_one_engine_of_one_host(void **state)
{
	static const char *const others[] = {"",
	                                     "local",
	                                     "local/",
	                                     "local/bunk",
	                                     "local/bunk/",
	                                     "local/bun/web",
	                                     "local/bunks/web",
	                                     "box/bunk/web",
	                                     "locals/bunk/web",
	                                     "bunk/web",
	                                     "web",
	                                     "/bunk/web",
	                                     "local//web"};

	assert_true(id_is_of("local/bunk/web", "bunk"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(id_is_of(others[i], "bunk"));
	assert_true(id_is_workload("local/bunk/web") && id_is_workload("local/bunk/container/web") &&
	            id_is_workload("web"));
	assert_false(id_is_workload("local/bunk/network/web") || id_is_workload("local/bunk/pod/web"));
	assert_true(id_is_on("me@box/bunk/web", "me@box"));
	assert_true(id_is_on("me@box/", "me@box"));
	assert_false(id_is_on("me@box", "me@box"));
	assert_false(id_is_on("me@boxes/bunk/web", "me@box"));
}

static void ids_change_their_host(void **state)
{
	auto_free char *a = id_rehost("local/fake/1", "me@box"), *b = id_rehost("me@box/fake/1", ID_HERE),
	               *c = id_rehost("web", ID_HERE);

	assert_string_equal(a, "me@box/fake/1");
	assert_string_equal(b, "local/fake/1");
	assert_string_equal(c, "web");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_has_three_parts),
		cmocka_unit_test(an_id_belongs_to_one_engine_of_one_host),
		cmocka_unit_test(ids_change_their_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
