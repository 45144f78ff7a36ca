// History graphs and bars from numbers. Pure: draws into an area, with the characters its canvas allows.
#pragma once

#include <stddef.h>

#include "ui/canvas.h"

// How a graph is scaled and coloured. Zeroed: scaled to its highest value, all in ROLE_LOW.
struct graph {
	double max;   // the value of a full column; 0: the highest value shown, with no low or high
	double idle;  // values below it are not drawn
	uint8_t role; // 0: coloured by value if there is a scale; else the role for all values
	uint8_t back; // the background, see struct pen
	bool stale;   // dimmed
};

// The number of values that fit into COLUMNS columns: two per column in braille, else one.
size_t graph_values(const struct canvas *canvas, int columns);

// Draws the last of COUNT values (oldest first; NAN: missing, a gap), the newest at A's right edge, filled from A's
// bottom. A value above 0 shows at least one dot. Coloured by value, each row has the colour of its height, and the
// top row of a column that of its value.
void graph_draw(struct area a, const struct graph *g, const double *values, size_t count);

// Draws a horizontal bar in A's first row: VALUE of MAX. NAN draws an empty, dimmed bar.
void graph_bar(struct area a, const struct graph *g, double value);

// The role for VALUE as text: ROLE_LOW, ROLE_MID from 60 % of the scale, ROLE_HIGH from 85 %.
enum role graph_role(const struct graph *g, double value);
