// The host's figures, how workloads and other processes share them, and their history.
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

// Usage of the host by kind of workload, and by other processes, which get the remainder.
struct split {
	struct usage kinds[WORKLOAD_KINDS], other;
	bool measured;                      // the CPU time of a workload is known; without any, other.cpu is NAN
	bool memory_known;                  // that of a workload
	bool sample_pending;                // a workload has no sample yet; while no memory is known, other.memory is NAN
	size_t count;                       // running workloads
	size_t lack_cpu, lack_memory;       // those without a figure: theirs is part of the remainder
	size_t without_cpu, without_memory; // the same, except for workloads that were just started
};

struct host {
	struct proc_host now;
	int64_t at;                // monotonic there, 0 = nothing known
	// CPU in percent of all CPUs, without steal; memory in percent; bytes per second. NAN = unknown
	double value[HOST_SERIES];
	double cpus[PROC_CPUS_MAX]; // each CPU in percent, without steal
	double steal;              // percent of all CPUs
	struct split split;
	struct ring rings[HOST_SERIES];
	struct proc_host next;     // figures that wait for those of the workloads of the same time
	int64_t next_at;           // 0 = none
};

// The dashboard's own usage.
struct own_figures {
	double cpu;   // percent of a core, NAN = unknown
	uint64_t rss; // bytes
	uint64_t ns;
	int64_t at;
};

void host_init(struct host *h);
// New FIGURES of a machine, measured at AT. They are used when those of its ROWS for the same time have arrived, or
// with the next ones.
void host_update(struct host *h, const struct rows *rows, int64_t at, const struct proc_host *figures);
// New figures of ROWS have arrived: uses the host's figures that waited for them.
void host_settle(struct host *h, const struct rows *rows);
// Used memory in bytes: total − available.
double host_memory_used(const struct host *h);
void own_figures_measure(struct own_figures *own, int64_t now);
