// Frames: changed cells go through curses, which optimizes their output.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"

#include "curses_state.h"
#include "curses_screen.h"
#include "state.h"

size_t term_collect(struct term *t)
{
	int fd = fileno(t->curses->file);

	fflush(t->curses->file);
	off_t end = lseek(fd, 0, SEEK_CUR);
	if (end <= 0)
		return 0;
	auto_free char *bytes = mem_new((size_t)end + 1); // terminated
	size_t before = t->waiting.length;
	ssize_t n = pread(fd, bytes, (size_t)end, 0);
	lseek(fd, 0, SEEK_SET);
	if (ftruncate(fd, 0) < 0 || n <= 0)
		return 0;
	sgr_pass(&t->sgr, bytes, (size_t)n, &t->waiting);
	return t->waiting.length - before;
}

// The curses number of COLOUR.
static int frame_colour(struct term *t, uint32_t colour)
{
	if (colour == COLOUR_DEFAULT)
		return -1;
	if (t->caps.depth < DEPTH_RGB)
		return (int)(colour & 0xff);
	if ((colour & COLOUR_KIND) == COLOUR_INDEX && (colour & 0xff) < 16)
		return (int)(colour & (COLORS > 256 ? 7 : 15));
	if (t->virtual)
		return (int)sgr_number(&t->sgr.palette, colour_rgb(colour));
	uint32_t rgb = colour_rgb(colour);
	return rgb < 8 ? 8 : (int)rgb; // with direct colours the lowest numbers are still palette indexes
}

static const struct look *frame_look(struct term *t, struct pen pen)
{
	static const struct {
		uint8_t attr;
		attr_t curses;
	} attrs[] = {{ATTR_BOLD, A_BOLD}, {ATTR_DIM, A_DIM}, {ATTR_REVERSE, A_REVERSE}, {ATTR_UNDERLINE, A_UNDERLINE}};
	struct look *look = &t->curses->looks[pen.role][pen.back][pen.attrs & 15];

	if (look->known)
		return look;
	struct style style = theme_style(&t->theme, pen, t->caps.depth);
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (style.attrs & attrs[i].attr)
			look->attrs |= attrs[i].curses;
	if (t->caps.depth != DEPTH_NONE)
		look->pair = alloc_pair(frame_colour(t, style.fg), frame_colour(t, style.bg));
	look->pair = look->pair > 0 ? look->pair : 0;
	look->known = true;
	return look;
}

static void frame_put_cell(struct term *t, int row, int column, const struct cell *cell)
{
	wchar_t text[CELL_TEXT + 1] = {0};
	size_t n = strnlen(cell->text, CELL_TEXT), count = 0;
	const struct look *look = frame_look(t, cell->pen);
	int pair = look->pair;
	cchar_t c;

	for (size_t i = 0; i < n && count < CCHARW_MAX - 1;) {
		uint32_t cp;
		size_t length = str_decode(cell->text + i, n - i, &cp);

		if (!length)
			break;
		text[count++] = (wchar_t)cp;
		i += length;
	}
	// curses omits characters unknown to the locale, and the old character would remain
	if (wcwidth(text[0]) != cell->width) {
		wcscpy(text, L"\ufffd");
		if (cell->width == 2 && setcchar(&c, L" ", look->attrs, 0, &pair) == OK)
			mvadd_wch(row, column + 1, &c);
	}
	if (setcchar(&c, text, look->attrs, 0, &pair) == OK)
		mvadd_wch(row, column, &c);
}

// Whether ROW gets another background, as where the selection comes or goes.
static bool row_turns(const struct term *t, const struct canvas *c, int row)
{
	const struct cell *now = &c->cells[(size_t)row * (size_t)c->columns],
	                  *old = &t->curses->shown.cells[(size_t)row * (size_t)c->columns];
	int turned = 0;

	for (int column = 0; !t->fresh && column < c->columns; column++)
		turned += now[column].pen.back != old[column].pen.back;
	return turned > c->columns / 2;
}

static void frame_update(void)
{
	wnoutrefresh(stdscr);
	doupdate();
}

// Erases ROW in the background of its last cell, so that its blanks need not be sent. Terminals erase in colours only.
static void frame_erase_row(struct term *t, const struct canvas *c, int row)
{
	size_t line = (size_t)row * (size_t)c->columns;
	const struct cell blank = {.text = " ", .width = 1, .pen = c->cells[line + (size_t)c->columns - 1].pen};
	const struct look *look = frame_look(t, blank.pen);
	int pair = look->pair, none = 0;
	cchar_t filler, plain;

	if (!t->curses->erases || look->attrs || setcchar(&filler, L" ", A_NORMAL, 0, &pair) != OK ||
	    setcchar(&plain, L" ", A_NORMAL, 0, &none) != OK)
		return;
	bkgrndset(&filler);
	wmove(stdscr, row, 0);
	wclrtoeol(stdscr);
	bkgrndset(&plain);
	frame_update();
	for (int column = 0; column < c->columns; column++)
		t->curses->shown.cells[line + (size_t)column] = blank;
}

// Passes the changed cells of ROW to curses.
static void frame_put_row(struct term *t, const struct canvas *c, int row)
{
	size_t line = (size_t)row * (size_t)c->columns;

	for (int column = 0; column < c->columns; column++) {
		const struct cell *cell = &c->cells[line + (size_t)column],
		                  *old = &t->curses->shown.cells[line + (size_t)column];

		if (cell->width && (t->fresh || memcmp(cell, old, sizeof(*cell)) != 0))
			frame_put_cell(t, row, column, cell);
	}
	memcpy(&t->curses->shown.cells[line], &c->cells[line], (size_t)c->columns * sizeof(struct cell));
}

static void frame_put_changes(struct term *t, const struct canvas *c)
{
	size_t bytes = (size_t)c->columns * sizeof(struct cell);

	for (int row = 0; row < c->rows; row++) {
		size_t line = (size_t)row * (size_t)c->columns;
		bool turns = row_turns(t, c, row);

		if (!t->fresh && memcmp(&c->cells[line], &t->curses->shown.cells[line], bytes) == 0)
			continue;
		if (turns)
			frame_erase_row(t, c, row);
		frame_put_row(t, c, row);
		if (turns) // while the cursor is there
			frame_update();
	}
}

static void frame_prepare(struct term *t, const struct canvas *c)
{
	if (t->curses->shown.rows != c->rows || t->curses->shown.columns != c->columns) {
		canvas_done(&t->curses->shown);
		canvas_init(&t->curses->shown, c->rows, c->columns, c->glyphs);
		resize_term(c->rows, c->columns);
		t->fresh = true;
	}
	if (!t->fresh)
		return;
	erase();
	clearok(curscr, TRUE);
}

static void frame_put_cursor(struct term *t, const struct canvas *c)
{
	bool hidden = c->cursor_row < 0;

	if (hidden != t->hidden)
		curs_set(hidden ? 0 : 1);
	t->hidden = hidden;
	leaveok(stdscr, hidden);
	if (!hidden)
		wmove(stdscr, c->cursor_row, c->cursor_column);
}

int term_draw(struct term *t, const struct canvas *c, struct err *e)
{
	int r = term_flush(t, e);

	// bytes of term_resume() or of the last frame may still be pending
	if (r <= 0 || t->away)
		return r < 0 ? r : 0;
	frame_prepare(t, c);
	frame_put_changes(t, c);
	frame_put_cursor(t, c);
	frame_update();
	t->fresh = false;
	if (t->modern)
		str_add(&t->waiting, SYNC_ON);
	if (term_collect(t) == 0) {
		str_clear(&t->waiting);
		return 1;
	}
	if (t->modern)
		str_add(&t->waiting, SYNC_OFF);
	t->stats.frames++;
	t->stats.last = t->waiting.length;
	r = term_flush(t, e);
	return r < 0 ? r : 1;
}

void term_theme(struct term *t, const struct theme *theme)
{
	t->theme = *theme;
	t->theme.ground = t->ground;
	memset(t->curses->looks, 0, sizeof(t->curses->looks));
	t->sgr.palette = (struct sgr_palette){0};
	t->fresh = true;
}
