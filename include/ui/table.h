// A scrolling list with columns. Rows belong to the caller and are known by id, so that the selection and the marks
// stay where they are through refresh, sort and filter.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

struct table_column {
	const char *title;
	int width;      // columns it wants at least; the least it is shown with
	int widest;     // grows up to this when there is room; 0: does not grow
	int priority;   // 0 is always shown; with too little room the highest number goes first
	enum align align;
};

// The rows. INDEX counts from 0 in the order shown.
struct table_source {
	void *context;
	size_t (*count)(void *context);
	// The id of a row; valid until the rows change.
	const char *(*id)(void *context, size_t index);
	// Draws one cell into AREA (one row high). PEN carries the background of the row: keep PEN.back.
	void (*draw)(void *context, size_t index, size_t column, struct area area, struct pen pen);
};

enum { TABLE_COLUMNS = 32 };

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct table_source source;
	int sorted;       // the column with the sort mark, -1: none
	bool descending;
	bool headless;    // no heading
	bool silent;      // does not say how many columns were left out
	bool drifts;      // where rows change their places, the selected one may go out of view
	// what follows is the widget's own; read it through the functions
	char *selected;   // id
	size_t index;     // of the selected row, when it was looked up last
	size_t top;       // first row shown
	bool away;        // it stays so although the selected row may be out of view
	int page;         // rows shown when drawn last
	struct area drawn;
	char *anchor;     // id where a range of marks begins
	struct strv marks; // sorted ids
	struct table_fit {
		size_t column;
		int at, width;
	} fits[TABLE_COLUMNS];
	size_t fit_count;
};

// COLUMNS (at most TABLE_COLUMNS) must outlive the table.
void table_init(struct table *t, const struct table_column *columns, size_t count, const struct table_source *source);
void table_done(struct table *t);

// Works out which columns fit into WIDTH, and where: t->fits[0…fit_count). The columns left out are those of the
// highest priority number. Called by table_draw(); the caller may ask earlier, to sample only what will be shown.
void table_layout(struct table *t, int width);
// Whether COLUMN was shown by the last layout.
bool table_shows(const struct table *t, size_t column);

// Draws heading and rows. FOCUSED: whether keys go here; the selection is fainter when not.
void table_draw(struct table *t, struct area a, bool focused);

// After the rows have changed: finds the selection again. When its row is gone, the row now in its place is selected;
// marks of rows that are gone are dropped. Returns whether another id is selected than before.
bool table_sync(struct table *t);

enum effect table_move(struct table *t, enum move move);
// Click selects (on a heading: *column is set to it, else -1), the wheel scrolls. COLUMN may be NULL.
enum effect table_mouse(struct table *t, struct key key, int *column);

// Shows the first rows, until the selection moves: it stays where it is, which may be out of view.
void table_show_first(struct table *t);
// Shows the selected row again.
void table_show_selected(struct table *t);
// Whether the selected row was out of view when the table was drawn last.
bool table_selection_hidden(const struct table *t);

// The id and index of the selected row; NULL and SIZE_MAX when there are no rows.
const char *table_selected(const struct table *t);
size_t table_index(const struct table *t);
// Returns false when no row has that id.
bool table_select(struct table *t, const char *id);

bool table_marked(const struct table *t, const char *id);
// Marks or unmarks the selected row and moves down.
void table_mark(struct table *t);
// Marks everything between the last row marked by table_mark() and the selected one.
void table_mark_range(struct table *t);
void table_mark_invert(struct table *t);
void table_mark_none(struct table *t);
