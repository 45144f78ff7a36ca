// Namespaces of other containers, which a container joins: see sharing_hold.h.
#include "sharing_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/store/as_root.h"
#include "model/kind.h"
#include "model/name.h"
#include "model/param.h"
#include "sys/proc.h"
#include "sys/pty.h"

// Whether the container in DIR lets others join.
static int check_ipc(int dir, const char *name, struct err *e)
{
	struct record r;

	if (record_read(dir, &r, e) < 0)
		return -e->code;
	const char *mode = params_or(&r.params, PARAM_IPC, "private");
	int result = str_equal(mode, "shareable") ? 0
	                                          : err_msg(e, EACCES, "container '%s' does not share its IPC namespace "
	                                                    "(create it with --" PARAM_IPC " shareable)", name);
	record_done(&r);
	return result;
}

static const struct {
	const char *option, *file; // of /proc/PID/ns; NULL: comes with the one before
	int (*check)(int dir, const char *name, struct err *e);
} shared[SHARED_COUNT] = {
	[SHARED_PID] = {PARAM_PID, "pid", NULL},
	[SHARED_IPC] = {PARAM_IPC, "ipc", check_ipc},
	[SHARED_SHM] = {0},
};

const char *sharing_name(const char *value)
{
	static const char other[] = "container:";

	return str_starts(value, other) ? value + strlen(other) : NULL;
}

static int open_running(int dir, enum shared what, const char *name, pid_t *pid, struct err *e)
{
	struct run_state state = {0};

	if (run_state_read(dir, &state, e) < 0)
		return -e->code;
	auto_free char *path = mem_printf("/proc/%d/ns/%s", (int)state.pid, shared[what].file);
	auto_close int fd = state.phase == RUN_RUNNING ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	bool running = fd >= 0 && proc_is_alive(state.pid, state.pid_started); // then FD is not of a reused pid
	*pid = state.pid;
	run_state_done(&state);
	return running ? steal_fd(&fd) : err_msg(e, ESRCH, "container '%s' is not running (start it first)", name);
}

int sharing_open(enum shared what, const char *store_path, const char *name, pid_t *pid, struct err *e)
{
	if (geteuid() != 0)
		return err_msg(e, EPERM, "--%s container:%s needs root: each container of an ordinary user has a user "
		               "namespace of its own", shared[what].option, name);
	auto_free char *path = mem_printf("%s/containers/%s", store_path, name);
	auto_close int dir = name_is_valid(KIND_CONTAINER, name) ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dir < 0)
		return err_msg(e, ENOENT, "no container '%s'", name);
	if (shared[what].check && shared[what].check(dir, name, e) < 0)
		return -e->code;
	return open_running(dir, what, name, pid, e);
}

// --- /dev/shm ---

struct copy {
	pid_t pid;
	int socket;
};

// In a child process. A mount can only be copied in its own mount namespace.
static int copy_shm(void *context, struct err *e)
{
	const struct copy *c = context;
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	auto_free char *path = mem_printf("/proc/%d/ns/mnt", (int)c->pid);
	auto_close int namespace = open(path, O_RDONLY | O_CLOEXEC);

	if (namespace < 0 || setns(namespace, CLONE_NEWNS) < 0)
		return err_set(e, errno, "cannot enter its mount namespace");
	auto_close int shm = (int)syscall(SYS_openat2, AT_FDCWD, "/dev/shm", &how, sizeof(how));
	auto_close int tree = shm < 0 ? -1 : open_tree(shm, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	int r = tree < 0 ? -errno : fd_send(c->socket, tree, "shm");
	return r < 0 ? err_set(e, -r, "cannot share its /dev/shm") : 0;
}

// A descriptor of a copy of the mount on /dev/shm of process PID, attached nowhere.
static int open_shm(pid_t pid, struct err *e)
{
	int line[2];
	char text[8];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
		return err_set(e, errno, "cannot create a socket");
	struct copy c = {pid, line[1]};
	const struct as_root job = {.work = copy_shm, .context = &c};
	int r = as_root_run(&job, e);
	int fd = r < 0 ? r : fd_receive(line[0], text, sizeof(text));
	close(line[0]);
	close(line[1]);
	return r < 0 || fd >= 0 ? fd : err_set(e, -fd, "cannot share /dev/shm");
}

// --- all of them ---

static void note_held(struct record *r, int held[SHARED_COUNT], enum shared what, int fd)
{
	held[what] = fd;
	r->shared[what] = mem_printf("/proc/%d/fd/%d", (int)getpid(), fd);
}

static int hold(struct record *r, const char *store_path, int held[SHARED_COUNT], enum shared what, struct err *e)
{
	const char *name = sharing_name(params_or(&r->params, shared[what].option, ""));
	pid_t pid;
	int fd = name ? sharing_open(what, store_path, name, &pid, e) : -1;

	if (!name || fd < 0)
		return name ? fd : 0;
	note_held(r, held, what, fd);
	int shm = what == SHARED_IPC ? open_shm(pid, e) : -1;
	if (shm >= 0)
		note_held(r, held, SHARED_SHM, shm);
	return what == SHARED_IPC && shm < 0 ? err_wrap(e, "container '%s'", name) : 0;
}

int sharing_hold(struct record *r, const char *store_path, int held[SHARED_COUNT], struct err *e)
{
	int result = 0;

	for (int i = 0; i < SHARED_COUNT; i++) {
		free(steal(r->shared[i]));
		held[i] = -1;
	}
	for (int i = 0; result == 0 && i < SHARED_COUNT; i++)
		result = shared[i].file ? hold(r, store_path, held, (enum shared)i, e) : 0;
	return result;
}

void sharing_release(int held[SHARED_COUNT])
{
	for (int i = 0; i < SHARED_COUNT; i++)
		if (held[i] >= 0)
			close(held[i]);
}
