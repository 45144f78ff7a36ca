// What the files of the terminal share.
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
	int writer;       // another description of OUT, non-blocking; or OUT itself
	bool may_block;   // writer could not be made non-blocking
	struct termios modes;
	char *type;
	char *notice; // what the person should know about the terminal, NULL = nothing
	struct term_caps caps;
	bool modern;      // understands, or ignores without harm, private modes and OSC
	bool multiplexed; // GNU screen: passes on only what is wrapped
	bool in_screen;   // runs in GNU screen for certain ($STY)
	bool virtual;     // numbered colours represent true ones
	bool mouse, titled, away;
	struct curses *curses;
	bool fresh;       // the next frame draws everything
	bool hidden;      // the cursor is
	struct theme theme;
	struct sgr sgr;
	struct key_decoder decoder;
	char read_ahead[4096];
	size_t read_at, read_end;
	struct str waiting; // bytes for the terminal
	size_t waiting_at;
	struct term_stats stats;
};

#define SYNC_ON "\033[?2026h"
#define SYNC_OFF "\033[?2026l"

// output.c: a writer of our own, which never blocks.
void term_open_writer(struct term *t);
// Waits, within reason, until everything is sent: before the terminal is given to another program.
void term_drain(struct term *t);
