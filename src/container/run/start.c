// Starting a container: spawns its monitor, which reports the result. The caller holds the container's lock.
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/monitor/attach.h"
#include "container/network/libvirt/shared.h"
#include "container/network/network.h"
#include "container/state/containers.h"
#include "container/state/runtime.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/joined.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "model/param.h"
#include "sys/lock.h"
#include "sys/proc.h"
#include "sys/userns.h"

// "ok MS", or "CODE STATUS TEXT" of an error.
static int parse_result(const char *name, const char *text, struct err *e)
{
	int code = 0, status = 0, begin = 0;

	if (str_starts(text, "ok "))
		return 0;
	if (sscanf(text, "%d %d %n", &code, &status, &begin) != 2 || !begin)
		return err_msg(e, EIO, "cannot start container '%s': its monitor died", name);
	err_msg(e, code, "cannot start container '%s': %s", name, text + begin);
	e->status = status;
	return -e->code;
}

// Reads N bytes, or fewer at the end. Returns their number.
static size_t read_exactly(int fd, void *bytes, size_t n)
{
	size_t used = 0;
	ssize_t now;

	while (used < n && ((now = read(fd, (char *)bytes + used, n - used)) > 0 || (now < 0 && errno == EINTR)))
		used += now > 0 ? (size_t)now : 0;
	return used;
}

// Reads the monitor's report from FD: a frame in the foreground, where output follows; else a line, after which the
// monitor closes it.
static int read_result(int fd, bool foreground, const char *name, struct err *e)
{
	char text[ERR_TEXT_MAX] = "";
	unsigned char header[ATTACH_HEADER];
	size_t n = sizeof(text) - 1;

	if (foreground)
		n = read_exactly(fd, header, sizeof(header)) == sizeof(header) && header[0] == ATTACH_RESULT
		        ? (size_t)header[1] << 8 | header[2]
		        : 0;
	read_exactly(fd, text, n < sizeof(text) ? n : sizeof(text) - 1);
	text[strcspn(text, "\n")] = '\0';
	return parse_result(name, text, e);
}

static int open_connection(bool foreground, int line[2], struct err *e)
{
	int r = foreground ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) : pipe2(line, O_CLOEXEC);

	return r < 0 ? err_set(e, errno, "cannot create a connection to the monitor") : 0;
}

static void keep_connection(struct containers *c, const struct view *v, int *line)
{
	auto_close_run(&c->foreground.line);
	free(c->foreground.name);
	c->foreground = (struct foreground){
		.line = steal_fd(line),
		.name = mem_strdup(v->record.name),
		.terminal = record_has(&v->record, PARAM_TTY),
		.interactive = record_has(&v->record, PARAM_INTERACTIVE),
	};
}

static bool is_monitor(const char *directory, pid_t pid)
{
	auto_free char *path = mem_printf("%s/monitor", directory), *wanted = mem_printf("%d ", (int)pid);
	char text[64];

	return proc_read_file(path, text, sizeof(text)) > 0 && str_starts(text, wanted);
}

// Until the monitor answers, reports which process it is waiting for.
static void watch_start(const struct containers *c, const char *directory, int line)
{
	enum { LOOK_MS = 1000 };
	struct pollfd p = {line, POLLIN, 0};
	pid_t holder = 0, said = 0;

	while (poll(&p, 1, LOOK_MS) == 0) {
		bool other = network_is_locked(c->store.path, &holder) && holder && !is_monitor(directory, holder);
		if (other && holder != said)
			lock_say_holder(holder, NETWORKS_LOCK);
		said = other ? holder : said;
	}
}

// Takes the monitor's lock, which is passed to the monitor: while that starts, no process takes the container for one
// without a monitor, even if this process is killed. Returns a descriptor or negative errno.
static int lock_monitor(const struct view *v, struct err *e)
{
	int lock = store_lock(v->dir, "monitor", false);

	if (lock == -EWOULDBLOCK)
		return err_msg(e, EBUSY, "cannot start container '%s': already running", v->record.name);
	return lock < 0 ? err_set(e, -lock, "cannot start container '%s': cannot lock its monitor", v->record.name) : lock;
}

static int spawn_monitor(struct containers *c, const struct view *v, bool foreground, struct err *e)
{
	auto_free char *path = store_container_path(&c->store, v->record.name);
	const char *const argv[] = {
	    c->monitor_program, path, c->program, c->store.runtime, foreground ? "foreground" : NULL, NULL};
	int line[2], lock = lock_monitor(v, e);
	int r = lock < 0 ? lock : open_connection(foreground, line, e);

	if (r < 0) {
		auto_close_run(&lock);
		return r;
	}
	pid_t pid = proc_spawn(argv, (const int[3]){lock, -1, -1}, line[1], true, e);
	close(lock);
	close(line[1]);
	if (pid > 0)
		watch_start(c, path, line[0]);
	r = pid < 0 ? pid : read_result(line[0], foreground, v->record.name, e);
	if (r == 0 && foreground)
		keep_connection(c, v, &line[0]);
	auto_close_run(&line[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) // it forks and exits right away
		;
	return r;
}

// An earlier run may have had another id: the container was renamed, or its name was in use as an id.
static int settle_id(struct containers *c, struct view *v, struct err *e)
{
	auto_free char *id = runtime_new_id(c, v);
	bool named = str_equal(id, v->record.name);

	if (str_equal(id, record_id(&v->record)))
		return 0;
	auto_close int lock = named ? -1 : runtime_lock_ids(c, e);
	if (!named && lock < 0)
		return lock;
	free(v->record.id);
	v->record.id = named ? NULL : steal(id);
	return record_write(v->dir, &v->record, e);
}

int container_start(struct containers *c, struct view *v, bool foreground, struct err *e)
{
	struct err ignored;

	if (view_refuse_stopped(v, e) < 0)
		return -e->code;
	// after its exit the monitor may still be cleaning up
	if (v->watched && (v->state.phase != RUN_ENDED || !view_wait_for_end(v, END_GRACE)))
		return err_msg(e, EBUSY, "container '%s' is already running", v->record.name);
	if (geteuid() == 0 && !v->record.userxattr && !userns_is_initial()) // deleted files would reappear
		return err_msg(
		    e, EPERM,
		    "container '%s' was created outside this user namespace, where its writable layer is unusable (start "
		    "it outside)",
		    v->record.name);
	if (runtime_knows(c, v)) // leftovers of a killed monitor
		runtime_run(c, (const char *const[]){"delete", "--force", record_id(&v->record), NULL}, NULL, NULL,
		            &ignored);
	unlinkat(v->dir, "stopping", 0);
	if (joined_follow(&v->record, c->store.containers))
		record_write(v->dir, &v->record, &ignored); // the monitor follows, too
	if (network_reserve(c->store.path, &v->record, e) < 0)
		return err_wrap(e, "cannot start container '%s'", v->record.name);
	int r = settle_id(c, v, e);
	r = r < 0 ? r : spawn_monitor(c, v, foreground, e);
	if (r < 0)
		store_add_remedy(&c->store, e);
	return r;
}
