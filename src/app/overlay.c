// The stack of overlays: see overlay.h. Must not know what they ask.
#include "overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "actions.h"
#include "parts.h"

struct overlay_kind {
	void (*draw)(struct overlay *o, struct area screen, struct area bottom);
	enum effect (*handle)(struct app *app, struct overlay *o, struct key key);
	void (*free)(struct overlay *o);
};

static void draw_menu(struct overlay *o, struct area screen, struct area bottom)
{
	(void)bottom;
	menu_draw(o->menu, screen);
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
	(void)app;
	return form_handle(o->form, key);
}

static void free_form(struct overlay *o)
{
	form_free(o->form);
}

static void draw_text(struct overlay *o, struct area screen, struct area bottom)
{
	struct area all = area_sub(screen, 0, 0, screen.rows - bottom.rows, -1);

	area_fill(all, PEN(ROLE_TEXT));
	area_box(all, PEN(ROLE_BORDER), o->title);
	pager_draw(o->pager, area_inside(all));
	area_fill(bottom, PEN(ROLE_TEXT));
	area_text(bottom, bottom.rows - 1, 1, -1, PEN(ROLE_DIM), "Esc Back   / n N Search   w Wrap   arrows PgUp PgDn Home End Move");
}

static bool search_text(struct app *app, struct overlay *prompt, bool accepted)
{
	struct overlay *o = prompt->context;

	if (accepted && !pager_search(o->pager, field_text(prompt->field), false))
		app_say(app, true, "'%s' is not there", field_text(prompt->field));
	return true;
}

static enum effect handle_text(struct app *app, struct overlay *o, struct key key)
{
	int action = keymap_find(app->keymap, key.code);
	enum move move;

	if (key.code == K_ESC || key.code == 'q' || key.code == K_ENTER)
		return EFFECT_CANCEL;
	if (key.code == 'w') {
		pager_wrap(o->pager, !pager_wraps(o->pager));
		return EFFECT_REDRAW;
	}
	if (key.code == 'n' || key.code == 'N') {
		pager_search(o->pager, NULL, key.code == 'N');
		return EFFECT_REDRAW;
	}
	if (key.code == '/') {
		overlay_prompt(app, "Search", "", search_text)->context = o;
		return EFFECT_REDRAW;
	}
	if (action >= 0 && action_move(action, &move))
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
	// the line that is empty and is taken back once more goes away
	if (effect == EFFECT_NONE && key.code == K_BACKSPACE && !*field_text(o->field))
		return EFFECT_CANCEL;
	return effect;
}

static void free_prompt(struct overlay *o)
{
	field_done(o->field);
	free(o->field);
}

static const struct overlay_kind menu_kind = {draw_menu, handle_menu, free_menu};
static const struct overlay_kind dialog_kind = {draw_dialog, handle_dialog, free_dialog};
static const struct overlay_kind form_kind = {draw_form, handle_form, free_form};
static const struct overlay_kind text_kind = {draw_text, handle_text, free_text};
static const struct overlay_kind prompt_kind = {draw_prompt, handle_prompt, free_prompt};

static struct overlay *push(struct app *app, const struct overlay_kind *kind, overlay_done *done)
{
	struct overlays *all = &app->overlays;
	struct overlay *o = mem_new(sizeof(*o));

	o->kind = kind;
	o->done = done;
	all->items = mem_resize(all->items, all->count + 1, sizeof(*all->items));
	all->items[all->count++] = o;
	app_dirty(app);
	return o;
}

struct overlay *overlay_menu(struct app *app, struct menu *menu, overlay_done *done)
{
	struct overlay *o = push(app, &menu_kind, done);

	o->menu = menu;
	return o;
}

struct overlay *overlay_dialog(struct app *app, struct dialog *dialog, overlay_done *done)
{
	struct overlay *o = push(app, &dialog_kind, done);

	o->dialog = dialog;
	return o;
}

struct overlay *overlay_form(struct app *app, struct form *form, overlay_done *done)
{
	struct overlay *o = push(app, &form_kind, done);

	o->form = form;
	return o;
}

struct overlay *overlay_text(struct app *app, const char *title, const char *text)
{
	struct overlay *o = push(app, &text_kind, NULL);

	o->title = mem_strdup(title);
	o->pager = pager_new(0);
	pager_add(o->pager, text, strlen(text));
	return o;
}

struct overlay *overlay_prompt(struct app *app, const char *label, const char *initial, overlay_done *done)
{
	struct overlay *o = push(app, &prompt_kind, done);

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

static void take_away(struct app *app, struct overlay *o)
{
	struct overlays *all = &app->overlays;

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
	if (app->overlays.count)
		take_away(app, app->overlays.items[app->overlays.count - 1]);
}

void overlays_done(struct overlays *overlays)
{
	while (overlays->count)
		overlay_free(overlays->items[--overlays->count]);
	free(overlays->items);
	*overlays = (struct overlays){0};
}

struct overlay *overlay_top(const struct app *app)
{
	return app->overlays.count ? app->overlays.items[app->overlays.count - 1] : NULL;
}

void overlays_draw(struct app *app, struct area screen, struct area bottom)
{
	const struct overlay *top = overlay_top(app);

	for (size_t i = 0; i < app->overlays.count; i++)
		app->overlays.items[i]->kind->draw(app->overlays.items[i], screen, bottom);
	// what is wrong with what is being typed stands above it
	if (!top || top->kind != &prompt_kind || !app->message || !app->message_bad)
		return;
	struct area above = area_sub(screen, bottom.row + bottom.rows - 2 - screen.row, 0, 1, -1);
	area_fill(above, PEN(ROLE_TEXT));
	area_text(above, 0, 1, -1, PEN(ROLE_FAILED), app->message);
}

bool overlays_key(struct app *app, struct key key)
{
	struct overlay *top = overlay_top(app);

	if (!top)
		return false;
	enum effect effect = top->kind->handle(app, top, key);
	if (effect != EFFECT_NONE)
		app_dirty(app);
	if (effect != EFFECT_ACCEPT && effect != EFFECT_CANCEL)
		return true;
	if (!top->done || top->done(app, top, effect == EFFECT_ACCEPT))
		take_away(app, top);
	return true;
}
