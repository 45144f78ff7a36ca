// Which key runs which action. The actions are the caller's table; this knows only their names.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/effect.h"

// One action of the caller's table, and its keys by default, separated by blanks: "j Down".
struct keymap_row {
	const char *action;
	const char *keys;
	bool moves;     // it is MOVE, in every list and text
	enum move move;
};

struct keymap; // a copy of the table that can be changed

// A keymap of ROWS, which must outlive it. A wrong key name, a key given twice or one that is never to be bound
// (Ctrl-A, Ctrl-B, Ctrl-S, Ctrl-Q, Ctrl-K, Ctrl-W, Backspace) returns NULL with the reason.
struct keymap *keymap_new(const struct keymap_row *rows, size_t count, struct err *e);
void keymap_free(struct keymap *map);

static inline void auto_keymap_run(struct keymap **map)
{
	keymap_free(*map);
}
#define auto_keymap AUTO(keymap) struct keymap

// The index in ROWS of the action CODE runs, or -1.
int keymap_find(const struct keymap *map, uint32_t code);
// Whether CODE is a move, and which.
bool keymap_move(const struct keymap *map, uint32_t code, enum move *move);
// The index in ROWS of the action called NAME, or -1.
int keymap_action(const struct keymap *map, const char *name);

// Gives ACTION the keys KEYS ("F5 t", or "none") in place of its present ones. Returns 0, or -EINVAL (no such action
// or key, or one that is never bound) or -EEXIST (another action has the key, and is named); nothing is changed then.
// Suits a conf_handler: the message becomes "FILE:LINE: keys.ACTION: …".
int keymap_bind(struct keymap *map, const char *action, const char *keys, struct err *e);

// Adds the names of the keys of action INDEX to OUT, separated by SEPARATOR; nothing when it has none.
void keymap_keys(const struct keymap *map, int index, const char *separator, struct str *out);
// The code of the first key of action INDEX, or K_NONE.
uint32_t keymap_first(const struct keymap *map, int index);
