// The simulated host: see fake_host.h.
#include "fake_host.h"

#include <math.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fake_state.h"

#define GIB (UINT64_C(1) << 30)
enum {
	ROWS_EACH = 14,        // this many workloads
	CPUS_EACH = 4,         // need this many CPUs
	GIB_EACH = 16,         // and this much memory
	OTHER_CPU = 12,        // percent of one core used by everything else on the host
	OTHER_MEMORY_MIB = 1230,
};

const struct engine_host fake_simulated = {
	.name = "simulated",
	.system = "Debian GNU/Linux 12 (bookworm)",
	.kernel = "6.1.0",
	.cpus = CPUS_EACH,
};

static const enum metric counted[] = {METRIC_CPU, METRIC_NET_RX, METRIC_NET_TX, METRIC_READ, METRIC_WRITE};

static unsigned host_cpus(const struct fake *f)
{
	size_t parts = f->count ? (f->count + ROWS_EACH - 1) / ROWS_EACH : 1;

	return (unsigned)parts * CPUS_EACH;
}

static unsigned host_meters(const struct fake *f)
{
	return host_cpus(f) < PROC_CPUS_MAX ? host_cpus(f) : PROC_CPUS_MAX;
}

// Divides NS among as many CPUs as ROW may use.
static void count_cpus(struct fake *f, const struct fake_row *row, uint64_t ns)
{
	unsigned all = host_meters(f), share = row->cpus >= 1 ? (unsigned)row->cpus : 1;

	for (unsigned i = 0; i < share; i++)
		f->cpu_ns[(row->index + i) % all] += ns / share;
}

// Adds what ROW has used since it was last counted: a restarted row starts at 0 again, the host's counters do not.
static void count_row(struct fake *f, struct fake_row *row, const struct sample *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		uint64_t now = s->value[counted[i]], before = row->counted.value[counted[i]];

		if (!sample_has(s, counted[i]) || !sample_has(&row->counted, counted[i]) || now <= before)
			continue;
		f->totals[counted[i]] += now - before;
		if (counted[i] == METRIC_CPU)
			count_cpus(f, row, now - before);
	}
	row->counted = *s;
}

static uint64_t count_rows(struct fake *f, int64_t now, double *load)
{
	uint64_t memory = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct fake_row *row = f->rows[i];
		struct sample s = {0};

		if (row->gone || !fake_row_exists(row))
			continue;
		fake_row_sample(row, &s, now);
		count_row(f, row, &s);
		memory += sample_has(&s, METRIC_MEMORY_HOST) ? s.value[METRIC_MEMORY_HOST] : row->role->memory << 20;
		*load += fake_row_runs(row) ? row->role->cpu / 100 : 0;
	}
	return memory;
}

// The rest of the host uses CPU 0.
static void fill_cpus(const struct fake *f, struct proc_host *host, uint64_t other)
{
	host->cpu_count = host_meters(f);
	for (unsigned i = 0; i < host->cpu_count; i++)
		host->cpu_ns[i] = f->cpu_ns[i] + (i ? 0 : other);
}

void fake_host(void *self, int64_t *at, struct proc_host *host)
{
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	uint64_t total = host_cpus(f) / CPUS_EACH * GIB_EACH * GIB;
	int64_t now = fake_now(f);
	uint64_t other = (uint64_t)now / 100 * OTHER_CPU;
	double load = 0;
	uint64_t used = count_rows(f, now, &load) + ((uint64_t)OTHER_MEMORY_MIB << 20);
	*at = now;
	*host = (struct proc_host){
		.wall = f->step ? now + f->wall : 0,
		.cpus = host_cpus(f),
		.busy_ns = f->totals[METRIC_CPU] + other,
		.memory_total = total,
		.memory_available = used < total ? total - used : 0,
		.memory_free = used < total ? (total - used) / 3 : 0,
		.swap_total = 4 * GIB,
		.swap_free = 4 * GIB,
		.up_ns = 12 * 86400ull * SECOND,
		.load1 = load,
		.net_rx = f->totals[METRIC_NET_RX],
		.net_tx = f->totals[METRIC_NET_TX],
		.disk_read = f->totals[METRIC_READ],
		.disk_write = f->totals[METRIC_WRITE],
	};
	fill_cpus(f, host, other);
	pthread_mutex_unlock(&f->lock);
}
