// Figures of running containers.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "container/state/containers.h"
#include "container/state/view.h"
#include "sys/cgroup.h"

// A running container as sampling knows it.
struct measured {
	char *name;
	pid_t pid;
	uint64_t pid_started;
	struct cgroup_reader *group; // NULL: it has no group of its own, its processes are counted
	bool own_network;
	uint64_t memory_limit;
	bool seen;                   // by the current list
};

// The pids of its processes. Owned array.
size_t container_processes(struct containers *c, const struct view *v, pid_t **pids);
// Keeps the rows of sampling in step with what list saw.
void measure_begin(struct containers *c);
void measure_update(struct containers *c, const struct view *v);
void measure_end(struct containers *c);
void measure_done(struct containers *c);
