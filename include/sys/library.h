// Shared libraries that are loaded on first use: until then they cost nothing, and they need not be installed.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct library_function {
	const char *name; // the symbol
	size_t at;        // of its pointer in the table
};

enum { LIBRARY_FILES = 2 };

// Define it as a static object with the first five members set; the others belong to library_load().
struct library {
	const char *files[LIBRARY_FILES]; // for example "libx.so.1"; each function is in one of them
	const struct library_function *functions;
	size_t count;
	void *table;          // of pointers; filled when all functions were found
	const char *purpose;  // for the error text: "to run guests, install …"
	void *handles[LIBRARY_FILES];
	char problem[256];
	bool tried;
};

// Loads the libraries and fills the table; later calls return the same result. They stay loaded. Thread-safe. Returns
// 0, or -EOPNOTSUPP with the loader's message and the purpose.
int library_load(struct library *l, struct err *e);
// A symbol of these libraries or of their dependencies; NULL when it does not exist or they are not loaded.
void *library_symbol(const struct library *l, const char *name);
