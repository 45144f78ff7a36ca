// The current state of one container, read from its directory.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "container/store/record.h"
#include "containers.h"
#include "model/workload.h"

// Exit reasons for ends that no monitor recorded.
#define REASON_MONITOR_DIED "monitor died"
#define REASON_STATE_DAMAGED "state was damaged"

// A snapshot: it does not follow later changes.
struct view {
	int dir;
	struct record record;
	struct run_state state;
	bool watched; // its monitor is alive
	bool running; // its first process is alive
	bool damaged; // its state file cannot be read
};
// Returns 0 or negative errno. After an error V->dir is -1 if the container does not exist; otherwise its record is
// damaged.
int view_open(struct view *v, struct containers *c, const char *name, struct err *e);
void view_done(struct view *v);
enum item_state view_state(struct containers *c, const struct view *v);
static inline void auto_view_run(struct view *v)
{
	view_done(v);
}
#define auto_view AUTO(view) struct view
