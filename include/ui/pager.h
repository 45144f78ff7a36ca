// A text viewer: bounded in bytes; follows the end, wraps or scrolls sideways, searches and filters.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

struct pager;

// Creates a pager of at most LIMIT bytes of text (0: 1 MiB); the oldest lines are dropped first.
struct pager *pager_new(size_t limit);
void pager_free(struct pager *p);

// Appends untrusted text; lines may arrive in pieces. Bytes are kept unchanged and made visible when drawn; tabs
// become blanks, and colour sequences (ESC [ … m) are dropped.
void pager_add(struct pager *p, const char *text, size_t n);
void pager_clear(struct pager *p);
// Replaces the text but keeps the position, for a text that is regenerated every second.
void pager_replace(struct pager *p, const char *text);
// The whole text, unchanged, for saving it.
void pager_text(const struct pager *p, struct str *out);

// Follows the end as text is added, until the user scrolls up; scrolling to the end resumes following. Off in a new
// pager.
void pager_follow(struct pager *p, bool follow);
bool pager_follows(const struct pager *p);
void pager_wrap(struct pager *p, bool wrap);
bool pager_wraps(const struct pager *p);

// Shows only lines that contain TEXT (case-insensitive; NULL or "": all lines). Matches are highlighted.
void pager_filter(struct pager *p, const char *text);
// The active filter and the active search; NULL: none.
const char *pager_filtered(const struct pager *p);
const char *pager_searched(const struct pager *p);
// The number of lines, including filtered ones.
size_t pager_lines(const struct pager *p);
// Moves to the next line that contains TEXT, starting at the current one (BACKWARD: to the previous one); NULL repeats
// the last search, "" clears it. Wraps around. Returns false if there is no match.
bool pager_search(struct pager *p, const char *text, bool backward);

// The position: lines above the top line, lines up to the last one drawn, lines that pass the filter, lines dropped
// because of the limit.
struct pager_place {
	size_t top, bottom, lines, dropped;
	size_t column; // columns scrolled sideways
};
// Whether it has no lines at all.
bool pager_empty(const struct pager *p);
struct pager_place pager_place(const struct pager *p);

void pager_draw(struct pager *p, struct area a);
enum effect pager_move(struct pager *p, enum move move);
// The wheel.
enum effect pager_mouse(struct pager *p, struct key key);
