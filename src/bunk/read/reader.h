// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading JSON into structures by tables, one row per property.
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct pool;

// A position in the document, shown as mounts[2].options[0].
struct place {
	const struct place *up;
	const char *key; // NULL: an index
	size_t index;
};

struct reader {
	const char *name; // the file, for errors
	struct pool **pool;
	void (*warn)(void *context, const char *text);
	void *context;
	struct err *e;
};

struct field;
typedef int field_read(struct reader *r, json_t *value, const struct place *at, void *into, const struct field *f);

enum field_flag {
	FIELD_REQUIRED = 1,
};

struct field {
	const char *name;
	field_read *read;
	size_t at;                  // offset in the structure
	unsigned flags;             // enum field_flag
	const struct field *fields; // of an object, or of each object in a list
	size_t size;                // of one object in a list or a map; in a map each begins with its key (const char *)
};

// Fills *INTO from OBJECT by FIELDS (which ends with a row without a name). Absent and null properties are unchanged.
int reader_object(struct reader *r, json_t *object, const struct place *at, void *into, const struct field *fields);

field_read read_text, read_bool, read_u32, read_u64, read_number, read_texts, read_fields, read_objects, read_map,
    read_u32s, read_pairs, read_refused;
// Sets the error to "PATH: what is wrong"; returns -EINVAL.
int reader_error(const struct reader *r, const struct place *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
// Zeroed memory that is valid as long as the pool.
void *pool_new(struct pool **pool, size_t count, size_t size);
void pool_done(struct pool **pool);
