// Cleans up after containers that run, or half run, without a monitor: they are killed, and their end is recorded.
#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "container/network/network.h"
#include "container/store/journal.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "containers.h"
#include "runtime.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "view.h"

bool view_is_left_alone(struct containers *c, const struct view *v)
{
	bool idle = v->state.phase == RUN_NEVER || v->state.phase == RUN_ENDED;

	return !v->watched && (v->damaged || !idle || runtime_knows(c, v));
}

// The runtime's state from another boot must not be acted on: its pids belong to other processes now.
static void runtime_forget(struct containers *c, const char *name, bool same_boot)
{
	struct err ignored;

	if (same_boot) {
		runtime_run(c, (const char *const[]){"delete", "--force", name, NULL}, NULL, NULL, &ignored);
		return;
	}
	auto_close int runtime = open(c->store.runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (runtime >= 0)
		fs_remove_tree(runtime, name, NULL);
}

// The time of the exit is unknown: use the time of the monitor's last write.
static int64_t last_write(const struct view *v)
{
	static const char *const files[] = {"log", "state.json", "journal"};
	int64_t last = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct stat st;
		if (fstatat(v->dir, files[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		int64_t at = st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec;
		last = at > last ? at : last;
	}
	return last;
}

static bool is_same_boot(const struct containers *c, const struct view *v)
{
	return !v->state.boot || str_equal(v->state.boot, c->boot);
}

// In memory only. LIVED: the container was still running.
static void note_end(struct view *v, bool same_boot, bool lived)
{
	v->state.phase = RUN_ENDED;
	v->state.finished = lived ? clock_wall() : last_write(v);
	v->state.code = -1;
	free(v->state.reason);
	v->state.reason = mem_strdup(v->damaged  ? REASON_STATE_DAMAGED
	                             : same_boot ? REASON_MONITOR_DIED
	                                         : "host restarted");
	v->damaged = false;
}

// The host went down, or the monitor was killed, possibly while it started or cleaned up the container. In the second
// case the container may still be running, without a log; it is killed, so that the list is correct.
int view_recover(struct containers *c, struct view *v, bool really)
{
	struct err ignored;

	if (!view_is_left_alone(c, v) || !really)
		return 0;
	auto_close int lock = store_lock(v->dir, "lock", false);
	if (lock < 0 || store_is_locked(v->dir, "monitor")) // another process is changing it
		return -EBUSY;
	run_state_done(&v->state); // it may have exited meanwhile
	v->damaged = run_state_read(v->dir, &v->state, &ignored) < 0;
	v->running = false;
	if (!view_is_left_alone(c, v))
		return 0;
	bool same_boot = is_same_boot(c, v);
	bool lived = same_boot && proc_is_alive(v->state.pid, v->state.pid_started);
	if (runtime_knows(c, v))
		runtime_forget(c, record_id(&v->record), same_boot);
	network_leave(c->store.path, v->record.name, &ignored);
	if (v->state.phase == RUN_ENDED) // only the cleanup was missing
		return 0;
	note_end(v, same_boot, lived);
	int r = run_state_write(v->dir, &v->state, true, &ignored);
	struct journal_entry lost = {
	    .time = clock_wall(), .event = JOURNAL_LOST, .code = -1, .restarts = v->state.restarts};
	snprintf(lost.reason, sizeof(lost.reason), "%s", v->state.reason);
	journal_note(v->dir, &lost);
	return r;
}

// Only for display: a container that still lives without its monitor counts as running.
void view_show_recovered(struct containers *c, struct view *v)
{
	bool same_boot = is_same_boot(c, v);

	if (view_is_left_alone(c, v) && v->state.phase != RUN_ENDED &&
	    !(same_boot && proc_is_alive(v->state.pid, v->state.pid_started)))
		note_end(v, same_boot, false);
}
