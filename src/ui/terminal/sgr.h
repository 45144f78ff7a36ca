// What curses writes, on its way to the terminal: its numbered colours become the true ones they represent, and of its
// changes of attributes only those go out that will be seen.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// Colours by their number: 16…255.
struct sgr_palette {
	uint32_t rgb[256];
	size_t count; // numbers 16…16 + count - 1 are in use
};

// The number of RGB (0xrrggbb), taken into use if it is new; when all are taken, that of the nearest.
unsigned sgr_number(struct sgr_palette *p, uint32_t rgb);

// How characters are written: attributes as bits, colours as the parameters that set them, "" for the terminal's own.
struct sgr_pen {
	unsigned attrs;
	char fg[24], bg[24];
};

struct sgr {
	struct sgr_palette palette; // empty: numbers are what they say
	struct sgr_pen is, wanted;  // what the terminal has, and what curses believes that it has
	bool known;                 // IS is certain
	bool resets_one;            // the terminal can reset one attribute; the VT100 only all of them
	bool charset;               // the plain character set has been asked for
	char last[5];               // the character written last, which may be asked for once more
};

// Nothing is known of the terminal's attributes from now on: another program has written to it.
void sgr_forget(struct sgr *s);
// Adds N bytes of terminal output, which are followed by a 0, to OUT. No sequence may be cut at the end.
void sgr_pass(struct sgr *s, const char *bytes, size_t n, struct str *out);
