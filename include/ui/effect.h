// What a widget tells the view it is part of after a key or a move.
#pragma once

enum effect {
	EFFECT_NONE,    // not a key for this widget: nothing happened
	EFFECT_REDRAW,  // it looks different
	EFFECT_CHANGED, // also what it says is different: a text, the selection
	EFFECT_ACCEPT,  // Enter: take its value
	EFFECT_CANCEL,  // Esc: forget it
};

// Moves that lists and texts understand; the caller's keymap says which keys they are.
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
