// A text to read: bounded in bytes, followed at its end, wrapped or moved sideways, searched and filtered.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

struct pager;

// A pager that keeps at most LIMIT bytes of text (0: 1 MiB); the oldest lines go first.
struct pager *pager_new(size_t limit);
void pager_free(struct pager *p);

// Adds foreign text; a line may come in pieces. Bytes are kept as they are and made visible when drawn; tabs become
// blanks, and of colours and the like (ESC [ … m) nothing is left.
void pager_add(struct pager *p, const char *text, size_t n);
void pager_clear(struct pager *p);
// Replaces the text and keeps the place: for a description that is made anew every second.
void pager_replace(struct pager *p, const char *text);
// Everything that is kept, as it came: to save it.
void pager_text(const struct pager *p, struct str *out);

// Follows: the end is shown as text is added, until one moves up; moving to the end follows again. On for a new pager
// only after this call.
void pager_follow(struct pager *p, bool follow);
bool pager_follows(const struct pager *p);
void pager_wrap(struct pager *p, bool wrap);
bool pager_wraps(const struct pager *p);

// Shows only lines that hold TEXT (upper and lower case alike; NULL or "": all). Matches are highlighted.
void pager_filter(struct pager *p, const char *text);
// The text of the filter and that of the search that hold; NULL: none.
const char *pager_filtered(const struct pager *p);
const char *pager_searched(const struct pager *p);
// Lines there are, whether the filter shows them or not.
size_t pager_lines(const struct pager *p);
// Goes to the next line that holds TEXT, from the present one on (BACKWARD: before it); NULL: the text of the last
// search; "": no search holds any more. Wraps around at the end. Returns false when there is none.
bool pager_search(struct pager *p, const char *text, bool backward);

// Where one is: lines above the top one, lines down to the last one drawn, lines shown by the filter, lines dropped by
// the limit.
struct pager_place {
	size_t top, bottom, lines, dropped;
	size_t column; // moved sideways by
};
// Whether it has no lines, not even filtered ones.
bool pager_empty(const struct pager *p);
struct pager_place pager_place(const struct pager *p);

void pager_draw(struct pager *p, struct area a);
enum effect pager_move(struct pager *p, enum move move);
// The wheel.
enum effect pager_mouse(struct pager *p, struct key key);
