// A scrolling list with columns. Rows belong to the caller and are identified by id, so that the selection and the
// marks survive refresh, sort and filter.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

struct table_column {
	const char *title;
	int width;      // its preferred width; the least width it is shown with
	int widest;     // grows up to this width if there is room; 0: does not grow
	int priority;   // 0 is always shown; the highest number is dropped first
	enum align align;
};

// The caller's rows. INDEX counts from 0 in display order.
struct table_source {
	void *context;
	size_t (*count)(void *context);
	// The id of a row; valid until the rows change.
	const char *(*id)(void *context, size_t index);
	// Draws one cell into AREA (one row high). PEN has the background of the row: keep PEN.back.
	void (*draw)(void *context, size_t index, size_t column, struct area area, struct pen pen);
	// The width of the cell's whole text; 0: any will do. May be NULL.
	int (*wish)(void *context, size_t index, size_t column);
	// Whether the cell says nothing, so that a longer text to its left may cover it. Needed with WISH.
	bool (*blank)(void *context, size_t index, size_t column);
};

enum { TABLE_COLUMNS = 40 };

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct table_source source;
	int sorted;       // the column with the sort mark, -1: none
	bool descending;
	bool headless;    // no heading
	bool silent;      // does not show how many columns were dropped
	bool drifts;      // when rows are reordered, the selected one may leave the view
	// private; read it through the functions
	char *selected;   // id
	size_t index;     // of the selected row at the last lookup
	size_t top;       // first row shown
	bool away;        // keep the view although the selected row may be outside of it
	int page;         // rows shown by the last draw
	struct area drawn;
	char *anchor;     // id where a range of marks begins
	struct strv marks; // sorted ids
	struct table_fit {
		size_t column;
		int at, width;
	} fits[TABLE_COLUMNS];
	size_t fit_count;
	int wishes[TABLE_COLUMNS]; // the widest text of each column so far
};

// COLUMNS (at most TABLE_COLUMNS) must outlive the table.
void table_init(struct table *t, const struct table_column *columns, size_t count, const struct table_source *source);
void table_done(struct table *t);

// Computes the columns that fit into WIDTH and their positions: t->fits[0…fit_count). Columns with the highest
// priority number are dropped first. Called by table_draw(); callers may call it earlier to sample only what is shown.
void table_layout(struct table *t, int width);
// Forgets how wide the texts of the columns were: other columns or other rows follow.
void table_forget_widths(struct table *t);
// Whether COLUMN was shown by the last layout.
bool table_shows(const struct table *t, size_t column);

// Draws heading and rows. FOCUSED: the table receives the keys; otherwise the selection is fainter.
void table_draw(struct table *t, struct area a, bool focused);

// Finds the selection again after the rows have changed. If its row is gone, the row now in its place is selected.
// Marks of missing rows are dropped. Returns whether the selected id has changed.
bool table_sync(struct table *t);

enum effect table_move(struct table *t, enum move move);
// A click selects; on a heading it sets *COLUMN (else -1). The wheel scrolls. COLUMN may be NULL.
enum effect table_mouse(struct table *t, struct key key, int *column);

// Shows the first rows until the selection moves; the selected row may be out of view.
void table_show_first(struct table *t);
// Brings the selected row into view.
void table_show_selected(struct table *t);
// Whether the selected row was out of view at the last draw.
bool table_selection_hidden(const struct table *t);

// The id and index of the selected row; NULL and SIZE_MAX if there are no rows.
const char *table_selected(const struct table *t);
size_t table_index(const struct table *t);
// Returns false if no row has that id.
bool table_select(struct table *t, const char *id);

bool table_marked(const struct table *t, const char *id);
// Marks or unmarks the selected row and moves down.
void table_mark(struct table *t);
// Marks everything between the last row marked by table_mark() and the selected one.
void table_mark_range(struct table *t);
void table_mark_invert(struct table *t);
void table_mark_none(struct table *t);
