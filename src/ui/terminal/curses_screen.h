// Curses: its screen, a memory file, and the capabilities of terminfo.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct term;
struct term_options;

// Starts curses and determines the terminal's capabilities and keys. Returns 0 or negative errno.
int curses_start(struct term *t, const struct term_options *options, struct err *e);
// Whether curses is active.
bool curses_is_open(const struct term *t);
void curses_hide_cursor(void);
// The bytes that curses writes before the terminal is restored.
void curses_leave(struct term *t);
void curses_close(struct term *t);
// The string capability NAME of terminfo, or "".
const char *curses_capability(const char *name);
// Adds a capability to the output, without padding such as "$<5>", which only hardware vt100s needed.
void curses_add_capability(struct str *out, const char *name);

// frame.c: moves the bytes written by curses to the pending output. Returns how many were added.
size_t term_collect(struct term *t);
