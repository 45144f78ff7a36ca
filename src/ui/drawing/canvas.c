// The grid of cells: see ui/canvas.h.
#include "ui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/str.h"

static const struct cell blank = {.text = " ", .width = 1};
// Whether the last initialized canvas is 7-bit only: the width of a text depends on it.
static bool only_ascii;

void canvas_init(struct canvas *c, int rows, int columns, enum glyphs glyphs)
{
	*c = (struct canvas){.glyphs = glyphs};
	only_ascii = glyphs == GLYPHS_ASCII;
	canvas_resize(c, rows, columns);
}

void canvas_done(struct canvas *c)
{
	if (!c)
		return;
	free(c->cells);
	*c = (struct canvas){0};
}

void canvas_resize(struct canvas *c, int rows, int columns)
{
	free(c->cells);
	c->rows = rows > 0 ? rows : 1;
	c->columns = columns > 0 ? columns : 1;
	c->cells = mem_array((size_t)c->rows * (size_t)c->columns, sizeof(*c->cells));
	canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->rows * (size_t)c->columns; i++)
		c->cells[i] = blank;
	c->cursor_row = c->cursor_column = -1;
}

const struct cell *canvas_cell(const struct canvas *c, int row, int column)
{
	if (row < 0 || column < 0 || row >= c->rows || column >= c->columns)
		return NULL;
	return &c->cells[(size_t)row * (size_t)c->columns + (size_t)column];
}

struct area canvas_area(struct canvas *c)
{
	return (struct area){.canvas = c, .rows = c->rows, .columns = c->columns};
}

// Clips a range of LENGTH (-1: to the end) at START to 0…ROOM.
static void area_clip(int room, int *start, int *length)
{
	if (*length < 0)
		*length = room - *start;
	if (*start < 0) {
		*length += *start;
		*start = 0;
	}
	if (*start > room)
		*start = room;
	if (*length > room - *start)
		*length = room - *start;
	if (*length < 0)
		*length = 0;
}

struct area area_sub(struct area a, int row, int column, int rows, int columns)
{
	area_clip(a.rows, &row, &rows);
	area_clip(a.columns, &column, &columns);
	return (struct area){a.canvas, a.row + row, a.column + column, rows, columns};
}

struct area area_inside(struct area a)
{
	return area_sub(a, 1, 1, a.rows > 2 ? a.rows - 2 : 0, a.columns > 2 ? a.columns - 2 : 0);
}

struct area area_center(struct area a, int rows, int columns)
{
	rows = rows < a.rows ? rows : a.rows;
	columns = columns < a.columns ? columns : a.columns;
	return area_sub(a, (a.rows - rows) / 2, (a.columns - columns) / 2, rows, columns);
}

bool area_empty(struct area a)
{
	return a.rows <= 0 || a.columns <= 0;
}

bool area_holds(struct area a, int row, int column)
{
	return row >= a.row && row < a.row + a.rows && column >= a.column && column < a.column + a.columns;
}

// The cell of A at ROW, COLUMN, or NULL outside of A.
static struct cell *cell_at(struct area a, int row, int column)
{
	if (row < 0 || column < 0 || row >= a.rows || column >= a.columns)
		return NULL;
	return &a.canvas->cells[(size_t)(a.row + row) * (size_t)a.canvas->columns + (size_t)(a.column + column)];
}

// Overwriting one half of a wide character blanks the other.
static void row_heal(struct area a, int row, int column)
{
	struct area whole = canvas_area(a.canvas);
	struct cell *old = cell_at(whole, row, column);
	struct cell *other = NULL;

	if (old && old->width == 2)
		other = cell_at(whole, row, column + 1);
	else if (old && old->width == 0)
		other = cell_at(whole, row, column - 1);
	if (!other)
		return;
	struct pen pen = other->pen;
	*other = blank;
	other->pen = pen;
}

static void set_cell(struct area a, int row, int column, const char *text, size_t n, int width, struct pen pen)
{
	struct cell *cell = cell_at(a, row, column);
	struct cell *right = width == 2 ? cell_at(a, row, column + 1) : NULL;

	if (!cell || (width == 2 && !right))
		return;
	row_heal(a, a.row + row, a.column + column);
	*cell = (struct cell){.pen = pen, .width = (uint8_t)width};
	memcpy(cell->text, text, n < CELL_TEXT ? n : 0);
	if (!right)
		return;
	row_heal(a, a.row + row, a.column + column + 1);
	*cell = (struct cell){.pen = pen, .width = (uint8_t)width};
	memcpy(cell->text, text, n < CELL_TEXT ? n : 0);
	*right = (struct cell){.pen = pen};
}

// Adds a combining mark to the character before COLUMN; drops it if there is no room.
static void cell_combine(struct area a, int row, int column, const char *text, size_t n)
{
	struct cell *cell = cell_at(a, row, column - 1);

	if (cell && cell->width == 0)
		cell = cell_at(a, row, column - 2);
	if (!cell)
		return;
	size_t length = strlen(cell->text);
	if (length + n < CELL_TEXT)
		memcpy(cell->text + length, text, n);
}

static bool clamp(uint32_t cp, const uint32_t (*ranges)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return false;
}

int text_codepoint_width(uint32_t cp)
{
	// for locales whose wcwidth() knows only 7 bits: Unicode 15 East Asian Width and combining marks, in rough ranges
	static const uint32_t wide[][2] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x33ff},   {0x3400, 0x4dbf},
	                                   {0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
	                                   {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
	                                   {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
	static const uint32_t zero[][2] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
	                                   {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
	                                   {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef}};

	if (cp < 0x300)
		return 1;
	int width = wcwidth((wchar_t)cp);
	if (width >= 0)
		return width > 2 ? 2 : width;
	if (clamp(cp, zero, ARRAY_SIZE(zero)))
		return 0;
	return clamp(cp, wide, ARRAY_SIZE(wide)) ? 2 : 1;
}

// Columns of visible text of N bytes.
static int visible_width(const char *text, size_t n)
{
	int width = 0;

	while (n > 0) {
		uint32_t cp = 0;
		size_t length = str_decode(text, n, &cp);

		if (length == 0)
			break;
		width += text_codepoint_width(cp);
		text += length;
		n -= length;
	}
	return width;
}

void text_shown(struct str *out, const char *text, size_t n)
{
	auto_str visible = {0};

	str_add_visible(&visible, text, n);
	if (only_ascii)
		str_add_ascii(out, str_text(&visible), visible.length);
	else
		str_add_bytes(out, str_text(&visible), visible.length);
}

int text_width(const char *text)
{
	auto_str s = {0};

	text_shown(&s, text, strlen(text));
	return visible_width(str_text(&s), s.length);
}

// Writes a code point at COLUMN if it ends before EDGE. Returns its width, or -1 if it does not fit.
static int put_codepoint(struct area a, int row, int column, int edge, struct pen pen, uint32_t cp, const char *text,
                         size_t n)
{
	int width = text_codepoint_width(cp);

	if (column + width > edge)
		return -1;
	if (width == 0)
		cell_combine(a, row, column, text, n);
	else
		set_cell(a, row, column, text, n, width, pen);
	return width;
}

// Writes visible text from COLUMN up to EDGE. Returns the column after the last one written.
static int put_visible(struct area a, int row, int column, int edge, struct pen pen, const char *text, size_t n)
{
	while (n > 0) {
		uint32_t cp = 0;
		size_t length = str_decode(text, n, &cp);
		int width = length ? put_codepoint(a, row, column, edge, pen, cp, text, length) : -1;

		if (width < 0)
			break;
		column += width;
		text += length;
		n -= length;
	}
	return column;
}

static int put_sign(struct area a, int row, int column, struct pen pen)
{
	return area_glyph(a, row, column, pen, "…", "~");
}

int area_put(struct area a, int row, int column, int width, enum align align, struct pen pen, const char *text)
{
	auto_str s = {0};

	if (width < 0 || width > a.columns - column)
		width = a.columns - column;
	if (width <= 0 || row < 0 || row >= a.rows)
		return 0;
	text_shown(&s, text, strlen(text));
	int needed = visible_width(str_text(&s), s.length);
	if (needed > width) {
		int end = put_visible(a, row, column, column + width - 1, pen, str_text(&s), s.length);

		return end + put_sign(a, row, end, pen) - column;
	}
	int slack = align == ALIGN_LEFT ? 0 : align == ALIGN_RIGHT ? width - needed : (width - needed) / 2;
	put_visible(a, row, column + slack, column + width, pen, str_text(&s), s.length);
	return needed;
}

int area_text(struct area a, int row, int column, int width, struct pen pen, const char *text)
{
	return area_put(a, row, column, width, ALIGN_LEFT, pen, text);
}

int area_printf(struct area a, int row, int column, struct pen pen, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		return 0;
	n = area_text(a, row, column, -1, pen, text);
	free(text);
	return n;
}

// The bytes of TEXT that fit into WIDTH columns, at least one character; broken after a blank if there is one.
static size_t line_length(const char *text, size_t n, int width)
{
	size_t at = 0, after_blank = 0;

	for (int used = 0; at < n && text[at] != '\n';) {
		uint32_t cp = 0;
		size_t length = str_decode(text + at, n - at, &cp);
		int w = length ? text_codepoint_width(cp) : 1;

		if (used + w > width && at > 0)
			return cp == ' ' ? at : after_blank ? after_blank : at;
		used += w;
		at += length ? length : 1;
		after_blank = cp == ' ' ? at : after_blank;
	}
	return at;
}

// TEXT as it is drawn, except for its line breaks.
static void add_shown_lines(struct str *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		text_shown(out, text, n);
		if (text[n])
			str_add_char(out, text[n++]);
		text += n;
	}
}

int area_wrap(struct area a, int row, struct pen pen, const char *text)
{
	auto_str s = {0};
	int rows = 0;

	if (a.columns <= 0)
		return 0;
	add_shown_lines(&s, text);
	for (size_t at = 0; at < s.length; rows++) {
		size_t n = line_length(s.text + at, s.length - at, a.columns);

		if (row + rows >= 0 && row + rows < a.rows)
			put_visible(a, row + rows, 0, a.columns, pen, s.text + at, n);
		at += n;
		at += s.text[at] == '\n' || s.text[at] == ' ';
	}
	return rows;
}

int area_glyph(struct area a, int row, int column, struct pen pen, const char *utf8, const char *ascii)
{
	const char *text = a.canvas->glyphs == GLYPHS_ASCII ? ascii : utf8;

	return put_visible(a, row, column, a.columns, pen, text, strlen(text)) - column;
}

void area_fill(struct area a, struct pen pen)
{
	for (int row = 0; row < a.rows; row++)
		for (int column = 0; column < a.columns; column++)
			set_cell(a, row, column, " ", 1, 1, pen);
}

void area_shade(struct area a, int row, int column, int width, uint8_t back)
{
	for (int i = 0; width < 0 || i < width; i++) {
		struct cell *cell = cell_at(a, row, column + i);

		if (!cell)
			break;
		cell->pen.back = back;
	}
}

void area_hline(struct area a, int row, int column, int width, struct pen pen)
{
	if (width < 0 || width > a.columns - column)
		width = a.columns - column;
	for (int i = 0; i < width; i++)
		area_glyph(a, row, column + i, pen, "─", "-");
}

void area_vline(struct area a, int row, int column, int height, struct pen pen)
{
	if (height < 0 || height > a.rows - row)
		height = a.rows - row;
	for (int i = 0; i < height; i++)
		area_glyph(a, row + i, column, pen, "│", "|");
}

void area_box(struct area a, struct pen pen, const char *title)
{
	int bottom = a.rows - 1, right = a.columns - 1;

	if (a.rows < 2 || a.columns < 2)
		return;
	area_hline(a, 0, 1, right - 1, pen);
	area_hline(a, bottom, 1, right - 1, pen);
	area_vline(a, 1, 0, bottom - 1, pen);
	area_vline(a, 1, right, bottom - 1, pen);
	bool round = a.canvas->glyphs == GLYPHS_BRAILLE; // not in the Linux console's font
	area_glyph(a, 0, 0, pen, round ? "╭" : "┌", "+");
	area_glyph(a, 0, right, pen, round ? "╮" : "┐", "+");
	area_glyph(a, bottom, 0, pen, round ? "╰" : "└", "+");
	area_glyph(a, bottom, right, pen, round ? "╯" : "┘", "+");
	if (!title || a.columns < 6)
		return;
	struct pen bright = {.role = ROLE_TITLE, .back = pen.back, .attrs = pen.attrs};
	area_glyph(a, 0, 2, pen, " ", " ");
	int n = area_text(a, 0, 3, a.columns - 6, bright, title);
	area_glyph(a, 0, 3 + n, pen, " ", " ");
}

void area_cursor(struct area a, int row, int column)
{
	if (!cell_at(a, row, column))
		return;
	a.canvas->cursor_row = a.row + row;
	a.canvas->cursor_column = a.column + column;
}
