// A menu of entries, each with an optional key.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

struct menu; // grows with its entries

struct menu *menu_new(const char *title);
void menu_free(struct menu *m);
// Adds an entry (texts are copied). KEY picks it directly (K_NONE: none); NOTE is shown at the right, for example a
// command line. REASON, if not NULL, greys the entry and is shown instead of the note. menu_picked() returns VALUE.
void menu_add(struct menu *m, uint32_t key, const char *label, const char *note, const char *reason, int value);
// Adds a rule or, with TEXT, a heading.
void menu_add_heading(struct menu *m, const char *text);

// Draws the menu centred in A; scrolls if it is too tall.
void menu_draw(struct menu *m, struct area a);
// An entry's key, Enter or a click picks (EFFECT_ACCEPT); Up, Down, Home, End, PgUp, PgDn move (also j, k, g, G unless
// they are keys of entries); '/' filters by the text typed; Esc and q cancel. Greyed entries cannot be picked.
enum effect menu_handle(struct menu *m, struct key key);
// Whether a filter is being typed.
bool menu_narrows(const struct menu *m);
// The value of the picked or selected entry, or -1.
int menu_picked(const struct menu *m);
