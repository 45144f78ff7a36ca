// A grid of cells to draw on. Pure: knows neither the terminal nor colours, only what each cell means.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// What a cell means; a theme says how it looks. ROLE_TEXT is 0, so a zeroed pen writes plain text.
enum role {
	ROLE_TEXT,      // everything without a meaning of its own; its background is the screen's
	ROLE_DIM,       // stale, unimportant, explanations
	ROLE_TITLE,     // the program's name, the names of panes and dialogs
	ROLE_HEADER,    // column headings; its background is that of their line
	ROLE_SORTED,    // the heading of the column that the rows are sorted by
	ROLE_FOOTER,    // the line of keys and messages at the bottom
	ROLE_SELECTION, // the selected row, the chosen entry
	ROLE_MARK,      // marked rows
	ROLE_BORDER,    // frames and rules
	ROLE_TAB,       // the open view or tab
	ROLE_KEY,       // the name of a key, where it can be pressed
	ROLE_INPUT,     // text fields
	ROLE_MATCH,     // what a search or filter found
	ROLE_RUNNING,
	ROLE_PAUSED,
	ROLE_STOPPED,
	ROLE_FAILED,
	ROLE_WARNING,
	ROLE_GOOD, // done, reachable, isolated
	ROLE_CPU,
	ROLE_MEMORY,
	ROLE_NETWORK,
	ROLE_DISK,
	ROLE_LOW, // graphs and bars, by value
	ROLE_MID,
	ROLE_HIGH,
	ROLE_COUNT,
	// from ROLE_LOW over ROLE_MID to ROLE_HIGH in steps; a theme's colours between them are mixed
	ROLE_RAMP = ROLE_COUNT,
	ROLE_RAMP_TOP = ROLE_RAMP + 15,
	ROLE_PENS // how many roles a pen may have
};

enum {
	ATTR_BOLD = 1,
	ATTR_DIM = 2,
	ATTR_REVERSE = 4,
	ATTR_UNDERLINE = 8,
};

// How text is written: its role, the role whose background shows through (ROLE_TEXT: that of the role itself,
// else the screen's), and attributes on top of the theme's.
struct pen {
	uint8_t role;
	uint8_t back;
	uint8_t attrs;
};

#define PEN(ROLE) ((struct pen){.role = (ROLE)})
#define PEN_ON(ROLE, BACK) ((struct pen){.role = (ROLE), .back = (BACK)})

enum { CELL_TEXT = 12 };

// One column of one row. Without padding, so that two cells are compared as bytes.
struct cell {
	// UTF-8: one character and the marks that combine with it; "" is the right half of a wide one
	char text[CELL_TEXT];
	struct pen pen;
	uint8_t width; // 1 or 2; 0 for the right half of a wide character
};

// Which characters may be drawn.
enum glyphs {
	GLYPHS_ASCII,   // nothing beyond 7 bits: other characters become \u{N}
	GLYPHS_BLOCKS,  // UTF-8 with lines and blocks (the linux console)
	GLYPHS_BRAILLE, // UTF-8 with braille patterns
};

struct canvas {
	int rows, columns;
	enum glyphs glyphs;
	struct cell *cells; // rows × columns
	int cursor_row, cursor_column; // where the text cursor is; -1, -1 hides it
};

// A rectangle of a canvas, passed by value: positions count from its corner, nothing is drawn outside of it.
// One that is empty or outside the canvas is legal and draws nothing.
struct area {
	struct canvas *canvas;
	int row, column;
	int rows, columns;
};

enum align {
	ALIGN_LEFT,
	ALIGN_RIGHT,
	ALIGN_CENTER,
};

// Makes C a canvas of blanks; sizes below 1 become 1. canvas_done() releases it. Widths of texts are those on the
// canvas that was made last: a program draws on one at a time, or on several of the same GLYPHS.
void canvas_init(struct canvas *c, int rows, int columns, enum glyphs glyphs);
void canvas_done(struct canvas *c);
// Another size; everything is blank afterwards.
void canvas_resize(struct canvas *c, int rows, int columns);
// Blanks, and no cursor.
void canvas_clear(struct canvas *c);
// The cell at ROW, COLUMN, or NULL outside. For tests, and for the terminal.
const struct cell *canvas_cell(const struct canvas *c, int row, int column);

// The whole canvas.
struct area canvas_area(struct canvas *c);
// A rectangle within A, cut at A's edges. ROWS or COLUMNS of -1: up to the edge.
struct area area_sub(struct area a, int row, int column, int rows, int columns);
// Without the outermost rows and columns.
struct area area_inside(struct area a);
// A rectangle of at most ROWS × COLUMNS in the middle of A.
struct area area_center(struct area a, int rows, int columns);
bool area_empty(struct area a);
// Whether the canvas position ROW, COLUMN (a mouse click) is in A.
bool area_holds(struct area a, int row, int column);

// Blanks in PEN. Dialogs are drawn over what was there.
void area_fill(struct area a, struct pen pen);
// Gives WIDTH cells from ROW, COLUMN another background (and BACK's attributes), keeping text and roles.
void area_shade(struct area a, int row, int column, int width, uint8_t back);

// Writes TEXT into WIDTH columns (-1: up to the edge) from ROW, COLUMN. TEXT may be foreign: control characters and
// the like are made visible (see text_shown), nothing of it reaches the terminal as it is. What does not fit
// ends in '…' ('~' in ASCII). Blanks around the text are not drawn. Returns the columns the text took.
int area_text(struct area a, int row, int column, int width, struct pen pen, const char *text);
// The same, aligned within WIDTH columns.
int area_put(struct area a, int row, int column, int width, enum align align, struct pen pen, const char *text);
// printf, left-aligned up to the edge. Returns the columns the text took.
int area_printf(struct area a, int row, int column, struct pen pen, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
// Writes TEXT in lines broken at blanks (and at '\n') over A's width, from ROW on; what goes below A is not drawn.
// Returns the rows TEXT needs: an area of no rows measures.
int area_wrap(struct area a, int row, struct pen pen, const char *text);
// One of our own characters: UTF8 where it can be drawn, else ASCII. Returns the columns it took.
int area_glyph(struct area a, int row, int column, struct pen pen, const char *utf8, const char *ascii);

// A frame around A, with TITLE (may be NULL) in its upper edge.
void area_box(struct area a, struct pen pen, const char *title);
void area_hline(struct area a, int row, int column, int width, struct pen pen);
void area_vline(struct area a, int row, int column, int height, struct pen pen);
// Shows the text cursor at ROW, COLUMN of A.
void area_cursor(struct area a, int row, int column);

// Columns that a code point takes: 0, 1 or 2.
int text_codepoint_width(uint32_t cp);
// Adds foreign TEXT of N bytes as it is shown: see str_add_visible(), and str_add_ascii() where only 7 bits can be
// shown.
void text_shown(struct str *out, const char *text, size_t n);
// Columns that foreign TEXT takes once it is made visible.
int text_width(const char *text);
