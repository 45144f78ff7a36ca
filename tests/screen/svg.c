// The screen as a picture: see svg.h.
#include "svg.h"

#include <string.h>

#include "base/mem.h"

enum {
	EDGE = 8,      // around the cells
	BASELINE = 13, // of the text, from the top of its cell
	FONT = 13,
	CUBE = 16, GREYS = 232, // where the parts of the palette of 256 colours begin
};

static const uint32_t basic[CUBE] = {0x000000, 0xcd3131, 0x2fa64f, 0xb58900, 0x3b78d8, 0xa347ba, 0x1f9c9c, 0xcccccc,
                                     0x666666, 0xf14c4c, 0x52d273, 0xe5c05f, 0x7fb4ff, 0xd68fe0, 0x55d0d0, 0xffffff};

struct svg {
	struct screen *s;
	struct str *out;
	int rows, columns;
	uint32_t fg, bg; // of the terminal
};

static uint32_t cube_colour(int index)
{
	static const uint32_t steps[] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};

	return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 | steps[index % 6];
}

static uint32_t colour_of(int32_t colour, uint32_t usual)
{
	if (colour == SCREEN_DEFAULT)
		return usual;
	if (colour >= 0x1000000)
		return (uint32_t)colour & 0xffffff;
	if (colour >= GREYS)
		return (uint32_t)(8 + (colour - GREYS) * 10) * 0x010101;
	return colour >= CUBE ? cube_colour(colour - CUBE) : basic[colour];
}

struct cell {
	char text[32];
	int width;
	uint32_t code, fg, bg;
	bool bold, underline;
};

static struct cell cell_at(const struct svg *g, int row, int column)
{
	struct screen_cell c = screen_cell(g->s, row, column);
	uint32_t fg = colour_of(c.fg, g->fg), bg = colour_of(c.bg, g->bg);
	struct cell out = {.width = c.width > 1 ? 2 : 1, .fg = c.reverse ? bg : fg, .bg = c.reverse ? fg : bg,
	                   .bold = c.bold, .underline = c.underline};
	strcpy(out.text, *c.text ? c.text : " ");
	str_decode(out.text, strlen(out.text), &out.code);
	return out;
}

static int x_of(int column)
{
	return EDGE + column * SVG_CELL_WIDTH;
}

static int y_of(int row)
{
	return EDGE + row * SVG_CELL_HEIGHT;
}

static bool same_background(const struct cell *a, const struct cell *b)
{
	return a->bg == b->bg;
}

static bool same_underline(const struct cell *a, const struct cell *b)
{
	return a->underline == b->underline && a->fg == b->fg;
}

static bool same_colour(const struct cell *a, const struct cell *b)
{
	return a->fg == b->fg;
}

// Whether it may share a text with its neighbours: other fonts than the one asked for draw the rest, at any width.
static bool is_plain(const struct cell *c)
{
	return c->width == 1 && c->code < 0x7f;
}

static bool same_text(const struct cell *a, const struct cell *b)
{
	return is_plain(a) && is_plain(b) && a->fg == b->fg && a->bold == b->bold;
}

// The cells from COLUMN on that are like the one there; *FIRST is that one. Returns the column behind them.
static int run_end(const struct svg *g, int row, int column, struct cell *first,
                   bool (*like)(const struct cell *a, const struct cell *b))
{
	*first = cell_at(g, row, column);
	for (int at = column + first->width; at < g->columns;) {
		struct cell next = cell_at(g, row, at);

		if (!like(first, &next))
			return at;
		at += next.width;
	}
	return g->columns;
}

static void write_backgrounds(const struct svg *g, int row)
{
	struct cell c;

	for (int from = 0, to; from < g->columns; from = to) {
		to = run_end(g, row, from, &c, same_background);
		if (c.bg != g->bg)
			str_addf(g->out, "<path fill=\"#%06x\" d=\"M%d %dh%dv%dh%dz\"/>\n", c.bg, x_of(from), y_of(row),
			         (to - from) * SVG_CELL_WIDTH, SVG_CELL_HEIGHT, (from - to) * SVG_CELL_WIDTH);
	}
}

static void write_underlines(const struct svg *g, int row)
{
	struct cell c;

	for (int from = 0, to; from < g->columns; from = to) {
		to = run_end(g, row, from, &c, same_underline);
		if (c.underline)
			str_addf(g->out, "<path fill=\"#%06x\" d=\"M%d %dh%dv1h%dz\"/>\n", c.fg, x_of(from),
			         y_of(row) + BASELINE + 2, (to - from) * SVG_CELL_WIDTH, (from - to) * SVG_CELL_WIDTH);
	}
}

static void write_paths(const struct svg *g, int row)
{
	struct cell c;

	for (int from = 0, to; from < g->columns; from = to) {
		auto_str fill = {0};
		auto_str lines = {0};

		to = run_end(g, row, from, &c, same_colour);
		for (int at = from; at < to;) {
			struct cell one = cell_at(g, row, at);
			svg_glyph(one.code, x_of(at), y_of(row), &fill, &lines);
			at += one.width;
		}
		if (fill.length)
			str_addf(g->out, "<path fill=\"#%06x\" d=\"%s\"/>\n", c.fg, fill.text);
		if (lines.length)
			str_addf(g->out, "<path fill=\"none\" stroke=\"#%06x\" d=\"%s\"/>\n", c.fg, lines.text);
	}
}

static void add_escaped(struct str *out, const char *text)
{
	for (; *text; text++)
		if (*text == '<')
			str_add(out, "&lt;");
		else if (*text == '&')
			str_add(out, "&amp;");
		else
			str_add_char(out, *text);
}

// The text of the cells FROM … TO, without the blanks around it.
static void write_text(const struct svg *g, int row, int from, int to)
{
	auto_str text = {0};
	struct cell first;

	while (from < to && cell_at(g, row, from).code == ' ')
		from++;
	while (to > from && cell_at(g, row, to - 1).code == ' ')
		to--;
	if (from == to)
		return;
	first = cell_at(g, row, from);
	for (int at = from; at < to; at++)
		add_escaped(&text, cell_at(g, row, at).text);
	str_addf(g->out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"%s>%s</text>\n", x_of(from),
	         y_of(row) + BASELINE, (to - from) * SVG_CELL_WIDTH, first.fg, first.bold ? " font-weight=\"bold\"" : "",
	         text.text);
}

static void write_symbol(const struct svg *g, int row, int column, const struct cell *c)
{
	auto_str ignored = {0};
	int width = c->width * SVG_CELL_WIDTH;

	if (svg_glyph(c->code, 0, 0, &ignored, &ignored))
		return;
	str_addf(g->out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#%06x\"%s>", x_of(column) + width / 2,
	         y_of(row) + BASELINE, c->fg, c->bold ? " font-weight=\"bold\"" : "");
	add_escaped(g->out, c->text);
	str_add(g->out, "</text>\n");
}

// Two blanks end a text: columns of a table do not depend on each other.
static int gap_at(const struct svg *g, int row, int from, int to)
{
	for (int at = from; at + 1 < to; at++)
		if (cell_at(g, row, at).code == ' ' && cell_at(g, row, at + 1).code == ' ')
			return at;
	return to;
}

static void write_texts(const struct svg *g, int row)
{
	struct cell c;

	for (int from = 0, to; from < g->columns; from = to) {
		to = run_end(g, row, from, &c, same_text);
		if (!is_plain(&c))
			write_symbol(g, row, from, &c);
		else
			for (int at = from, gap; at < to; at = gap + (gap < to)) {
				gap = gap_at(g, row, at, to);
				write_text(g, row, at, gap);
			}
	}
}

static void write_head(const struct svg *g, const char *title)
{
	int width = g->columns * SVG_CELL_WIDTH + 2 * EDGE, height = g->rows * SVG_CELL_HEIGHT + 2 * EDGE;

	str_addf(g->out,
	         "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\"\n"
	         "font-family=\"'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace\" font-size=\"%d\""
	         " xml:space=\"preserve\">\n<title>",
	         width, height, width, height, FONT);
	add_escaped(g->out, title);
	str_addf(g->out, "</title>\n<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#%06x\"/>\n", width, height, g->bg);
}

void svg_write(struct screen *s, const struct svg_options *options, struct str *out)
{
	struct svg g = {.s = s, .out = out, .fg = options->light ? 0x202428 : 0xd0d4d8,
	                .bg = options->light ? 0xfafafa : 0x14181c};

	screen_size(s, &g.rows, &g.columns);
	write_head(&g, options->title);
	for (int row = 0; row < g.rows; row++) {
		write_backgrounds(&g, row);
		write_underlines(&g, row);
		write_paths(&g, row);
		write_texts(&g, row);
	}
	str_add(out, "</svg>\n");
}
