// What the tests of the ui layer share: a canvas as text.
#pragma once

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/canvas.h"
#include "ui/key.h"

static inline void auto_canvas_run(struct canvas *c)
{
	canvas_done(c);
}
#define auto_canvas AUTO(canvas) struct canvas

// The text of ROW, without the blanks at its end. Valid until the fourth call from now.
static inline const char *row_text(const struct canvas *c, int row)
{
	static char texts[4][4096];
	static int turn;
	char *out = texts[turn++ % 4];
	size_t at = 0;

	for (int column = 0; column < c->columns; column++) {
		const struct cell *cell = canvas_cell(c, row, column);

		at += strlen(strcpy(out + at, cell->text));
	}
	while (at > 0 && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
	return out;
}

// The row that contains TEXT, -1 if there is none.
static inline int find_text(const struct canvas *c, const char *text)
{
	for (int row = 0; row < c->rows; row++)
		if (strstr(row_text(c, row), text))
			return row;
	return -1;
}

// What must hold of every canvas whatever was drawn: wide characters are whole, and no byte of it can steer a
// terminal.
static inline bool canvas_sound(const struct canvas *c)
{
	for (int row = 0; row < c->rows; row++)
		for (int column = 0; column < c->columns; column++) {
			const struct cell *cell = canvas_cell(c, row, column), *next = canvas_cell(c, row, column + 1);
			size_t n = strnlen(cell->text, CELL_TEXT);
			auto_free char *shown = n < CELL_TEXT ? str_visible(cell->text) : NULL;

			if (!shown || strcmp(shown, cell->text) != 0 || cell->width > 2 || (cell->width == 0) != (n == 0))
				return false;
			if (c->glyphs == GLYPHS_ASCII && (n > 1 || (unsigned char)cell->text[0] >= 0x80))
				return false;
			if (cell->width == 2 && (!next || next->width != 0))
				return false;
			if (cell->width == 0 && (column == 0 || canvas_cell(c, row, column - 1)->width != 2))
				return false;
		}
	return true;
}

static inline struct key key_of(uint32_t code)
{
	return (struct key){.code = code};
}

// The key that one code point pasted is.
static inline struct key pasted(uint32_t cp)
{
	return (struct key){.code = K_PASTE, .pasted = cp};
}

// Text that wants to do harm: control characters, escape sequences, bidirectional overrides, broken UTF-8, wide and
// combining characters, and some that no table knows.
static const char *const hostile[] = {
	"",
	"\033[31mred\033[0m\033]0;title\a",
	"\001\002\t\r\n\b\x7f",
	"\xc2\x9b" "31m",
	"\xe2\x80\xae" "gpj.exe",
	"\xe2\x81\xa6\xe2\x80\x8f\xd8\xa7\xd9\x84",
	"\xff\xfe\xc0\x80\xed\xa0\x80\xf5",
	"漢字かな",
	"👩‍👩‍👧‍👦🏳️‍🌈",
	"e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87",
	"\xcc\x81\xcc\x81",
	"\xef\xbb\xbf\xe2\x80\x8b\xc2\xad",
	"\xee\x80\x80\xf3\xa0\x80\x81\xf4\x8f\xbf\xbf",
	"\xe2\x80\xa8\xe2\x80\xa9",
	"%s%n%d",
};
