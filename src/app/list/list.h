// The list: which items are shown, their order and columns.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/kind.h"
#include "ui/table.h"

#include "app/columns/columns.h"

struct app;
struct query;
struct settings;

// The views: 0 shows all workloads; then one per kind, those with a key first; the last one shows workloads with a
// problem, worst first.
enum { VIEW_PROBLEMS = 1 + KINDS, VIEW_COUNT };
const char *view_name(size_t view);
int view_kind(size_t view); // enum kind, -1 = all workloads
// Its key by default, 0 = none.
char view_key(size_t view);

// The properties to group rows by.
struct grouping {
	const char *name;
	const char *(*of)(const struct row *row); // NULL: no grouping
};
extern const struct grouping groupings[];
extern const size_t grouping_count;

struct list {
	struct app *app;
	struct row **shown;
	size_t count, room;
	size_t view;
	size_t group;       // index in groupings
	struct row **heads; // the headings that are shown
	size_t head_count;
	struct table table;
	struct table_column titles[TABLE_COLUMNS]; // of the columns that are on
	enum fact columns[TABLE_COLUMNS];
	size_t column_count;
	bool on[FACT_COLUMNS];
	enum fact sort;
	bool descending, frozen;
	bool follows; // the selected row stays in view while figures sort the list
	char *filter;
	struct query *query;
};

void list_init(struct list *list, struct app *app);
void list_done(struct list *list);
// Collects and sorts the rows again. With KEEP_ORDER, rows keep their places and new ones are appended.
void list_update(struct list *list, bool keep_order);
// Updates a stale list; KEEP_ORDER as above.
void list_settle(struct list *list, bool keep_order);
// Takes columns and order from SETTINGS. Returns 0 or -EINVAL.
int list_apply_settings(struct list *list, const struct settings *settings, struct err *e);
// To be called when the chosen columns have changed.
void list_columns(struct list *list);
void list_sort(struct list *list, enum fact column);
// Sorts by the next shown column to the right (STEP 1) or left (-1).
void list_sort_step(struct list *list, int step);
// Groups the rows by groupings[GROUP].
void list_group(struct list *list, size_t group);
// Marks all rows of the group whose heading is selected. Returns false when no heading is.
bool list_mark_group(struct list *list);
// Filters by TEXT. Returns 0, or -EINVAL with the reason, keeping the old filter.
int list_filter(struct list *list, const char *text, struct err *e);
void list_view(struct list *list, size_t view);
// Selects the next row (BACKWARD: the previous one) whose name contains TEXT. Returns false if there is none.
bool list_search(struct list *list, const char *text, bool backward);
