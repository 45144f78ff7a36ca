// Bindings of the facts of guests and containers: see model/workload.h.
#include "model/workload.h"

#include <math.h>

#include "base/clock.h"
#include "model/problem.h"

// The lifetime average, like ps(1): exact, and available at once.
static double lifetime_cpu(const struct fact_source *from)
{
	double lived = workload_of(from->item)->started ? (double)(from->now - workload_of(from->item)->started) : 0;

	return from->sample && sample_has(from->sample, METRIC_CPU) && lived > 0
	           ? (double)from->sample->value[METRIC_CPU] / lived * 100
	           : (double)NAN;
}

static double cpu(const struct fact_source *from)
{
	return from->rates ? rates_get(from->rates, METRIC_CPU) : lifetime_cpu(from);
}

static double memory_limit(const struct fact_source *from)
{
	if (workload_of(from->item)->memory_limit)
		return (double)workload_of(from->item)->memory_limit;
	return from->sample && sample_has(from->sample, METRIC_MEMORY_LIMIT)
	           ? (double)from->sample->value[METRIC_MEMORY_LIMIT]
	           : (double)NAN;
}

// The total: a rate would drop to 0 after a second.
static double oom_kills(const struct fact_source *from)
{
	return from->sample && sample_has(from->sample, METRIC_OOM_KILLS) ? sample_plain(from->sample, METRIC_OOM_KILLS)
	                                                                  : (double)NAN;
}

static double up(const struct fact_source *from)
{
	int64_t since = workload_is_active(workload_of(from->item)) ? workload_of(from->item)->started
	                                                            : workload_of(from->item)->finished;

	return since > 0 && from->now > since ? (double)(from->now - since) : (double)NAN;
}

static double age(const struct fact_source *from)
{
	int64_t since =
	    workload_of(from->item)->started ? workload_of(from->item)->started : workload_of(from->item)->created;

	return since ? (double)(from->now - since) : (double)NAN;
}

// The sum of both directions; missing if both are.
static double sum_of(const struct fact_source *from, enum metric a, enum metric b)
{
	double x = from->rates ? rates_get(from->rates, a) : (double)NAN,
	       y = from->rates ? rates_get(from->rates, b) : (double)NAN;

	return isnan(x) ? y : isnan(y) ? x : x + y;
}

static double net(const struct fact_source *from)
{
	return sum_of(from, METRIC_NET_RX, METRIC_NET_TX);
}

static double io(const struct fact_source *from)
{
	return sum_of(from, METRIC_READ, METRIC_WRITE);
}

// How the last run ended: from the current state, or kept from the previous run.
static void add_last_exit(struct str *out, const struct fact_source *from)
{
	const struct workload *w = workload_of(from->item);
	bool ended = !workload_is_active(w) && w->finished;
	int code = ended ? w->exit_code : w->last_exit_code;
	const char *reason = ended ? w->reason : w->last_reason;

	if (!ended && !w->last_finished)
		return;
	if (code >= 0)
		str_addf(out, "%d", code);
	if (reason)
		str_addf(out, "%s%s", code >= 0 ? " " : "", reason);
}

static void add_problem(struct str *out, const struct fact_source *from)
{
	problem_of(from, out);
}

#define AT(FIELD) offsetof(struct workload, FIELD)
const struct fact_binding workload_facts[FACTS] = {
	ITEM_FACTS,
	[FACT_IMAGE] = {.type = FIELD_TEXT, .at = AT(image), .most = 1024},
	[FACT_COMMAND] = {.type = FIELD_TEXT, .at = AT(command), .most = 2048},
	[FACT_STARTED] = {.type = FIELD_TIME, .at = AT(started)},
	[FACT_FINISHED] = {.type = FIELD_TIME, .at = AT(finished)},
	[FACT_EXIT_CODE] = {.type = FIELD_INT, .at = AT(exit_code)},
	[FACT_REASON] = {.type = FIELD_TEXT, .at = AT(reason), .most = 512},
	[FACT_LAST_FINISHED] = {.type = FIELD_TIME, .at = AT(last_finished)},
	[FACT_LAST_EXIT_CODE] = {.type = FIELD_INT, .at = AT(last_exit_code)},
	[FACT_LAST_REASON] = {.type = FIELD_TEXT, .at = AT(last_reason), .most = 512},
	[FACT_CPUS] = {.type = FIELD_NUMBER, .at = AT(cpus)},
	[FACT_MEMORY_LIMIT] = {.type = FIELD_BYTES, .at = AT(memory_limit), .metric = METRIC_MEMORY_LIMIT,
	 .number = memory_limit},
	[FACT_ADDRESSES] = {.type = FIELD_TEXT, .at = AT(addresses), .most = 1024},
	[FACT_PORTS] = {.type = FIELD_LIST, .at = AT(ports), .most = 512},
	[FACT_PUBLISHER] = {.type = FIELD_TEXT, .at = AT(publisher), .most = 64},
	[FACT_NETWORKS] = {.type = FIELD_LIST, .at = AT(networks), .most = 512},
	[FACT_HEALTH] = {.type = FIELD_TEXT, .at = AT(health), .most = 16},
	[FACT_LABELS] = {.type = FIELD_LIST, .at = AT(labels), .most = 512},
	[FACT_RESTARTS] = {.type = FIELD_INT, .at = AT(restarts)},
	[FACT_AUTOSTART] = {.type = FIELD_BOOL, .at = AT(autostart)},
	[FACT_PERSISTENT] = {.type = FIELD_BOOL, .at = AT(persistent)},
	[FACT_ACTIVE] = {.type = FIELD_BOOL, .at = AT(active)},
	[FACT_GRAPHICS] = {.type = FIELD_TEXT, .at = AT(graphics), .most = 256},
	[FACT_START_MS] = {.type = FIELD_NUMBER, .at = AT(start_ms)},
	[FACT_PID] = {.type = FIELD_INT, .at = AT(pid)},
	[FACT_ISOLATION] = {.type = FIELD_POSTURE, .at = AT(posture)},
	[FACT_CPU_HISTORY] = {.made_of = METRIC_BIT(METRIC_CPU)},
	[FACT_CPU] = {.type = FIELD_METRIC, .metric = METRIC_CPU, .number = cpu},
	[FACT_THROTTLED] = {.type = FIELD_METRIC, .metric = METRIC_THROTTLED},
	[FACT_STEAL] = {.type = FIELD_METRIC, .metric = METRIC_STEAL},
	[FACT_MEMORY] = {.type = FIELD_METRIC, .metric = METRIC_MEMORY},
	[FACT_HOST_RSS] = {.type = FIELD_METRIC, .metric = METRIC_MEMORY_HOST},
	[FACT_CACHE] = {.type = FIELD_METRIC, .metric = METRIC_CACHE},
	[FACT_SWAP] = {.type = FIELD_METRIC, .metric = METRIC_SWAP},
	[FACT_NET_RX] = {.type = FIELD_METRIC, .metric = METRIC_NET_RX},
	[FACT_NET_TX] = {.type = FIELD_METRIC, .metric = METRIC_NET_TX},
	[FACT_READ] = {.type = FIELD_METRIC, .metric = METRIC_READ},
	[FACT_WRITE] = {.type = FIELD_METRIC, .metric = METRIC_WRITE},
	[FACT_READ_OPS] = {.type = FIELD_METRIC, .metric = METRIC_READ_OPS},
	[FACT_WRITE_OPS] = {.type = FIELD_METRIC, .metric = METRIC_WRITE_OPS},
	[FACT_PIDS_LIMIT] = {.type = FIELD_METRIC, .metric = METRIC_PIDS_LIMIT},
	[FACT_PIDS] = {.type = FIELD_METRIC, .metric = METRIC_PIDS},
	[FACT_PSI_CPU] = {.type = FIELD_METRIC, .metric = METRIC_PSI_CPU},
	[FACT_PSI_MEMORY] = {.type = FIELD_METRIC, .metric = METRIC_PSI_MEMORY},
	[FACT_PSI_IO] = {.type = FIELD_METRIC, .metric = METRIC_PSI_IO},
	[FACT_OOM_KILLS] = {.type = FIELD_METRIC, .metric = METRIC_OOM_KILLS, .number = oom_kills},
	[FACT_UP] = {.type = FIELD_MADE, .number = up},
	[FACT_AGE] = {.type = FIELD_MADE, .number = age},
	[FACT_NET] = {.type = FIELD_MADE, .number = net,
	 .made_of = METRIC_BIT(METRIC_NET_RX) | METRIC_BIT(METRIC_NET_TX)},
	[FACT_IO] = {.type = FIELD_MADE, .number = io, .made_of = METRIC_BIT(METRIC_READ) | METRIC_BIT(METRIC_WRITE)},
	[FACT_LAST_EXIT] = {.type = FIELD_MADE, .words = add_last_exit},
	[FACT_PROBLEM] = {.type = FIELD_MADE, .words = add_problem},
};
