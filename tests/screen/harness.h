// A terminal for tests: a program runs on a pty, keys go in, cells come out through libvterm. Nothing here sleeps:
// every wait is for a condition, with a deadline.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct screen;

enum { SCREEN_WAIT_MS = 20000 }; // how long a condition may take to come true on a busy machine

struct screen_start {
	int rows, columns;
	const char *const *argv;    // ends with NULL
	// "NAME=VALUE" on top of a small clean environment (UTF-8, xterm-256color), "NAME" takes it out; ends with NULL;
	// may be NULL
	const char *const *environ;
};

// Starts the program; a failure to do so ends the test program.
struct screen *screen_start(const struct screen_start *start);
// Ends the program if it still runs, and releases everything. Takes NULL.
void screen_stop(struct screen *s);
pid_t screen_pid(const struct screen *s);

// Sends bytes as they are, or keys by their names (see ui/key.h) separated by blanks: "j Down Ctrl-L"; a word that
// begins with '=' is typed: "=web-1".
void screen_send(struct screen *s, const char *bytes, size_t n);
void screen_keys(struct screen *s, const char *keys);

// Reads until CONDITION holds: true, or false when SCREEN_WAIT_MS have passed or the program has ended without.
bool screen_until(struct screen *s, bool (*condition)(struct screen *s, const void *context), const void *context);
// Reads until TEXT is in a row, or no longer in any.
bool screen_shows(struct screen *s, const char *text);
bool screen_lost(struct screen *s, const char *text);
// Reads until nothing has come for QUIET_MS (at most SCREEN_WAIT_MS).
void screen_settle(struct screen *s, int quiet_ms);
// Reads until the program has ended. Returns its wait status, -1 when it has not.
int screen_ended(struct screen *s);

// What is shown now. Texts are valid until the eighth call from now.
const char *screen_row(struct screen *s, int row);
// The row that holds TEXT, -1 when none does; *COLUMN (may be NULL) where it begins.
int screen_find(struct screen *s, const char *text, int *column);
void screen_print(struct screen *s, FILE *out);
void screen_size(struct screen *s, int *rows, int *columns);

enum { SCREEN_DEFAULT = -1 };

struct screen_cell {
	char text[32];
	int width;
	bool bold, underline, reverse;
	int32_t fg, bg; // SCREEN_DEFAULT, 0…255 of the palette, or 0x1000000 | 0xrrggbb
};
struct screen_cell screen_cell(struct screen *s, int row, int column);
// Whether any cell has a colour, or a byte beyond 7 bits.
bool screen_coloured(struct screen *s);
bool screen_ascii(struct screen *s);

// What the terminal is set to.
struct screen_modes {
	bool alternate; // screen
	bool cursor;    // visible
	bool mouse, paste, synchronized;
	bool raw;       // the line discipline: no echo, no signals from keys
	int cursor_row, cursor_column;
};
struct screen_modes screen_modes(struct screen *s);

void screen_resize(struct screen *s, int rows, int columns);
void screen_signal(struct screen *s, int number);
// The terminal goes away, as when a line drops.
void screen_hang_up(struct screen *s);

// Bytes the program has written; reading them stops while STALLED (the kernel's buffer fills up), and continues
// afterwards.
size_t screen_bytes(const struct screen *s);
void screen_stall(struct screen *s, bool stalled);
// The sizes in bytes of the frames (mode 2026) since FROM, the smallest first; returns how many, at most ROOM.
size_t screen_frames(const struct screen *s, size_t from, size_t *sizes, size_t room);
// Whether BYTES came at all since FROM (a former screen_bytes()), as they were sent.
bool screen_sent(const struct screen *s, size_t from, const char *bytes);
