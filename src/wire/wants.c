// Subscriptions as JSON: see wire/wire.h.
#include "wire/wire.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "model/kind.h"

static const char stored[] = "*"; // all facts that are not measured

static json_t *kinds_to_json(unsigned kinds)
{
	json_t *names = json_array();

	for (enum kind kind = 0; kind < KINDS; kind++)
		if (kinds >> kind & 1)
			json_array_append_new(names, json_string(kind_name(kind)));
	return names;
}

static json_t *facts_to_json(const struct want *want)
{
	json_t *names = json_array();

	if (want->stored)
		json_array_append_new(names, json_string(stored));
	for (enum fact fact = 0; fact < FACTS; fact++)
		if (fact_set_has(&want->facts, fact))
			json_array_append_new(names, json_string(fact_info(fact)->name));
	return names;
}

static void set_number(json_t *object, const char *key, size_t number)
{
	if (number)
		json_object_set_new(object, key, json_integer((json_int_t)number));
}

static json_t *want_to_json(const struct want *want)
{
	json_t *object = json_object(), *ids = json_array();
	auto_free char *sort = mem_printf("%s%s", want->descending ? "-" : "", fact_info(want->sort)->name);

	json_object_set_new(object, "kinds", kinds_to_json(want->kinds));
	json_object_set_new(object, "facts", facts_to_json(want));
	for (size_t i = 0; i < want->ids.count; i++)
		json_array_append_new(ids, json_string(want->ids.items[i]));
	if (want->ids.count)
		json_object_set(object, "ids", ids);
	json_decref(ids);
	wire_set_text(object, "owner", want->owner);
	wire_set_text(object, "filter", want->filter);
	if (want->offset || want->count)
		wire_set_text(object, "sort", sort);
	set_number(object, "offset", want->offset);
	set_number(object, "count", want->count);
	return object;
}

json_t *wire_wants(const struct subscription *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(array, want_to_json(&s->wants[i]));
	return array;
}

unsigned wire_kinds_read(const json_t *names)
{
	unsigned kinds = 0;
	size_t index;
	json_t *name;

	json_array_foreach (names, index, name) {
		int kind = json_is_string(name) ? kind_find(json_string_value(name)) : -1;

		kinds |= kind < 0 ? 0 : 1u << kind;
	}
	return kinds;
}

static void read_facts(struct want *want, const json_t *names)
{
	size_t index;
	json_t *name;

	json_array_foreach (names, index, name) {
		const char *text = json_is_string(name) ? json_string_value(name) : "";
		int fact = fact_find(text, strlen(text));

		want->stored |= strcmp(text, stored) == 0;
		if (fact >= 0)
			fact_set_add(&want->facts, (enum fact)fact);
	}
}

static void read_sort(struct want *want, const char *text)
{
	want->descending = text && *text == '-';
	text += want->descending;
	int fact = text ? fact_find(text, strlen(text)) : -1;

	want->sort = fact < 0 ? FACT_NAME : (enum fact)fact;
}

static int read_ids(struct want *want, const json_t *ids, size_t *left, struct err *e)
{
	size_t index;
	json_t *id;

	json_array_foreach (ids, index, id) {
		if (!json_is_string(id) || json_string_length(id) > WIRE_ID_MAX || (*left)-- == 0)
			return err_msg(e, EPROTO, "invalid subscription: an invalid id, or more than %d", WIRE_WANTED_IDS_MAX);
		strv_add(&want->ids, json_string_value(id));
	}
	return 0;
}

static int read_want(struct subscription *s, const json_t *object, size_t *ids_left, struct err *e)
{
	if (!json_is_object(object) || s->count == WIRE_WANTS_MAX)
		return err_msg(e, EPROTO, "invalid subscription: an entry is not an object, or more than %d entries",
		               WIRE_WANTS_MAX);
	struct want *want = subscription_add(s, wire_kinds_read(json_object_get(object, "kinds")));

	read_facts(want, json_object_get(object, "facts"));
	read_sort(want, wire_get_text(object, "sort"));
	want->owner = wire_cut_text(object, "owner", WIRE_ID_MAX);
	want->filter = wire_cut_text(object, "filter", WIRE_TEXT_MAX);
	want->offset = (size_t)wire_get_int(object, "offset", 0, INT32_MAX, 0);
	want->count = (size_t)wire_get_int(object, "count", 0, INT32_MAX, 0);
	return read_ids(want, json_object_get(object, "ids"), ids_left, e);
}

int wire_wants_read(struct subscription *s, const json_t *array, struct err *e)
{
	size_t index, ids_left = WIRE_WANTED_IDS_MAX;
	json_t *object;
	int r = json_is_array(array) ? 0 : err_msg(e, EPROTO, "invalid subscription: not an array");

	json_array_foreach (array, index, object) {
		if (r == 0)
			r = read_want(s, object, &ids_left, e);
	}
	return r;
}
