// The terminal's curses state.
#pragma once

#include <curses.h>
#include <stdbool.h>
#include <stdio.h>

#include "ui/canvas.h"
#include "ui/theme.h"

struct look {
	attr_t attrs;
	int pair;
	bool known;
};

struct curses {
	FILE *file, *input; // the memory file that curses uses as the terminal
	SCREEN *screen;
	bool erases; // the terminal erases in the present background
	struct canvas shown; // the last frame
	struct look looks[ROLE_PENS][ROLE_COUNT][16];
};
