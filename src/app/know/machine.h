// A machine: the link to its agent, and what the agent reports about it. A row knows its machine, so everything that
// depends on the machine is asked of the row.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kind.h"

#include "host.h"

struct app;
struct link;
struct row;

struct machine {
	struct app *app;
	struct link *link;     // to its agent, which also knows its engines, their trouble and the round trip
	char *name;            // of its hello, NULL until it came
	char *system, *kernel; // the same: "Debian GNU/Linux 12", "Linux 6.1"; may be NULL
	const char *read_only; // why changes are not allowed, NULL = they are
	int64_t clock_ahead;   // ns, how far its clock is ahead of ours
	unsigned ticks;        // figures that came since, up to the few that alerts pass over
	char *lost;            // why the connection was lost, NULL while connected
	struct host host;      // its own figures
};

// The machines of the dashboard, at least one. They are owned and never move.
struct machines {
	struct machine **items;
	size_t count;
};

// A new one, without a link yet.
struct machine *machines_add(struct machines *machines, struct app *app);
void machines_done(struct machines *machines); // after the links were closed

// How many items of KIND there are on all of them, also of a kind that is not listed now.
size_t machines_count(const struct machines *machines, enum kind kind);

// The wall-clock time there.
int64_t machine_now(const struct machine *m);

// The wall-clock time of ROW's machine, to compare its times with.
int64_t row_now(const struct row *row);
// Whether ROW's data is stale: its engine or the connection does not answer.
bool row_is_stale(const struct row *row);
// The CPUs of the machine that ROW is on, 0 = unknown.
unsigned row_host_cpus(const struct row *row);
