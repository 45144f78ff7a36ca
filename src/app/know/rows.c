// The rows: see rows.h.
#include "rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/problem.h"
#include "model/ring.h"
#include "model/sample.h"
#include "model/workload.h"

#include "machine.h"

static const enum metric series_metrics[SERIES_COUNT] = {
	[SERIES_CPU] = METRIC_CPU, [SERIES_MEMORY] = METRIC_MEMORY, [SERIES_RX] = METRIC_NET_RX,
	[SERIES_TX] = METRIC_NET_TX, [SERIES_READ] = METRIC_READ, [SERIES_WRITE] = METRIC_WRITE,
};

static void row_free(struct row *row)
{
	for (size_t i = 0; i < SERIES_COUNT; i++)
		free(row->rings[i]);
	workload_done(&row->w);
	item_free(row->other);
	free(row);
}

void rows_done(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		row_free(rows->items[i]);
	free(rows->items);
	*rows = (struct rows){0};
}

// The index of ID, or where to insert it.
static size_t rows_position(const struct rows *rows, const char *id, bool *found)
{
	size_t low = 0, high = rows->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(rows->items[middle]->w.id, id);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct row *rows_find(const struct rows *rows, const char *id)
{
	bool found;
	size_t at = id ? rows_position(rows, id, &found) : 0;

	return id && found ? rows->items[at] : NULL;
}

static struct row *rows_insert(struct rows *rows, size_t at)
{
	if (rows->count == rows->room) {
		rows->room = rows->room ? rows->room * 2 : 64;
		rows->items = mem_resize(rows->items, rows->room, sizeof(*rows->items));
	}
	memmove(&rows->items[at + 1], &rows->items[at], (rows->count - at) * sizeof(*rows->items));
	rows->count++;
	return rows->items[at] = mem_new(sizeof(struct row));
}

struct row *rows_put(struct rows *rows, struct machine *machine, const struct workload *w)
{
	bool found;
	size_t at = rows_position(rows, w->id, &found);
	struct row *row = found ? rows->items[at] : rows_insert(rows, at);

	if (found)
		rows->kinds[row->w.kind]--;
	workload_done(&row->w);
	row->machine = machine;
	row->w = (struct workload){0};
	workload_copy(&row->w, w);
	rows->kinds[w->kind]++;
	rows->problems_due = true;
	return row;
}

// The members that lists, titles and selections need, for an item of any kind.
static void fill_common(struct workload *w, const struct item *item)
{
	w->id = mem_strdup(item->id);
	w->name = mem_strdup(item->name);
	w->host = mem_strdup(item->host);
	w->engine = mem_strdup(item->engine);
	w->kind = item->kind;
	w->state = item->state;
	w->created = item->created;
	w->simulated = item->simulated;
	w->trouble = mem_strdup(item->trouble);
	w->exit_code = w->last_exit_code = w->restarts = -1;
}

struct row *rows_put_other(struct rows *rows, struct machine *machine, const struct item *item)
{
	struct workload common = {0};

	fill_common(&common, item);
	struct row *row = rows_put(rows, machine, &common);
	workload_done(&common);
	item_free(row->other);
	row->other = item_copy(item);
	return row;
}

const struct item *row_item(const struct row *row)
{
	return row->other ? row->other : &row->w.item;
}

void rows_remove(struct rows *rows, const char *id)
{
	bool found;
	size_t at = rows_position(rows, id, &found);

	if (!found)
		return;
	rows->kinds[rows->items[at]->w.kind]--;
	rows->remembered -= rows->items[at]->remembered;
	row_free(rows->items[at]);
	rows->count--;
	memmove(&rows->items[at], &rows->items[at + 1], (rows->count - at) * sizeof(*rows->items));
	rows->problems_due = true;
}

static struct ring *row_ring(struct row *row, enum series s)
{
	if (!row->rings[s]) {
		row->rings[s] = mem_new(sizeof(struct ring));
		ring_init(row->rings[s]);
	}
	return row->rings[s];
}

static void row_remember(struct rows *rows, struct row *row)
{
	if (!row->remembered && !row->watched && rows->remembered >= ROWS_REMEMBERED)
		return;
	rows->remembered += !row->remembered;
	row->remembered = true;
	for (enum series s = 0; s < SERIES_COUNT; s++)
		if (row->watched || s <= SERIES_MEMORY)
			ring_add(row_ring(row, s), row->rates.at, rates_get(&row->rates, series_metrics[s]));
}

void rows_sample(struct rows *rows, const char *id, const struct sample *sample, int64_t now)
{
	struct row *row = rows_find(rows, id);

	if (!row || !sample->have)
		return;
	bool again = row->heard && sample->at == row->sample.at; // its clock is simulated and has stopped
	if (!again)
		rates_update(&row->rates, &row->sample, row->at, sample);
	row->heard = now;
	rows->problems_due = true;
	if (!again)
		row_remember(rows, row);
}

void row_watch(struct row *row)
{
	row->watched = true;
}

void row_history(const struct row *row, enum series series, enum ring_tier tier, double *out, size_t count)
{
	if (row->rings[series]) {
		ring_last(row->rings[series], tier, out, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		out[i] = NAN;
}

int row_problem(const struct row *row, struct str *out)
{
	const struct fact_source from = {row_item(row), row->heard ? &row->sample : NULL, row->heard ? &row->rates : NULL,
	                                 row_now(row)};
	int problem = problem_of(&from, out);

	if (problem || !row_is_stale(row))
		return problem;
	if (out)
		str_addf(out, "figures are old: no answer from %s", row->machine->lost ? "its host" : row->w.engine);
	return problem_stale();
}

bool rows_find_problems(struct rows *rows)
{
	bool changed = false;

	if (!rows->problems_due)
		return false;
	rows->problems_due = false;
	rows->problems = 0;
	for (size_t i = 0; i < rows->count; i++) {
		int problem = row_problem(rows->items[i], NULL);

		changed |= problem != rows->items[i]->problem;
		rows->items[i]->problem = problem;
		rows->problems += problem > 0;
	}
	return changed;
}

bool row_runs(const struct row *row)
{
	return workload_is_active(&row->w);
}

double row_memory(const struct row *row)
{
	return rates_get(&row->rates, METRIC_MEMORY);
}

double row_memory_limit(const struct row *row)
{
	if (row->w.memory_limit)
		return (double)row->w.memory_limit;
	return rates_get(&row->rates, METRIC_MEMORY_LIMIT);
}

int64_t row_age(const struct row *row, int64_t now)
{
	int64_t since = row_runs(row) ? row->w.started : row->w.finished;

	return since > 0 && now > since ? now - since : -1;
}
