// History graphs and bars from numbers. Pure: draws into an area, with the characters its canvas allows.
#pragma once

#include <stddef.h>

#include "ui/canvas.h"

// How a graph is scaled and coloured. Zeroed: scaled to its highest value, mid from 60 %, high from 85 % of the scale.
struct graph {
	double max;       // the value of a full column; 0 = the highest value shown
	double mid, high; // from these values on ROLE_MID, ROLE_HIGH; 0 = 60 % and 85 % of max
	uint8_t role;     // 0: coloured by value; else this role whatever the value
	uint8_t back;     // the background to draw on, see struct pen
	bool stale;       // dimmed
};

// Values that a graph of COLUMNS columns can show: two per column in braille, else one.
size_t graph_values(const struct canvas *canvas, int columns);

// Draws the last of COUNT values (oldest first, NAN = missing: a gap) so that the newest is at the right edge of A,
// filled from A's bottom. A value above 0 shows at least one dot.
void graph_draw(struct area a, const struct graph *g, const double *values, size_t count);

// A horizontal bar over A's first row: VALUE of MAX. NAN draws an empty bar, dimmed. Uses G's thresholds.
void graph_bar(struct area a, const struct graph *g, double value);

// The role of VALUE by G's thresholds: ROLE_LOW, ROLE_MID or ROLE_HIGH.
enum role graph_role(const struct graph *g, double value);
