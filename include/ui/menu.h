// A list of entries to pick from, each with its key.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

struct menu; // grows as entries are added

struct menu *menu_new(const char *title);
void menu_free(struct menu *m);
// Adds an entry (texts are copied). KEY runs it at once, K_NONE: none; NOTE is at the right (a command line); REASON,
// if not NULL, says why it cannot be picked now: it is greyed, and the reason is shown in place of the note.
// VALUE is what menu_picked() returns.
void menu_add(struct menu *m, uint32_t key, const char *label, const char *note, const char *reason, int value);
// A rule or, with TEXT, a heading between entries.
void menu_add_heading(struct menu *m, const char *text);

// Draws in the middle of A; scrolls when A is too low.
void menu_draw(struct menu *m, struct area a);
// An entry's key, Enter or a click pick (EFFECT_ACCEPT); Up, Down, Home, End, PgUp, PgDn move (also j, k, g, G when no
// entry has them as its key); '/' narrows the list to what is typed; Esc and q leave. A greyed entry cannot be picked.
enum effect menu_handle(struct menu *m, struct key key);
// Whether a text to narrow it by is being typed.
bool menu_narrows(const struct menu *m);
// The value of the entry that was picked, or is selected; -1 when there is none.
int menu_picked(const struct menu *m);
