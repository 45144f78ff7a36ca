// model/id: ids are put together, taken apart and compared.
#include "model/id.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/sample.h"
#include "model/workload.h"

#include "test.h"

static void an_id_has_four_parts(void **state)
{
	auto_free char *id = id_make("bunk", KIND_CONTAINER, "web"), *image = id_make("bunk", KIND_IMAGE, "oci:a/b%c");
	struct workload w = {.kind = KIND_GUEST};
	struct sample_set set = {0};

	assert_string_equal(id, "local/bunk/container/web");
	assert_string_equal(image, "local/bunk/image/oci:a%2Fb%25c");
	assert_string_equal(id_key(id), "web");
	assert_string_equal(id_key("web"), "web");
	assert_string_equal(id_key("local/bunk/"), "");
	id_fill(&w.item, "libvirt", "6f1c", "db");
	assert_string_equal(w.id, "local/libvirt/guest/6f1c");
	assert_string_equal(w.host, "local");
	assert_string_equal(w.engine, "libvirt");
	assert_string_equal(w.name, "db");
	sample_set_take(&set, id_make("bunk", KIND_CONTAINER, "web"), &(struct sample){.at = 7});
	assert_string_equal(set.rows[0].id, id);
	assert_int_equal(set.rows[0].sample.at, 7);
	sample_set_done(&set);
	workload_done(&w);
}

// Ids of workloads had no kind at first.
static void an_id_loses_and_gets_its_kind(void **state)
{
	static const struct {
		const char *with, *without;
	} same[] = {{"local/bunk/container/web", "local/bunk/web"},
	            {"box/libvirt/guest/6f1c", "box/libvirt/6f1c"},
	            {"local/bunk/container/guest", "local/bunk/guest"}};
	static const char *const fixed[] = {"web", "box/", "local/bunk/image/a", "local/x/moon/1"};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		auto_free char *without = id_without_kind(same[i].with), *again = id_without_kind(same[i].without);
		enum kind kind = id_may_be(same[i].with, KIND_GUEST) ? KIND_GUEST : KIND_CONTAINER;
		auto_free char *with = id_with_kind(same[i].without, kind), *kept = id_with_kind(same[i].with, KIND_IMAGE);

		assert_string_equal(without, same[i].without);
		assert_string_equal(again, same[i].without);
		assert_string_equal(with, same[i].with);
		assert_string_equal(kept, same[i].with);
		assert_true(id_is(same[i].with, same[i].with) && id_is(same[i].without, same[i].with));
		assert_false(id_is(same[i].with, same[i].without) || id_is("local/bunk/we", same[i].with));
		assert_true(id_is_complete(same[i].with) && !id_is_complete(same[i].without));
	}
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		auto_free char *without = id_without_kind(fixed[i]);

		assert_string_equal(without, fixed[i]);
	}
	assert_false(id_is("local/bunk/a", "local/bunk/image/a")); // a container may be called as a network is
	assert_true(id_may_be("local/bunk/web", KIND_GUEST) && !id_may_be("local/bunk/container/web", KIND_GUEST));
}

static void an_id_belongs_to_one_engine_of_one_host(void **state)
{
	static const char *const others[] = {"",
	                                     "local",
	                                     "local/",
	                                     "local/bunk",
	                                     "local/bunk/",
	                                     "local/bunk/container/",
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

// What a person reads.
static void an_id_has_words(void **state)
{
	static const struct {
		const char *id, *words;
	} rows[] = {{"local/fake/network/default", "network default"},
	            {"me@box/bunk/container/web", "container web"},
	            {"local/libvirt/disk/10%2Fvda%25", "disk 10/vda%"},
	            {"local/bunk/web", "web"},
	            {"web", "web"},
	            {"local/bunk/image/sha256:0123456789abcdef", "image sha256:0123456789ab…"},
	            {"local/bunk/volume/0123456789abcdef0123456789", "volume 0123456789abcdef0123456789"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_str words = {0};

		id_add_words(&words, rows[i].id);
		assert_string_equal(str_text(&words), rows[i].words);
	}
}

static void a_key_is_read_back(void **state)
{
	static const char *const keys[] = {"web", "default/disk.qcow2", "10%2F", "%", "a/b/c%"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		auto_free char *id = id_make("libvirt", KIND_VOLUME, keys[i]), *key = id_plain_key(id);

		assert_string_equal(key, keys[i]);
	}
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
		cmocka_unit_test(an_id_has_four_parts),
		cmocka_unit_test(an_id_loses_and_gets_its_kind),
		cmocka_unit_test(an_id_belongs_to_one_engine_of_one_host),
		cmocka_unit_test(an_id_has_words),
		cmocka_unit_test(a_key_is_read_back), cmocka_unit_test(ids_change_their_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
