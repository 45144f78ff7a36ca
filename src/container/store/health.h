// Health checks: what the image and the options of a container say, and how results are counted. Pure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "record.h"

// Times in ns.
struct health_plan {
	struct strv command; // empty: there is no check
	int64_t interval, timeout, start_period, start_interval;
	int retries;
};
// Reads the plan of R: the options are stronger than the image. Returns 0 or -EINVAL.
int health_plan_read(struct health_plan *plan, const struct record *r, struct err *e);
void health_plan_done(struct health_plan *plan);

enum health { HEALTH_NONE, HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };
// "starting", "healthy", "unhealthy"; NULL for HEALTH_NONE.
const char *health_name(enum health health);
enum health health_find(const char *name);

struct health_count {
	enum health health;
	int failures; // in a row, those that count
};
// Counts a check that ended UP ns after the start of the container. Failures in the start period do not count before
// the first success.
void health_add(struct health_count *count, const struct health_plan *plan, bool good, int64_t up);
// How long to wait for the next check, UP ns after the start.
int64_t health_pause(const struct health_count *count, const struct health_plan *plan, int64_t up);
