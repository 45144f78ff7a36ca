// The columns of the list, and the rendering of single facts, for the list and the pane.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/fact.h"
#include "model/workload.h"
#include "ui/canvas.h"
#include "ui/table.h"

struct app;
struct row;

// A column is a fact before FACT_COLUMNS; those without FACT_HIDDEN are shown by default.
struct table_column column_title(enum fact fact);
void column_draw(enum fact fact, const struct app *app, const struct row *row, struct area area, struct pen pen);
// The width of its whole text for ROW; 0 for figures, graphs and kinds, which have a short form.
int column_wish(enum fact fact, const struct app *app, const struct row *row);
// Whether it is a figure that ROW lacks because it is not running.
bool column_is_blank(enum fact fact, const struct row *row);
// < 0 if A sorts before B in ascending order.
int column_compare(enum fact fact, const struct row *a, const struct row *b);
// Whether rows can be sorted by this column.
bool column_has_order(enum fact fact);
// The column of NAME, or -1.
int column_find(const char *name);
// The column of NAME to sort by, which may begin with a dash; -EINVAL with the list of them.
int column_to_sort_by(const char *name, struct err *e);
// Reports an unknown column NAME: -EINVAL, with a list of all columns, or of those that can be SORTED by.
int column_unknown(const char *name, bool sorted, struct err *e);

// The top of a CPU graph in percent of one core: the workload's limit, else all CPUs of its host.
double cpu_scale(const struct row *row);
enum role state_role(enum item_state state);
// "● running", "✗ OOM 137".
void state_text(const struct workload *w, bool ascii, struct str *out);
// Draws isolation in five steps from COLUMN of A; nothing for -1 (unknown).
void posture_draw(struct area a, int column, struct pen pen, int level);
