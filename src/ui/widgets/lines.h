// The lines of a pager: unchanged, bounded in bytes, filtered.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"

struct line {
	char *text; // NULL when empty
	size_t length;
	struct pen pen;
};

struct lines {
	struct line *items; // a queue: the oldest at `first`
	size_t first, end, room;
	size_t bytes, limit;
	size_t dropped;     // the number of dropped lines, which is the number of the oldest line kept
	bool open;          // the last line is incomplete
	char *filter;       // NULL: none
	size_t slid;        // dropped lines that passed the filter
	// numbers (counted from the very first line) of the lines that pass the filter; also a queue
	size_t *shown;
	size_t shown_first, shown_end, shown_room;
};

void lines_init(struct lines *l, size_t limit);
void lines_done(struct lines *l);
void lines_clear(struct lines *l);
void lines_add(struct lines *l, const char *text, size_t n);
void lines_filter(struct lines *l, const char *text);

// The number of lines that pass the filter, and line AT of them.
size_t lines_count(const struct lines *l);
const struct line *lines_at(const struct lines *l, size_t at);
// The number of lines dropped since the filter was set that passed it: positions move up by this.
size_t lines_slid(const struct lines *l);

// The line as it is drawn: without colour sequences, tabs as blanks, control characters made visible.
void line_visible(const struct line *line, struct str *out);
// Finds NEEDLE in the visible TEXT, ignoring case. Sets *LENGTH (may be NULL) to the match's bytes. NULL if not found.
const char *line_find(const char *text, const char *needle, size_t *length);
