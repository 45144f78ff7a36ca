// A one-line text field: UTF-8, history, completion.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

// Adds to OUT what the word that begins at byte *FROM of TEXT and ends at the cursor could become.
typedef void field_complete(void *context, const char *text, size_t cursor, size_t *from, struct strv *out);

enum { FIELD_MAX = 4096 }; // bytes of text; what is typed or pasted beyond is left out

struct field {
	struct str text;
	size_t cursor;       // byte offset
	bool secret;         // shown as dots
	struct strv history; // oldest first
	field_complete *complete;
	void *context; // for complete
	// the widget's own
	size_t history_at;   // history.count: not in the history
	char *draft;         // what was being typed before the history was entered
	struct strv candidates;
	size_t candidate;    // the one that is in the text
	size_t candidate_from;
};

void field_init(struct field *f);
void field_done(struct field *f);
// Replaces the text (control characters are left out); the cursor goes to the end, and the history begins anew.
void field_set(struct field *f, const char *text);
const char *field_text(const struct field *f);
// Adds TEXT to the history, unless it is empty or the last entry already; keeps at most 200.
void field_remember(struct field *f, const char *text);

// One row, the cursor shown when FOCUSED; the text scrolls so that the cursor is always seen.
void field_draw(struct field *f, struct area a, struct pen pen, bool focused);
// Every character types. Also: Left Right Home End Ctrl-A Ctrl-E, Alt-b Alt-f Ctrl-Left Ctrl-Right by words, Backspace
// Ctrl-H Del Ctrl-D, Ctrl-U Ctrl-K Ctrl-W Alt-d, Up Down (history), Tab Shift-Tab (completion), Enter, Esc.
enum effect field_handle(struct field *f, struct key key);
// Completes what is typed now, also when something was offered before.
enum effect field_offer(struct field *f);
// What completion offers now, for the caller to show; empty when it was not asked for.
const struct strv *field_candidates(const struct field *f);
