// Stopping, killing and removing containers: see end.h.
#include "end.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle/host.h"
#include "container/bundle/volume_users.h"
#include "container/network/libvirt/reservation.h"
#include "container/network/network.h"
#include "container/state/containers.h"
#include "container/state/runtime.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/image.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "model/param.h"
#include "sys/proc.h"

#define KILL_AGAIN (200 * MS)

int container_mark_stopping(struct containers *c, const struct view *v)
{
	int fd;
	struct stat st;

	while ((fd = store_lock_shared(v->dir, "stopping")) >= 0 && fstat(fd, &st) == 0 && st.st_nlink == 0)
		close(fd); // the file was removed before it was locked
	store_touch(c->store.containers);
	if (v->state.phase == RUN_WAITING)
		view_signal_monitor(v, SIGTERM); // it is waiting for a restart, and will see the mark
	return fd;
}

int container_signal(struct containers *c, const struct view *v, const char *signal, struct err *e)
{
	return runtime_run(c, (const char *const[]){"kill", record_id(&v->record), signal, NULL}, NULL, NULL, e);
}

static int kill_all(struct containers *c, const struct view *v)
{
	const char *id = record_id(&v->record);
	struct err ignored;
	int r = runtime_run(c, (const char *const[]){"kill", "--all", id, "KILL", NULL}, NULL, NULL, &ignored);

	return r < 0 ? container_signal(c, v, "KILL", &ignored) : r;
}

// While its monitor is starting it, the runtime may not have the container yet.
static bool kill_once_there(struct containers *c, const struct view *v)
{
	int64_t until = clock_mono() + END_GRACE;
	bool ended = false;

	while (kill_all(c, v) < 0 && !ended && !view_monitor_stopped(v) && clock_mono() < until)
		ended = view_wait_for_end(v, KILL_AGAIN);
	return ended || view_wait_for_end(v, until - clock_mono());
}

int container_kill(struct containers *c, const struct view *v, struct err *e)
{
	auto_close int mark = container_mark_stopping(c, v);

	if (kill_once_there(c, v))
		return 0;
	int r = view_refuse_stopped(v, e);
	return r < 0
	           ? r
	           : err_msg(e, ETIMEDOUT, "cannot kill container '%s': its processes do not exit (see dmesg)",
	                     v->record.name);
}

int container_delete(struct containers *c, const struct view *v, bool force, bool volumes, struct err *e)
{
	struct err ignored;

	if (v->watched && !force)
		return err_msg(e, EBUSY, "container '%s' is running (stop it first, or use --" PARAM_FORCE ")",
		               v->record.name);
	int r = v->watched ? container_kill(c, v, e) : 0;
	// the container is dead, so its monitor can be killed
	if (r < 0 && (view_monitor_stopped(v) || !proc_is_alive(v->state.pid, v->state.pid_started)))
		r = view_kill_monitor(v);
	if (r < 0)
		return r;
	if (runtime_knows(c, v))
		runtime_run(c, (const char *const[]){"delete", "--force", record_id(&v->record), NULL}, NULL, NULL, &ignored);
	network_leave(c->store.path, v->record.name, &ignored);
	reservations_release(c->store.path, v->record.name, NULL);
	r = store_container_remove(c->store.containers, v->record.name, e);
	if (volumes || record_has(&v->record, PARAM_RM))
		volume_delete_anonymous(c->store.containers, &v->record);
	if (image_is_host(&v->record.image))
		host_tidy(c->store.containers);
	return r;
}
