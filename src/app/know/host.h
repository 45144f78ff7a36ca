// The machine the workloads are on: its figures now, and their history.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/ring.h"
#include "sys/proc.h"

enum host_series { HOST_CPU, HOST_GUESTS, HOST_MEMORY, HOST_RX, HOST_TX, HOST_READ, HOST_WRITE, HOST_SERIES };

struct host {
	struct proc_host now;
	int64_t at;                // monotonic there, 0 = nothing known
	// CPU in percent of all CPUs, of that guests; memory in percent; bytes per second. NAN = unknown
	double value[HOST_SERIES];
	struct ring rings[HOST_SERIES];
};

// What the dashboard itself costs.
struct own_figures {
	double cpu;   // percent of a core, NAN = unknown
	uint64_t rss; // bytes
	uint64_t ns;
	int64_t at;
};

void host_init(struct host *h);
// New figures, of AT.
void host_update(struct host *h, int64_t at, const struct proc_host *figures);
void own_figures_measure(struct own_figures *own, int64_t now);
