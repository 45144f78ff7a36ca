// Maps keys to actions. The actions are the caller's table; only their names are known here.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/effect.h"

// An action of the caller's table and its default keys, separated by blanks: "j Down".
struct keymap_row {
	const char *action;
	const char *keys;
	bool moves;     // the action is MOVE, in all lists and texts
	enum move move;
};

struct keymap; // a modifiable copy of the table

// Creates a keymap of ROWS, which must outlive it. Returns NULL with the reason for an invalid key name, a duplicate
// key, or a reserved one (Ctrl-A, Ctrl-B, Ctrl-S, Ctrl-Q, Ctrl-K, Ctrl-W, Backspace).
struct keymap *keymap_new(const struct keymap_row *rows, size_t count, struct err *e);
void keymap_free(struct keymap *map);

static inline void auto_keymap_run(struct keymap **map)
{
	keymap_free(*map);
}
#define auto_keymap AUTO(keymap) struct keymap

// The index in ROWS of the action bound to CODE, or -1.
int keymap_find(const struct keymap *map, uint32_t code);
// Whether CODE is a move; sets the move.
bool keymap_move(const struct keymap *map, uint32_t code, enum move *move);
// The index in ROWS of the action called NAME, or -1.
int keymap_action(const struct keymap *map, const char *name);

// Replaces the keys of ACTION with KEYS ("F5 t", or "none"). Returns 0, or -EINVAL (unknown action or key, or a
// reserved key) or -EEXIST (bound to another action, which is named); nothing is changed on errors.
// Usable as a conf_handler: the message becomes "FILE:LINE: keys.ACTION: …".
int keymap_bind(struct keymap *map, const char *action, const char *keys, struct err *e);

// Adds the key names of action INDEX to OUT, separated by SEPARATOR.
void keymap_keys(const struct keymap *map, int index, const char *separator, struct str *out);
// The code of the first key of action INDEX, or K_NONE.
uint32_t keymap_first(const struct keymap *map, int index);
