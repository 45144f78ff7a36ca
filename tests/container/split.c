// What uses this host, as the panels of the dashboard split it: a line of exact figures for each measurement.
// usage: split HOSTEL COUNT ENGINE…
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "client/link.h"
#include "model/workload.h"

#include "app/know/host.h"
#include "app/know/machine.h"
#include "app/know/rows.h"

struct split_run {
	uv_loop_t loop;
	struct rows rows;
	struct machine machine;
	int64_t at;      // of the measurement before
	int64_t rows_at; // of the figures of containers in it
	double counted;  // ns of CPU time of containers, as split
	uint64_t before; // their counters when that began
	int left;
};

static uint64_t container_ns(const struct split_run *run)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < run->rows.count; i++)
		if (run->rows.items[i]->w.kind == KIND_CONTAINER && run->rows.items[i]->heard)
			ns += run->rows.items[i]->sample.value[METRIC_CPU];
	return ns;
}

static int64_t containers_at(const struct split_run *run)
{
	int64_t at = 0;

	for (size_t i = 0; i < run->rows.count; i++)
		if (run->rows.items[i]->w.kind == KIND_CONTAINER && run->rows.items[i]->rates.at > at)
			at = run->rows.items[i]->rates.at;
	return at;
}

// CPU in percent of the host, memory in bytes: guests, containers, other, host; then CPU time of containers, by both.
static void print_split(const struct split_run *run)
{
	const struct host *h = &run->machine.host;
	const struct split *s = &h->split;
	const struct usage *guests = &s->kinds[KIND_GUEST], *containers = &s->kinds[KIND_CONTAINER];

	printf("%zu %.3f %.3f %.3f %.3f %.0f %.0f %.0f %.0f %.0f %.0f\n", s->without_cpu + s->without_memory, guests->cpu,
	       containers->cpu, s->other.cpu, h->value[HOST_CPU], guests->memory, containers->memory, s->other.memory,
	       host_memory_used(h), run->counted, (double)(container_ns(run) - run->before));
	fflush(stdout);
}

static void look(struct split_run *run)
{
	const struct host *h = &run->machine.host;

	if (h->at == run->at)
		return;
	int64_t before = run->rows_at;
	run->at = h->at;
	run->rows_at = containers_at(run);
	if (isnan(h->value[HOST_CPU]) || !h->split.measured)
		return;
	if (!run->before)
		run->before = container_ns(run);
	else
		run->counted += h->split.kinds[KIND_CONTAINER].cpu / 100 * h->now.cpus * (double)(run->rows_at - before);
	print_split(run);
	if (--run->left == 0)
		uv_stop(&run->loop);
}

static void on_change(void *context, enum change_kind kind, const struct item *item)
{
	struct split_run *run = context;

	if (workload_of(item) && kind == CHANGE_REMOVED)
		rows_remove(&run->rows, item->id);
	else if (workload_of(item))
		rows_put(&run->rows, &run->machine, workload_of(item));
}

static void on_tick(void *context, const struct sample_set *set)
{
	struct split_run *run = context;

	for (size_t i = 0; i < set->count; i++)
		rows_sample(&run->rows, set->rows[i].id, &set->rows[i].sample, clock_mono());
	host_settle(&run->machine.host, &run->rows);
	look(run);
}

static void on_host(void *context, int64_t at, const struct proc_host *host)
{
	struct split_run *run = context;

	host_update(&run->machine.host, &run->rows, at, host);
	look(run);
}

int main(int argc, char **argv)
{
	static const struct link_callbacks callbacks = {.on_change = on_change, .on_tick = on_tick, .on_host = on_host};
	struct split_run run = {.left = argc > 3 ? atoi(argv[2]) : 0};
	struct err e = {0};

	if (run.left <= 0)
		return fprintf(stderr, "usage: split HOSTEL COUNT ENGINE…\n"), 2;
	const struct link_options options = {
		.program = argv[1], .engines = (const char *const *)&argv[3], .interval = SECOND, .read_only = true};
	uv_loop_init(&run.loop);
	host_init(&run.machine.host);
	if (link_open_local(&run.machine.link, &run.loop, &options, &callbacks, &run, &e) < 0)
		return fprintf(stderr, "split: %s\n", e.text), 1;
	uv_run(&run.loop, UV_RUN_DEFAULT);
	link_close(run.machine.link);
	uv_run(&run.loop, UV_RUN_DEFAULT);
	uv_loop_close(&run.loop);
	rows_done(&run.rows);
	return 0;
}
