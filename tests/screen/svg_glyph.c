// Lines, blocks and Braille dots as paths: see svg.h.
#include "svg.h"

enum {
	W = SVG_CELL_WIDTH,
	H = SVG_CELL_HEIGHT,
	MIDDLE_X = W / 2,
	MIDDLE_Y = H / 2,
};

enum arm { UP = 1, RIGHT = 2, DOWN = 4, LEFT = 8, ROUND = 16 };

static const struct {
	uint32_t code;
	unsigned arms;
} boxes[] = {
	{0x2500, LEFT | RIGHT}, {0x2502, UP | DOWN},
	{0x250c, DOWN | RIGHT}, {0x2510, DOWN | LEFT}, {0x2514, UP | RIGHT}, {0x2518, UP | LEFT},
	{0x251c, UP | DOWN | RIGHT}, {0x2524, UP | DOWN | LEFT}, {0x252c, LEFT | RIGHT | DOWN}, {0x2534, LEFT | RIGHT | UP},
	{0x253c, UP | DOWN | LEFT | RIGHT},
	{0x256d, DOWN | RIGHT | ROUND}, {0x256e, DOWN | LEFT | ROUND}, {0x256f, UP | LEFT | ROUND}, {0x2570, UP | RIGHT | ROUND},
	{0x2574, LEFT}, {0x2575, UP}, {0x2576, RIGHT}, {0x2577, DOWN},
};

static void add_arms(struct str *out, unsigned arms, int x, int y)
{
	int cx = x + MIDDLE_X, cy = y + MIDDLE_Y, ex = arms & RIGHT ? x + W : x, ey = arms & DOWN ? y + H : y;

	if (arms & ROUND) {
		str_addf(out, "M%d %dV%dQ%d %d %d %dH%d", cx, ey, cy + (arms & DOWN ? 4 : -4), cx, cy, cx + (arms & RIGHT ? 4 : -4),
		         cy, ex);
		return;
	}
	if (arms & (LEFT | RIGHT))
		str_addf(out, "M%d %dH%d", arms & LEFT ? x : cx, cy, arms & RIGHT ? x + W : cx);
	if (arms & (UP | DOWN))
		str_addf(out, "M%d %dV%d", cx, arms & UP ? y : cy, arms & DOWN ? y + H : cy);
}

static void add_box(struct str *out, int x, int y, int width, int height)
{
	str_addf(out, "M%d %dh%dv%dh%dz", x, y, width, height, -width);
}

// Parts of a cell in eighths: from the bottom (U+2581 …), from the left (U+2589 …), the upper half and the right one.
static void add_block(struct str *out, uint32_t code, int x, int y)
{
	int height = H * (int)(code - 0x2580) / 8, width = W * (int)(0x2590 - code) / 8;

	if (code == 0x2580)
		add_box(out, x, y, W, H / 2);
	else if (code == 0x2590)
		add_box(out, x + W / 2, y, W - W / 2, H);
	else if (code <= 0x2588)
		add_box(out, x, y + H - height, W, height);
	else
		add_box(out, x, y, width, H);
}

// Shades as dots: a quarter, a half and three quarters of the cell.
static void add_shade(struct str *out, uint32_t code, int x, int y)
{
	int share = (int)(code - 0x2590);

	for (int row = 0; row < H; row++)
		for (int column = 0; column < W; column += 4)
			if ((row + share) % 2 == 0 || share == 3)
				add_box(out, x + column + (row % 4 < 2 ? 0 : 2), y + row, share > 1 ? 2 + (share == 3) : 2, 1);
}

// Eight dots in two columns; the lowest row was added to the code last.
static void add_braille(struct str *out, unsigned dots, int x, int y)
{
	static const struct {
		int column, row;
	} places[] = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}};

	for (int i = 0; i < 8; i++)
		if (dots >> i & 1)
			add_box(out, x + 1 + places[i].column * 4, y + 1 + places[i].row * 4, 2, 3);
}

bool svg_glyph(uint32_t code, int x, int y, struct str *fill, struct str *lines)
{
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++)
		if (boxes[i].code == code) {
			add_arms(lines, boxes[i].arms, x, y);
			return true;
		}
	if (code >= 0x2580 && code <= 0x2590)
		add_block(fill, code, x, y);
	else if (code >= 0x2591 && code <= 0x2593)
		add_shade(fill, code, x, y);
	else if (code >= 0x2800 && code <= 0x28ff)
		add_braille(fill, code & 0xff, x, y);
	else
		return false;
	return true;
}
