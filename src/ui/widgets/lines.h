// The lines of a pager: kept as they came, bounded in bytes, filtered.
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
	size_t dropped;     // lines that had to go; number of the oldest line kept
	bool open;          // the last line has had no end yet
	char *filter;       // NULL: none
	size_t slid;        // of the lines that passed the filter, those that had to go
	// numbers (counted from the first line ever) of the lines that pass the filter, a queue as well
	size_t *shown;
	size_t shown_first, shown_end, shown_room;
};

void lines_init(struct lines *l, size_t limit);
void lines_done(struct lines *l);
void lines_clear(struct lines *l);
void lines_add(struct lines *l, const char *text, size_t n);
void lines_filter(struct lines *l, const char *text);

// Lines that pass the filter, and the AT-th of them.
size_t lines_count(const struct lines *l);
const struct line *lines_at(const struct lines *l, size_t at);
// Lines that passed the filter and were dropped since it was set: places move up by as many.
size_t lines_slid(const struct lines *l);

// The line as it may be shown: without colour sequences, tabs as blanks, all else made visible.
void line_visible(const struct line *line, struct str *out);
// Where NEEDLE is in the visible TEXT, upper and lower case alike, and its bytes there; NULL when it is not. LENGTH
// may be NULL.
const char *line_find(const char *text, const char *needle, size_t *length);
