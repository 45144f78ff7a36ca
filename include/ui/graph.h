// History graphs and bars from numbers. Pure: draws into an area, with the characters its canvas allows.
#pragma once

#include <stddef.h>

#include "ui/canvas.h"

// How a graph is scaled and coloured. Zeroed: scaled to its highest value, and all of it ROLE_LOW.
struct graph {
	double max;   // the value of a full column; 0 = the highest value shown, of which nothing is low or high
	double idle;  // values below it are not drawn
	uint8_t role; // 0: coloured by value, where it has a scale; else this role whatever the value
	uint8_t back; // the background to draw on, see struct pen
	bool stale;   // dimmed
};

// Values that a graph of COLUMNS columns can show: two per column in braille, else one.
size_t graph_values(const struct canvas *canvas, int columns);

// Draws the last of COUNT values (oldest first, NAN = missing: a gap) so that the newest is at the right edge of A,
// filled from A's bottom. A value above 0 shows at least one dot. A graph that is coloured by value has the colour of
// each row's height up to the row of the value, which has the value's.
void graph_draw(struct area a, const struct graph *g, const double *values, size_t count);

// A horizontal bar over A's first row: VALUE of MAX. NAN draws an empty bar, dimmed.
void graph_bar(struct area a, const struct graph *g, double value);

// The role of a text that says VALUE: ROLE_LOW, ROLE_MID from 60 % of the scale on, ROLE_HIGH from 85 %.
enum role graph_role(const struct graph *g, double value);
