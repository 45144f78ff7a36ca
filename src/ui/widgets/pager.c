// The text viewer: see ui/pager.h.
#include "ui/pager.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lines.h"

enum {
	LIMIT = 1024 * 1024,
	SIDEWAYS = 8, // columns of a sideways move
	WHEEL = 3,
};

struct pager {
	struct lines lines;
	bool follow, wrap;
	size_t top;    // the first line shown, of those that pass the filter
	size_t bottom; // the line after the last one drawn
	size_t sub;    // its row, when wrapped
	size_t slid;   // the value of lines_slid() that `top` accounts for
	size_t column; // columns scrolled sideways
	char *needle;  // the last search
	size_t hit;    // its match, SIZE_MAX after moving: the last page may begin above it
	int rows, columns; // from the last draw
	struct area drawn;
};

struct pager *pager_new(size_t limit)
{
	struct pager *p = mem_new(sizeof(*p));

	lines_init(&p->lines, limit ? limit : LIMIT);
	p->hit = SIZE_MAX;
	p->rows = 24;
	p->columns = 80;
	return p;
}

void pager_free(struct pager *p)
{
	if (!p)
		return;
	lines_done(&p->lines);
	free(p->needle);
	free(p);
}

// Moves positions up by the lines dropped at the beginning.
static void catch_up(struct pager *p)
{
	size_t slid = lines_slid(&p->lines), moved = slid - p->slid;

	p->slid = slid;
	if (moved)
		p->hit = SIZE_MAX;
	if (moved > p->top)
		p->sub = 0;
	p->top = moved > p->top ? 0 : p->top - moved;
}

void pager_add(struct pager *p, const char *text, size_t n)
{
	lines_add(&p->lines, text, n);
	catch_up(p);
}

void pager_clear(struct pager *p)
{
	lines_clear(&p->lines);
	p->hit = SIZE_MAX;
	p->top = p->sub = p->slid = p->column = 0;
}

void pager_replace(struct pager *p, const char *text)
{
	lines_clear(&p->lines);
	p->slid = 0;
	pager_add(p, text, strlen(text));
}

void pager_text(const struct pager *p, struct str *out)
{
	const struct lines *l = &p->lines;

	for (size_t i = l->first; i < l->end; i++) {
		if (l->items[i].text)
			str_add_bytes(out, l->items[i].text, l->items[i].length);
		if (!l->open || i + 1 < l->end)
			str_add_char(out, '\n');
	}
}

void pager_follow(struct pager *p, bool follow)
{
	p->follow = follow;
}

bool pager_follows(const struct pager *p)
{
	return p->follow;
}

void pager_wrap(struct pager *p, bool wrap)
{
	p->wrap = wrap;
	p->sub = 0;
	p->column = wrap ? 0 : p->column;
}

bool pager_wraps(const struct pager *p)
{
	return p->wrap;
}

void pager_filter(struct pager *p, const char *text)
{
	lines_filter(&p->lines, text);
	p->hit = SIZE_MAX;
	p->top = p->sub = p->slid = 0;
}

const char *pager_filtered(const struct pager *p)
{
	return p->lines.filter;
}

const char *pager_searched(const struct pager *p)
{
	return p->needle;
}

size_t pager_lines(const struct pager *p)
{
	return p->lines.end - p->lines.first;
}

// The bytes of visible TEXT that fit into COLUMNS columns, at least one character.
static size_t row_length(const char *text, size_t n, int columns)
{
	size_t at = 0;

	for (int used = 0; at < n;) {
		uint32_t cp = 0;
		size_t length = str_decode(text + at, n - at, &cp);

		used += text_codepoint_width(cp);
		if (used > columns && at > 0)
			break;
		at += length ? length : 1;
	}
	return at;
}

// The number of rows of a line.
static size_t rows_of(const struct pager *p, size_t at)
{
	auto_str text = {0};
	size_t rows = 0;

	if (!p->wrap || p->columns < 1 || at >= lines_count(&p->lines))
		return 1;
	line_visible(lines_at(&p->lines, at), &text);
	for (size_t done = 0; done < text.length; rows++)
		done += row_length(text.text + done, text.length - done, p->columns);
	return rows ? rows : 1;
}

// Moves one row up or down. Returns false at the ends.
static bool pager_step(const struct pager *p, size_t *top, size_t *sub, bool down)
{
	if (down && *sub + 1 < rows_of(p, *top)) {
		++*sub;
	} else if (!down && *sub > 0) {
		--*sub;
	} else if (down ? *top + 1 < lines_count(&p->lines) : *top > 0) {
		*top += down ? 1 : (size_t)-1;
		*sub = down ? 0 : rows_of(p, *top) - 1;
	} else {
		return false;
	}
	return true;
}

// The position of the last page.
static void last_place(const struct pager *p, size_t *top, size_t *sub)
{
	size_t count = lines_count(&p->lines);

	*top = count ? count - 1 : 0;
	*sub = count ? rows_of(p, *top) - 1 : 0;
	for (int row = 1; row < p->rows; row++)
		if (!pager_step(p, top, sub, false))
			break;
}

// Clamps the position to the last page. Returns whether it is the last page.
static bool pager_settle(struct pager *p)
{
	size_t top, sub;

	last_place(p, &top, &sub);
	bool end = p->top > top || (p->top == top && p->sub >= sub);
	if (end || p->follow) {
		p->top = top;
		p->sub = sub;
	}
	return end;
}

static bool pager_matches(const struct pager *p, size_t at)
{
	auto_str text = {0};

	line_visible(lines_at(&p->lines, at), &text);
	return line_find(str_text(&text), p->needle, NULL) != NULL;
}

bool pager_search(struct pager *p, const char *text, bool backward)
{
	size_t count = lines_count(&p->lines);
	bool again = text == NULL;

	if (text) {
		free(p->needle);
		p->needle = *text ? mem_strdup(text) : NULL;
	}
	if (!p->needle || count == 0)
		return false;
	// a new search includes the current line
	size_t here = p->hit < count ? p->hit : p->top;
	size_t from = here + (again || backward ? 0 : count - 1);
	for (size_t i = 1; i <= count; i++) {
		size_t at = (from + (backward ? count - i : i)) % count;

		if (!pager_matches(p, at))
			continue;
		p->follow = false;
		p->hit = p->top = at;
		p->sub = 0;
		return true;
	}
	return false;
}

bool pager_empty(const struct pager *p)
{
	return p->lines.first == p->lines.end;
}

struct pager_place pager_place(const struct pager *p)
{
	size_t count = lines_count(&p->lines);

	return (struct pager_place){p->top, p->bottom < count ? p->bottom : count, count, p->lines.dropped, p->column};
}

// The length of the prefix of visible TEXT that is COLUMNS wide.
static size_t skip_columns(const char *text, size_t n, size_t columns)
{
	size_t at = 0;

	for (size_t used = 0; at < n && used < columns;) {
		uint32_t cp = 0;
		size_t length = str_decode(text + at, n - at, &cp);

		used += (size_t)text_codepoint_width(cp);
		at += length ? length : 1;
	}
	return at;
}

// Highlights NEEDLE in the text from byte FROM on, which is drawn at column 0 of A's first row.
static void pager_highlight(struct area a, const char *text, size_t from, const char *needle)
{
	size_t length;

	for (const char *at = text; needle && *needle && (at = line_find(at, needle, &length)); at += length) {
		size_t end = (size_t)(at - text) + length, begin = end - length > from ? end - length : from;

		if (end <= from)
			continue;
		auto_free char *before = mem_strndup(text + from, begin - from);
		auto_free char *match = mem_strndup(text + begin, end - begin);
		int column = text_width(before);
		if (column >= a.columns)
			break;
		area_shade(a, 0, column, text_width(match), ROLE_MATCH);
	}
}

static void pager_draw_row(const struct pager *p, struct area a, size_t at, size_t sub)
{
	const struct line *line = lines_at(&p->lines, at);
	auto_str text = {0};

	line_visible(line, &text);
	size_t from = p->wrap ? 0 : skip_columns(str_text(&text), text.length, p->column), length = text.length - from;
	for (; p->wrap && sub > 0; sub--)
		from += row_length(str_text(&text) + from, text.length - from, a.columns);
	// a wrapped line continues in the next row; others end in the truncation mark
	if (p->wrap)
		length = row_length(str_text(&text) + from, text.length - from, a.columns);
	auto_free char *part = mem_strndup(str_text(&text) + from, length);
	area_text(a, 0, 0, -1, line->pen, part);
	pager_highlight(a, str_text(&text), from, p->lines.filter);
	pager_highlight(a, str_text(&text), from, p->needle);
	if (!p->wrap && from > 0)
		area_glyph(a, 0, 0, PEN(ROLE_DIM), "…", "~");
}

void pager_draw(struct pager *p, struct area a)
{
	p->drawn = a;
	p->rows = a.rows;
	p->columns = a.columns;
	if (area_empty(a) || lines_count(&p->lines) == 0)
		return;
	pager_settle(p);
	size_t at = p->top, sub = p->sub;
	for (int row = 0; row < a.rows; row++) {
		pager_draw_row(p, area_sub(a, row, 0, 1, -1), at, sub);
		p->bottom = at + 1;
		if (!pager_step(p, &at, &sub, true))
			break;
	}
}

static enum effect pager_move_rows(struct pager *p, long by)
{
	size_t top = p->top, sub = p->sub;

	if (lines_count(&p->lines) == 0)
		return EFFECT_NONE;
	p->hit = SIZE_MAX;
	if (by < 0)
		p->follow = false;
	for (long i = labs(by); i > 0; i--)
		if (!pager_step(p, &p->top, &p->sub, by > 0))
			break;
	// back at the end by moving down: resume following
	bool end = pager_settle(p);
	if (by > 0 && end && (p->top != top || p->sub != sub))
		p->follow = true;
	return EFFECT_REDRAW;
}

static enum effect pager_sideways(struct pager *p, bool right)
{
	if (p->wrap)
		return EFFECT_NONE;
	p->column = right ? p->column + SIDEWAYS : p->column > SIDEWAYS ? p->column - SIDEWAYS : 0;
	return EFFECT_REDRAW;
}

static enum effect go_first(struct pager *p)
{
	p->follow = false;
	p->hit = SIZE_MAX;
	p->top = p->sub = 0;
	return EFFECT_REDRAW;
}

static enum effect go_last(struct pager *p)
{
	p->follow = true;
	p->hit = SIZE_MAX;
	pager_settle(p);
	return EFFECT_REDRAW;
}

enum effect pager_move(struct pager *p, enum move move)
{
	long page = p->rows > 1 ? p->rows - 1 : 1, half = p->rows > 1 ? p->rows / 2 : 1;
	const long rows[] = {
		[MOVE_UP] = -1,          [MOVE_DOWN] = 1,        [MOVE_PAGE_UP] = -page,
		[MOVE_PAGE_DOWN] = page, [MOVE_HALF_UP] = -half, [MOVE_HALF_DOWN] = half,
	};

	if (move == MOVE_LEFT || move == MOVE_RIGHT)
		return pager_sideways(p, move == MOVE_RIGHT);
	if (move == MOVE_FIRST || move == MOVE_LAST)
		return move == MOVE_FIRST ? go_first(p) : go_last(p);
	return pager_move_rows(p, rows[move]);
}

enum effect pager_mouse(struct pager *p, struct key key)
{
	if (!area_holds(p->drawn, key.row, key.column) || (key.code != K_WHEEL_UP && key.code != K_WHEEL_DOWN))
		return EFFECT_NONE;
	return pager_move_rows(p, key.code == K_WHEEL_UP ? -WHEEL : WHEEL);
}
