// Health checks: see health.h.
#include "health.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "model/param.h"

enum { RETRIES = 3 };

#define SHELL "/bin/sh", "-c"

static void add_shell(struct strv *command, const char *text)
{
	static const char *const shell[] = {SHELL};

	for (size_t i = 0; i < ARRAY_SIZE(shell); i++)
		strv_add(command, shell[i]);
	strv_add(command, text);
}

// The image's Test: NONE, CMD WORD…, or CMD-SHELL TEXT.
static void read_test(struct strv *command, const struct strv *test)
{
	const char *how = test->count ? test->items[0] : "";

	if (str_equal(how, "CMD-SHELL") && test->count > 1)
		add_shell(command, test->items[1]);
	for (size_t i = 1; str_equal(how, "CMD") && i < test->count; i++)
		strv_add(command, test->items[i]);
}

static void read_command(struct strv *command, const struct record *r)
{
	const char *text = params_or(&r->params, PARAM_HEALTH_CMD, "");

	if (record_has(r, PARAM_NO_HEALTHCHECK) || str_equal(text, "none"))
		return;
	if (*text)
		add_shell(command, text);
	else
		read_test(command, &r->image.health);
}

// The value of NAME: the option, else the image's; zero means that it is not set. NULL if neither has one.
static const char *setting_of(const struct record *r, const char *name)
{
	const char *own = params_or(&r->params, name, "0");
	size_t n = strlen(name);

	for (size_t i = 0; str_equal(own, "0") && i < r->image.health_options.count; i++) {
		const char *item = r->image.health_options.items[i];

		if (strncmp(item, name, n) == 0 && item[n] == '=')
			return item + n + 1;
	}
	return str_equal(own, "0") ? NULL : own;
}

int health_plan_read(struct health_plan *plan, const struct record *r, struct err *e)
{
	const struct {
		const char *name;
		int64_t *time;
	} times[] = {{PARAM_HEALTH_INTERVAL, &plan->interval},
	             {PARAM_HEALTH_TIMEOUT, &plan->timeout},
	             {PARAM_HEALTH_START_PERIOD, &plan->start_period},
	             {PARAM_HEALTH_START_INTERVAL, &plan->start_interval}};
	const char *retries = setting_of(r, PARAM_HEALTH_RETRIES);
	uint64_t count = RETRIES;

	*plan = (struct health_plan){.interval = 30 * SECOND, .timeout = 30 * SECOND, .start_interval = 5 * SECOND};
	read_command(&plan->command, r);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		const char *text = setting_of(r, times[i].name);

		if (text && units_parse_duration(text, times[i].time) < 0)
			return err_msg(e, EINVAL, "invalid value '%s' for '%s' (a duration, for example 30s)", text,
			               times[i].name);
	}
	if (retries && (str_to_u64(retries, &count) < 0 || !count || count > 1000))
		return err_msg(e, EINVAL, "invalid value '%s' for '" PARAM_HEALTH_RETRIES "' (1 to 1000)", retries);
	plan->retries = (int)count;
	return 0;
}

void health_plan_done(struct health_plan *plan)
{
	strv_done(&plan->command);
}

static const char *const names[] = {
	[HEALTH_STARTING] = "starting", [HEALTH_HEALTHY] = "healthy", [HEALTH_UNHEALTHY] = "unhealthy"};

const char *health_name(enum health health)
{
	return names[health];
}

enum health health_find(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return (enum health)i;
	return HEALTH_NONE;
}

static bool is_starting(const struct health_count *count, const struct health_plan *plan, int64_t up)
{
	return count->health == HEALTH_STARTING && up < plan->start_period;
}

void health_add(struct health_count *count, const struct health_plan *plan, bool good, int64_t up)
{
	if (good)
		*count = (struct health_count){.health = HEALTH_HEALTHY};
	else if (!is_starting(count, plan, up) && ++count->failures >= plan->retries)
		count->health = HEALTH_UNHEALTHY;
}

int64_t health_pause(const struct health_count *count, const struct health_plan *plan, int64_t up)
{
	return is_starting(count, plan, up) ? plan->start_interval : plan->interval;
}
