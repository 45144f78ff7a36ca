// The list: see list.h. Must not know how a cell looks.
#include "list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#include "parts.h"

const struct view views[] = {
	{"All", -1},
	{"Guests", KIND_GUEST},
	{"Containers", KIND_CONTAINER},
};
const size_t view_count = ARRAY_SIZE(views);

static size_t count_rows(void *context)
{
	return ((struct list *)context)->count;
}

static const char *id_of(void *context, size_t index)
{
	return ((struct list *)context)->shown[index]->w.id;
}

static void draw_cell(void *context, size_t index, size_t column, struct area area, struct pen pen)
{
	struct list *list = context;
	const struct row *row = list->shown[index];

	if (app_stale(list->app, row))
		pen.attrs |= ATTR_DIM;
	column_table[list->columns[column]].draw(list->app, row, area, pen);
}

void list_init(struct list *list, struct app *app)
{
	*list = (struct list){.app = app};
	const struct table_source source = {list, count_rows, id_of, draw_cell};
	table_init(&list->table, list->titles, 0, &source);
	for (size_t i = 0; i < column_count; i++)
		list->on[i] = !column_table[i].hidden;
	list_columns(list);
}

void list_done(struct list *list)
{
	table_done(&list->table);
	query_free(list->query);
	free(list->filter);
	free(list->shown);
	*list = (struct list){0};
}

static void show_sort(struct list *list)
{
	list->table.sorted = -1;
	list->table.descending = list->descending;
	for (size_t i = 0; i < list->column_count; i++)
		if (list->columns[i] == list->sort)
			list->table.sorted = (int)i;
}

void list_columns(struct list *list)
{
	list->column_count = 0;
	for (size_t i = 0; i < column_count; i++) {
		if (!list->on[i])
			continue;
		list->titles[list->column_count] = column_table[i].table;
		list->columns[list->column_count++] = i;
	}
	list->table.column_count = list->column_count;
	show_sort(list);
}

// qsort_r's context is the list; what compares equal goes by name, then by id, so that no two rows ever change places by chance.
static int compare(const void *a, const void *b, void *context)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	const struct list *list = context;
	int order = column_table[list->sort].compare(x, y);

	if (list->descending)
		order = -order;
	if (order == 0)
		order = str_natural_compare(x->w.name ? x->w.name : "", y->w.name ? y->w.name : "");
	return order ? order : strcmp(x->w.id, y->w.id);
}

static bool is_shown(const struct list *list, const struct row *row, int64_t now)
{
	int kind = views[list->view].kind;

	return (kind < 0 || (int)row->w.kind == kind) && (!list->query || query_matches(list->query, &row->w, &row->rates, now));
}

static void collect(struct list *list)
{
	const struct rows *rows = &list->app->rows;
	int64_t now = app_now(list->app);

	if (list->room < rows->count) {
		list->room = rows->count + 64;
		list->shown = mem_resize(list->shown, list->room, sizeof(*list->shown));
	}
	list->count = 0;
	for (size_t i = 0; i < rows->count; i++)
		if (is_shown(list, rows->items[i], now))
			list->shown[list->count++] = rows->items[i];
}

struct place {
	const struct row *row;
	size_t at;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

static size_t place_of(const struct place *places, size_t count, const struct row *row)
{
	const struct place key = {.row = row};
	const struct place *found = count ? bsearch(&key, places, count, sizeof(*places), compare_places) : NULL;

	return found ? found->at : SIZE_MAX;
}

struct old_order {
	struct place *places;
	size_t count;
	struct list *list;
};

static int compare_old(const void *a, const void *b, void *context)
{
	const struct old_order *old = context;
	size_t x = place_of(old->places, old->count, *(struct row *const *)a), y = place_of(old->places, old->count, *(struct row *const *)b);

	return x != y ? (x < y ? -1 : 1) : compare(a, b, old->list);
}

void list_update(struct list *list, bool keep_order)
{
	if (!keep_order) {
		collect(list);
		if (list->count)
			qsort_r(list->shown, list->count, sizeof(*list->shown), compare, list);
	} else {
		struct old_order old = {mem_array(list->count + 1, sizeof(struct place)), list->count, list};

		for (size_t i = 0; i < list->count; i++)
			old.places[i] = (struct place){list->shown[i], i};
		qsort(old.places, old.count, sizeof(*old.places), compare_places);
		collect(list);
		if (list->count)
			qsort_r(list->shown, list->count, sizeof(*list->shown), compare_old, &old);
		free(old.places);
	}
	list->stale = false;
	if (table_sync(&list->table))
		app_selection_changed(list->app);
}

void list_settle(struct list *list, bool keep_order)
{
	if (list->stale)
		list_update(list, keep_order);
}

void list_sort(struct list *list, size_t column)
{
	if (!column_table[column].compare)
		return;
	list->descending = column == list->sort ? !list->descending : column_table[column].descending;
	list->sort = column;
	show_sort(list);
	list_update(list, false);
	// who has not chosen a row yet wants to see who stands first now
	if (!list->app->last_move && table_move(&list->table, MOVE_FIRST) == EFFECT_CHANGED)
		app_selection_changed(list->app);
}

void list_sort_step(struct list *list, int step)
{
	size_t at = 0;

	while (at < list->column_count && list->columns[at] != list->sort)
		at++;
	for (size_t tries = 0; tries < list->column_count; tries++) {
		at = (at + list->column_count + (size_t)step) % list->column_count;
		if (!column_table[list->columns[at]].compare)
			continue;
		list->sort = SIZE_MAX; // not the same again: no inversion
		list_sort(list, list->columns[at]);
		return;
	}
}

int list_filter(struct list *list, const char *text, struct err *e)
{
	struct query *query = NULL;
	int r = *text ? query_new(&query, text, e) : 0;

	if (r < 0)
		return r;
	query_free(list->query);
	free(list->filter);
	list->query = query;
	list->filter = *text ? mem_strdup(text) : NULL;
	list_update(list, false);
	return 0;
}

void list_view(struct list *list, size_t view)
{
	list->view = view;
	list_update(list, false);
}

bool list_search(struct list *list, const char *text, bool backward)
{
	size_t at = table_index(&list->table);

	for (size_t i = 0; i < list->count; i++) {
		at = backward ? (at + list->count - 1) % list->count : (at + 1) % list->count;
		const struct row *row = list->shown[at];
		if (row->w.name && strcasestr(row->w.name, text))
			return table_select(&list->table, row->w.id);
	}
	return false;
}
