// The terminal: takes a canvas and sends what changed; gives keys.
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
	bool mouse;       // click and wheel; the caller decides (off over SSH)
	bool ascii;       // only 7 bits, whatever the locale says
	bool no_colour;   // also when $NO_COLOR is set and not empty
	enum depth depth; // the most colours to use; DEPTH_NONE (0): as many as the terminal has
};

// What the terminal can do.
struct term_caps {
	enum glyphs glyphs; // braille, blocks on the linux console, ASCII without a UTF-8 locale
	enum depth depth;
	bool remote;        // we are at the far end of SSH ($SSH_CONNECTION, $SSH_TTY)
	bool titles;        // has a window title
	bool nested;        // is one of tmux, which may keep from the terminal around it what programs copy
};

// Takes over the terminal on descriptors IN and OUT (kept by the caller; their flags are not touched): alternate
// screen, raw keys. The locale must have been set with setlocale(). From now on every end of the process, by exit() or
// by a signal that would kill it, restores the terminal. A $TERM that is not known here but names a terminal like
// xterm is drawn by a built-in description. Returns NULL with the reason and the remedy: not a terminal, unknown
// $TERM, cannot place the cursor.
struct term *term_open(int in, int out, const struct term_options *options, struct err *e);
// Restores the terminal and releases everything. Takes NULL.
void term_close(struct term *t);

struct term_caps term_caps(const struct term *t);
// What the user should know about the terminal, NULL = nothing: its type is not known here, and a built-in description
// is used.
const char *term_notice(const struct term *t);
// The size now, as the kernel tells (24 × 80 when it does not). After a SIGWINCH call term_redraw() also when it is
// the same as before: the terminal may have been smaller for a moment, and has forgotten what did not fit.
void term_size(const struct term *t, int *rows, int *columns);

// Gives the terminal back (to run a program, or to stop) and takes it again. After term_resume() everything is drawn
// anew, and the size may be another.
void term_suspend(struct term *t);
int term_resume(struct term *t, struct err *e);
// Everything is drawn anew with the next frame: Ctrl-L.
void term_redraw(struct term *t);

// Colours from now on; the next frame draws everything anew. T copies it.
void term_theme(struct term *t, const struct theme *theme);

// Sends what C has different from the last frame: one write, synchronized (mode 2026), nothing at all when
// nothing changed. When earlier bytes are still waiting, sends these instead, draws nothing and returns 0; call again
// when OUT is writable. Returns 1 when the frame was taken, negative errno when the terminal is gone.
int term_draw(struct term *t, const struct canvas *c, struct err *e);
// Whether bytes wait for OUT to become writable, and sending them: 1 all sent, 0 not yet, negative errno.
bool term_pending(const struct term *t);
int term_flush(struct term *t, struct err *e);

// Reads what there is without waiting (up to 4 KiB). Returns the bytes read, 0 when there are none now, -EPIPE at the
// end of the input, another negative errno otherwise.
int term_read(struct term *t, struct err *e);
// The next key read. FINAL: see key_decoder_next().
bool term_key(struct term *t, bool final, struct key *key);
// Whether a key is unfinished: call term_key() with FINAL when TERM_ESC_DELAY_MS have passed without new bytes.
bool term_key_waits(const struct term *t);

void term_mouse(struct term *t, bool on);
// Copies TEXT to the clipboard of the user's own machine (OSC 52), with control characters made visible
// (str_add_visible()): pasting it into a shell must not run anything. Returns 0, -E2BIG above 74,000 bytes, or -EAGAIN
// while bytes wait. Whether the terminal obeys cannot be known.
int term_copy(struct term *t, const char *text, size_t n, struct err *e);
// Sets the window title (foreign text is made visible); does nothing where there is none.
void term_title(struct term *t, const char *text);

// Rings the bell, or shows TEXT as a notification of the user's own machine (OSC 9; foreign text is made visible). A
// terminal without window titles gets the bell instead. TEXT may be NULL.
void term_alert(struct term *t, const char *text);

struct term_stats {
	uint64_t bytes;  // written since term_open()
	uint64_t frames; // of which each changed something
	uint64_t writes; // write() calls
	size_t last;     // bytes of the last frame
};
struct term_stats term_stats(const struct term *t);

// Puts the terminal back as it was found. Async-signal-safe; does nothing when none is open or it was given back
// already.
void term_restore(void);
