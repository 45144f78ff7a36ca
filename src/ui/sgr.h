// True colour for curses, which knows only numbered colours: numbers stand for our own colours in what it writes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// Colours by the number that stands for them: 16…255.
struct sgr_palette {
	uint32_t rgb[256];
	size_t count; // numbers 16…16 + count - 1 are in use
};

// The number that stands for RGB (0xrrggbb), taken into use if it is new; when all are taken, that of the nearest.
unsigned sgr_number(struct sgr_palette *p, uint32_t rgb);

// Adds N bytes of terminal output to OUT, with "38;5;NUMBER" and "48;5;NUMBER" (also with colons) in every ESC [ … m
// turned into the colour that NUMBER stands for.
void sgr_expand(const struct sgr_palette *p, const char *bytes, size_t n, struct str *out);
