// The stack of overlays: see overlay.h.
#include "overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/canvas.h"
#include "ui/dialog.h"
#include "ui/effect.h"
#include "ui/field.h"
#include "ui/form.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/menu.h"
#include "ui/pager.h"

#include "app/know/app.h"

// A key of an overlay, and what it does there.
struct overlay_key {
	const char *keys, *help;
	const char *label, *brief; // in the key line at the bottom, and what the key is called there; NULL: not there
	uint32_t code;             // what a click on that presses; K_NONE: nothing
	enum { KEY_ALWAYS, KEY_TYPING, KEY_NOT_TYPING } when; // characters are text
};

struct overlay_kind {
	const char *name;               // "menu": in the heading of its help
	const struct overlay_key *keys; // end with NULL
	bool (*typing)(const struct overlay *o); // whether characters are text now
	void (*draw)(struct overlay *o, struct area screen, struct area bottom);
	enum effect (*handle)(struct app *app, struct overlay *o, struct key key);
	void (*free)(struct overlay *o);
};

// The screen without the key line.
static struct area without_key_line(struct area screen, struct area bottom)
{
	return area_sub(screen, 0, 0, screen.rows - bottom.rows, -1);
}

static void draw_menu(struct overlay *o, struct area screen, struct area bottom)
{
	menu_draw(o->menu, without_key_line(screen, bottom));
}

static enum effect handle_menu(struct app *app, struct overlay *o, struct key key)
{
	(void)app;
	return menu_handle(o->menu, key);
}

static void free_menu(struct overlay *o)
{
	menu_free(o->menu);
}

static void draw_dialog(struct overlay *o, struct area screen, struct area bottom)
{
	(void)bottom;
	dialog_draw(o->dialog, screen);
}

static enum effect handle_dialog(struct app *app, struct overlay *o, struct key key)
{
	(void)app;
	return dialog_handle(o->dialog, key);
}

static void free_dialog(struct overlay *o)
{
	dialog_free(o->dialog);
}

static void draw_form(struct overlay *o, struct area screen, struct area bottom)
{
	(void)bottom;
	form_draw(o->form, screen);
}

static enum effect handle_form(struct app *app, struct overlay *o, struct key key)
{
	enum effect effect = form_handle(o->form, key);

	if (effect == EFFECT_CHANGED && o->changed)
		o->changed(app, o);
	return effect;
}

static void free_form(struct overlay *o)
{
	form_free(o->form);
}

// With what hides lines of it and what is searched for, while they hold.
static char *text_title(const struct overlay *o)
{
	const char *filter = pager_filtered(o->pager), *needle = pager_searched(o->pager);
	auto_str title = {0};

	str_add(&title, o->title);
	if (filter)
		str_addf(&title, " · & %s: %zu of %zu lines", filter, pager_place(o->pager).lines, pager_lines(o->pager));
	if (needle)
		str_addf(&title, " · / %s", needle);
	if (filter || needle)
		str_add(&title, " · Esc ends");
	return str_steal(&title);
}

static void draw_text(struct overlay *o, struct area screen, struct area bottom)
{
	struct area all = without_key_line(screen, bottom);

	area_fill(all, PEN(ROLE_TEXT));
	auto_free char *title = text_title(o);
	area_box(all, PEN(ROLE_BORDER), title);
	pager_draw(o->pager, area_inside(all));
}

static bool search_text(struct app *app, struct overlay *prompt, bool accepted)
{
	struct overlay *o = prompt->context;

	if (accepted && !pager_search(o->pager, field_text(prompt->field), false))
		app_say(app, true, "'%s' not found", field_text(prompt->field));
	return true;
}

static bool filter_text(struct app *app, struct overlay *prompt, bool accepted)
{
	struct overlay *o = prompt->context;

	(void)app;
	if (accepted)
		pager_filter(o->pager, field_text(prompt->field));
	return true;
}

static enum effect handle_text(struct app *app, struct overlay *o, struct key key)
{
	enum move move;

	if (key.code == K_ESC && (pager_filtered(o->pager) || pager_searched(o->pager))) {
		pager_filter(o->pager, NULL);
		pager_search(o->pager, "", false);
		return EFFECT_REDRAW;
	}
	if (key.code == K_ESC || key.code == 'q' || key.code == K_ENTER)
		return EFFECT_CANCEL;
	if (key.code == '&') {
		overlay_prompt(app, "Only lines with", "", filter_text)->context = o;
		return EFFECT_REDRAW;
	}
	if (key.code == 'w') {
		pager_wrap(o->pager, !pager_wraps(o->pager));
		return EFFECT_REDRAW;
	}
	if (key.code == 'n' || key.code == 'N') {
		pager_search(o->pager, NULL, key.code == 'N');
		return EFFECT_REDRAW;
	}
	if (key.code == '/') {
		overlay_prompt(app, "/", "", search_text)->context = o;
		return EFFECT_REDRAW;
	}
	if (keymap_move(app->keymap, key.code, &move))
		return pager_move(o->pager, move);
	return pager_mouse(o->pager, key);
}

static void free_text(struct overlay *o)
{
	pager_free(o->pager);
}

static void draw_prompt(struct overlay *o, struct area screen, struct area bottom)
{
	struct area line = area_sub(bottom, bottom.rows - 1, 0, 1, -1);
	const struct strv *found = field_candidates(o->field);

	area_fill(line, PEN(ROLE_INPUT));
	int n = area_text(line, 0, 0, -1, PEN_ON(ROLE_KEY, ROLE_INPUT), o->title);
	field_draw(o->field, area_sub(line, 0, n + (n > 1 ? 1 : 0), 1, -1), PEN(ROLE_INPUT), true);
	if (found->count < 2)
		return;
	// what the word could become, above the line
	struct area above = area_sub(screen, bottom.row + bottom.rows - 2 - screen.row, 0, 1, -1);
	area_fill(above, PEN(ROLE_DIM));
	for (size_t i = 0, at = 1; i < found->count && (int)at < above.columns; i++)
		at += (size_t)area_text(above, 0, (int)at, -1, PEN(ROLE_DIM), found->items[i]) + 2;
}

static enum effect handle_prompt(struct app *app, struct overlay *o, struct key key)
{
	enum effect effect = field_handle(o->field, key);

	if (effect == EFFECT_CHANGED && o->changed)
		o->changed(app, o);
	// Backspace in the empty line closes it
	if (effect == EFFECT_NONE && key.code == K_BACKSPACE && !*field_text(o->field))
		return EFFECT_CANCEL;
	return effect;
}

static void free_prompt(struct overlay *o)
{
	field_done(o->field);
	free(o->field);
}

static bool menu_typing(const struct overlay *o)
{
	return menu_narrows(o->menu);
}

static bool dialog_typing(const struct overlay *o)
{
	return dialog_types(o->dialog);
}

static bool always_typing(const struct overlay *o)
{
	(void)o;
	return true;
}

static bool never_typing(const struct overlay *o)
{
	(void)o;
	return false;
}

static const struct overlay_key menu_keys[] = {
	{.keys = "Up Down k j", .help = "select an entry",
	 .label = "Select", .brief = "Up Down", .code = K_NONE},
	{.keys = "PgUp PgDn", .help = "a page up or down"},
	{.keys = "Home End g G", .help = "select the first, the last entry"},
	{.keys = "Enter", .help = "run the entry",
	 .label = "Run", .brief = "Enter", .code = K_ENTER},
	{.keys = "its own key", .help = "run that entry at once"},
	{.keys = "/", .help = "show only entries that contain a text",
	 .label = "Filter", .brief = "/", .code = '/'},
	{.keys = "Esc q", .help = "close the menu",
	 .label = "Close", .brief = "Esc", .code = K_ESC},
	{}, // the end
};
static const struct overlay_key dialog_keys[] = {
	{.keys = "y", .help = "yes, unless a name must be typed",
	 .label = "Yes", .brief = "y", .code = 'y',
	 .when = KEY_NOT_TYPING},
	{.keys = "n Esc Enter", .help = "no: do nothing",
	 .label = "No", .brief = "Esc", .code = K_ESC},
	{.keys = "a name, Enter", .help = "yes, if the name must be typed", .label = "Yes", .brief = "Name, Enter",
	 .when = KEY_TYPING},
	{}, // the end
};
static const struct overlay_key form_keys[] = {
	{.keys = "Down Enter", .help = "next field; Enter in a list: new line",
	 .label = "Next", .brief = "Down", .code = K_DOWN},
	{.keys = "Up Shift-Tab", .help = "previous field",
	 .label = "Previous", .brief = "Up", .code = K_UP},
	{.keys = "Tab", .help = "complete the text, or next field",
	 .label = "Complete", .brief = "Tab", .code = K_TAB},
	{.keys = "Space Left Right", .help = "toggle, or next choice",
	 .label = "Choose", .brief = "Space", .code = K_SPACE},
	{.keys = "Backspace", .help = "in an empty line of a list: remove the line"},
	{.keys = "Ctrl-U Ctrl-W", .help = "delete up to the start, delete a word"},
	{.keys = "F10 Ctrl-Enter", .help = "accept the form",
	 .label = "Accept", .brief = "F10", .code = K_F1 + 9},
	{.keys = "Esc", .help = "cancel the form",
	 .label = "Cancel", .brief = "Esc", .code = K_ESC},
	{}, // the end
};
static const struct overlay_key text_keys[] = {
	{.keys = "Up Down PgUp PgDn", .help = "scroll",
	 .label = "Scroll", .brief = "Up Down", .code = K_NONE},
	{.keys = "Home End g G", .help = "scroll to the start, to the end"},
	{.keys = "Left Right", .help = "scroll sideways"},
	{.keys = "/", .help = "search",
	 .label = "Search", .brief = "/", .code = '/'},
	{.keys = "&", .help = "show only lines that contain a text",
	 .label = "Only lines", .brief = "&", .code = '&'},
	{.keys = "n N", .help = "next match, previous match",
	 .label = "Next", .brief = "n", .code = 'n'},
	{.keys = "w", .help = "wrap long lines",
	 .label = "Wrap", .brief = "w", .code = 'w'},
	{.keys = "Esc q Enter", .help = "close the text",
	 .label = "Back", .brief = "Esc", .code = K_ESC},
	{}, // the end
};
static const struct overlay_key prompt_keys[] = {
	{.keys = "Enter", .help = "accept the line"},
	{.keys = "Up Down", .help = "earlier and later lines"},
	{.keys = "Tab", .help = "complete the word"},
	{.keys = "Left Right Home End", .help = "move in the line"},
	{.keys = "Ctrl-U Ctrl-W", .help = "delete up to the start, delete a word"},
	{.keys = "Esc", .help = "cancel the line"},
	{}, // the end
};

static const struct overlay_kind menu_kind = {
	.name = "menu", .keys = menu_keys, .typing = menu_typing, .draw = draw_menu, .handle = handle_menu,
	.free = free_menu,
};
static const struct overlay_kind dialog_kind = {
	.name = "dialog", .keys = dialog_keys, .typing = dialog_typing, .draw = draw_dialog, .handle = handle_dialog,
	.free = free_dialog,
};
static const struct overlay_kind form_kind = {
	.name = "form", .keys = form_keys, .typing = always_typing, .draw = draw_form, .handle = handle_form,
	.free = free_form,
};
static const struct overlay_kind text_kind = {
	.name = "text", .keys = text_keys, .typing = never_typing, .draw = draw_text, .handle = handle_text,
	.free = free_text,
};
static const struct overlay_kind prompt_kind = {
	.name = "line", .keys = prompt_keys, .typing = always_typing, .draw = draw_prompt, .handle = handle_prompt,
	.free = free_prompt,
};

static struct overlay *overlay_push(struct app *app, const struct overlay_kind *kind, overlay_done *done)
{
	struct overlays *all = app->overlays;
	struct overlay *o = mem_new(sizeof(*o));

	o->kind = kind;
	o->serial = ++all->opened;
	o->done = done;
	all->items = mem_resize(all->items, all->count + 1, sizeof(*all->items));
	all->items[all->count++] = o;
	app_dirty(app);
	return o;
}

struct overlay *overlay_menu(struct app *app, struct menu *menu, overlay_done *done)
{
	struct overlay *o = overlay_push(app, &menu_kind, done);

	o->menu = menu;
	return o;
}

struct overlay *overlay_dialog(struct app *app, struct dialog *dialog, overlay_done *done)
{
	struct overlay *o = overlay_push(app, &dialog_kind, done);

	o->dialog = dialog;
	return o;
}

struct overlay *overlay_form(struct app *app, struct form *form, overlay_done *done)
{
	struct overlay *o = overlay_push(app, &form_kind, done);

	o->form = form;
	return o;
}

struct overlay *overlay_text(struct app *app, const char *title, const char *text)
{
	struct overlay *o = overlay_push(app, &text_kind, NULL);

	o->title = mem_strdup(title);
	o->pager = pager_new(0);
	pager_add(o->pager, text, strlen(text));
	return o;
}

struct overlay *overlay_prompt(struct app *app, const char *label, const char *initial, overlay_done *done)
{
	struct overlay *o = overlay_push(app, &prompt_kind, done);

	o->title = mem_strdup(label);
	o->field = mem_new(sizeof(*o->field));
	field_init(o->field);
	field_set(o->field, initial);
	return o;
}

static void overlay_free(struct overlay *o)
{
	o->kind->free(o);
	if (o->free_context)
		o->free_context(o->context);
	free(o->title);
	free(o);
}

void overlay_close(struct app *app, struct overlay *o)
{
	struct overlays *all = app->overlays;

	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i] != o)
			continue;
		memmove(&all->items[i], &all->items[i + 1], (all->count - i - 1) * sizeof(*all->items));
		all->count--;
		overlay_free(o);
		break;
	}
	app_dirty(app);
}

void overlay_pop(struct app *app)
{
	if (app->overlays->count)
		overlay_close(app, app->overlays->items[app->overlays->count - 1]);
}

void overlays_done(struct overlays *overlays)
{
	while (overlays->count)
		overlay_free(overlays->items[--overlays->count]);
	free(overlays->items);
	*overlays = (struct overlays){0};
}

bool overlay_hint(const struct overlay *o, size_t index, const char **name, uint32_t *code, const char **label)
{
	for (const struct overlay_key *k = o->kind->keys; k->keys; k++) {
		bool here = k->when == KEY_ALWAYS || (k->when == KEY_TYPING) == o->kind->typing(o);

		if (!k->label || !here || index--)
			continue;
		*name = k->brief;
		*code = k->code;
		*label = k->label;
		return true;
	}
	return false;
}

struct overlay *overlay_find(const struct app *app, uint64_t serial)
{
	for (size_t i = 0; i < app->overlays->count; i++)
		if (app->overlays->items[i]->serial == serial)
			return app->overlays->items[i];
	return NULL;
}

struct overlay *overlay_top(const struct app *app)
{
	return app->overlays->count ? app->overlays->items[app->overlays->count - 1] : NULL;
}

void overlays_draw(struct app *app, struct area screen, struct area bottom)
{
	const struct overlay *top = overlay_top(app);

	for (size_t i = 0; i < app->overlays->count; i++)
		app->overlays->items[i]->kind->draw(app->overlays->items[i], screen, bottom);
	// the error of what is typed is shown above it
	if (!top || top->kind != &prompt_kind || !app->message || !app->message_bad)
		return;
	struct area above = area_sub(screen, bottom.row + bottom.rows - 2 - screen.row, 0, 1, -1);
	area_fill(above, PEN(ROLE_TEXT));
	area_text(above, 0, 1, -1, PEN(ROLE_FAILED), app->message);
}

// Whether KEY asks for the keys of O: that of the help, where it is not text.
static bool asks_for_help(const struct app *app, const struct overlay *o, struct key key)
{
	int index = keymap_find(app->keymap, key.code);

	return index >= 0 && index == keymap_action(app->keymap, "help") && !(key_character(key) && o->kind->typing(o)) &&
	       !o->is_help;
}

static void show_help(struct app *app, const struct overlay_kind *kind)
{
	auto_str text = {0};
	auto_free char *title = mem_printf("Help: the keys of this %s", kind->name);

	for (const struct overlay_key *k = kind->keys; k->keys; k++)
		str_addf(&text, "  %-20s %s\n", k->keys, k->help);
	overlay_text(app, title, str_text(&text))->is_help = true;
}

bool overlays_key(struct app *app, struct key key)
{
	struct overlay *top = overlay_top(app);

	if (!top)
		return false;
	if (asks_for_help(app, top, key)) {
		show_help(app, top->kind);
		return true;
	}
	enum effect effect = top->kind->handle(app, top, key);
	if (effect != EFFECT_NONE)
		app_dirty(app);
	if (effect != EFFECT_ACCEPT && effect != EFFECT_CANCEL)
		return true;
	if (!top->done || top->done(app, top, effect == EFFECT_ACCEPT))
		overlay_close(app, top);
	return true;
}
