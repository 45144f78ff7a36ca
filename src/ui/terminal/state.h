// State shared by the files of the terminal.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <termios.h>

#include "base/str.h"
#include "ui/key.h"
#include "ui/term.h"
#include "ui/theme.h"
#include "sgr.h"

struct curses; // curses_state.h

struct term {
	int in, out;
	int writer;       // another open file description of OUT, non-blocking; or OUT itself
	bool may_block;   // the writer could not be made non-blocking
	struct termios modes;
	char *type;
	char *notice; // a warning for the user, or NULL
	struct term_caps caps;
	bool modern;      // supports, or harmlessly ignores, private modes and OSC
	bool multiplexed; // GNU screen: passes on only wrapped sequences
	bool in_screen;   // certainly inside GNU screen ($STY)
	bool virtual;     // numbered colours represent true colours
	bool mouse, titled, away;
	struct curses *curses;
	bool fresh;       // draw the next frame completely
	bool hidden;      // the cursor is visible
	struct theme theme;
	uint32_t ground;  // its background; COLOUR_UNSET: not known
	int64_t asked;    // when it was asked for that; 0: not, or it has replied
	struct sgr sgr;
	struct key_decoder decoder;
	char read_ahead[4096];
	size_t read_at, read_end;
	struct str waiting; // pending output
	size_t waiting_at;
	struct term_stats stats;
};

#define SYNC_ON "\033[?2026h"
#define SYNC_OFF "\033[?2026l"

// output.c: opens a non-blocking writer of our own.
void term_open_writer(struct term *t);
// Flushes, within a time limit, before the terminal is given to another program.
void term_drain(struct term *t);
