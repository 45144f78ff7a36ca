// The screen as a picture: SVG whose text, lines and blocks lie exactly in the cells, whatever font shows it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#include "harness.h"

struct svg_options {
	const char *title; // what the picture shows, for screen readers
	bool light;        // the terminal's own colours: dark on light
};

// Adds the picture of what S shows now. It depends on the cells alone.
void svg_write(struct screen *s, const struct svg_options *options, struct str *out);

// A glyph that is drawn instead of written (lines, blocks, dots), so that neighbours join. CODE at X, Y; the path goes
// to FILL or LINES, of which one is left as it is. Returns false when it is to be written.
bool svg_glyph(uint32_t code, int x, int y, struct str *fill, struct str *lines);

enum { SVG_CELL_WIDTH = 8, SVG_CELL_HEIGHT = 17 };
