// Shared libraries that few runs need, opened when they are needed: what is not costs nothing at the start, and may be
// missing.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct library_function {
	const char *name; // as the linker knows it
	size_t at;        // where its pointer is in the table
};

enum { LIBRARY_FILES = 2 };

// Made as a static object whose first five members are set; the others are library_load()'s.
struct library {
	const char *files[LIBRARY_FILES]; // as "libx.so.1"; each function is in one of them
	const struct library_function *functions;
	size_t count;
	void *table;          // of pointers, filled when all are found
	const char *purpose;  // what an error says about it, as "to run guests, install …"
	void *handles[LIBRARY_FILES];
	char problem[256];
	bool tried;
};

// Opens them and fills the table; at a later call says what came of it. They stay open. Any thread may call it.
// Returns 0, or -EOPNOTSUPP with the loader's words and the purpose.
int library_load(struct library *l, struct err *e);
// Any symbol of them and of what they brought along, NULL when there is none or they are not open.
void *library_symbol(const struct library *l, const char *name);
