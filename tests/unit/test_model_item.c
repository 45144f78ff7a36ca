// model/kind, model/item, and the inventory with items of every kind.
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "model/device.h"
#include "model/id.h"
#include "model/image.h"
#include "model/inventory.h"
#include "model/network.h"
#include "model/query.h"
#include "model/workload.h"

#include "test.h"

static bool has_column(enum kind kind, enum fact fact)
{
	for (size_t i = 0; i < kind_columns(kind); i++)
		if (kind_info(kind)->columns[i] == fact)
			return true;
	return false;
}

static void every_kind_is_complete(void **state)
{
	for (enum kind kind = 0; kind < KINDS; kind++) {
		const struct kind_info *info = kind_info(kind);

		assert_true(info->name && info->plural && info->title);
		assert_int_equal(kind_find(info->name), kind);
		assert_int_equal(kind_find(info->plural), kind);
		assert_true(kinds_from(info->name) >> kind & 1);
		assert_true(kind_size(kind) >= sizeof(struct item));
		for (enum kind other = 0; other < kind; other++)
			assert_true(!info->view || info->view != kind_info(other)->view);
		assert_true(has_column(kind, FACT_NAME) && has_column(kind, FACT_STATE));
		for (size_t i = 0; i < kind_columns(kind); i++) {
			enum fact fact = info->columns[i];

			if (!fact_info(fact)->title || kind_bindings(kind)[fact].type == FIELD_NONE)
				fail_msg("column '%s' of %s has no title or no value", fact_info(fact)->name, info->plural);
		}
	}
	assert_int_equal(kind_find("network"), KIND_NETWORK);
	assert_int_equal(kind_find("nonsense"), -1);
}

static json_t *value_for(enum field_type type, int n)
{
	switch (type) {
	case FIELD_TEXT:
	case FIELD_ID:
		return json_sprintf("text-%d", n);
	case FIELD_LIST:
	case FIELD_IDS:
		return json_pack("[s]", n ? "one" : "other");
	case FIELD_STATE:
		return json_string(n ? "active" : "inactive");
	case FIELD_BOOL:
		return json_boolean(n);
	case FIELD_NUMBER:
		return json_real(n + 1.5);
	case FIELD_POSTURE:
		return json_pack("{s:b}", "seccomp", n);
	default:
		return json_integer(n + 1);
	}
}

static json_t *full(enum kind kind, int n)
{
	json_t *object = json_object();

	for (enum fact fact = 0; fact < FACTS; fact++) {
		enum field_type type = kind_bindings(kind)[fact].type;

		if (type == FIELD_KIND)
			json_object_set_new(object, fact_info(fact)->name, json_string(kind_name(kind)));
		else if (type != FIELD_NONE && type < FIELD_METRIC)
			json_object_set_new(object, fact_info(fact)->name, value_for(type, n));
	}
	return object;
}

static void an_item_of_each_kind_survives_its_json(void **state)
{
	for (enum kind kind = 0; kind < KINDS; kind++) {
		struct item *item, *back, *copy;
		json_t *json = full(kind, 1), *again;
		struct err e;

		assert_int_equal(item_from_json(&item, json, NAMES_NOW, &e), 0);
		assert_int_equal(item->kind, kind);
		again = item_to_json(item, NAMES_NOW);
		assert_int_equal(json_object_size(again), json_object_size(json));
		assert_int_equal(item_from_json(&back, again, NAMES_NOW, &e), 0);
		copy = item_copy(back);
		assert_true(item_equal(item, copy));
		for (enum fact fact = 0; fact < FACTS; fact++) {
			enum field_type type = kind_bindings(kind)[fact].type;
			struct item *other;

			if (type == FIELD_NONE || type >= FIELD_METRIC || type == FIELD_KIND)
				continue;
			json_object_set_new(again, fact_info(fact)->name, value_for(type, 0));
			assert_int_equal(item_from_json(&other, again, NAMES_NOW, &e), 0);
			if (item_equal(item, other))
				fail_msg("%s: '%s' does not count in a comparison", kind_name(kind), fact_info(fact)->name);
			item_free(other);
		}
		json_decref(json);
		json_decref(again);
		item_free(item);
		item_free(back);
		item_free(copy);
	}
}

// Of a guest no restarts are counted, what runs has no exit status, what does not run has no pid: missing is not 0.
static void a_missing_number_is_left_out(void **state)
{
	static const enum fact missing[] = {FACT_RESTARTS, FACT_EXIT_CODE, FACT_LAST_EXIT_CODE, FACT_PID};
	json_t *json = json_pack("{s:s, s:s, s:s}", "id", "x", "name", "x", "kind", "guest"), *again, *before;
	struct item *item;
	struct err e;

	assert_int_equal(item_from_json(&item, json, NAMES_NOW, &e), 0);
	again = item_to_json(item, NAMES_NOW);
	before = item_to_json(item, NAMES_WIRE_1);
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		assert_true(isnan(fact_number(missing[i], &(struct fact_source){.item = item})));
		assert_null(json_object_get(again, fact_info(missing[i])->name));
		assert_non_null(json_object_get(before, fact_old_name(missing[i]))); // as it always was
	}
	((struct workload *)item)->restarts = 0;
	json_decref(again);
	again = item_to_json(item, NAMES_NOW);
	assert_true(json_is_integer(json_object_get(again, "restarts")));
	json_decref(json);
	json_decref(again);
	json_decref(before);
	item_free(item);
}

static void a_kind_of_the_future_is_refused(void **state)
{
	struct item *item;
	struct err e;
	json_t *json = json_pack("{s:s, s:s, s:s}", "id", "local/x/moon/1", "name", "x", "kind", "moon");

	assert_int_equal(item_from_json(&item, json, NAMES_NOW, &e), -EINVAL);
	assert_non_null(strstr(e.text, "moon"));
	json_decref(json);
}

static void add_image(struct inventory *inv, const char *name, const char *user)
{
	struct image_item i = {.kind = KIND_IMAGE,
	                       .state = user ? STATE_USED : STATE_UNUSED,
	                       .size = 5 << 20,
	                       .layers = 3,
	                       .platform = mem_strdup("linux/amd64")};

	id_fill(&i.item, "bunk", name, name);
	if (user)
		strv_add(&i.used_by, user);
	inventory_upsert_item(inv, &i.item);
	assert_null(i.name); // it is the inventory's now
}

static void add_workload(struct inventory *inv, const char *name)
{
	struct workload w = {.exit_code = -1, .state = STATE_RUNNING};

	id_fill(&w.item, "bunk", name, name);
	strv_add(&w.uses, "local/bunk/image/web");
	inventory_upsert(inv, &w);
}

static void count_changes(void *context, enum change_kind kind, const struct item *item)
{
	((unsigned *)context)[kind * KINDS + item->kind]++;
}

static void an_inventory_holds_items_of_all_kinds(void **state)
{
	struct inventory *inv = inventory_new();
	unsigned told[3 * KINDS] = {0};

	inventory_on_change(inv, count_changes, told);
	inventory_begin(inv, NULL);
	for (int i = 0; i < 100; i++) {
		auto_free char *image = mem_printf("oci:debian/%d", i), *name = mem_printf("w%d", i);

		add_image(inv, image, i % 2 ? name : NULL);
		add_workload(inv, name);
	}
	add_image(inv, "web", NULL);
	add_workload(inv, "web");
	inventory_end(inv);
	assert_int_equal(inventory_item_count(inv), 202);
	assert_int_equal(inventory_count(inv), 101);
	for (size_t i = 0; i < 202; i++)
		assert_int_equal(workload_of(inventory_item_at(inv, i)) == NULL, i >= 101);
	assert_null(inventory_at(inv, 101));
	assert_non_null(inventory_find_item(inv, "local/bunk/image/oci:debian%2F7"));
	assert_null(inventory_find(inv, "local/bunk/image/oci:debian%2F7")); // not a workload
	size_t matches;
	assert_non_null(inventory_lookup(inv, "web", -1, &matches)); // the image of this name is not meant
	assert_int_equal(matches, 1);
	assert_non_null(inventory_lookup(inv, "local/bunk/container/web", -1, NULL));
	assert_non_null(inventory_lookup(inv, "local/bunk/web", -1, NULL)); // as ids were before
	assert_null(inventory_lookup(inv, "local/bunk/guest/web", -1, NULL));
	assert_null(inventory_lookup(inv, "local/bunk/image/web", -1, NULL));
	inventory_begin(inv, NULL);
	for (int i = 0; i < 100; i += 2) {
		auto_free char *image = mem_printf("oci:debian/%d", i), *name = mem_printf("w%d", i);

		add_workload(inv, name);
		add_image(inv, image, i ? NULL : "new");
	}
	inventory_end(inv);
	assert_int_equal(inventory_item_count(inv), 100);
	assert_int_equal(inventory_count(inv), 50);
	for (int i = 0; i < 100; i++) {
		auto_free char *id = mem_printf("local/bunk/image/oci:debian%%2F%d", i),
		               *name = mem_printf("local/bunk/w%d", i);

		assert_int_equal(inventory_find_item(inv, id) != NULL, i % 2 == 0);
		assert_int_equal(inventory_find(inv, name) != NULL, i % 2 == 0);
	}
	assert_int_equal(told[CHANGE_ADDED * KINDS + KIND_IMAGE], 101);
	assert_int_equal(told[CHANGE_CHANGED * KINDS + KIND_IMAGE], 1);
	assert_int_equal(told[CHANGE_REMOVED * KINDS + KIND_IMAGE], 51);
	assert_int_equal(told[CHANGE_REMOVED * KINDS + KIND_CONTAINER], 51);
	inventory_free(inv);
}

static void an_id_has_another_kind_later(void **state)
{
	struct inventory *inv = inventory_new();
	unsigned told[3 * KINDS] = {0};
	struct workload w = {.id = mem_strdup("x"), .name = mem_strdup("x")};
	struct network n = {
	    .id = mem_strdup("x"), .name = mem_strdup("x"), .kind = KIND_NETWORK, .bridge = mem_strdup("br0")};

	inventory_on_change(inv, count_changes, told);
	inventory_upsert(inv, &w);
	inventory_upsert_item(inv, &n.item);
	assert_int_equal(inventory_item_count(inv), 1);
	assert_int_equal(inventory_find_item(inv, "x")->kind, KIND_NETWORK);
	assert_int_equal(told[CHANGE_REMOVED * KINDS + KIND_CONTAINER], 1);
	inventory_free(inv);
}

static void references_move_with_their_host(void **state)
{
	struct device d = {.kind = KIND_DISK, .owner = mem_strdup("local/fake/guest/2"),
	                   .tree = mem_strdup("local/fake/guest/2")};

	id_fill(&d.item, "fake", "2/vda", "vda");
	strv_add(&d.uses, "local/fake/pool/a");
	item_rehost(&d.item, "box");
	assert_string_equal(d.id, "box/fake/disk/2%2Fvda");
	assert_string_equal(d.owner, "box/fake/guest/2");
	assert_string_equal(d.tree, "box/fake/guest/2");
	assert_string_equal(d.uses.items[0], "box/fake/pool/a");
	assert_string_equal(d.host, "box");
	item_done(&d.item);
}

static void facts_and_filters_work_for_any_kind(void **state)
{
	static const struct {
		const char *filter;
		bool matches;
	} rows[] = {
		{"kind:image", true}, {"kind:img", true}, {"kind:guest", false}, {"size>4M", true}, {"size>6M", false},
		 {"layers=3", true},
		{"used-by:shop", true}, {"state:used", true}, {"platform:amd64", true}, {"deb", true}, {"label:app", false},
		 {"cpu>0", false},
		{"bridge:br0", false}, {"~db", true},
	};
	struct image_item i = {.kind = KIND_IMAGE,
	                       .name = (char *)"debian:12",
	                       .state = STATE_USED,
	                       .size = 5 << 20,
	                       .layers = 3,
	                       .platform = (char *)"linux/amd64"};
	struct fact_source from = {.item = &i.item};
	auto_str out = {0};

	strv_add(&i.used_by, "shop");
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		struct query *q;
		struct err e;

		assert_int_equal(query_new(&q, rows[r].filter, &e), 0);
		if (query_matches(q, &from) != rows[r].matches)
			fail_msg("'%s' is wrong", rows[r].filter);
		query_free(q);
	}
	for (enum fact fact = 0; fact < FACTS; fact++) { // any fact can be asked of any kind
		str_clear(&out);
		fact_add_plain(&out, fact, &from);
		assert_true(out.length > 0);
		fact_add_cell(&out, fact, &from);
		assert_int_equal(fact_compare(fact, &from, &from), 0);
	}
	str_clear(&out);
	fact_add_cell(&out, FACT_SIZE, &from);
	assert_string_equal(str_text(&out), "5.0M");
	strv_done(&i.used_by);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_complete),
		cmocka_unit_test(an_item_of_each_kind_survives_its_json),
		cmocka_unit_test(a_missing_number_is_left_out),
		cmocka_unit_test(a_kind_of_the_future_is_refused),
		cmocka_unit_test(an_inventory_holds_items_of_all_kinds),
		cmocka_unit_test(an_id_has_another_kind_later),
		cmocka_unit_test(references_move_with_their_host),
		cmocka_unit_test(facts_and_filters_work_for_any_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
