// The terminal: draws the changes of a canvas and reads keys.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/theme.h"

struct term; // at most one per process: curses has one screen

enum { TERM_ESC_DELAY_MS = 50 };

struct term_options {
	const char *type; // NULL: $TERM
	bool mouse;       // enable clicks and the wheel (off over SSH)
	bool ascii;       // 7-bit only, regardless of the locale
	bool no_colour;   // also if $NO_COLOR is set and not empty
	enum depth depth; // the maximum number of colours; DEPTH_NONE (0): the terminal's
};

// The terminal's capabilities.
struct term_caps {
	enum glyphs glyphs; // braille; blocks on the Linux console; ASCII without a UTF-8 locale
	enum depth depth;
	bool remote;        // running over SSH ($SSH_CONNECTION, $SSH_TTY)
	bool titles;        // has a window title
	bool nested;        // inside tmux, which may not pass the clipboard on to the outer terminal
};

// Opens the terminal on descriptors IN and OUT (owned by the caller; their flags are unchanged): alternate screen, raw
// keys. setlocale() must have been called. Any exit of the process, by exit() or by a fatal signal, restores the
// terminal. An unknown $TERM that names an xterm-like terminal gets a built-in description. Returns NULL with the
// reason and the remedy: not a terminal, unknown $TERM, no cursor addressing.
struct term *term_open(int in, int out, const struct term_options *options, struct err *e);
// Restores the terminal and frees T, which may be NULL.
void term_close(struct term *t);

// The background of the terminal, COLOUR_RGB | 0xrrggbb, if it is known: from COLORFGBG, or from its reply, which may
// arrive with any key. Otherwise COLOUR_UNSET.
uint32_t term_ground(const struct term *t);

struct term_caps term_caps(const struct term *t);
// A warning for the user, or NULL: the terminal's type is unknown and a built-in description is used.
const char *term_notice(const struct term *t);
// The current size according to the kernel (24 × 80 if unknown). After a SIGWINCH call term_redraw() even if it is
// unchanged: the terminal may have been smaller for a moment and have lost what did not fit.
void term_size(const struct term *t, int *rows, int *columns);

// Restores the terminal (to run a program or to suspend) and takes it over again. After term_resume() the next frame
// is drawn completely, and the size may have changed.
void term_suspend(struct term *t);
int term_resume(struct term *t, struct err *e);
// Draws the next frame completely, for example after Ctrl-L.
void term_redraw(struct term *t);

// Sets the theme, which is copied; the next frame is drawn completely.
void term_theme(struct term *t, const struct theme *theme);

// Sends the difference between C and the last frame in one synchronized write (mode 2026); writes nothing if nothing
// changed. If earlier bytes are still pending, sends those instead and returns 0: call again when OUT is writable.
// Returns 1 if the frame was accepted, negative errno if the terminal is gone.
int term_draw(struct term *t, const struct canvas *c, struct err *e);
// Whether bytes are pending until OUT is writable; and sends them: 1 all sent, 0 not yet, negative errno.
bool term_pending(const struct term *t);
int term_flush(struct term *t, struct err *e);

// Reads available bytes without blocking (up to 4 KiB). Returns the bytes read, 0 if there are none, -EPIPE at the end
// of the input, or another negative errno.
int term_read(struct term *t, struct err *e);
// Reads the next key. FINAL: see key_decoder_next().
bool term_key(struct term *t, bool final, struct key *key);
// Whether a key is incomplete: call term_key() with FINAL after TERM_ESC_DELAY_MS without new bytes.
bool term_key_waits(const struct term *t);

void term_mouse(struct term *t, bool on);
// Copies TEXT to the clipboard of the user's own machine (OSC 52), with control characters made visible
// (str_add_visible()): pasting it into a shell must not run anything. Returns 0, -E2BIG above 74,000 bytes, or -EAGAIN
// while bytes are pending. Whether the terminal accepts it is unknown.
int term_copy(struct term *t, const char *text, size_t n, struct err *e);
// Sets the window title (untrusted text is made visible) if the terminal has one.
void term_title(struct term *t, const char *text);

// Rings the bell, or with TEXT shows a notification on the user's own machine (OSC 9; untrusted text is made visible).
// A terminal without window titles gets the bell instead. TEXT may be NULL.
void term_alert(struct term *t, const char *text);

struct term_stats {
	uint64_t bytes;  // written since term_open()
	uint64_t frames; // frames that changed something
	uint64_t writes; // write() calls
	size_t last;     // bytes of the last frame
};
struct term_stats term_stats(const struct term *t);

// Restores the original state of the terminal, if one is open. Async-signal-safe and idempotent.
void term_restore(void);
