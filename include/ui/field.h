// A one-line text field: UTF-8, history, completion.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

// Adds to OUT the completions of the word from byte *FROM of TEXT to the cursor.
typedef void field_complete(void *context, const char *text, size_t cursor, size_t *from, struct strv *out);

enum { FIELD_MAX = 4096 }; // the limit of the text in bytes; anything beyond it is dropped

struct field {
	struct str text;
	size_t cursor;       // byte offset
	bool secret;         // drawn as dots
	struct strv history; // oldest first
	field_complete *complete;
	void *context; // for complete
	// internal to the widget
	size_t history_at;   // history.count: not browsing the history
	char *draft;         // the text before the history was browsed
	struct strv candidates;
	size_t candidate;    // the candidate shown in the text
	size_t candidate_from;
};

void field_init(struct field *f);
void field_done(struct field *f);
// Replaces the text, dropping control characters. Moves the cursor to the end and leaves the history.
void field_set(struct field *f, const char *text);
const char *field_text(const struct field *f);
// Adds TEXT to the history unless it is empty or equals the last entry. Keeps at most 200 entries.
void field_remember(struct field *f, const char *text);

// Draws one row, with the cursor if FOCUSED. The text scrolls to keep the cursor visible.
void field_draw(struct field *f, struct area a, struct pen pen, bool focused);
// Inserts characters. Also handles: Left Right Home End Ctrl-A Ctrl-E, Alt-b Alt-f Ctrl-Left Ctrl-Right by words,
// Backspace Ctrl-H Del Ctrl-D, Ctrl-U Ctrl-K Ctrl-W Alt-d, Up Down (history), Tab Shift-Tab (completion), Enter,
// Esc.
enum effect field_handle(struct field *f, struct key key);
// Completes the current text, dropping candidates offered before.
enum effect field_offer(struct field *f);
// The current candidates, for the caller to show; empty unless completion was requested.
const struct strv *field_candidates(const struct field *f);
