// What a check of a host found: damage, leftovers, and what is missing.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum check_flag {
	CHECK_REPAIR = 1, // repair what is safe to repair
	CHECK_DEEP = 2,   // read and compare the content of images, too
};

struct finding {
	const char *check;   // the check that found it
	char *subject;       // a path, a container, a program
	char *text, *remedy; // what is wrong; how to mend it, or NULL
	bool note;           // not a problem, but something will not work
	bool repairable;     // CHECK_REPAIR does what REMEDY says
	bool repaired;
};

// Zeroed is empty.
struct findings {
	struct finding *items;
	size_t count;
	struct strv checks; // names of the checks that were made, in their order
};
void findings_done(struct findings *f);
// Adds one and returns it; it stays in its place until the next is added. CHECK must outlive F. REMEDY may be NULL.
struct finding *findings_add(struct findings *f, const char *check, const char *subject, const char *remedy,
                             const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool finding_is_problem(const struct finding *f);
