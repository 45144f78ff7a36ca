// Overlays on the main screen: menus, questions, forms, texts, prompts. They form a stack; the topmost one gets the
// keys.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/canvas.h"
#include "ui/key.h"

struct app;
struct dialog;
struct field;
struct form;
struct menu;
struct overlay;
struct overlay_kind;
struct pager;

// The user's decision: ACCEPTED, or cancelled. The overlay is closed afterwards unless this returns false.
typedef bool overlay_done(struct app *app, struct overlay *overlay, bool accepted);

struct overlay {
	const struct overlay_kind *kind;
	union {
		struct menu *menu;
		struct dialog *dialog;
		struct form *form;
		struct pager *pager;
		struct field *field;
	};
	char *title;        // of a text; label of a prompt
	overlay_done *done; // NULL: none
	void (*changed)(struct app *app, struct overlay *overlay); // after each change of a prompt or form; or NULL
	bool is_help;       // help on the keys of the overlay below
	uint64_t serial;    // unique
	void *context;      // the caller's
	void (*free_context)(void *context);
};

struct overlays {
	struct overlay **items;
	size_t count;
	uint64_t opened; // so far
};

// Each takes ownership of the widget and opens it on top. The caller may set `context`, `free_context` and `changed`
// afterwards.
struct overlay *overlay_menu(struct app *app, struct menu *menu, overlay_done *done);
struct overlay *overlay_dialog(struct app *app, struct dialog *dialog, overlay_done *done);
struct overlay *overlay_form(struct app *app, struct form *form, overlay_done *done);
struct overlay *overlay_text(struct app *app, const char *title, const char *text);
struct overlay *overlay_prompt(struct app *app, const char *label, const char *initial, overlay_done *done);

// Entry INDEX of O's key line: its key, the key that a click on it presses (K_NONE: none), its help. Returns false
// past the last.
bool overlay_hint(const struct overlay *o, size_t index, const char **name, uint32_t *code, const char **label);
// The overlay with SERIAL, NULL if it was closed.
struct overlay *overlay_find(const struct app *app, uint64_t serial);
// Closes O, wherever it is in the stack, without calling its function.
void overlay_close(struct app *app, struct overlay *o);
// Closes the topmost one without calling its function.
void overlay_pop(struct app *app);
void overlays_done(struct overlays *overlays);
// The topmost, or NULL.
struct overlay *overlay_top(const struct app *app);

void overlays_draw(struct app *app, struct area screen, struct area bottom);
// Passes KEY to the topmost one. Returns false if there is none.
bool overlays_key(struct app *app, struct key key);
