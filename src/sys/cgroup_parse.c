// Parsers of control group files (cgroup-v2.rst, cgroup-v1/*.rst): see sys/cgroup.h.
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sys/cgroup.h"

// A line "key value" that is added to a figure, in multiples of SCALE.
struct flat_key {
	const char *key;
	size_t at;
	uint64_t scale;
};

#define FIGURE(NAME) offsetof(struct cgroup_figures, NAME)

static void figure_add(struct cgroup_figures *f, size_t at, uint64_t value)
{
	uint64_t *figure = (uint64_t *)((char *)f + at);

	*figure = *figure == CGROUP_MISSING ? value : *figure + value;
}

static void parse_flat(const char *text, struct cgroup_figures *f, const struct flat_key *keys, size_t count)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0) {
		size_t length = strcspn(line, " \n");
		for (size_t i = 0; i < count; i++)
			if (strlen(keys[i].key) == length && memcmp(line, keys[i].key, length) == 0)
				figure_add(f, keys[i].at, strtoull(line + length, NULL, 10) * keys[i].scale);
	}
}

void cgroup_parse_cpu_stat(const char *text, struct cgroup_figures *f)
{
	static const struct flat_key keys[] = {
		{"usage_usec", FIGURE(cpu_ns), 1000},
		{"throttled_usec", FIGURE(throttled_ns), 1000},
	};

	parse_flat(text, f, keys, ARRAY_SIZE(keys));
}

void cgroup_parse_v1_cpu_stat(const char *text, struct cgroup_figures *f)
{
	static const struct flat_key keys[] = {{"throttled_time", FIGURE(throttled_ns), 1}};

	parse_flat(text, f, keys, ARRAY_SIZE(keys));
}

// The kernel counts shared memory as "file", but unlike page cache it cannot be dropped.
static void move_shared(struct cgroup_figures *f)
{
	uint64_t shared = f->memory_shared;

	if (shared == CGROUP_MISSING || f->memory == CGROUP_MISSING)
		return;
	f->memory += shared;
	if (f->memory_cache != CGROUP_MISSING)
		f->memory_cache -= shared < f->memory_cache ? shared : f->memory_cache;
}

// "kernel" exists since 5.18; before, kernel memory is the sum of its parts.
void cgroup_parse_memory_stat(const char *text, struct cgroup_figures *f)
{
	static const struct flat_key whole[] = {
		{"anon", FIGURE(memory), 1},
		{"kernel", FIGURE(memory), 1},
		{"file", FIGURE(memory_cache), 1},
		{"shmem", FIGURE(memory_shared), 1},
	};
	static const struct flat_key parts[] = {
		{"anon", FIGURE(memory), 1},
		{"slab", FIGURE(memory), 1},
		{"kernel_stack", FIGURE(memory), 1},
		{"pagetables", FIGURE(memory), 1},
		{"percpu", FIGURE(memory), 1},
		{"sock", FIGURE(memory), 1},
		{"file", FIGURE(memory_cache), 1},
		{"shmem", FIGURE(memory_shared), 1},
	};

	if (strstr(text, "\nkernel "))
		parse_flat(text, f, whole, ARRAY_SIZE(whole));
	else
		parse_flat(text, f, parts, ARRAY_SIZE(parts));
	move_shared(f);
}

// The total_ keys include the groups below, like v2.
void cgroup_parse_v1_memory_stat(const char *text, struct cgroup_figures *f)
{
	static const struct flat_key keys[] = {
		{"total_rss", FIGURE(memory), 1},
		{"total_cache", FIGURE(memory_cache), 1},
		{"total_swap", FIGURE(swap), 1},
		{"total_shmem", FIGURE(memory_shared), 1},
	};

	parse_flat(text, f, keys, ARRAY_SIZE(keys));
	move_shared(f);
}

// a line per device: "254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0"
void cgroup_parse_io_stat(const char *text, struct cgroup_figures *f)
{
	static const struct flat_key keys[] = {
		{" rbytes=", FIGURE(read_bytes), 1},
		{" wbytes=", FIGURE(write_bytes), 1},
		{" rios=", FIGURE(read_ops), 1},
		{" wios=", FIGURE(write_ops), 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		figure_add(f, keys[i].at, 0); // no line yet: nothing was read, which is not the same as unknown
		for (const char *at = strstr(text, keys[i].key); at; at = strstr(at + 1, keys[i].key))
			figure_add(f, keys[i].at, strtoull(at + strlen(keys[i].key), NULL, 10));
	}
}

// a line per device and operation: "254:0 Read 1"
void cgroup_parse_v1_blkio(const char *text, uint64_t *read, uint64_t *write)
{
	*read = *write = 0;
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0) {
		char operation[16];
		unsigned long long value;
		if (sscanf(line, "%*u:%*u %15s %llu", operation, &value) != 2)
			continue;
		if (strcmp(operation, "Read") == 0)
			*read += value;
		else if (strcmp(operation, "Write") == 0)
			*write += value;
	}
}

double cgroup_parse_pressure(const char *text)
{
	double avg10;

	return sscanf(text, "some avg10=%lf", &avg10) == 1 ? avg10 : NAN;
}
