// What is damaged or left over in the store and the state of containers, and what the kernel lacks: for `hostel check`.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct finding {
	const char *check;   // name of its row
	char *subject;       // what it is about: a path, a container, a program
	char *text, *remedy; // what is wrong, and the remedy
	bool note;           // not a problem, but something will not work
	bool repairable;     // --repair does what REMEDY says
	bool repaired;
};

// Zeroed is empty.
struct findings {
	struct finding *items;
	size_t count;
};
void findings_done(struct findings *f);
// Adds one and returns it; it stays in its place until the next is added. REMEDY may be NULL.
struct finding *findings_add(struct findings *f, const char *check, const char *subject, const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

// The checks, in their order.
struct check_info {
	const char *name, *layer, *help;
};
const struct check_info *check_info(size_t index); // NULL beyond the last

enum { CHECK_REPAIR = 1, CHECK_DEEP = 2 };

// Looks through the store WHERE (as store_open) and this host. FLAGS: deep reads all blobs of the images; repair does what is safe: only what is proven to be
// the store's own, and in use by no living process, is removed. Returns 0, also when something was found, or negative errno.
int containers_check(const char *where, unsigned flags, struct findings *f, struct err *e);
