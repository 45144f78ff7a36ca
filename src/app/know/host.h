// The machine the workloads are on: its figures now, what uses it, and their history.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kind.h"
#include "model/ring.h"
#include "sys/proc.h"

struct rows;

enum host_series { HOST_CPU, HOST_MEMORY, HOST_RX, HOST_TX, HOST_READ, HOST_WRITE, HOST_SERIES };

struct usage {
	double cpu;    // percent of all CPUs
	double memory; // bytes
};

// What uses the host: its workloads by kind, and everything else, which is what is left of the whole.
struct split {
	struct usage kinds[WORKLOAD_KINDS], other;
	bool measured;                      // the CPU time of a workload is known; without any, other.cpu is NAN
	size_t count;                       // workloads in memory
	size_t lack_cpu, lack_memory;       // those whose figure is missing: it is part of the rest
	size_t without_cpu, without_memory; // the same, without those that have just been started
};

struct host {
	struct proc_host now;
	int64_t at;                // monotonic there, 0 = nothing known
	// CPU in percent of all CPUs, without steal; memory in percent; bytes per second. NAN = unknown
	double value[HOST_SERIES];
	double steal;              // percent of all CPUs
	struct split split;
	struct ring rings[HOST_SERIES];
	struct proc_host next;     // figures that came, while those of the workloads at the same time did not yet
	int64_t next_at;           // 0 = none
};

// What the dashboard itself costs.
struct own_figures {
	double cpu;   // percent of a core, NAN = unknown
	uint64_t rss; // bytes
	uint64_t ns;
	int64_t at;
};

void host_init(struct host *h);
// New FIGURES of a machine, of AT. They count as soon as those of its ROWS over the same time are there, or with the
// next ones.
void host_update(struct host *h, const struct rows *rows, int64_t at, const struct proc_host *figures);
// New figures of ROWS came: takes those of the host that waited for them.
void host_settle(struct host *h, const struct rows *rows);
// Bytes in use: what is not available to programs without swapping.
double host_memory_used(const struct host *h);
void own_figures_measure(struct own_figures *own, int64_t now);
