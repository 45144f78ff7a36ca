// SPDX-License-Identifier: LGPL-2.1-or-later
// A table-driven reader of JSON: see reader.h.
#include "reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"

struct pool {
	struct pool *next;
	max_align_t memory[];
};

struct list { // the layout of every list in config.h
	void *items;
	size_t count;
};

void *pool_new(struct pool **pool, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
		bytes = SIZE_MAX / 2; // mem_new() ends the program
	struct pool *p = mem_new(sizeof(*p) + bytes);
	p->next = *pool;
	*pool = p;
	return p->memory;
}

void pool_done(struct pool **pool)
{
	while (*pool) {
		struct pool *p = *pool;

		*pool = p->next;
		free(p);
	}
}

static void add_place(struct str *out, const struct place *at)
{
	if (!at)
		return;
	add_place(out, at->up);
	if (!at->key) {
		str_addf(out, "[%zu]", at->index);
		return;
	}
	if (out->length)
		str_add_char(out, '.');
	str_add_visible(out, at->key, strnlen(at->key, 100));
}

int reader_error(const struct reader *r, const struct place *at, const char *fmt, ...)
{
	auto_str text = {0};
	va_list args;

	add_place(&text, at);
	if (text.length)
		str_add(&text, ": ");
	va_start(args, fmt);
	auto_free char *what = NULL;
	if (vasprintf(&what, fmt, args) < 0)
		what = NULL;
	va_end(args);
	return err_msg(r->e, EINVAL, "%s: %s%s", r->name, str_text(&text), what ? what : "is wrong");
}

static void warn_unknown(struct reader *r, const struct place *at)
{
	auto_str text = {0};

	if (!r->warn)
		return;
	str_addf(&text, "%s: ", r->name);
	auto_str where = {0};
	add_place(&where, at);
	str_addf(&text, "%s: unknown property, ignored", str_text(&where));
	r->warn(r->context, str_text(&text));
}

static const struct field *find_field(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (str_equal(fields->name, name))
			return fields;
	return NULL;
}

static int check_required(struct reader *r, json_t *object, const struct place *at, const struct field *fields)
{
	for (; fields->name; fields++) {
		json_t *value = json_object_get(object, fields->name);

		if (fields->flags & FIELD_REQUIRED && (!value || json_is_null(value))) {
			struct place here = {.up = at, .key = fields->name};
			return reader_error(r, &here, "is missing");
		}
	}
	return 0;
}

int reader_object(struct reader *r, json_t *object, const struct place *at, void *into, const struct field *fields)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return reader_error(r, at, "must be an object");
	json_object_foreach(object, key, value) {
		struct place here = {.up = at, .key = key};
		const struct field *f = find_field(fields, key);

		if (json_is_null(value))
			continue;
		if (!f) {
			warn_unknown(r, &here);
			continue;
		}
		int result = f->read(r, value, &here, (char *)into + f->at, f);
		if (result < 0)
			return result;
	}
	return check_required(r, object, at, fields);
}

// jansson rejects NUL in strings (JSON_ALLOW_NUL is not set)
int read_text(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	(void)f;
	if (!json_is_string(value))
		return reader_error(r, at, "must be a string");
	*(const char **)into = json_string_value(value);
	return 0;
}

int read_bool(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	(void)f;
	if (!json_is_boolean(value))
		return reader_error(r, at, "must be true or false");
	*(bool *)into = json_is_true(value);
	return 0;
}

static int is_whole(struct reader *r, json_t *value, const struct place *at, int64_t low, int64_t high,
                    int64_t *result)
{
	if (!json_is_integer(value))
		return reader_error(r, at, "must be an integer");
	*result = json_integer_value(value);
	if (*result < low || *result > high)
		return reader_error(r, at, "%lld is out of range, %lld to %lld", (long long)*result, (long long)low,
		                    (long long)high);
	return 0;
}

int read_u32(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	int64_t n = 0;
	int result = is_whole(r, value, at, 0, UINT32_MAX, &n);

	(void)f;
	if (result == 0)
		*(uint32_t *)into = (uint32_t)n;
	return result;
}

// Above 2^63 there is only "unlimited", which was parsed as a real (see config.c).
int read_u64(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	int64_t n = 0;

	(void)f;
	if (json_is_real(value) && json_real_value(value) >= 18446744073709551615.0) {
		*(uint64_t *)into = UINT64_MAX;
		return 0;
	}
	int result = is_whole(r, value, at, 0, INT64_MAX, &n);
	if (result == 0)
		*(uint64_t *)into = (uint64_t)n;
	return result;
}

int read_number(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	struct number *n = into;
	int result = is_whole(r, value, at, INT64_MIN, INT64_MAX, &n->value);

	(void)f;
	n->given = result == 0;
	return result;
}

int read_fields(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	// offsets of a nested object are relative to the same structure
	return reader_object(r, value, at, (char *)into - f->at, f->fields);
}

static int read_list(struct reader *r, json_t *value, const struct place *at, struct list *list, const struct field *f,
		     field_read *item, size_t size)
{
	if (!json_is_array(value))
		return reader_error(r, at, "must be a list");
	list->count = json_array_size(value);
	list->items = pool_new(r->pool, list->count, size);
	for (size_t i = 0; i < list->count; i++) {
		struct place here = {.up = at, .index = i};
		int result = item(r, json_array_get(value, i), &here, (char *)list->items + i * size, f);

		if (result < 0)
			return result;
	}
	return 0;
}

static int read_list_object(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	return reader_object(r, value, at, into, f->fields);
}

int read_objects(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	return read_list(r, value, at, into, f, read_list_object, f->size);
}

int read_texts(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	return read_list(r, value, at, into, f, read_text, sizeof(const char *));
}

int read_u32s(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	return read_list(r, value, at, into, f, read_u32, sizeof(uint32_t));
}

// An object whose values are strings: annotations, sysctl, unified.
int read_pairs(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	struct name_values *pairs = into;
	const char *key;
	json_t *item;
	size_t i = 0;

	if (!json_is_object(value))
		return reader_error(r, at, "must be an object");
	pairs->count = json_object_size(value);
	pairs->items = pool_new(r->pool, pairs->count, sizeof(*pairs->items));
	json_object_foreach(value, key, item) {
		struct place here = {.up = at, .key = key};
		int result = read_text(r, item, &here, &pairs->items[i].value, f);

		if (result < 0)
			return result;
		pairs->items[i++].name = key;
	}
	return 0;
}

// An object of named objects, read as a list of structures whose first member is the name.
int read_map(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	struct list *list = into;
	const char *key;
	json_t *item;

	if (!json_is_object(value))
		return reader_error(r, at, "must be an object");
	list->items = pool_new(r->pool, json_object_size(value), f->size);
	json_object_foreach(value, key, item) {
		struct place here = {.up = at, .key = key};
		char *one = (char *)list->items + list->count++ * f->size;

		*(const char **)(void *)one = key;
		int result = reader_object(r, item, &here, one, f->fields);
		if (result < 0)
			return result;
	}
	return 0;
}

static bool is_empty(json_t *value)
{
	return json_is_false(value) || (json_is_string(value) && !*json_string_value(value)) ||
	       (json_is_array(value) && json_array_size(value) == 0) ||
	       (json_is_object(value) && json_object_size(value) == 0) ||
	       (json_is_integer(value) && json_integer_value(value) == 0);
}

// A known property that is not supported is an error, unless it is empty.
int read_refused(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f)
{
	(void)into;
	(void)f;
	return is_empty(value) ? 0 : reader_error(r, at, "is not supported by bunk");
}
