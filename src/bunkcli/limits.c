// The options of `bunk update` for single limits, and their conversion to linux.resources.
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "limits.h"

enum limit_kind { LIMIT_NUMBER, LIMIT_BYTES, LIMIT_TEXT };

// The property in linux.resources that each option sets.
static const struct limit_place {
	const char *option, *group, *name;
	enum limit_kind kind;
} limit_places[] = {
	{"memory", "memory", "limit", LIMIT_BYTES},
	{"memory-reservation", "memory", "reservation", LIMIT_BYTES},
	{"memory-swap", "memory", "swap", LIMIT_BYTES},
	{"kernel-memory", "memory", "kernel", LIMIT_BYTES},
	{"kernel-memory-tcp", "memory", "kernelTCP", LIMIT_BYTES},
	{"cpu-period", "cpu", "period", LIMIT_NUMBER},
	{"cpu-quota", "cpu", "quota", LIMIT_NUMBER},
	{"cpu-share", "cpu", "shares", LIMIT_NUMBER},
	{"cpu-burst", "cpu", "burst", LIMIT_NUMBER},
	{"cpu-idle", "cpu", "idle", LIMIT_NUMBER},
	{"cpu-rt-period", "cpu", "realtimePeriod", LIMIT_NUMBER},
	{"cpu-rt-runtime", "cpu", "realtimeRuntime", LIMIT_NUMBER},
	{"cpuset-cpus", "cpu", "cpus", LIMIT_TEXT},
	{"cpuset-mems", "cpu", "mems", LIMIT_TEXT},
	{"pids-limit", "pids", "limit", LIMIT_NUMBER},
	{"blkio-weight", "blockIO", "weight", LIMIT_NUMBER},
};

static int number_of(const struct limit_place *p, const char *value, int64_t *number, struct err *e)
{
	uint64_t bytes;

	if (str_to_i64(value, number) == 0)
		return 0;
	if (p->kind == LIMIT_BYTES && value[0] != '-' && units_parse_bytes(value, &bytes) == 0 && bytes <= INT64_MAX) {
		*number = (int64_t)bytes;
		return 0;
	}
	return err_msg(e, EINVAL, "--%s: invalid %s '%s'%s%s", p->option, p->kind == LIMIT_BYTES ? "size" : "number",
	               value, p->kind == LIMIT_BYTES ? " (for example 512M)" : "",
	               value[0] == '-' ? " (-1: no limit)" : "");
}

static int place_limit(json_t *resources, const struct limit_place *p, const char *value, struct err *e)
{
	json_t *group = json_object_get(resources, p->group);
	int64_t number = 0;
	int r = p->kind == LIMIT_TEXT ? 0 : number_of(p, value, &number, e);

	if (r < 0)
		return r;
	if (!group)
		json_object_set_new(resources, p->group, group = json_object());
	json_object_set_new(group, p->name, p->kind == LIMIT_TEXT ? json_string(value) : json_integer(number));
	return 0;
}

int limits_text(const struct params *limits, char **text, struct err *e)
{
	json_t *resources = json_object();
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(limit_places); i++) {
		const char *value = params_get(limits, limit_places[i].option);

		if (value)
			r = place_limit(resources, &limit_places[i], value, e);
	}
	*text = json_dumps(resources, JSON_COMPACT);
	json_decref(resources);
	return r;
}
