// Everything that is known about one container, read from its directory.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "container/store/record.h"
#include "containers.h"
#include "model/workload.h"

// Reasons of an end that no monitor wrote down.
#define REASON_MONITOR_DIED "monitor died"
#define REASON_STATE_DAMAGED "state was damaged"

// Everything that is known about one container.
struct view {
	int dir;
	struct record record;
	struct run_state state;
	bool watched; // its monitor lives
	bool running; // its first process lives
	bool damaged; // its state cannot be read
};
// After a failure V->dir tells whether there is such a directory at all (its record is damaged then), or -1.
int view_open(struct view *v, struct containers *c, const char *name, struct err *e);
void view_done(struct view *v);
// Whether it runs, or half runs, without a monitor, or the runtime still has what has ended.
bool view_is_left_alone(struct containers *c, const struct view *v);
enum item_state view_state(struct containers *c, const struct view *v);
static inline void auto_view_run(struct view *v)
{
	view_done(v);
}
#define auto_view AUTO(view) struct view
