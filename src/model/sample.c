// Samples and the rates between them: see model/sample.h.
#include "model/sample.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"

static const struct metric_info metrics[METRICS] = {
	[METRIC_CPU] = {.name = "cpu", .type = METRIC_COUNTER, .unit = UNIT_TIME, .help = "CPU time"},
	[METRIC_THROTTLED] = {.name = "throttled", .type = METRIC_COUNTER, .unit = UNIT_TIME,
	 .help = "time kept back by the CPU limit"},
	[METRIC_STEAL] = {.name = "steal", .type = METRIC_COUNTER, .unit = UNIT_TIME,
	 .help = "time a virtual CPU waited for a real one"},
	[METRIC_MEMORY] = {.name = "memory", .type = METRIC_GAUGE, .unit = UNIT_BYTES,
	 .help = "memory in use inside, without page cache"},
	[METRIC_MEMORY_HOST] = {.name = "memory-host", .type = METRIC_GAUGE, .unit = UNIT_BYTES,
	 .help = "host RSS: memory resident on the host"},
	[METRIC_CACHE] = {.name = "cache", .type = METRIC_GAUGE, .unit = UNIT_BYTES, .help = "page cache"},
	[METRIC_MEMORY_LIMIT] = {.name = "memory-limit", .type = METRIC_GAUGE, .unit = UNIT_BYTES, .help = "memory limit"},
	[METRIC_SWAP] = {.name = "swap", .type = METRIC_GAUGE, .unit = UNIT_BYTES, .help = "swapped out"},
	[METRIC_NET_RX] = {.name = "net-rx", .type = METRIC_COUNTER, .unit = UNIT_BYTES,
	 .help = "received from the network"},
	[METRIC_NET_TX] = {.name = "net-tx", .type = METRIC_COUNTER, .unit = UNIT_BYTES, .help = "sent to the network"},
	[METRIC_READ] = {.name = "read", .type = METRIC_COUNTER, .unit = UNIT_BYTES, .help = "read from disks"},
	[METRIC_WRITE] = {.name = "write", .type = METRIC_COUNTER, .unit = UNIT_BYTES, .help = "written to disks"},
	[METRIC_READ_OPS] = {.name = "read-ops", .type = METRIC_COUNTER, .unit = UNIT_COUNT, .help = "read requests"},
	[METRIC_WRITE_OPS] = {.name = "write-ops", .type = METRIC_COUNTER, .unit = UNIT_COUNT, .help = "write requests"},
	[METRIC_PIDS] = {.name = "pids", .type = METRIC_GAUGE, .unit = UNIT_COUNT,
	 .help = "tasks, or virtual CPUs of a guest"},
	[METRIC_PSI_CPU] = {.name = "psi-cpu", .type = METRIC_GAUGE, .unit = UNIT_CENTIPERCENT,
	 .help = "some task waited for CPU, of the last 10 s"},
	[METRIC_PSI_MEMORY] = {.name = "psi-memory", .type = METRIC_GAUGE, .unit = UNIT_CENTIPERCENT,
	 .help = "some task waited for memory, of the last 10 s"},
	[METRIC_PSI_IO] = {.name = "psi-io", .type = METRIC_GAUGE, .unit = UNIT_CENTIPERCENT,
	 .help = "some task waited for disks, of the last 10 s"},
	[METRIC_OOM_KILLS] = {.name = "oom-kills", .type = METRIC_COUNTER, .unit = UNIT_COUNT,
	 .help = "processes killed for want of memory"},
};

const struct metric_info *metric_info(enum metric m)
{
	return &metrics[m];
}

int metric_find(const char *name)
{
	for (int m = 0; m < METRICS; m++)
		if (strcmp(metrics[m].name, name) == 0)
			return m;
	return -1;
}

void sample_set(struct sample *s, enum metric m, uint64_t value)
{
	s->value[m] = value;
	s->have |= 1u << m;
}

bool sample_has(const struct sample *s, enum metric m)
{
	return s->have >> m & 1;
}

static void rates_set(struct rates *r, enum metric m, double value)
{
	r->value[m] = value;
	r->have |= 1u << m;
}

// Per second; CPU time in percent of one core.
static double counter_rate(enum metric m, uint64_t difference, double seconds)
{
	double rate = (double)difference / seconds;

	return metrics[m].unit == UNIT_TIME ? rate / SECOND * 100 : rate;
}

void rates_make(struct rates *r, const struct sample *before, const struct sample *now)
{
	double seconds = before && before->have ? (double)(now->at - before->at) / SECOND : 0;

	*r = (struct rates){.at = now->at};
	for (enum metric m = 0; m < METRICS; m++) {
		if (!sample_has(now, m))
			continue;
		if (metrics[m].type == METRIC_GAUGE)
			rates_set(r, m, metrics[m].unit == UNIT_CENTIPERCENT ? (double)now->value[m] / 100 : (double)now->value[m]);
		else if (seconds > 0 && sample_has(before, m) && now->value[m] >= before->value[m])
			rates_set(r, m, counter_rate(m, now->value[m] - before->value[m], seconds));
	}
}

bool rates_has(const struct rates *r, enum metric m)
{
	return r->have >> m & 1;
}

double rates_get(const struct rates *r, enum metric m)
{
	return rates_has(r, m) ? r->value[m] : NAN;
}

// Owns ID.
static void add_row(struct sample_set *set, char *id, const struct sample *s)
{
	if (set->count == set->room) {
		set->room = set->room ? set->room * 2 : 16;
		set->rows = mem_resize(set->rows, set->room, sizeof(*set->rows));
	}
	set->rows[set->count++] = (struct sample_row){id, *s};
}

void sample_set_add(struct sample_set *set, const char *id, const struct sample *s)
{
	add_row(set, mem_strdup(id), s);
}

void sample_set_add_of(struct sample_set *set, const char *engine, const char *key, const struct sample *s)
{
	add_row(set, id_make(engine, key), s);
}

void sample_set_clear(struct sample_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->rows[i].id);
	set->count = 0;
}

void sample_set_done(struct sample_set *set)
{
	sample_set_clear(set);
	free(set->rows);
	*set = (struct sample_set){0};
}
