// Problems, worst first: the first row that applies is shown.
#include "model/problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/workload.h"

enum {
	FULL = 90,      // percent of a limit
	THROTTLED = 10, // percent of the time
	OFTEN = 3,      // restarts
};
#define RECENT (10 * 60 * SECOND)
#define RECENT_OOM (60 * 60 * SECOND)

// The input of the rows.
struct look {
	const struct workload *w;
	const struct fact_source *from;
	struct str *out;
	bool active;
	int64_t ended;      // the last exit, 0 = none
	int code;           // its status, -1 = unknown
	const char *reason; // and its reason, may be NULL
};

static bool is_recent(const struct look *l, int64_t span)
{
	return l->ended && l->from->now - l->ended < span;
}

// "exit status 1", "OOM (exit status 137)"
static void add_exit(const struct look *l)
{
	if (l->reason)
		str_add_visible(l->out, l->reason, strlen(l->reason));
	if (l->code >= 0)
		str_addf(l->out, l->reason ? " (exit status %d)" : "exit status %d", l->code);
}

// libvirt's reasons for a pause that the user did not ask for.
static bool is_fault(const char *reason)
{
	static const char *const words[] = {"error", "watchdog", "crashed", "failed"};

	for (size_t i = 0; reason && i < ARRAY_SIZE(words); i++)
		if (strcasestr(reason, words[i]))
			return true;
	return false;
}

static bool is_paused_by_fault(const struct look *l)
{
	if (l->w->state != STATE_PAUSED || !is_fault(l->w->reason))
		return false;
	str_addf(l->out, "paused: ");
	str_add_visible(l->out, l->w->reason, strlen(l->w->reason));
	return true;
}

static bool is_flapping(const struct look *l)
{
	if (l->w->restarts < OFTEN || !is_recent(l, RECENT) || !(l->active || workload_failed(l->w)))
		return false;
	str_addf(l->out, "%d restarts, last exit: ", l->w->restarts);
	add_exit(l);
	return true;
}

static bool has_failed(const struct look *l)
{
	if (!workload_failed(l->w))
		return false;
	str_add(l->out, l->w->state == STATE_CRASHED ? "crashed" : "failed");
	if (l->reason || l->code >= 0)
		str_add(l->out, ": ");
	add_exit(l);
	return true;
}

static bool is_in_trouble(const struct look *l)
{
	if (!l->w->trouble)
		return false;
	str_add_visible(l->out, l->w->trouble, strlen(l->w->trouble));
	return true;
}

static double figure(const struct look *l, enum metric m)
{
	return l->active && l->from->sample && sample_has(l->from->sample, m) ? sample_plain(l->from->sample, m)
	                                                                       : (double)NAN;
}

static bool lacked_memory(const struct look *l)
{
	double kills = figure(l, METRIC_OOM_KILLS);

	if (l->active && is_recent(l, RECENT_OOM) && l->reason && strcasecmp(l->reason, "OOM") == 0)
		str_add(l->out, "restarted after it was OOM-killed");
	else if (kills >= 1)
		str_addf(l->out, kills < 2 ? "a process in it was OOM-killed" : "%.0f processes in it were OOM-killed", kills);
	else
		return false;
	return true;
}

static bool is_near(const struct look *l, const char *name, double used, double most)
{
	if (!(most > 0 && used >= most * FULL / 100))
		return false;
	str_addf(l->out, "%s at %.0f%% of the limit", name, used / most * 100);
	return true;
}

static bool is_near_memory(const struct look *l)
{
	double most = l->w->memory_limit ? (double)l->w->memory_limit : figure(l, METRIC_MEMORY_LIMIT);

	return is_near(l, "memory", figure(l, METRIC_MEMORY), most);
}

static bool is_near_pids(const struct look *l)
{
	return l->w->kind == KIND_CONTAINER &&
	       is_near(l, "processes and threads", figure(l, METRIC_PIDS), figure(l, METRIC_PIDS_LIMIT));
}

// Needs rates: a total says nothing about the present.
static bool is_throttled(const struct look *l)
{
	double throttled = l->active && l->from->rates ? rates_get(l->from->rates, METRIC_THROTTLED) : 0;

	if (!(throttled >= THROTTLED))
		return false;
	str_addf(l->out, "throttled %.0f%% by its CPU limit", throttled);
	return true;
}

static bool was_restarted(const struct look *l)
{
	if (!l->active || l->w->restarts < 1 || !is_recent(l, RECENT) || l->code == 0)
		return false;
	str_add(l->out, "restarted, last exit: ");
	add_exit(l);
	return true;
}

static bool (*const problems[])(const struct look *l) = {
	is_paused_by_fault, is_flapping,  has_failed,   is_in_trouble, lacked_memory,
	is_near_memory,     is_near_pids, is_throttled, was_restarted,
};

int problem_of(const struct fact_source *from, struct str *out)
{
	const struct workload *w = workload_of(from->item);
	auto_str unwanted = {0};

	if (!w)
		return 0;
	bool active = workload_is_active(w), again = active && w->last_finished;
	const struct look l = {
		.w = w, .from = from, .out = out ? out : &unwanted, .active = active,
		.ended = again ? w->last_finished : active ? 0 : w->finished,
		.code = again ? w->last_exit_code : w->exit_code,
		.reason = again ? w->last_reason : w->reason,
	};
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++)
		if (problems[i](&l))
			return (int)(ARRAY_SIZE(problems) - i);
	return 0;
}

int problem_stale(void)
{
	size_t at = 0;

	while (problems[at] != is_in_trouble)
		at++;
	return (int)(ARRAY_SIZE(problems) - at);
}
