// What a widget reports to its view after a key or a move.
#pragma once

enum effect {
	EFFECT_NONE,    // the widget does not use this key
	EFFECT_REDRAW,  // the widget must be redrawn
	EFFECT_CHANGED, // its value has changed as well: text, selection
	EFFECT_ACCEPT,  // Enter: the value is accepted
	EFFECT_CANCEL,  // Esc: the value is discarded
};

// Moves in lists and texts; the caller's keymap assigns their keys.
enum move {
	MOVE_UP,
	MOVE_DOWN,
	MOVE_PAGE_UP,
	MOVE_PAGE_DOWN,
	MOVE_HALF_UP,
	MOVE_HALF_DOWN,
	MOVE_FIRST,
	MOVE_LAST,
	MOVE_LEFT,
	MOVE_RIGHT,
};
