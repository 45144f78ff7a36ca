// What one sampling tick costs: N control groups made for the purpose, read through kept descriptors as the agent
// reads those of containers. usage: tick N ROUNDS     prints: N, then CPU milliseconds a tick for CPU and memory, and
// for everything; medians
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/cgroup.h"

static const enum cgroup_controller kinds[] = {CGROUP_CPU, CGROUP_CPUACCT, CGROUP_MEMORY, CGROUP_PIDS, CGROUP_BLKIO};

static int64_t cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

// Makes the group or, with REMOVE, removes it, in every tree.
static int in_each_tree(const struct cgroup_layout *layout, const char *group, bool remove)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		auto_free char *directory = cgroup_directory(layout, kinds[i], group);

		if (directory && (remove ? rmdir(directory) : mkdir(directory, 0755)) < 0 && errno != EEXIST &&
		    errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double median_tick(struct cgroup_reader **readers, size_t count, unsigned parts, size_t rounds)
{
	auto_free int64_t *times = mem_array(rounds, sizeof(*times));
	struct cgroup_figures figures;

	for (size_t i = 0; i < rounds; i++) {
		int64_t begin = cpu_now();

		for (size_t k = 0; k < count; k++)
			if (readers[k])
				cgroup_reader_read(readers[k], parts, &figures);
		times[i] = cpu_now() - begin;
	}
	qsort(times, rounds, sizeof(*times), by_value);
	return (double)times[rounds / 2] / 1e6;
}

static void allow_files(size_t count)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < count * 14)
		fprintf(stderr, "tick: only %llu files may be open, so some groups are opened at each tick\n",
		        (unsigned long long)files.rlim_cur);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? (size_t)atoi(argv[1]) : 0, rounds = argc > 2 ? (size_t)atoi(argv[2]) : 20;
	struct cgroup_layout layout;
	struct err e = {0};

	if (!count || !rounds || cgroup_layout_read(&layout, &e) < 0)
		return 2;
	auto_free struct cgroup_reader **readers = mem_array(count, sizeof(*readers));
	allow_files(count);
	int r = 0;
	for (size_t i = 0; r == 0 && i < count; i++) {
		auto_free char *group = mem_printf("/bench-%d-%zu", getpid(), i);

		r = in_each_tree(&layout, group, false);
		if (r == 0)
			r = cgroup_reader_open_group(&readers[i], &layout, group, CGROUP_READ_ALL, &e);
	}
	if (r == 0)
		printf("%zu\t%.3f\t%.3f\n", count, median_tick(readers, count, CGROUP_READ_CPU | CGROUP_READ_MEMORY, rounds),
		       median_tick(readers, count, CGROUP_READ_ALL, rounds));
	else
		fprintf(stderr, "tick: %s\n", e.code ? e.text : "cannot make control groups");
	for (size_t i = 0; i < count; i++) {
		auto_free char *group = mem_printf("/bench-%d-%zu", getpid(), i);

		cgroup_reader_free(readers[i]);
		in_each_tree(&layout, group, true);
	}
	cgroup_layout_done(&layout);
	return r < 0;
}
