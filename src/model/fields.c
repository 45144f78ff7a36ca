// Copies, compares and serializes structs by the bindings of their facts: see model/fields.h.
#include "model/fields.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/item.h"
#include "model/kind.h"
#include "model/posture.h"

enum { ITEMS_MAX = 64 }; // of a list; the others are counted

// Operations on a field, one row per type. AT points at the field.
struct field_ops {
	void (*done)(void *at);
	void (*copy)(void *to, const void *from);
	bool (*equal)(const void *a, const void *b);
	json_t *(*write)(const void *at); // NULL when the field is empty
	bool (*read)(void *at, const json_t *value);
};

static void done_nothing(void *at)
{
	(void)at;
}

static void text_done(void *at)
{
	free(*(char **)at);
	*(char **)at = NULL;
}

static void text_copy(void *to, const void *from)
{
	*(char **)to = mem_strdup(*(char *const *)from);
}

static bool text_equal(const void *a, const void *b)
{
	return str_equal(*(char *const *)a, *(char *const *)b);
}

static json_t *text_write(const void *at)
{
	const char *text = *(char *const *)at;

	if (!text)
		return NULL;
	json_t *value = json_string(text);
	if (value)
		return value;
	auto_free char *visible = str_visible(text); // JSON carries UTF-8 only
	return json_string(visible);
}

static bool text_read(void *at, const json_t *value)
{
	if (!json_is_string(value))
		return false;
	text_done(at);
	*(char **)at = mem_strdup(json_string_value(value));
	return true;
}

static void list_done(void *at)
{
	strv_done(at);
}

static void list_copy(void *to, const void *from)
{
	strv_copy(to, from);
}

static bool list_equal(const void *a, const void *b)
{
	return strv_equal(a, b);
}

static json_t *list_write(const void *at)
{
	const struct strv *v = at;
	json_t *array = v->count ? json_array() : NULL;

	for (size_t i = 0; i < v->count; i++)
		json_array_append_new(array, text_write(&v->items[i]));
	return array;
}

static bool list_read(void *at, const json_t *value)
{
	size_t index;
	json_t *item;

	if (!json_is_array(value))
		return false;
	strv_done(at);
	json_array_foreach (value, index, item) {
		if (!json_is_string(item))
			return false;
		strv_add(at, json_string_value(item));
	}
	return true;
}

// Plain types: TYPE is copied and compared by value, written with WRITE unless EMPTY, and read if IS holds.
#define PLAIN_OPS(NAME, TYPE, EMPTY, WRITE, IS, READ)            \
	static void NAME##_copy(void *to, const void *from)         \
	{                                                           \
		*(TYPE *)to = *(const TYPE *)from;                      \
	}                                                           \
	static bool NAME##_equal(const void *a, const void *b)      \
	{                                                           \
		return *(const TYPE *)a == *(const TYPE *)b;            \
	}                                                           \
	static json_t *NAME##_write(const void *at)                 \
	{                                                           \
		TYPE value = *(const TYPE *)at;                         \
		return (EMPTY) ? NULL : (WRITE);                        \
	}                                                           \
	static bool NAME##_read(void *at, const json_t *json)       \
	{                                                           \
		if (!(IS))                                              \
			return false;                                       \
		*(TYPE *)at = (TYPE)(READ);                             \
		return true;                                            \
	}

static int find_word(const json_t *json, const char *(*name_of)(int), int count)
{
	const char *word = json_string_value(json);

	for (int i = 0; word && i < count; i++)
		if (strcmp(name_of(i), word) == 0)
			return i;
	return -1;
}

static const char *kind_name_of(int kind)
{
	return kind_name((enum kind)kind);
}

static const char *state_name_of(int state)
{
	return item_state_info((enum item_state)state)->name;
}

PLAIN_OPS(time, int64_t, value == 0, json_integer(value), json_is_integer(json), json_integer_value(json))
PLAIN_OPS(int, int, false, json_integer(value),
          json_is_integer(json) && json_integer_value(json) >= INT32_MIN && json_integer_value(json) <= INT32_MAX,
          json_integer_value(json))
PLAIN_OPS(bytes, uint64_t, value == 0 || value > INT64_MAX, json_integer((json_int_t)value),
          json_is_integer(json) && json_integer_value(json) >= 0, json_integer_value(json))
PLAIN_OPS(bool, bool, !value, json_boolean(value), json_is_boolean(json), json_is_true(json))
PLAIN_OPS(kind, enum kind, false, json_string(kind_name_of((int)value)), find_word(json, kind_name_of, KINDS) >= 0,
          find_word(json, kind_name_of, KINDS))
PLAIN_OPS(state, enum item_state, false, json_string(state_name_of((int)value)),
          find_word(json, state_name_of, STATES) >= 0, find_word(json, state_name_of, STATES))

static void number_copy(void *to, const void *from)
{
	memcpy(to, from, sizeof(double));
}

static bool number_equal(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(double)) == 0;
}

static json_t *number_write(const void *at)
{
	double value = *(const double *)at;

	return fpclassify(value) == FP_ZERO ? NULL : json_real(value); // NULL for NAN too
}

static bool number_read(void *at, const json_t *value)
{
	if (!json_is_number(value))
		return false;
	*(double *)at = json_number_value(value);
	return true;
}

static void posture_copy(void *to, const void *from)
{
	memcpy(to, from, sizeof(struct posture));
}

static bool posture_equal(const void *a, const void *b)
{
	const struct posture *p = a, *q = b;

	return p->known == q->known && p->stands == q->stands && p->capabilities == q->capabilities;
}

// {"pid-ns": true, …, "capabilities": "00000000a80425fb"}: only known checks.
static json_t *posture_write(const void *at)
{
	const struct posture *p = at;
	char caps[17];

	if (!p->known)
		return NULL;
	json_t *object = json_object();
	for (enum barrier b = 0; b < BARRIERS; b++)
		if (p->known >> b & 1)
			json_object_set_new(object, barrier_info(b)->name, json_boolean(posture_stands(p, b)));
	snprintf(caps, sizeof(caps), "%016llx", (unsigned long long)p->capabilities);
	json_object_set_new(object, "effective", json_string(caps));
	return object;
}

static bool posture_read(void *at, const json_t *value)
{
	struct posture *p = at;

	if (!json_is_object(value))
		return false;
	*p = (struct posture){0};
	for (enum barrier b = 0; b < BARRIERS; b++) {
		const json_t *stands = json_object_get(value, barrier_info(b)->name);

		if (json_is_boolean(stands))
			posture_set(p, b, json_is_true(stands));
	}
	const char *caps = json_string_value(json_object_get(value, "effective"));
	p->capabilities = caps ? strtoull(caps, NULL, 16) : 0;
	return true;
}

static const struct field_ops field_ops[] = {
	[FIELD_TEXT] = {.done = text_done, .copy = text_copy, .equal = text_equal, .write = text_write, .read = text_read},
	[FIELD_LIST] = {.done = list_done, .copy = list_copy, .equal = list_equal, .write = list_write, .read = list_read},
	[FIELD_ID] = {.done = text_done, .copy = text_copy, .equal = text_equal, .write = text_write, .read = text_read},
	[FIELD_IDS] = {.done = list_done, .copy = list_copy, .equal = list_equal, .write = list_write, .read = list_read},
	[FIELD_TIME] = {.done = done_nothing, .copy = time_copy, .equal = time_equal, .write = time_write,
	 .read = time_read},
	[FIELD_INT] = {.done = done_nothing, .copy = int_copy, .equal = int_equal, .write = int_write, .read = int_read},
	[FIELD_NUMBER] = {.done = done_nothing, .copy = number_copy, .equal = number_equal, .write = number_write,
	 .read = number_read},
	[FIELD_BYTES] = {.done = done_nothing, .copy = bytes_copy, .equal = bytes_equal, .write = bytes_write,
	 .read = bytes_read},
	[FIELD_BOOL] = {.done = done_nothing, .copy = bool_copy, .equal = bool_equal, .write = bool_write,
	 .read = bool_read},
	[FIELD_KIND] = {.done = done_nothing, .copy = kind_copy, .equal = kind_equal, .write = kind_write,
	 .read = kind_read},
	[FIELD_STATE] = {.done = done_nothing, .copy = state_copy, .equal = state_equal, .write = state_write,
	 .read = state_read},
	[FIELD_POSTURE] = {.done = done_nothing, .copy = posture_copy, .equal = posture_equal, .write = posture_write,
	 .read = posture_read},
};

static const struct field_ops *stored(const struct fact_binding *b)
{
	return b->type != FIELD_NONE && b->type < FIELD_METRIC ? &field_ops[b->type] : NULL;
}

void fields_init(void *item, const struct fact_binding *bindings)
{
	for (enum fact fact = 0; fact < FACTS; fact++)
		if (bindings[fact].type == FIELD_INT)
			*(int *)((char *)item + bindings[fact].at) = fact_least(fact) - 1;
}

void fields_done(void *item, const struct fact_binding *bindings)
{
	for (const struct fact_binding *b = bindings; b < bindings + FACTS; b++)
		if (stored(b))
			stored(b)->done((char *)item + b->at);
}

void fields_copy(void *to, const void *from, const struct fact_binding *bindings)
{
	for (const struct fact_binding *b = bindings; b < bindings + FACTS; b++)
		if (stored(b))
			stored(b)->copy((char *)to + b->at, (const char *)from + b->at);
}

bool fields_equal(const void *one, const void *other, const struct fact_binding *bindings)
{
	for (const struct fact_binding *b = bindings; b < bindings + FACTS; b++)
		if (stored(b) && !stored(b)->equal((const char *)one + b->at, (const char *)other + b->at))
			return false;
	return true;
}

static void list_bound(struct strv *v, size_t most)
{
	size_t over = v->count > ITEMS_MAX ? v->count - ITEMS_MAX + 1 : 0;

	for (size_t i = 0; i < v->count; i++) {
		if (i + 1 >= ITEMS_MAX && over)
			free(v->items[i]);
		else
			str_cut(v->items[i], most);
	}
	if (!over)
		return;
	v->count = ITEMS_MAX - 1;
	v->items[v->count] = NULL;
	strv_addf(v, "… (%zu more)", over);
}

void fields_bound(void *item, const struct fact_binding *bindings)
{
	for (const struct fact_binding *b = bindings; b < bindings + FACTS; b++) {
		void *at = (char *)item + b->at;

		if (b->type == FIELD_LIST)
			list_bound(at, b->most);
		else if (b->type == FIELD_TEXT && b != &bindings[FACT_ID] && *(char **)at)
			str_cut(*(char **)at, b->most);
	}
}

static size_t field_bytes(const struct fact_binding *b, const void *at)
{
	const struct strv *list = at;
	size_t bytes = 0;

	if ((b->type == FIELD_TEXT || b->type == FIELD_ID) && *(char *const *)at)
		bytes = strlen(*(char *const *)at);
	for (size_t i = 0; (b->type == FIELD_LIST || b->type == FIELD_IDS) && i < list->count; i++)
		bytes += strlen(list->items[i]) + sizeof(char *);
	return bytes;
}

size_t fields_bytes(const void *item, const struct fact_binding *bindings)
{
	size_t bytes = 0;

	for (const struct fact_binding *b = bindings; b < bindings + FACTS; b++)
		bytes += field_bytes(b, (const char *)item + b->at);
	return bytes;
}

static const char *spelled(enum fact fact, enum naming naming)
{
	return naming == NAMES_WIRE_1 ? fact_old_name(fact) : fact_info(fact)->name;
}

static bool is_left_out(const void *at, enum fact fact, const struct fact_binding *b, enum naming naming)
{
	return !stored(b) || (naming != NAMES_WIRE_1 && b->type == FIELD_INT && *(const int *)at < fact_least(fact));
}

static void write_fact(json_t *object, const void *item, enum fact fact, const struct fact_binding *b,
                       enum naming naming)
{
	const void *at = (const char *)item + b->at;
	json_t *value = is_left_out(at, fact, b, naming) ? NULL : stored(b)->write(at);

	if (value)
		json_object_set_new(object, spelled(fact, naming), value);
}

json_t *fields_to_json(const void *item, const struct fact_binding *bindings, const struct fact_set *only,
                       enum naming naming)
{
	json_t *object = json_object();

	write_fact(object, item, FACT_ID, &bindings[FACT_ID], naming); // comes first in the document
	for (enum fact fact = 0; fact < FACTS; fact++)
		if (!only || fact_set_has(only, fact))
			write_fact(object, item, fact, &bindings[fact], naming);
	return object;
}

int fields_from_json(void *item, const struct fact_binding *bindings, const json_t *object, enum naming naming,
                     struct err *e)
{
	for (enum fact fact = 0; fact < FACTS; fact++) {
		const struct fact_binding *b = &bindings[fact];
		const json_t *value = stored(b) ? json_object_get(object, spelled(fact, naming)) : NULL;

		if (value && !stored(b)->read((char *)item + b->at, value))
			return err_msg(e, EINVAL, "field '%s' has the wrong type or value", spelled(fact, naming));
	}
	return 0;
}
