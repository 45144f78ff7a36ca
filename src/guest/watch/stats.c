// Converts libvirt's typed parameters to samples: a table.
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/vir/vir.h"
#include "model/sample.h"

enum { BALLOON_STALE = 30 }; // seconds after which the guest's own figures are stale

// A figure is the sum over all "GROUP.N.FIELD", or the value of "GROUP.FIELD".
static const struct {
	const char *group, *field;
	enum metric metric;
	uint64_t unit;
} figures[] = {
	{"cpu", "time", METRIC_CPU, 1},
	{"vcpu", "delay", METRIC_STEAL, 1},
	{"vcpu", "current", METRIC_PIDS, 1},
	{"balloon", "current", METRIC_MEMORY_LIMIT, 1024},
	{"balloon", "rss", METRIC_MEMORY_HOST, 1024},
	{"balloon", "disk_caches", METRIC_CACHE, 1024},
	{"net", "rx.bytes", METRIC_NET_RX, 1},
	{"net", "tx.bytes", METRIC_NET_TX, 1},
	{"block", "rd.bytes", METRIC_READ, 1},
	{"block", "wr.bytes", METRIC_WRITE, 1},
	{"block", "rd.reqs", METRIC_READ_OPS, 1},
	{"block", "wr.reqs", METRIC_WRITE_OPS, 1},
	{"block", "capacity", METRIC_SIZE, 1},
	{"block", "allocation", METRIC_ALLOCATED, 1},
};

// The field part of NAME if it belongs to GROUP: "net.0.rx.bytes" → "rx.bytes", "cpu.time" → "time"; else NULL.
static const char *field_of(const char *name, const char *group)
{
	size_t n = strlen(group);

	if (strncmp(name, group, n) != 0 || name[n] != '.')
		return NULL;
	name += n + 1;
	size_t digits = strspn(name, "0123456789");
	return digits && name[digits] == '.' ? name + digits + 1 : name;
}

static bool param_value(const virTypedParameter *p, uint64_t *value)
{
	switch (p->type) {
	case VIR_TYPED_PARAM_INT:
		*value = p->value.i < 0 ? 0 : (uint64_t)p->value.i;
		return p->value.i >= 0;
	case VIR_TYPED_PARAM_UINT:
		*value = p->value.ui;
		return true;
	case VIR_TYPED_PARAM_LLONG:
		*value = p->value.l < 0 ? 0 : (uint64_t)p->value.l;
		return p->value.l >= 0;
	case VIR_TYPED_PARAM_ULLONG:
		*value = p->value.ul;
		return true;
	default:
		return false;
	}
}

static void sample_add(struct sample *s, enum metric m, uint64_t value)
{
	sample_set(s, m, sample_has(s, m) ? s->value[m] + value : value);
}

static bool param_find(const virTypedParameter *params, int count, const char *name, uint64_t *value)
{
	for (int i = 0; i < count; i++)
		if (strcmp(params[i].field, name) == 0)
			return param_value(&params[i], value);
	return false;
}

// Memory used inside the guest: total minus available. Only if the balloon driver reported recently.
static void add_memory_inside(struct sample *s, const virTypedParameter *params, int count, int64_t now)
{
	uint64_t updated = 0, all = 0, free_there = 0, caches = 0;

	if (!param_find(params, count, "balloon.last-update", &updated) || !updated ||
	    (int64_t)updated + BALLOON_STALE < now / SECOND) {
		s->have &= ~(1u << METRIC_CACHE);
		return;
	}
	if (!param_find(params, count, "balloon.available", &all))
		return;
	// older drivers report "unused" and the cache, but not "usable"; "unused" alone would count the cache as used
	bool known = param_find(params, count, "balloon.usable", &free_there);
	if (!known && param_find(params, count, "balloon.unused", &free_there) &&
	    param_find(params, count, "balloon.disk_caches", &caches)) {
		free_there += caches;
		known = true;
	}
	if (known && free_there <= all)
		sample_set(s, METRIC_MEMORY, (all - free_there) * 1024);
}

// A guest with no device of a kind transfers 0 bytes; figures that are missing for another reason stay unknown.
static void add_absent(struct sample *s, const virTypedParameter *params, int count, const char *name,
                       const enum metric metrics[], size_t n)
{
	uint64_t devices = 1;

	if (!param_find(params, count, name, &devices) || devices > 0)
		return;
	for (size_t i = 0; i < n; i++)
		sample_set(s, metrics[i], 0);
}

// Meaningless as a sum over a guest's devices.
static bool is_of_device(enum metric m)
{
	return m == METRIC_SIZE || m == METRIC_ALLOCATED;
}

void stats_to_sample(struct sample *s, const virTypedParameter *params, int count, int64_t now)
{
	static const enum metric net[] = {METRIC_NET_RX, METRIC_NET_TX};
	static const enum metric block[] = {METRIC_READ, METRIC_WRITE, METRIC_READ_OPS, METRIC_WRITE_OPS};

	for (int i = 0; i < count; i++)
		for (size_t f = 0; f < ARRAY_SIZE(figures); f++) {
			const char *field = field_of(params[i].field, figures[f].group);
			uint64_t value;
			if (field && !is_of_device(figures[f].metric) && strcmp(field, figures[f].field) == 0 &&
			    param_value(&params[i], &value))
				sample_add(s, figures[f].metric, value * figures[f].unit);
		}
	add_memory_inside(s, params, count, now);
	add_absent(s, params, count, "net.count", net, ARRAY_SIZE(net));
	add_absent(s, params, count, "block.count", block, ARRAY_SIZE(block));
}

// The entry for the device in "block.N.…" or "net.N.…", added on first use; NULL for other figures.
static struct device_figures *device_of(struct device_figures **devices, size_t *count, const char *name)
{
	bool disk = str_starts(name, "block."), nic = str_starts(name, "net.");
	const char *digits = name + (disk ? strlen("block.") : strlen("net."));
	char *end;
	long index = disk || nic ? strtol(digits, &end, 10) : -1;

	if (index < 0 || end == digits || *end != '.')
		return NULL;
	for (size_t i = 0; i < *count; i++)
		if ((*devices)[i].disk == disk && (*devices)[i].index == index)
			return &(*devices)[i];
	*devices = mem_resize(*devices, *count + 1, sizeof(**devices));
	(*devices)[*count] = (struct device_figures){.disk = disk, .index = index};
	return &(*devices)[(*count)++];
}

static void add_device_figure(struct device_figures *d, const virTypedParameter *p)
{
	const char *group = d->disk ? "block" : "net", *field = field_of(p->field, group);
	uint64_t value;

	if (strcmp(field, "name") == 0 && p->type == VIR_TYPED_PARAM_STRING)
		snprintf(d->name, sizeof(d->name), "%s", p->value.s);
	for (size_t f = 0; f < ARRAY_SIZE(figures); f++)
		if (strcmp(figures[f].group, group) == 0 && strcmp(figures[f].field, field) == 0 && param_value(p, &value))
			sample_set(&d->sample, figures[f].metric, value * figures[f].unit);
}

struct device_figures *stats_to_devices(const virTypedParameter *params, int count, size_t *devices)
{
	struct device_figures *found = NULL;

	*devices = 0;
	for (int i = 0; i < count; i++) {
		struct device_figures *d = device_of(&found, devices, params[i].field);

		if (d)
			add_device_figure(d, &params[i]);
	}
	return found;
}

void info_to_sample(struct sample *s, const virDomainInfo *info, bool container)
{
	sample_set(s, METRIC_CPU, info->cpuTime);
	sample_set(s, METRIC_PIDS, info->nrVirtCpu);
	if (container)
		sample_set(s, METRIC_MEMORY, (uint64_t)info->memory * 1024);
	sample_set(s, METRIC_MEMORY_LIMIT, (uint64_t)(container ? info->maxMem : info->memory) * 1024);
}

void stats_state(const virTypedParameter *params, int count, int *state, int *reason)
{
	uint64_t value;

	*state = param_find(params, count, "state.state", &value) ? (int)value : -1;
	*reason = param_find(params, count, "state.reason", &value) ? (int)value : -1;
}
