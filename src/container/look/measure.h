// Sampling running containers.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "container/state/containers.h"
#include "container/state/view.h"
#include "sys/cgroup.h"

// A running container that is sampled.
struct measured {
	char *name, *id;
	pid_t pid;
	uint64_t pid_started;
	struct cgroup_reader *group; // NULL = no own group: its processes are summed up
	bool own_network;            // not the host's
	bool networked;              // has interfaces besides the loopback
	uint64_t memory_limit;
	bool seen;                   // in the current listing
};

// Sets *PIDS (owned by the caller) to the pids of the container's processes. Returns their number.
size_t container_processes(struct containers *c, const struct view *v, pid_t **pids);
// Update the sampled containers during a listing: measure_begin(), measure_update() for each running container,
// measure_end(). measure_done() releases all.
void measure_begin(struct containers *c);
void measure_update(struct containers *c, const struct view *v);
void measure_end(struct containers *c);
void measure_done(struct containers *c);
