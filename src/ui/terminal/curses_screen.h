// Curses: its screen, which is a memory file, and what terminfo says.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct term;
struct term_options;

// Starts curses, finds out what the terminal can do, and its keys. Returns 0 or negative errno.
int curses_start(struct term *t, const struct term_options *options, struct err *e);
// Whether curses runs.
bool curses_is_open(const struct term *t);
void curses_hide_cursor(void);
// What curses wants to write before the terminal is given back.
void curses_leave(struct term *t);
void curses_close(struct term *t);
// The text of terminfo's NAME, "" where there is none.
const char *curses_capability(const char *name);
// Adds a capability to what is written, without the padding "$<5>" that only real vt100s needed.
void curses_add_capability(struct str *out, const char *name);

// frame.c: moves what curses has written to the bytes that wait for the terminal. Returns how many were added.
size_t term_collect(struct term *t);
