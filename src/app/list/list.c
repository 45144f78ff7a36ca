// The list: see list.h.
#include "list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fold.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/item.h"
#include "model/kind.h"
#include "model/query.h"
#include "model/workload.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/table.h"

#include "app/columns/columns.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/know/settings.h"

// Kind N among those with a view number (NUMBERED) or without, -1 = past the last.
static int nth_kind(size_t n, bool numbered)
{
	for (int number = numbered ? 2 : 0; number < (numbered ? 10 : 1); number++)
		for (enum kind kind = 0; kind < KINDS; kind++)
			if (kind_info(kind)->view == number && n-- == 0)
				return (int)kind;
	return -1;
}

int view_kind(size_t view)
{
	size_t numbered = 0;

	if (view == 0 || view == VIEW_PROBLEMS)
		return -1;
	while (nth_kind(numbered, true) >= 0)
		numbered++;
	return view <= numbered ? nth_kind(view - 1, true) : nth_kind(view - 1 - numbered, false);
}

const char *view_name(size_t view)
{
	return view == VIEW_PROBLEMS ? "Problems" : view ? kind_info((enum kind)view_kind(view))->title : "All";
}

char view_key(size_t view)
{
	int number = view == VIEW_PROBLEMS ? 0 : view ? kind_info((enum kind)view_kind(view))->view : 1;

	return (char)(view == VIEW_PROBLEMS ? '!' : number ? '0' + number : 0);
}

static size_t list_row_count(void *context)
{
	return ((struct list *)context)->count;
}

static const char *list_row_id(void *context, size_t index)
{
	return ((struct list *)context)->shown[index]->w.id;
}

static void list_draw_cell(void *context, size_t index, size_t column, struct area area, struct pen pen)
{
	struct list *list = context;
	const struct row *row = list->shown[index];

	if (row->head) {
		if (column == 0)
			area_text(area, 0, 0, -1, PEN_ON(ROLE_TITLE, pen.back), row->w.name);
		return;
	}
	if (row_is_stale(row))
		pen.attrs |= ATTR_DIM;
	column_draw(list->columns[column], list->app, row, area, pen);
}

static int list_wish(void *context, size_t index, size_t column)
{
	struct list *list = context;
	const struct row *row = list->shown[index];

	return row->head ? 0 : column_wish(list->columns[column], list->app, row);
}

static bool list_is_blank(void *context, size_t index, size_t column)
{
	struct list *list = context;

	return !list->shown[index]->head && column_is_blank(list->columns[column], list->shown[index]);
}

static const char *group_of_kind(const struct row *row)
{
	return workload_kind_name(row->w.kind);
}

static const char *group_of_state(const struct row *row)
{
	return item_state_info(row->w.state)->name;
}

static const char *group_of_host(const struct row *row)
{
	return row->w.host ? row->w.host : "";
}

static const char *group_of_image(const struct row *row)
{
	return row->w.image ? row->w.image : "";
}

static const char *group_of_label(const struct row *row)
{
	return row->w.labels.count ? row->w.labels.items[0] : "";
}

const struct grouping groupings[] = {
	{.name = "nothing"},
	{.name = "kind", .of = group_of_kind},
	{.name = "state", .of = group_of_state},
	{.name = "host", .of = group_of_host},
	{.name = "image", .of = group_of_image},
	{.name = "label", .of = group_of_label},
};
const size_t grouping_count = ARRAY_SIZE(groupings);

static void list_drop_heads(struct list *list)
{
	for (size_t i = 0; i < list->head_count; i++) {
		workload_done(&list->heads[i]->w);
		free(list->heads[i]);
	}
	list->head_count = 0;
}

void list_init(struct list *list, struct app *app)
{
	*list = (struct list){.app = app};
	app->table = &list->table;
	const struct table_source source = {list, list_row_count, list_row_id, list_draw_cell, list_wish, list_is_blank};
	table_init(&list->table, list->titles, 0, &source);
	for (enum fact i = 0; i < FACT_COLUMNS; i++)
		list->on[i] = !(fact_info(i)->flags & FACT_HIDDEN);
	list_columns(list);
}

void list_done(struct list *list)
{
	table_done(&list->table);
	query_free(list->query);
	free(list->filter);
	free(list->shown);
	list_drop_heads(list);
	free(list->heads);
	*list = (struct list){0};
}

static void list_show_sort(struct list *list)
{
	bool problems = list->view == VIEW_PROBLEMS; // the worst come first, regardless of the sort key
	enum fact sort = problems ? FACT_PROBLEM : list->sort;

	list->table.sorted = -1;
	list->table.descending = problems || list->descending;
	for (size_t i = 0; i < list->column_count; i++)
		if (list->columns[i] == sort)
			list->table.sorted = (int)i;
}

static void add_column(struct list *list, enum fact fact)
{
	list->titles[list->column_count] = column_title(fact);
	list->columns[list->column_count++] = fact;
}

// The columns of the Problems view, independent of the chosen ones.
static const struct {
	enum fact fact;
	int width, priority; // of the column here
} problem_columns[] = {{FACT_NAME, 14, 0}, {FACT_KIND, 4, 2}, {FACT_STATE, 11, 3}, {FACT_PROBLEM, 40, 0},
                       {FACT_CPU, 6, 6}, {FACT_MEMORY, 16, 7}, {FACT_RESTARTS, 8, 8}, {FACT_UP, 9, 4}};

static void add_problem_columns(struct list *list)
{
	for (size_t i = 0; i < ARRAY_SIZE(problem_columns); i++) {
		add_column(list, problem_columns[i].fact);
		list->titles[i].width = problem_columns[i].width;
		list->titles[i].priority = problem_columns[i].priority;
	}
}

void list_columns(struct list *list)
{
	int kind = view_kind(list->view);

	list->column_count = 0;
	if (list->view == VIEW_PROBLEMS)
		add_problem_columns(list);
	if (kind >= WORKLOAD_KINDS)
		for (size_t i = 0; i < kind_columns((enum kind)kind); i++)
			add_column(list, kind_info((enum kind)kind)->columns[i]);
	for (enum fact i = 0; list->view != VIEW_PROBLEMS && kind < WORKLOAD_KINDS && i < FACT_COLUMNS; i++)
		if (list->on[i])
			add_column(list, i);
	list->table.column_count = list->column_count;
	table_forget_widths(&list->table);
	list->table.silent = list->view == VIEW_PROBLEMS; // which are there was not chosen
	list_show_sort(list);
}

int list_apply_settings(struct list *list, const struct settings *s, struct err *e)
{
	auto_strv names = {0};
	int column = column_find(s->sort[0] == '-' ? s->sort + 1 : s->sort);

	if (column < 0)
		return column_unknown(s->sort, true, e);
	if (strcmp(s->columns, "default") != 0) {
		strv_split(&names, s->columns, " \t,");
		memset(list->on, 0, sizeof(list->on));
		list->on[FACT_NAME] = true; // a row needs its name
		for (size_t i = 0; i < names.count; i++)
			list->on[column_find(names.items[i])] = true;
	}
	list->sort = (enum fact)column;
	list->descending = s->sort[0] == '-';
	list_columns(list);
	return 0;
}

// For qsort_r() with the list as context. Equal rows are ordered by name, then by id, so that the order is stable.
static int row_compare(const void *a, const void *b, void *context)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	const struct list *list = context;
	const char *(*of)(const struct row *row) = groupings[list->group].of;
	int group = of ? str_natural_compare(of(x), of(y)) : 0;
	int order = column_compare(list->sort, x, y);

	if (group)
		return group;
	if (list->view == VIEW_PROBLEMS && x->problem != y->problem)
		return y->problem - x->problem;
	if (list->descending)
		order = -order;
	if (order == 0)
		order = str_natural_compare(x->w.name ? x->w.name : "", y->w.name ? y->w.name : "");
	return order ? order : strcmp(x->w.id, y->w.id);
}

static bool list_shows(const struct list *list, const struct row *row)
{
	int kind = view_kind(list->view);
	struct fact_source from = {row_item(row), &row->sample, &row->rates, row_now(row)};

	if (list->view == VIEW_PROBLEMS && !row->problem)
		return false;
	return (kind < 0 || (int)row->w.kind == kind) && query_matches(list->query, &from);
}

static void list_collect(struct list *list)
{
	const struct rows *rows = view_kind(list->view) < WORKLOAD_KINDS ? &list->app->rows : &list->app->others;

	if (list->room < rows->count) {
		list->room = rows->count + 64;
		list->shown = mem_resize(list->shown, list->room, sizeof(*list->shown));
	}
	list->count = 0;
	if (list->view == VIEW_PROBLEMS)
		rows_find_problems(&list->app->rows);
	for (size_t i = 0; i < rows->count; i++)
		if (list_shows(list, rows->items[i]))
			list->shown[list->count++] = rows->items[i];
}

static struct row *list_add_head(struct list *list, const char *group, size_t count)
{
	struct row *head = mem_new(sizeof(*head));

	head->head = true;
	head->w.id = mem_printf("group:%s", group);
	head->w.name = mem_printf("%s  %zu", *group ? group : "(none)", count);
	list->heads = mem_resize(list->heads, list->head_count + 1, sizeof(*list->heads));
	return list->heads[list->head_count++] = head;
}

// Inserts a heading before each group of rows.
static void list_add_heads(struct list *list)
{
	const char *(*of)(const struct row *row) = groupings[list->group].of;
	struct row **all = mem_array(list->count * 2 + 1, sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < list->count;) {
		size_t end = i + 1;

		while (end < list->count && strcmp(of(list->shown[end]), of(list->shown[i])) == 0)
			end++;
		all[count++] = list_add_head(list, of(list->shown[i]), end - i);
		for (; i < end; i++)
			all[count++] = list->shown[i];
	}
	free(list->shown);
	list->shown = all;
	list->room = list->count * 2 + 1;
	list->count = count;
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
	size_t x = place_of(old->places, old->count, *(struct row *const *)a),
	       y = place_of(old->places, old->count, *(struct row *const *)b);

	return x != y ? (x < y ? -1 : 1) : row_compare(a, b, old->list);
}

void list_update(struct list *list, bool keep_order)
{
	if (!keep_order || groupings[list->group].of) {
		list_collect(list);
		if (list->count)
			qsort_r(list->shown, list->count, sizeof(*list->shown), row_compare, list);
	} else {
		struct old_order old = {mem_array(list->count + 1, sizeof(struct place)), list->count, list};

		for (size_t i = 0; i < list->count; i++)
			old.places[i] = (struct place){list->shown[i], i};
		qsort(old.places, old.count, sizeof(*old.places), compare_places);
		list_collect(list);
		if (list->count)
			qsort_r(list->shown, list->count, sizeof(*list->shown), compare_old, &old);
		free(old.places);
	}
	list_drop_heads(list);
	if (groupings[list->group].of)
		list_add_heads(list);
	list->app->rows_changed = false;
	bool wanted = list->app->wanted && table_select(&list->table, list->app->wanted);
	if (wanted)
		free(steal(list->app->wanted));
	list->table.drifts = !list->follows && fact_info(list->sort)->flags & FACT_LIVE;
	if (table_sync(&list->table) || wanted)
		app_selection_changed(list->app);
}

void list_settle(struct list *list, bool keep_order)
{
	if (list->app->rows_changed)
		list_update(list, keep_order);
}

void list_sort(struct list *list, enum fact column)
{
	if (!column_has_order(column))
		return;
	list->descending = column == list->sort ? !list->descending : fact_info(column)->flags & FACT_DESCENDING;
	list->sort = column;
	list_show_sort(list);
	list_update(list, false);
	if (list->follows)
		return;
	// unless the user has moved the selection, the first row is selected
	if (!list->app->moved_at && table_move(&list->table, MOVE_FIRST) == EFFECT_CHANGED)
		app_selection_changed(list->app);
	table_show_first(&list->table);
}

void list_sort_step(struct list *list, int step)
{
	size_t at = 0;

	while (at < list->column_count && list->columns[at] != list->sort)
		at++;
	for (size_t tries = 0; tries < list->column_count; tries++) {
		at = (at + list->column_count + (size_t)step) % list->column_count;
		if (!column_has_order(list->columns[at]))
			continue;
		list->sort = FACTS; // not the same again: no inversion
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
	list_columns(list);
	list->table.away = false;
	list_update(list, false);
	// start at the worst problem
	if (view == VIEW_PROBLEMS && table_move(&list->table, MOVE_FIRST) == EFFECT_CHANGED)
		app_selection_changed(list->app);
}

void list_group(struct list *list, size_t group)
{
	list->group = group;
	list_update(list, false);
}

bool list_mark_group(struct list *list)
{
	size_t at = table_index(&list->table);

	if (at >= list->count || !list->shown[at]->head)
		return false;
	for (at++; at < list->count && !list->shown[at]->head; at++) {
		table_select(&list->table, list->shown[at]->w.id);
		if (!table_marked(&list->table, list->shown[at]->w.id))
			table_mark(&list->table);
	}
	return true;
}

bool list_search(struct list *list, const char *text, bool backward)
{
	size_t at = table_index(&list->table);

	for (size_t i = 0; i < list->count; i++) {
		at = backward ? (at + list->count - 1) % list->count : (at + 1) % list->count;
		const struct row *row = list->shown[at];
		if (!row->head && row->w.name && fold_find(row->w.name, text, NULL)) {
			app_chosen(list->app);
			return table_select(&list->table, row->w.id);
		}
	}
	return false;
}
