// Findings of `hostel check`: damage, leftovers and missing parts.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum check_flag {
	CHECK_REPAIR = 1, // repair what is safe to repair
	CHECK_DEEP = 2,   // also verify the content of images
};

struct finding {
	const char *check;   // name of the check
	char *subject;       // a path, a container, a program
	char *text, *remedy; // what is wrong; how to fix it, or NULL
	bool note;           // not a problem, but some feature will not work
	bool repairable;     // CHECK_REPAIR applies the remedy
	bool repaired;
};

// Empty when zeroed.
struct findings {
	struct finding *items;
	size_t count;
	struct strv checks; // names of the checks that ran, in order
};
void findings_done(struct findings *f);
// Adds a finding and returns it; the pointer is valid until the next call. CHECK must outlive F. REMEDY may be NULL.
struct finding *findings_add(struct findings *f, const char *check, const char *subject, const char *remedy,
                             const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool finding_is_problem(const struct finding *f);
