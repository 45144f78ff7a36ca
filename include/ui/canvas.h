// A grid of cells to draw on. Pure: it knows neither the terminal nor colours, only the meaning of each cell.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// What a cell means; a theme says how it looks. ROLE_TEXT is 0, so a zeroed pen writes plain text.
enum role {
	ROLE_TEXT,      // plain text; its background is the screen's
	ROLE_DIM,       // stale, unimportant, explanations
	ROLE_TITLE,     // the program's name, the names of panes and dialogs
	ROLE_HEADER,    // column headings; its background is that of their line
	ROLE_SORTED,    // the heading of the sort column
	ROLE_FOOTER,    // the bottom line: keys and messages
	ROLE_SELECTION, // the selected row, the chosen entry
	ROLE_MARK,      // marked rows
	ROLE_BORDER,    // frames and rules
	ROLE_TAB,       // the open view or tab
	ROLE_KEY,       // the name of a key that can be pressed
	ROLE_INPUT,     // text fields
	ROLE_MATCH,     // a match of a search or filter
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
	// the steps from ROLE_LOW through ROLE_MID to ROLE_HIGH; their colours are interpolated
	ROLE_RAMP = ROLE_COUNT,
	ROLE_RAMP_TOP = ROLE_RAMP + 15,
	ROLE_PENS // the number of roles
};

enum {
	ATTR_BOLD = 1,
	ATTR_DIM = 2,
	ATTR_REVERSE = 4,
	ATTR_UNDERLINE = 8,
};

// How text is drawn: its role, the role that provides the background (ROLE_TEXT: the role's own background, or
// the screen's if it has none), and attributes added to the theme's.
struct pen {
	uint8_t role;
	uint8_t back;
	uint8_t attrs;
};

#define PEN(ROLE) ((struct pen){.role = (ROLE)})
#define PEN_ON(ROLE, BACK) ((struct pen){.role = (ROLE), .back = (BACK)})

enum { CELL_TEXT = 12 };

// One column of one row. Has no padding, so that cells can be compared with memcmp().
struct cell {
	// UTF-8: one character and the marks that combine with it; "" is the right half of a wide one
	char text[CELL_TEXT];
	struct pen pen;
	uint8_t width; // 1 or 2; 0 for the right half of a wide character
};

// The characters that can be drawn.
enum glyphs {
	GLYPHS_ASCII,   // 7-bit only: other characters become \u{N}
	GLYPHS_BLOCKS,  // UTF-8 with line-drawing and block characters (the Linux console)
	GLYPHS_BRAILLE, // UTF-8 with braille patterns
};

struct canvas {
	int rows, columns;
	enum glyphs glyphs;
	struct cell *cells; // rows × columns
	int cursor_row, cursor_column; // where the text cursor is; -1, -1 hides it
};

// A rectangle of a canvas, passed by value. Positions are relative to its corner; drawing is clipped to it.
// An area that is empty or outside the canvas is valid: nothing is drawn.
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

// Initializes C with blanks; sizes below 1 become 1. Release it with canvas_done(). Text widths are computed for the
// most recently initialized canvas: a program draws on one at a time, or on several with the same GLYPHS.
void canvas_init(struct canvas *c, int rows, int columns, enum glyphs glyphs);
void canvas_done(struct canvas *c);
// Resizes and blanks the canvas.
void canvas_resize(struct canvas *c, int rows, int columns);
// Blanks the canvas and hides the cursor.
void canvas_clear(struct canvas *c);
// The cell at ROW, COLUMN, or NULL outside the canvas. For tests and the terminal.
const struct cell *canvas_cell(const struct canvas *c, int row, int column);

// The whole canvas.
struct area canvas_area(struct canvas *c);
// A rectangle within A, clipped to A. ROWS or COLUMNS of -1 extend to the edge.
struct area area_sub(struct area a, int row, int column, int rows, int columns);
// A without its outermost rows and columns.
struct area area_inside(struct area a);
// A rectangle of at most ROWS × COLUMNS in the middle of A.
struct area area_center(struct area a, int rows, int columns);
bool area_empty(struct area a);
// Whether the canvas position ROW, COLUMN (a mouse click) is in A.
bool area_holds(struct area a, int row, int column);

// Fills A with blanks in PEN, for example below a dialog.
void area_fill(struct area a, struct pen pen);
// Changes the background (and BACK's attributes) of WIDTH cells from ROW, COLUMN; text and roles are kept.
void area_shade(struct area a, int row, int column, int width, uint8_t back);

// Writes TEXT into WIDTH columns (-1: to the edge) from ROW, COLUMN. TEXT may be untrusted: control characters and
// the like are made visible (see text_shown), so they never reach the terminal. Text that does not fit is truncated
// with '…' ('~' in ASCII). Surrounding blanks are not drawn. Returns the number of columns written.
int area_text(struct area a, int row, int column, int width, struct pen pen, const char *text);
// The same, aligned within WIDTH columns.
int area_put(struct area a, int row, int column, int width, enum align align, struct pen pen, const char *text);
// Like printf(), left-aligned, up to the edge. Returns the number of columns written.
int area_printf(struct area a, int row, int column, struct pen pen, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
// Writes TEXT wrapped at blanks and '\n' to A's width, from ROW on, clipped at A's bottom.
// Returns the number of rows TEXT needs; with an area of no rows it only measures.
int area_wrap(struct area a, int row, struct pen pen, const char *text);
// Draws one of our own symbols: UTF8 if it can be drawn, else ASCII. Returns the number of columns written.
int area_glyph(struct area a, int row, int column, struct pen pen, const char *utf8, const char *ascii);

// Draws a frame around A, with TITLE (may be NULL) in its top edge.
void area_box(struct area a, struct pen pen, const char *title);
void area_hline(struct area a, int row, int column, int width, struct pen pen);
void area_vline(struct area a, int row, int column, int height, struct pen pen);
// Shows the text cursor at ROW, COLUMN of A.
void area_cursor(struct area a, int row, int column);

// The width of a code point in columns: 0, 1 or 2.
int text_codepoint_width(uint32_t cp);
// Adds untrusted TEXT of N bytes as it is drawn: see str_add_visible(), and str_add_ascii() for 7-bit terminals.
void text_shown(struct str *out, const char *text, size_t n);
// The width in columns of untrusted TEXT as it is drawn.
int text_width(const char *text);
