// The list with columns: see ui/table.h.
#include "ui/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	GUTTER = 2, // cursor and mark, left of the first column
	GAP = 1,    // between columns
	WHEEL = 3,  // rows per step of the wheel
};

void table_init(struct table *t, const struct table_column *columns, size_t count, const struct table_source *source)
{
	*t = (struct table){
		.columns = columns,
		.column_count = count < TABLE_COLUMNS ? count : TABLE_COLUMNS,
		.source = *source,
		.sorted = -1,
	};
}

void table_done(struct table *t)
{
	if (!t)
		return;
	free(t->selected);
	free(t->anchor);
	strv_done(&t->marks);
	*t = (struct table){0};
}

static size_t row_count(const struct table *t)
{
	return t->source.count(t->source.context);
}

static const char *row_id(const struct table *t, size_t index)
{
	return t->source.id(t->source.context, index);
}

// The highest priority number among the columns of KEPT, and its last column. Returns false if only those of
// priority 0 are left.
static bool least_important(const struct table *t, const bool *kept, size_t *column)
{
	int highest = 0;

	for (size_t i = 0; i < t->column_count; i++) {
		if (!kept[i] || t->columns[i].priority < highest || t->columns[i].priority == 0)
			continue;
		highest = t->columns[i].priority;
		*column = i;
	}
	return highest > 0;
}

static int table_needed(const struct table *t, const bool *kept)
{
	int width = GUTTER;

	for (size_t i = 0; i < t->column_count; i++)
		width += kept[i] ? t->columns[i].width + GAP : 0;
	return width - GAP;
}

// Which columns get spare room: those whose texts are cut, then those without texts, such as graphs, then all.
enum grows { GROWS_TEXT, GROWS_OTHER, GROWS_ANY, GROWS };

static int grow_limit(const struct table *t, const struct table_fit *fit, enum grows which)
{
	const struct table_column *column = &t->columns[fit->column];
	int wish = t->wishes[fit->column], widest = column->widest;
	int title = (int)fit->column == t->sorted ? text_width(column->title) + 1 : 0; // with the mark

	if (which == GROWS_TEXT)
		return wish < title ? title : wish < widest ? wish : widest;
	return which == GROWS_OTHER && wish ? 0 : widest;
}

// Gives one of SPARE columns to each that may grow. Returns how many are left.
static int grow_once(struct table *t, enum grows which, int spare)
{
	for (size_t i = 0; i < t->fit_count && spare > 0; i++) {
		bool grows = t->fits[i].width < grow_limit(t, &t->fits[i], which);

		t->fits[i].width += grows;
		spare -= grows;
	}
	return spare;
}

// Distributes SPARE columns one at a time, so that all grow alike.
static void table_grow(struct table *t, int spare)
{
	for (enum grows which = 0; which < GROWS; which++)
		for (int before = 0; before != spare;) {
			before = spare;
			spare = grow_once(t, which, spare);
		}
}

// The width of the mark for dropped columns.
static int sign_width(const struct table *t)
{
	size_t hidden = t->column_count - t->fit_count;

	return hidden == 0 || t->silent ? 0 : hidden < 10 ? GAP + 2 : GAP + 3;
}

static size_t page_rows(const struct table *t)
{
	return t->page > 0 ? (size_t)t->page : 1;
}

void table_forget_widths(struct table *t)
{
	memset(t->wishes, 0, sizeof(t->wishes));
}

// Of the rows in view. Columns only become wider, so that they do not jump.
static void collect_wishes(struct table *t)
{
	size_t count = row_count(t), end = t->top + page_rows(t) < count ? t->top + page_rows(t) : count;

	for (size_t i = 0; t->source.wish && i < t->fit_count; i++) {
		size_t column = t->fits[i].column;

		for (size_t row = t->top; row < end && t->columns[column].widest; row++) {
			int wish = t->source.wish(t->source.context, row, column);

			t->wishes[column] = wish > t->wishes[column] ? wish : t->wishes[column];
		}
	}
}

void table_layout(struct table *t, int width)
{
	bool kept[TABLE_COLUMNS];
	size_t drop = 0;

	for (size_t i = 0; i < t->column_count; i++)
		kept[i] = true;
	while (table_needed(t, kept) > width && least_important(t, kept, &drop))
		kept[drop] = false;
	t->fit_count = 0;
	for (size_t i = 0; i < t->column_count; i++)
		if (kept[i])
			t->fits[t->fit_count++] = (struct table_fit){.column = i, .width = t->columns[i].width};
	collect_wishes(t);
	table_grow(t, width - table_needed(t, kept) - sign_width(t));
	int at = GUTTER;
	for (size_t i = 0; i < t->fit_count; i++) {
		t->fits[i].at = at;
		at += t->fits[i].width + GAP;
	}
}

bool table_shows(const struct table *t, size_t column)
{
	for (size_t i = 0; i < t->fit_count; i++)
		if (t->fits[i].column == column)
			return true;
	return false;
}

// A heading keeps its sort mark even if its title is truncated.
static void draw_title(const struct table *t, struct area a, const struct table_fit *fit, struct pen pen)
{
	const struct table_column *c = &t->columns[fit->column];
	bool sorted = (int)fit->column == t->sorted;
	int room = fit->width - (sorted ? 1 : 0), width = text_width(c->title);

	width = width < room ? width : room;
	int at = c->align == ALIGN_RIGHT ? fit->at + room - width : fit->at;
	if (sorted)
		area_fill(area_sub(a, 0, fit->at, 1, fit->width), pen);
	int taken = area_text(a, 0, at, room, pen, c->title);
	if (sorted)
		area_glyph(a, 0, at + taken, pen, t->descending ? "▼" : "▲", t->descending ? "v" : "^");
}

static void draw_header(const struct table *t, struct area a)
{
	struct pen pen = PEN(ROLE_HEADER);
	size_t hidden = t->column_count - t->fit_count;

	area_fill(area_sub(a, 0, 0, 1, -1), pen);
	for (size_t i = 0; i < t->fit_count; i++)
		draw_title(t, a, &t->fits[i], (int)t->fits[i].column == t->sorted ? PEN(ROLE_SORTED) : pen);
	if (!hidden || t->silent)
		return;
	// mark dropped columns if there is room
	auto_free char *sign = mem_printf("+%zu", hidden);
	const struct table_fit *last = t->fit_count ? &t->fits[t->fit_count - 1] : NULL;
	int width = text_width(sign);
	if (last && last->at + last->width + sign_width(t) <= a.columns)
		area_text(a, 0, a.columns - width, width, PEN_ON(ROLE_DIM, ROLE_HEADER), sign);
}

// The last of the columns that the cell of column FIRST covers: its text may be longer than the column is wide.
static size_t last_covered(const struct table *t, size_t index, size_t first)
{
	const struct table_fit *fit = &t->fits[first];
	int wish = t->source.wish ? t->source.wish(t->source.context, index, fit->column) : 0;
	size_t last = first;

	while (last + 1 < t->fit_count && wish > t->fits[last].at + t->fits[last].width - fit->at &&
	       t->source.blank(t->source.context, index, t->fits[last + 1].column))
		last++;
	return last;
}

static void table_draw_row(const struct table *t, struct area a, size_t index, bool focused)
{
	const char *id = row_id(t, index);
	bool chosen = t->selected && strcmp(id, t->selected) == 0, marked = table_marked(t, id);
	struct pen pen = {.role = marked ? ROLE_MARK : ROLE_TEXT, .back = chosen && focused ? ROLE_SELECTION : ROLE_TEXT};

	area_fill(a, (struct pen){.back = pen.back});
	if (chosen)
		area_glyph(a, 0, 0, PEN_ON(ROLE_TEXT, pen.back), "▌", ">");
	if (marked)
		area_glyph(a, 0, 1, pen, "•", "*");
	for (size_t i = 0, last; i < t->fit_count; i = last + 1) {
		last = last_covered(t, index, i);
		int width = t->fits[last].at + t->fits[last].width - t->fits[i].at;
		t->source.draw(t->source.context, index, t->fits[i].column, area_sub(a, 0, t->fits[i].at, 1, width), pen);
	}
}

// Brings the selected row into view unless the view is kept, and leaves no empty rows at the end.
static void scroll_to_selection(struct table *t)
{
	size_t count = row_count(t), page = page_rows(t);

	if (t->index != SIZE_MAX && !t->away && t->index < t->top)
		t->top = t->index;
	if (t->index != SIZE_MAX && !t->away && t->index >= t->top + page)
		t->top = t->index - page + 1;
	if (t->top + page > count)
		t->top = count > page ? count - page : 0;
}

void table_draw(struct table *t, struct area a, bool focused)
{
	int head = t->headless || a.rows < 2 ? 0 : 1;

	t->drawn = a;
	t->page = a.rows - head;
	table_sync(t);
	scroll_to_selection(t);
	table_layout(t, a.columns);
	if (head)
		draw_header(t, a);
	size_t count = row_count(t);
	for (int row = 0; row < t->page && t->top + (size_t)row < count; row++)
		table_draw_row(t, area_sub(a, row + head, 0, 1, -1), t->top + (size_t)row, focused);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// The position of ID, or its insertion point, in the sorted marks.
static size_t mark_position(const struct table *t, const char *id, bool *found)
{
	size_t low = 0, high = t->marks.count;

	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(t->marks.items[middle], id);

		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high < low ? low : high;
}

bool table_marked(const struct table *t, const char *id)
{
	bool found;

	mark_position(t, id, &found);
	return found;
}

static void set_mark(struct table *t, const char *id, bool mark)
{
	bool found;
	size_t at = mark_position(t, id, &found);

	if (found == mark)
		return;
	if (mark) {
		strv_add(&t->marks, id);
		char *added = t->marks.items[t->marks.count - 1];
		memmove(&t->marks.items[at + 1], &t->marks.items[at], (t->marks.count - 1 - at) * sizeof(char *));
		t->marks.items[at] = added;
		return;
	}
	free(t->marks.items[at]);
	t->marks.count--;
	memmove(&t->marks.items[at], &t->marks.items[at + 1], (t->marks.count - at) * sizeof(char *));
	t->marks.items[t->marks.count] = NULL;
}

// Drops marks of missing rows.
static void sweep_marks(struct table *t)
{
	struct strv kept = {0};
	size_t count = row_count(t);

	if (!t->marks.count)
		return;
	for (size_t i = 0; i < count; i++)
		if (table_marked(t, row_id(t, i)))
			strv_add(&kept, row_id(t, i));
	if (kept.count)
		qsort(kept.items, kept.count, sizeof(*kept.items), compare_ids);
	strv_done(&t->marks);
	t->marks = kept;
}

static size_t find_id(const struct table *t, const char *id)
{
	size_t count = row_count(t);

	if (t->index < count && strcmp(row_id(t, t->index), id) == 0)
		return t->index;
	for (size_t i = 0; i < count; i++)
		if (strcmp(row_id(t, i), id) == 0)
			return i;
	return SIZE_MAX;
}

static bool select_index(struct table *t, size_t index)
{
	size_t count = row_count(t);

	if (count == 0) {
		bool had = t->selected != NULL;

		free(steal(t->selected));
		t->index = SIZE_MAX;
		return had;
	}
	t->index = index < count ? index : count - 1;
	const char *id = row_id(t, t->index);
	if (t->selected && strcmp(id, t->selected) == 0)
		return false;
	free(t->selected);
	t->selected = mem_strdup(id);
	return true;
}

bool table_sync(struct table *t)
{
	size_t found = t->selected ? find_id(t, t->selected) : SIZE_MAX;

	sweep_marks(t);
	if (found == SIZE_MAX)
		return select_index(t, t->index == SIZE_MAX ? 0 : t->index);
	t->away |= t->drifts && found != t->index;
	t->index = found;
	return false;
}

// The rows that MOVE moves down; negative is up.
static long move_by(const struct table *t, enum move move)
{
	long page = t->page > 1 ? t->page - 1 : 1, half = t->page > 1 ? t->page / 2 : 1;
	const long rows[] = {
		[MOVE_UP] = -1,          [MOVE_DOWN] = 1,         [MOVE_PAGE_UP] = -page, [MOVE_PAGE_DOWN] = page,
		[MOVE_HALF_UP] = -half,  [MOVE_HALF_DOWN] = half, [MOVE_FIRST] = INT32_MIN, [MOVE_LAST] = INT32_MAX,
		[MOVE_RIGHT] = 0,
	};

	return (size_t)move < ARRAY_SIZE(rows) ? rows[move] : 0;
}

static enum effect table_move_rows(struct table *t, long by)
{
	long count = (long)row_count(t), at;

	table_sync(t);
	if (by == 0 || count == 0)
		return EFFECT_NONE;
	at = (long)t->index + by;
	at = at < 0 ? 0 : at >= count ? count - 1 : at;
	t->away = false;
	bool changed = select_index(t, (size_t)at);
	scroll_to_selection(t);
	return changed ? EFFECT_CHANGED : EFFECT_REDRAW;
}

enum effect table_move(struct table *t, enum move move)
{
	return table_move_rows(t, move_by(t, move));
}

static enum effect table_click(struct table *t, int row, int at, int *column)
{
	int head = t->headless || t->drawn.rows < 2 ? 0 : 1;

	if (row < head) {
		for (size_t i = 0; i < t->fit_count; i++)
			if (column && at >= t->fits[i].at && at < t->fits[i].at + t->fits[i].width + GAP)
				*column = (int)t->fits[i].column;
		return column && *column >= 0 ? EFFECT_REDRAW : EFFECT_NONE;
	}
	size_t index = t->top + (size_t)(row - head);
	if (index >= row_count(t))
		return EFFECT_NONE;
	t->away = false;
	return select_index(t, index) ? EFFECT_CHANGED : EFFECT_REDRAW;
}

enum effect table_mouse(struct table *t, struct key key, int *column)
{
	if (column)
		*column = -1;
	if (!area_holds(t->drawn, key.row, key.column))
		return EFFECT_NONE;
	if (key.code == K_WHEEL_UP || key.code == K_WHEEL_DOWN)
		return table_move_rows(t, key.code == K_WHEEL_UP ? -WHEEL : WHEEL);
	if (key.code == K_CLICK || key.code == K_RIGHT_CLICK)
		return table_click(t, key.row - t->drawn.row, key.column - t->drawn.column, column);
	return EFFECT_NONE;
}

void table_show_first(struct table *t)
{
	t->top = 0;
	t->away = true;
}

void table_show_selected(struct table *t)
{
	t->away = false;
	scroll_to_selection(t);
}

bool table_selection_hidden(const struct table *t)
{
	return t->selected && (t->index < t->top || t->index >= t->top + page_rows(t));
}

const char *table_selected(const struct table *t)
{
	return t->selected;
}

size_t table_index(const struct table *t)
{
	return t->selected ? t->index : SIZE_MAX;
}

bool table_select(struct table *t, const char *id)
{
	size_t index = find_id(t, id);

	if (index == SIZE_MAX)
		return false;
	t->away = false;
	select_index(t, index);
	scroll_to_selection(t);
	return true;
}

void table_mark(struct table *t)
{
	table_sync(t);
	if (!t->selected)
		return;
	set_mark(t, t->selected, !table_marked(t, t->selected));
	free(t->anchor);
	t->anchor = mem_strdup(t->selected);
	table_move_rows(t, 1);
}

void table_mark_range(struct table *t)
{
	table_sync(t);
	if (!t->selected)
		return;
	size_t from = t->anchor ? find_id(t, t->anchor) : t->index, to = t->index;

	if (from == SIZE_MAX)
		from = to;
	if (from > to) {
		size_t swap = from;

		from = to;
		to = swap;
	}
	for (size_t i = from; i <= to; i++)
		set_mark(t, row_id(t, i), true);
}

void table_mark_invert(struct table *t)
{
	size_t count = row_count(t);

	for (size_t i = 0; i < count; i++)
		set_mark(t, row_id(t, i), !table_marked(t, row_id(t, i)));
}

void table_mark_none(struct table *t)
{
	strv_done(&t->marks);
	free(steal(t->anchor));
}
