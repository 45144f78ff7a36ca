// The text field: see ui/field.h.
#include "ui/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { HISTORY_MAX = 200 };

void field_init(struct field *f)
{
	*f = (struct field){0};
}

void field_done(struct field *f)
{
	if (!f)
		return;
	str_done(&f->text);
	strv_done(&f->history);
	strv_done(&f->candidates);
	free(f->draft);
	*f = (struct field){0};
}

const char *field_text(const struct field *f)
{
	return str_text(&f->text);
}

static void field_replace(struct field *f, size_t from, size_t to, const char *text, size_t n)
{
	auto_free char *rest = mem_strdup(field_text(f) + to);

	f->text.length = from;
	str_add_bytes(&f->text, text, n);
	str_add(&f->text, rest);
	f->cursor = from + n;
}

static void forget_candidates(struct field *f)
{
	strv_done(&f->candidates);
	f->candidate = 0;
}

static void field_set_text(struct field *f, const char *text)
{
	size_t n = strlen(text);

	forget_candidates(f);
	str_clear(&f->text);
	while (n > 0) {
		uint32_t cp = 0;
		size_t length = str_decode(text, n, &cp);

		if (length && key_character((struct key){.code = K_PASTE, .pasted = cp}) &&
		    f->text.length + length <= FIELD_MAX)
			str_add_bytes(&f->text, text, length);
		text += length ? length : 1;
		n -= length ? length : 1;
	}
	f->cursor = f->text.length;
}

void field_set(struct field *f, const char *text)
{
	field_set_text(f, text);
	free(steal(f->draft));
	f->history_at = f->history.count;
}

void field_remember(struct field *f, const char *text)
{
	struct strv *h = &f->history;

	free(steal(f->draft));
	if (*text && (h->count == 0 || strcmp(h->items[h->count - 1], text) != 0))
		strv_add(h, text);
	if (h->count > HISTORY_MAX) {
		free(h->items[0]);
		memmove(&h->items[0], &h->items[1], h->count-- * sizeof(*h->items));
	}
	f->history_at = h->count;
}

static uint32_t codepoint_at(const struct field *f, size_t at, size_t *length)
{
	uint32_t cp = 0;

	*length = str_decode(field_text(f) + at, f->text.length - at, &cp);
	return cp;
}

// The next cursor position after AT: combining marks stay with their character.
static size_t field_after(const struct field *f, size_t at)
{
	size_t length;

	if (at >= f->text.length)
		return f->text.length;
	codepoint_at(f, at, &length);
	at += length;
	while (at < f->text.length && text_codepoint_width(codepoint_at(f, at, &length)) == 0)
		at += length;
	return at;
}

static size_t field_before(const struct field *f, size_t at)
{
	size_t last = 0;

	for (size_t i = 0; i < at; i = field_after(f, i))
		last = i;
	return last;
}

static size_t word_before(const struct field *f, size_t at)
{
	const char *text = field_text(f);

	while (at > 0 && text[at - 1] == ' ')
		at--;
	while (at > 0 && text[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_after(const struct field *f, size_t at)
{
	const char *text = field_text(f);

	at += strspn(text + at, " ");
	return at + strcspn(text + at, " ");
}

static enum effect move_to(struct field *f, size_t at)
{
	f->cursor = at;
	return EFFECT_REDRAW;
}

static enum effect field_cut(struct field *f, size_t from, size_t to)
{
	if (from == to)
		return EFFECT_REDRAW;
	field_replace(f, from, to, "", 0);
	return EFFECT_CHANGED;
}

static enum effect go_left(struct field *f)
{
	return move_to(f, field_before(f, f->cursor));
}

static enum effect go_right(struct field *f)
{
	return move_to(f, field_after(f, f->cursor));
}

static enum effect go_home(struct field *f)
{
	return move_to(f, 0);
}

static enum effect go_end(struct field *f)
{
	return move_to(f, f->text.length);
}

static enum effect go_word_left(struct field *f)
{
	return move_to(f, word_before(f, f->cursor));
}

static enum effect go_word_right(struct field *f)
{
	return move_to(f, word_after(f, f->cursor));
}

static enum effect cut_left(struct field *f)
{
	return field_cut(f, field_before(f, f->cursor), f->cursor);
}

static enum effect cut_right(struct field *f)
{
	return field_cut(f, f->cursor, field_after(f, f->cursor));
}

static enum effect cut_to_home(struct field *f)
{
	return field_cut(f, 0, f->cursor);
}

static enum effect cut_to_end(struct field *f)
{
	return field_cut(f, f->cursor, f->text.length);
}

static enum effect cut_word_left(struct field *f)
{
	return field_cut(f, word_before(f, f->cursor), f->cursor);
}

static enum effect cut_word_right(struct field *f)
{
	return field_cut(f, f->cursor, word_after(f, f->cursor));
}

static enum effect show_history(struct field *f, size_t at)
{
	if (f->history_at >= f->history.count && !f->draft)
		f->draft = mem_strdup(field_text(f));
	f->history_at = at;
	field_set_text(f, at < f->history.count ? f->history.items[at] : f->draft);
	if (at == f->history.count)
		free(steal(f->draft));
	return EFFECT_CHANGED;
}

static enum effect field_older(struct field *f)
{
	if (f->history.count == 0)
		return EFFECT_NONE;
	return f->history_at > 0 ? show_history(f, f->history_at - 1) : EFFECT_REDRAW;
}

static enum effect field_newer(struct field *f)
{
	if (f->history.count == 0)
		return EFFECT_NONE;
	return f->history_at < f->history.count ? show_history(f, f->history_at + 1) : EFFECT_REDRAW;
}

// The length of the candidates' common prefix.
static size_t common_length(const struct strv *words)
{
	size_t n = strlen(words->items[0]);

	for (size_t i = 1; i < words->count; i++) {
		size_t same = 0;

		while (same < n && words->items[i][same] == words->items[0][same])
			same++;
		n = same;
	}
	while (n > 0 && ((unsigned char)words->items[0][n] & 0xc0) == 0x80)
		n--; // not within a character
	return n;
}

static enum effect begin_completion(struct field *f)
{
	f->candidate_from = f->cursor;
	f->complete(f->context, field_text(f), f->cursor, &f->candidate_from, &f->candidates);
	if (f->candidates.count == 0 || f->candidate_from > f->cursor) {
		forget_candidates(f);
		return EFFECT_NONE;
	}
	size_t common = common_length(&f->candidates), typed = f->cursor - f->candidate_from;
	const char *first = f->candidates.items[0];
	bool only = f->candidates.count == 1;
	bool changes = only || common > typed;

	if (only && strlen(first) == typed && strncmp(first, field_text(f) + f->candidate_from, typed) == 0) {
		forget_candidates(f);
		return EFFECT_NONE;
	}
	if (changes)
		field_replace(f, f->candidate_from, f->cursor, first, only ? strlen(first) : common);
	f->candidate = f->candidates.count;
	if (only)
		forget_candidates(f);
	return changes ? EFFECT_CHANGED : EFFECT_REDRAW;
}

enum effect field_offer(struct field *f)
{
	forget_candidates(f);
	return f->complete ? begin_completion(f) : EFFECT_NONE;
}

static enum effect field_complete_word(struct field *f, bool backward)
{
	size_t count = f->candidates.count;

	if (!f->complete)
		return EFFECT_NONE;
	if (count == 0)
		return begin_completion(f);
	if (f->candidate >= count)
		f->candidate = backward ? count - 1 : 0;
	else
		f->candidate = (f->candidate + (backward ? count - 1 : 1)) % count;
	const char *word = f->candidates.items[f->candidate];
	field_replace(f, f->candidate_from, f->cursor, word, strlen(word));
	return EFFECT_CHANGED;
}

static enum effect field_insert(struct field *f, struct key key)
{
	char text[4];
	uint32_t cp = key_character(key);

	if (!cp)
		return key.code == K_PASTE ? EFFECT_REDRAW : EFFECT_NONE;
	size_t n = str_encode(cp, text);
	if (f->text.length + n > FIELD_MAX)
		return EFFECT_REDRAW;
	field_replace(f, f->cursor, f->cursor, text, n);
	return EFFECT_CHANGED;
}

static enum effect field_accept(struct field *f)
{
	(void)f;
	return EFFECT_ACCEPT;
}

static enum effect field_cancel(struct field *f)
{
	(void)f;
	return EFFECT_CANCEL;
}

static const struct {
	uint32_t code;
	enum effect (*run)(struct field *f);
} keys[] = {
	{K_LEFT, go_left},
	{K_RIGHT, go_right},
	{K_HOME, go_home},
	{K_END, go_end},
	{K_CTRL | 'a', go_home},
	{K_CTRL | 'e', go_end},
	{K_CTRL | K_LEFT, go_word_left},
	{K_CTRL | K_RIGHT, go_word_right},
	{K_ALT | 'b', go_word_left},
	{K_ALT | 'f', go_word_right},
	{K_BACKSPACE, cut_left},
	{K_CTRL | 'h', cut_left},
	{K_DELETE, cut_right},
	{K_CTRL | 'd', cut_right},
	{K_CTRL | 'u', cut_to_home},
	{K_CTRL | 'k', cut_to_end},
	{K_CTRL | 'w', cut_word_left},
	{K_ALT | K_BACKSPACE, cut_word_left},
	{K_ALT | 'd', cut_word_right},
	{K_UP, field_older},
	{K_DOWN, field_newer},
	{K_ENTER, field_accept},
	{K_ESC, field_cancel},
};

enum effect field_handle(struct field *f, struct key key)
{
	if (key.code == K_TAB || key.code == (K_TAB | K_SHIFT))
		return field_complete_word(f, key.code != K_TAB);
	forget_candidates(f);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].code == key.code)
			return keys[i].run(f);
	return field_insert(f, key);
}

const struct strv *field_candidates(const struct field *f)
{
	return &f->candidates;
}

// A secret as it is drawn: one dot per character.
static char *field_dots(const struct field *f, size_t to, bool ascii)
{
	struct str s = {0};

	for (size_t i = 0; i < to; i = field_after(f, i))
		str_add(&s, ascii ? "*" : "•");
	return str_steal(&s);
}

static char *field_shown(const struct field *f, size_t from, size_t to, bool ascii)
{
	return f->secret ? field_dots(f, to, ascii) : mem_strndup(field_text(f) + from, to - from);
}

static int width_between(const struct field *f, size_t from, size_t to, bool ascii)
{
	auto_free char *text = field_shown(f, from, to, ascii);

	return text_width(text);
}

void field_draw(struct field *f, struct area a, struct pen pen, bool focused)
{
	bool ascii = a.canvas->glyphs == GLYPHS_ASCII;
	size_t from = 0;
	int sign = 0;

	if (area_empty(a))
		return;
	area_fill(area_sub(a, 0, 0, 1, -1), pen);
	int width = width_between(f, 0, f->cursor, ascii);
	while (focused && !f->secret && from < f->cursor && width + sign >= a.columns) {
		size_t next = field_after(f, from);

		width -= width_between(f, from, next, ascii);
		from = next;
		sign = 1;
	}
	if (sign)
		area_glyph(a, 0, 0, pen, "…", "~");
	auto_free char *text = field_shown(f, from, f->text.length, ascii);
	area_text(a, 0, sign, -1, pen, text);
	if (focused) {
		int at = sign + width;

		area_cursor(a, 0, at < a.columns ? at : a.columns - 1);
	}
}
