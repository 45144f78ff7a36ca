// Samples and the rates between them: see model/sample.h.
#include "model/sample.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define LASTING (30 * SECOND) // of a figure that is measured seldom

static const struct metric_info metrics[METRICS] = {
	[METRIC_CPU] = {"cpu", METRIC_COUNTER, UNIT_TIME},
	[METRIC_THROTTLED] = {"throttled", METRIC_COUNTER, UNIT_TIME},
	[METRIC_STEAL] = {"steal", METRIC_COUNTER, UNIT_TIME},
	[METRIC_MEMORY] = {"memory", METRIC_GAUGE, UNIT_BYTES},
	[METRIC_MEMORY_HOST] = {"memory-host", METRIC_GAUGE, UNIT_BYTES},
	[METRIC_CACHE] = {"cache", METRIC_GAUGE, UNIT_BYTES},
	[METRIC_MEMORY_LIMIT] = {"memory-limit", METRIC_GAUGE, UNIT_BYTES},
	[METRIC_SWAP] = {"swap", METRIC_GAUGE, UNIT_BYTES},
	[METRIC_NET_RX] = {"net-rx", METRIC_COUNTER, UNIT_BYTES},
	[METRIC_NET_TX] = {"net-tx", METRIC_COUNTER, UNIT_BYTES},
	[METRIC_READ] = {"read", METRIC_COUNTER, UNIT_BYTES},
	[METRIC_WRITE] = {"write", METRIC_COUNTER, UNIT_BYTES},
	[METRIC_READ_OPS] = {"read-ops", METRIC_COUNTER, UNIT_COUNT},
	[METRIC_WRITE_OPS] = {"write-ops", METRIC_COUNTER, UNIT_COUNT},
	[METRIC_PIDS] = {"pids", METRIC_GAUGE, UNIT_COUNT},
	[METRIC_PSI_CPU] = {"psi-cpu", METRIC_GAUGE, UNIT_CENTIPERCENT},
	[METRIC_PSI_MEMORY] = {"psi-memory", METRIC_GAUGE, UNIT_CENTIPERCENT},
	[METRIC_PSI_IO] = {"psi-io", METRIC_GAUGE, UNIT_CENTIPERCENT},
	[METRIC_PIDS_LIMIT] = {"pids-limit", METRIC_GAUGE, UNIT_COUNT},
	[METRIC_OOM_KILLS] = {"oom-kills", METRIC_COUNTER, UNIT_COUNT},
	[METRIC_SIZE] = {"size", METRIC_GAUGE, UNIT_BYTES},
	[METRIC_ALLOCATED] = {"allocated", METRIC_GAUGE, UNIT_BYTES},
};

const struct metric_info *metric_info(enum metric m)
{
	return &metrics[m];
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

double sample_plain(const struct sample *s, enum metric m)
{
	return metrics[m].unit == UNIT_CENTIPERCENT ? (double)s->value[m] / 100 : (double)s->value[m];
}

void rates_make(struct rates *r, const struct sample *before, const struct sample *now)
{
	double seconds = before && before->have ? (double)(now->at - before->at) / SECOND : 0;

	*r = (struct rates){.at = now->at};
	for (enum metric m = 0; m < METRICS; m++) {
		if (!sample_has(now, m))
			continue;
		if (metrics[m].type == METRIC_GAUGE)
			rates_set(r, m, sample_plain(now, m));
		else if (seconds > 0 && sample_has(before, m) && now->value[m] >= before->value[m])
			rates_set(r, m, counter_rate(m, now->value[m] - before->value[m], seconds));
	}
}

// The rate of M from KEPT, which came at BEFORE, to NOW; false when there is none.
static bool rate_of(enum metric m, const struct sample *kept, int64_t before, const struct sample *now, double *rate)
{
	if (metrics[m].type == METRIC_GAUGE) {
		*rate = sample_plain(now, m);
		return true;
	}
	if (!before || !sample_has(kept, m) || now->at <= before || now->value[m] < kept->value[m])
		return false;
	*rate = counter_rate(m, now->value[m] - kept->value[m], (double)(now->at - before) / SECOND);
	return true;
}

void rates_update(struct rates *r, struct sample *kept, int64_t at[METRICS], const struct sample *now)
{
	const struct rates before = *r;

	*r = (struct rates){.at = now->at};
	kept->at = now->at;
	for (enum metric m = 0; m < METRICS; m++) {
		double rate;

		if (sample_has(now, m)) {
			if (rate_of(m, kept, at[m], now, &rate))
				rates_set(r, m, rate);
			sample_set(kept, m, now->value[m]);
			at[m] = now->at;
		} else if (METRICS_OF_TROUBLE & METRIC_BIT(m) && at[m] && now->at - at[m] < LASTING) {
			r->have |= before.have & METRIC_BIT(m);
			r->value[m] = before.value[m];
		} else {
			kept->have &= ~METRIC_BIT(m);
		}
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

void sample_set_take(struct sample_set *set, char *id, const struct sample *s)
{
	if (set->count == set->room) {
		set->room = set->room ? set->room * 2 : 16;
		set->rows = mem_resize(set->rows, set->room, sizeof(*set->rows));
	}
	set->rows[set->count++] = (struct sample_row){id, *s};
}

void sample_set_add(struct sample_set *set, const char *id, const struct sample *s)
{
	sample_set_take(set, mem_strdup(id), s);
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
