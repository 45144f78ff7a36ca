// Graphs and bars: see ui/graph.h.
#include "ui/graph.h"

#include <math.h>

#include "base/mem.h"
#include "base/str.h"

// How each glyph set draws a column of up to `levels` steps, and how many values share a column.
static const struct form {
	int levels, values;
} forms[] = {
	[GLYPHS_ASCII] = {3, 1},
	[GLYPHS_BLOCKS] = {8, 1},
	[GLYPHS_BRAILLE] = {4, 2},
};

size_t graph_values(const struct canvas *canvas, int columns)
{
	return columns > 0 ? (size_t)columns * (size_t)forms[canvas->glyphs].values : 0;
}

enum role graph_role(const struct graph *g, double value)
{
	if (g->role)
		return g->role;
	if (!(g->max > 0) || !(value >= 0.60 * g->max))
		return ROLE_LOW;
	return value >= 0.85 * g->max ? ROLE_HIGH : ROLE_MID;
}

// The same as a gradient step, for VALUE of G's scale.
static uint8_t ramp_role(const struct graph *g, double value)
{
	double share = g->max > 0 && value > 0 ? fmin(1, value / g->max) : 0;

	return g->role ? g->role : (uint8_t)(ROLE_RAMP + lround(share * (ROLE_RAMP_TOP - ROLE_RAMP)));
}

// The maximum of the values; 1 if none is above 0, so that it can be a divisor.
static double graph_highest(const double *values, size_t count)
{
	double max = 0;

	for (size_t i = 0; i < count; i++)
		if (values[i] > max && isfinite(values[i]))
			max = values[i];
	return max > 0 ? max : 1;
}

// The steps of TOTAL that VALUE fills: -1 if it is missing, at least one if it is above 0.
static int height_of(double value, double max, int total)
{
	if (isnan(value))
		return -1;
	if (value <= 0)
		return 0;
	if (value >= max)
		return total;
	int height = (int)ceil(value / max * total);
	return height < 1 ? 1 : height;
}

// The part of HEIGHT in the row that begins at BASE: -1 nothing, 0 only the base line.
static int level_of(int height, int base, int levels)
{
	int level = height - base;

	if (height < 0 || level < 0 || (level == 0 && base > 0))
		return -1;
	return level > levels ? levels : level;
}

// A braille pattern of two columns; a value of 0 keeps the lowest dot, unlike a missing one.
static void graph_braille(char out[8], int left, int right)
{
	static const unsigned char lefts[] = {0x00, 0x40, 0x44, 0x46, 0x47}, rights[] = {0x00, 0x80, 0xa0, 0xb0, 0xb8};
	unsigned bits = 0;

	if (left >= 0)
		bits |= lefts[left ? left : 1];
	if (right >= 0)
		bits |= rights[right ? right : 1];
	out[str_encode(0x2800 + bits, out)] = '\0';
}

static void draw_cell(struct area a, int row, int column, struct pen pen, int left, int right)
{
	static const char *const blocks[] = {"▁", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {"_", ".", ":", "#"};
	char text[8];

	if (left < 0 && right < 0)
		return;
	switch (a.canvas->glyphs) {
	case GLYPHS_BRAILLE:
		graph_braille(text, left, right);
		area_glyph(a, row, column, pen, text, "");
		break;
	case GLYPHS_BLOCKS:
		area_glyph(a, row, column, pen, blocks[right], "");
		break;
	case GLYPHS_ASCII:
		area_glyph(a, row, column, pen, "", ascii[right]);
		break;
	}
}

static struct pen graph_pen(const struct graph *g, uint8_t role)
{
	return (struct pen){.role = role, .back = g->back, .attrs = g->stale ? ATTR_DIM : 0};
}

// ROW counts from the bottom; its colour is that of its upper edge or of PEAK, the column's higher value, whichever
// is lower.
static struct pen cell_pen(struct area a, const struct graph *g, int row, double peak)
{
	return graph_pen(g, peak > 0 ? ramp_role(g, fmin(peak, g->max * (row + 1) / a.rows)) : ROLE_DIM);
}

// Draws one column from the bottom up. LEFT and RIGHT are equal if a column shows one value.
static void draw_column(struct area a, const struct graph *g, double max, int column, double left, double right)
{
	int levels = forms[a.canvas->glyphs].levels, l, r;

	l = left < g->idle ? -1 : height_of(left, max, a.rows * levels);
	r = right < g->idle ? -1 : height_of(right, max, a.rows * levels);
	for (int row = 0; row < a.rows; row++)
		draw_cell(a, a.rows - 1 - row, column, cell_pen(a, g, row, fmax(left, right)),
		          level_of(l, row * levels, levels), level_of(r, row * levels, levels));
}

void graph_draw(struct area a, const struct graph *g, const double *values, size_t count)
{
	if (area_empty(a))
		return;
	size_t side = (size_t)forms[a.canvas->glyphs].values, room = graph_values(a.canvas, a.columns);

	if (count > room) {
		values += count - room;
		count = room;
	}
	double max = g->max > 0 ? g->max : graph_highest(values, count);
	for (int column = a.columns - 1; column >= 0 && count > 0; column--) {
		double right = values[--count];
		double left = side == 1 ? right : count > 0 ? values[--count] : (double)NAN;

		draw_column(a, g, max, column, left, right);
	}
}

enum part { PART_EMPTY, PART_HALF, PART_FULL };

// A part of a bar: thin lines if the font has them, shades on the Linux console; the shapes also differ without
// colours.
static void bar_part(struct area a, int column, struct pen pen, enum part part)
{
	static const char *const lines[] = {"─", "╸", "━"}, *const shades[] = {"░", "▒", "▓"},
	                         *const ascii[] = {"-", "=", "#"};

	area_glyph(a, 0, column, pen, (a.canvas->glyphs == GLYPHS_BRAILLE ? lines : shades)[part], ascii[part]);
}

void graph_bar(struct area a, const struct graph *g, double value)
{
	if (area_empty(a))
		return;
	int filled = height_of(value, g->max > 0 ? g->max : value > 0 ? value : 1, a.columns * 2);
	struct pen full = graph_pen(g, ramp_role(g, value)), empty = graph_pen(g, ROLE_DIM);
	for (int column = 0; column < a.columns; column++)
		bar_part(a, column, filled > column * 2 ? full : empty,
		         filled >= column * 2 + 2 ? PART_FULL
		         : filled > column * 2    ? PART_HALF
		                                  : PART_EMPTY);
}
