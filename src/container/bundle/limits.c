// The resource limits of a container: see sections.h and bundle.h.
#include "sections.h"

#include <errno.h>
#include <math.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "bundle.h"
#include "container/store/record.h"
#include "model/param.h"
#include "settings.h"
#include "sys/userns.h"

// microseconds (the kernel's minimum quota is 1 ms); tasks; bytes
enum { CPU_PERIOD = 100000, CPU_QUOTA_LEAST = 1000, PIDS_DEFAULT = 4096, MEMORY_LEAST = 1 << 20 };

uint64_t bundle_memory(const struct record *r)
{
	const char *text = params_get(&r->params, PARAM_MEMORY);
	uint64_t bytes = 0;

	return text && units_parse_bytes(text, &bytes) == 0 ? bytes : 0;
}

int bundle_check_memory(const struct record *r, struct err *e)
{
	uint64_t memory = bundle_memory(r);

	if (!memory || memory >= MEMORY_LEAST)
		return 0;
	return err_msg(e, EINVAL, "memory limit '%s' is too low (a container needs at least 1M)",
	               params_get(&r->params, PARAM_MEMORY));
}

double bundle_cpus(const struct record *r)
{
	const char *text = params_get(&r->params, PARAM_CPUS);
	double cpus = 0;

	return text && units_parse_cpus(text, &cpus) == 0 ? cpus : 0;
}

// The number of tasks is always limited where possible: a fork bomb is the easiest way to take down a host.
json_t *limits_section(const struct record *r)
{
	json_t *object = json_object();
	uint64_t memory = bundle_memory(r), pids = !userns_is_host_root() ? 0 : PIDS_DEFAULT;
	double cpus = bundle_cpus(r);

	if (params_get(&r->params, PARAM_PIDS))
		str_to_u64(params_get(&r->params, PARAM_PIDS), &pids);
	if (memory)
		json_object_set_new(object, "memory", json_pack("{s:I}", "limit", (json_int_t)memory));
	if (cpus > 0)
		json_object_set_new(object, "cpu",
		                    json_pack("{s:I, s:i}", "quota", (json_int_t)fmax(cpus * CPU_PERIOD, CPU_QUOTA_LEAST),
		                              "period", CPU_PERIOD));
	settings_limit(r, object);
	if (pids)
		json_object_set_new(object, "pids", json_pack("{s:I}", "limit", (json_int_t)pids));
	return object;
}

// An update keeps limits that it does not mention, so a removed limit (0) becomes -1.
static void add_removed_limits(const struct record *r, json_t *object)
{
	static const struct {
		const char *parameter, *controller, *key;
	} limits[] = {
		{"memory", "memory", "limit"},
		{"cpus", "cpu", "quota"},
		{"pids", "pids", "limit"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (str_equal(params_get(&r->params, limits[i].parameter), "0"))
			json_object_set_new(object, limits[i].controller, json_pack("{s:i}", limits[i].key, -1));
}

char *bundle_resources(const struct record *r)
{
	json_t *object = limits_section(r);
	add_removed_limits(r, object);
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	return text;
}
