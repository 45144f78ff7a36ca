// Keys: codes, names, and decoding of terminal input. Pure: bytes in, keys out.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// A key code is a Unicode code point or one of these, with K_CTRL, K_ALT and K_SHIFT added. Letters with Ctrl are
// lower case ("Ctrl-L" is K_CTRL | 'l'); Shift is added only to keys without a character of their own.
enum key_code {
	K_NONE = 0,
	K_TAB = 9,
	K_ENTER = 13,
	K_ESC = 27,
	K_SPACE = 32,
	K_BACKSPACE = 127,

	K_UP = 0x110000,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PGUP,
	K_PGDN,
	K_INSERT,
	K_DELETE,
	K_F1,
	K_F12 = K_F1 + 11,
	K_CLICK,        // left button pressed; with row and column
	K_RIGHT_CLICK,
	K_WHEEL_UP,
	K_WHEEL_DOWN,
	K_PASTE,        // one pasted character follows in `pasted`

	K_SHIFT = 1 << 24,
	K_ALT = 1 << 25,
	K_CTRL = 1 << 26,
	K_MODIFIERS = K_SHIFT | K_ALT | K_CTRL,
};

struct key {
	uint32_t code;
	uint32_t pasted;      // the code point for K_PASTE: pasted text is never a command
	int16_t row, column;  // canvas position, with the mouse codes
};

// The character that KEY inserts into a text field, or 0.
uint32_t key_character(struct key key);

// "Ctrl-L", "F5", "PgUp", "Space", "Alt-x", "Shift-Tab", "?": the name of CODE, at most KEY_NAME - 1 bytes. Returns
// OUT.
enum { KEY_NAME = 32 };
char *key_format(char out[KEY_NAME], uint32_t code);
// The code of a key name; case-insensitive, except for single characters. Returns 0 or -EINVAL.
int key_parse(const char *name, uint32_t *code);

// Decodes bytes from a terminal into keys. Zero-initialized, it decodes the sequences of xterm, rxvt, linux, screen,
// tmux and vt100 terminals, SGR mouse reports and bracketed paste; key_decoder_add() adds others (terminfo).
// Replies of the terminal (OSC, DCS, APC, PM and SOS strings, CSI reports; 7-bit, 8-bit, UTF-8) are never keys,
// wherever they are split and however late the rest arrives. Esc, Ctrl-C and any key that sends a sequence end a
// string whose terminator was lost.
struct key_decoder {
	char buffer[256];
	size_t length;
	bool pasting;
	bool held; // the Esc delay has passed: wait for more bytes without a timeout
	enum key_skip { SKIP_NONE, SKIP_STRING, SKIP_CSI } skip; // inside a reply
	size_t skipped; // its length so far
	char report[48]; // the text of the last OSC reply; while it is read, its beginning
	size_t reported; // its length, more than fits: too long
	bool reporting, report_ready;
	// An ESC was reported as a key, but its sequence may still arrive. `tail`: the bytes reported as keys since.
	enum key_late { LATE_NONE, LATE_KEY, LATE_STRING } late;
	char tail[6];
	size_t tail_length;
	struct key_sequence {
		char *bytes;
		uint32_t code;
	} *extra;
	size_t extra_count;
};

void key_decoder_done(struct key_decoder *d);
// Decodes the string BYTES as CODE from now on.
void key_decoder_add(struct key_decoder *d, const char *bytes, uint32_t code);
// Accepts up to N bytes and returns how many; the caller passes the rest again after reading keys.
size_t key_decoder_feed(struct key_decoder *d, const char *bytes, size_t n);
// Reads the next key. Returns false if there is none, or only the beginning of a sequence. FINAL: no more bytes
// arrived within the Esc delay, so an incomplete sequence is decoded as it is (a lone Esc).
// Esc followed by a digit is that F-key (Esc 0 is F10), Esc followed by another character is Alt and the character.
bool key_decoder_next(struct key_decoder *d, bool final, struct key *key);
// The text of an OSC reply that has arrived since the last call, for example "11;rgb:ffff/ffff/ffff"; NULL: none, or
// one that was incomplete. Valid until the next key is read.
const char *key_decoder_report(struct key_decoder *d);
// Whether a sequence is incomplete: the caller decodes with FINAL after at most 50 ms.
bool key_decoder_waits(const struct key_decoder *d);
// Drops incomplete input after another program has read from the terminal.
void key_decoder_forget(struct key_decoder *d);
// The text of an input line of N bytes, without terminal replies and control characters (tabs become blanks).
// Owned by the caller.
char *key_typed(const char *bytes, size_t n);
