// Confirmation dialogs: see ui/dialog.h.
#include "ui/dialog.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { WIDTH = 64 };

struct dialog {
	const struct dialog_kind *kind;
	char *title, *body;
	char *name; // the name to be typed
	struct field typed;
};

// The three kinds of confirmation: the last line, and what a key does.
struct dialog_kind {
	void (*draw_prompt)(struct dialog *d, struct area a);
	enum effect (*handle)(struct dialog *d, struct key key);
	int prompt_rows;
};

static int dialog_hint(struct area a, int row, int column, const char *key, const char *text)
{
	int n = area_text(a, row, column, -1, PEN(ROLE_KEY), key);

	n += 1 + area_text(a, row, column + n + 1, -1, PEN(ROLE_TEXT), text);
	return column + n + 3;
}

static void draw_confirm(struct dialog *d, struct area a)
{
	(void)d;
	dialog_hint(a, 0, dialog_hint(a, 0, 0, "y", "Yes"), "n", "No");
}

// The exact name, or its visible form: what cannot be shown can hardly be typed.
static bool is_typed(const struct dialog *d)
{
	auto_str shown = {0};

	text_shown(&shown, d->name, strlen(d->name));
	return str_equal(field_text(&d->typed), d->name) || str_equal(field_text(&d->typed), str_text(&shown));
}

static void draw_typed(struct dialog *d, struct area a)
{
	int n = area_text(a, 0, 0, -1, PEN(ROLE_TEXT), "Type ");

	n += area_text(a, 0, n, a.columns - n - 1, PEN(ROLE_WARNING), d->name);
	area_text(a, 0, n, -1, PEN(ROLE_TEXT), " to confirm:");
	field_draw(&d->typed, area_sub(a, 1, 0, 1, -1), PEN(ROLE_INPUT), true);
	n = is_typed(d) ? dialog_hint(a, 2, 0, "Enter", "Confirm") : 0;
	dialog_hint(a, 2, n, "Esc", "Cancel");
}

static enum effect handle_confirm(struct dialog *d, struct key key)
{
	(void)d;
	if (key.code == 'y' || key.code == 'Y')
		return EFFECT_ACCEPT;
	if (key.code == 'n' || key.code == 'N' || key.code == 'q' || key.code == K_ESC || key.code == K_ENTER)
		return EFFECT_CANCEL;
	return EFFECT_NONE;
}

static enum effect handle_typed(struct dialog *d, struct key key)
{
	enum effect effect = field_handle(&d->typed, key);

	return effect == EFFECT_ACCEPT && !is_typed(d) ? EFFECT_REDRAW : effect;
}

static const struct dialog_kind confirm_kind = {draw_confirm, handle_confirm, 1};
static const struct dialog_kind typed_kind = {draw_typed, handle_typed, 3};

static struct dialog *new_dialog(const struct dialog_kind *kind, const char *title, const char *body, const char *name)
{
	struct dialog *d = mem_new(sizeof(*d));

	d->kind = kind;
	d->title = mem_strdup(title);
	d->body = mem_strdup(body ? body : "");
	d->name = mem_strdup(name);
	field_init(&d->typed);
	return d;
}

struct dialog *dialog_confirm(const char *title, const char *body)
{
	return new_dialog(&confirm_kind, title, body, NULL);
}

struct dialog *dialog_typed(const char *title, const char *body, const char *name)
{
	return new_dialog(&typed_kind, title, body, name);
}

void dialog_free(struct dialog *d)
{
	if (!d)
		return;
	free(d->title);
	free(d->body);
	free(d->name);
	field_done(&d->typed);
	free(d);
}

void dialog_draw(struct dialog *d, struct area a)
{
	int width = a.columns < WIDTH ? a.columns : WIDTH, prompt = d->kind->prompt_rows;
	// an area without rows only measures; then frame, body, a blank row, prompt
	int body = area_wrap(area_sub(a, 0, 0, 0, width > 4 ? width - 4 : width), 0, PEN(ROLE_TEXT), d->body);
	struct area box = area_center(a, body + prompt + 3, width);

	area_fill(box, PEN(ROLE_TEXT));
	area_box(box, PEN(ROLE_BORDER), d->title);
	struct area inside = area_sub(area_inside(box), 0, 1, -1, box.columns > 4 ? box.columns - 4 : 0);
	struct area text = area_sub(inside, 0, 0, inside.rows - prompt, -1);
	if (area_wrap(text, 0, PEN(ROLE_TEXT), d->body) > text.rows && text.rows > 0) {
		area_fill(area_sub(text, text.rows - 1, 0, 1, -1), PEN(ROLE_TEXT));
		area_glyph(text, text.rows - 1, 0, PEN(ROLE_DIM), "…", "~");
	}
	d->kind->draw_prompt(d, area_sub(inside, inside.rows - prompt, 0, prompt, -1));
}

enum effect dialog_handle(struct dialog *d, struct key key)
{
	return d->kind->handle(d, key);
}

bool dialog_types(const struct dialog *d)
{
	return d->kind == &typed_kind;
}
