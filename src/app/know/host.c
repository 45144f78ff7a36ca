// The host's figures: see host.h.
#include "host.h"

#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/ring.h"
#include "model/sample.h"
#include "sys/proc.h"

#include "machine.h"
#include "rows.h"

void host_init(struct host *h)
{
	*h = (struct host){.steal = NAN};
	for (int s = 0; s < HOST_SERIES; s++) {
		ring_init(&h->rings[s]);
		h->value[s] = NAN;
	}
}

double host_memory_used(const struct host *h)
{
	const struct proc_host *f = &h->now;

	return f->memory_total > f->memory_available ? (double)(f->memory_total - f->memory_available) : 0;
}

// Per second; NAN when the counter went down (the machine restarted).
static double host_rate(uint64_t before, uint64_t now, double seconds)
{
	return now >= before && seconds > 0 ? (double)(now - before) / seconds : (double)NAN;
}

// --- usage by kind ---

// The age of a workload's figures relative to the host's, in intervals.
static double lag_of(const struct row *row, int64_t at, int64_t interval)
{
	return row->heard && interval > 0 ? (double)(at - row->rates.at) / (double)interval : (double)INFINITY;
}

enum { SILENT = 3 }; // intervals after which a workload's figures count as missing

// Whether ROW uses memory of the host H.
static bool row_uses(const struct row *row, const struct host *h)
{
	return &row->machine->host == h && workload_is_active(&row->w);
}

// Whether all figures of ROWS for AT that can be expected have arrived.
static bool rows_are_there(const struct host *h, const struct rows *rows, int64_t at, int64_t interval)
{
	for (size_t i = 0; i < rows->count; i++) {
		double lag = lag_of(rows->items[i], at, interval);

		if (row_uses(rows->items[i], h) && lag > 0.25 && lag < SILENT)
			return false;
	}
	return true;
}

// Whether it runs on this host: libvirt may be connected to another one.
static bool is_here(const struct row *row)
{
	return row->w.pid || row->w.simulated || row->w.kind != KIND_GUEST;
}

static void split_add(struct split *s, const struct row *row, bool here, unsigned cpus)
{
	struct usage *u = &s->kinds[row->w.kind];
	double cpu = here ? rates_get(&row->rates, METRIC_CPU) : (double)NAN;
	double memory = here ? rates_get(&row->rates, METRIC_MEMORY_HOST) : (double)NAN;

	s->count++;
	s->lack_cpu += !here || !sample_has(&row->sample, METRIC_CPU); // a rate needs two samples
	s->lack_memory += isnan(memory);
	s->measured |= !isnan(cpu);
	s->memory_known |= !isnan(memory);
	s->sample_pending |= !row->sample.have && is_here(row);
	u->cpu += isnan(cpu) ? 0 : cpu / cpus;
	u->memory += isnan(memory) ? 0 : memory;
}

static size_t lower(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void host_split(struct host *h, const struct rows *rows, int64_t interval)
{
	const struct split before = h->split;
	struct split *s = &h->split;

	*s = (struct split){.other = {.cpu = h->value[HOST_CPU], .memory = host_memory_used(h)}};
	for (size_t i = 0; i < rows->count; i++)
		if (row_uses(rows->items[i], h))
			split_add(s, rows->items[i], is_here(rows->items[i]) && lag_of(rows->items[i], h->at, interval) < SILENT,
			          h->now.cpus ? h->now.cpus : 1);
	for (enum kind kind = 0; kind < WORKLOAD_KINDS; kind++) {
		s->other.cpu = fdim(s->other.cpu, s->kinds[kind].cpu);
		s->other.memory = fdim(s->other.memory, s->kinds[kind].memory);
	}
	if (!s->measured && s->count > s->lack_cpu) // after the first samples there is no rate yet
		s->other.cpu = NAN;
	if (s->sample_pending && !s->memory_known) // the first samples are yet to come
		s->other.memory = NAN;
	s->without_cpu = lower(s->lack_cpu, before.lack_cpu);
	s->without_memory = lower(s->lack_memory, before.lack_memory);
}

// --- new figures ---

static void host_take_cpus(struct host *h, double seconds)
{
	const struct proc_host *old = &h->now, *f = &h->next;

	for (unsigned i = 0; i < f->cpu_count; i++) {
		bool both = i < old->cpu_count && old->cpu_ns[i] != PROC_CPU_OFFLINE && f->cpu_ns[i] != PROC_CPU_OFFLINE;

		h->cpus[i] = both ? fmin(host_rate(old->cpu_ns[i], f->cpu_ns[i], seconds) / SECOND * 100, 100) : (double)NAN;
	}
}

static void host_take(struct host *h, const struct rows *rows)
{
	const struct proc_host *old = &h->now, *f = &h->next;
	int64_t interval = h->at ? h->next_at - h->at : 0;
	double seconds = (double)interval / SECOND, all = f->cpus * SECOND, total = (double)f->memory_total;
	const double values[HOST_SERIES] = {
		// ticks may be a little late
		[HOST_CPU] = fmin(host_rate(old->busy_ns - old->steal_ns, f->busy_ns - f->steal_ns, seconds) / all * 100, 100),
		[HOST_MEMORY] = total ? (total - (double)f->memory_available) / total * 100 : (double)NAN,
		[HOST_RX] = host_rate(old->net_rx, f->net_rx, seconds),
		[HOST_TX] = host_rate(old->net_tx, f->net_tx, seconds),
		[HOST_READ] = host_rate(old->disk_read, f->disk_read, seconds),
		[HOST_WRITE] = host_rate(old->disk_write, f->disk_write, seconds),
	};

	h->steal = host_rate(old->steal_ns, f->steal_ns, seconds) / all * 100;
	for (int s = 0; s < HOST_SERIES; s++) {
		h->value[s] = seconds > 0 || s == HOST_MEMORY ? values[s] : (double)NAN;
		ring_add(&h->rings[s], h->next_at, h->value[s]);
	}
	host_take_cpus(h, seconds);
	h->now = *f;
	h->at = h->next_at;
	h->next_at = 0;
	host_split(h, rows, interval);
}

void host_settle(struct host *h, const struct rows *rows)
{
	int64_t interval = h->next_at - h->at;

	if (h->next_at && (!h->at || interval < 0 || rows_are_there(h, rows, h->next_at, interval)))
		host_take(h, rows);
}

void host_update(struct host *h, const struct rows *rows, int64_t at, const struct proc_host *figures)
{
	if (at == h->at || at == h->next_at)
		return;
	if (h->next_at)
		host_take(h, rows);
	h->next = *figures;
	h->next_at = at;
	host_settle(h, rows);
}

void own_figures_measure(struct own_figures *own, int64_t now)
{
	uint64_t ns, rss;

	if (proc_usage(getpid(), &ns, &rss) < 0)
		return;
	own->cpu = own->at && now > own->at ? (double)(ns - own->ns) / (double)(now - own->at) * 100 : (double)NAN;
	own->ns = ns;
	own->rss = rss;
	own->at = now;
}
