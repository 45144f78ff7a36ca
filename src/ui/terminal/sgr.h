// Filters the output of curses: replaces its numbered colours by the true colours they represent, and sends only
// attribute changes that are visible. Moves within a row are shortened.
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

// The number of RGB (0xrrggbb), allocated if it is new; if all are in use, the nearest.
unsigned sgr_number(struct sgr_palette *p, uint32_t rgb);

// Character attributes as bits, and colours as SGR parameters, "" for the terminal's default.
struct sgr_pen {
	unsigned attrs;
	char fg[24], bg[24];
};

struct sgr {
	struct sgr_palette palette; // empty: numbers are palette indexes
	struct sgr_pen is, wanted;  // the terminal's state, and the state that curses assumes
	bool known;                 // IS is certain
	bool resets_one;            // the terminal can reset single attributes; the VT100 only all of them
	bool charset;               // the plain character set was selected
	bool moves_in_row;          // the terminal can move the cursor to a column of its row
	int row, column;            // of the cursor, from 1; 0 = unknown
	char last[5];               // the last character written, which may be repeated
};

// Forgets the terminal's attributes: another program has written to it.
void sgr_forget(struct sgr *s);
// Adds N bytes of terminal output, terminated by a 0, to OUT. No sequence may be split at the end.
void sgr_pass(struct sgr *s, const char *bytes, size_t n, struct str *out);
