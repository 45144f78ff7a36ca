// A child process with the rights of root in containers: see as_root.h.
#include "as_root.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "subids.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/userns.h"

enum { LOOK_MS = 200 };
#define MAP_TIMEOUT (30 * SECOND)

// Shared by both processes.
struct outcome {
	int result;
	struct err e;
};

// The child's side of the start: it waits for its ids.
struct start {
	const struct as_root *job;
	bool ordinary;
	struct subids ids;
	bool has_ids;
	int made[2], mapped[2]; // pipes: the namespace exists, its ids are mapped
};

// --- the child ---

// The number inside of the user's own id OWN.
static unsigned inside(const struct start *s, unsigned own)
{
	return s->job->where == AS_ROOT_NEW ? own : 0;
}

// Without subordinate ids only the user's own is mapped.
static int map_own(const struct start *s, unsigned uid, unsigned gid)
{
	auto_free char *uids = mem_printf("%u %u 1", inside(s, uid), uid),
	               *gids = mem_printf("%u %u 1", inside(s, gid), gid);
	int r = fs_write_text(AT_FDCWD, "/proc/self/setgroups", "deny");

	if (r == 0)
		r = fs_write_text(AT_FDCWD, "/proc/self/uid_map", uids);
	return r < 0 ? r : fs_write_text(AT_FDCWD, "/proc/self/gid_map", gids);
}

static int wait_for_ids(const struct start *s, unsigned uid, unsigned gid)
{
	char byte = 0;

	if (!s->has_ids)
		return map_own(s, uid, gid);
	close(s->mapped[1]);
	return write(s->made[1], &byte, 1) == 1 && read(s->mapped[0], &byte, 1) == 1 ? 0 : -EPERM;
}

static int new_user_namespace(const struct start *s, int others, struct err *e)
{
	unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWUSER | others) < 0) {
		err_set(e, errno, "cannot create a user namespace");
		userns_explain(e, false);
		return -e->code;
	}
	int r = wait_for_ids(s, uid, gid);
	return r < 0 ? err_set(e, -r, "cannot map the ids of a user namespace") : 0;
}

static int become_root(const struct start *s, struct err *e)
{
	int r = new_user_namespace(s, CLONE_NEWNS, e);

	if (r < 0)
		return r;
	if ((setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		r = -errno;
	userns_forget();
	if (r == 0 && s->has_ids && setgroups(0, NULL) < 0)
		r = -errno;
	return r < 0 ? err_set(e, -r, "cannot become root of a user namespace") : 0;
}

static int enter_new(const struct start *s, struct err *e)
{
	return new_user_namespace(s, 0, e);
}

static int enter_existing(const struct start *s, struct err *e)
{
	const int *spaces = s->job->spaces;

	if (setns(spaces[0], CLONE_NEWUSER) < 0 || (spaces[1] >= 0 && setns(spaces[1], CLONE_NEWNET) < 0))
		return err_set(e, errno, "cannot enter a namespace");
	return userns_pass_rights(e);
}

static int enter_files(const struct start *s, struct err *e)
{
	struct rlimit files;
	int r = s->ordinary                   ? become_root(s, e)
	        : unshare(CLONE_NEWNS) < 0 ? err_set(e, errno, "cannot create a mount namespace")
	                                      : 0;

	if (r == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		r = err_set(e, errno, "cannot make mounts private");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) { // a descriptor for each level of directories
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return r;
}

static void child(const struct as_root *job, const struct start *s, pid_t parent, struct outcome *out)
{
	static int (*const enter[])(const struct start *s, struct err *e) = {
		[AS_ROOT_FILES] = enter_files, [AS_ROOT_NEW] = enter_new, [AS_ROOT_JOIN] = enter_existing,
	};
	int r = enter[job->where](s, &out->e);

	prctl(PR_SET_PDEATHSIG, SIGKILL); // after the change of ids, which clears it
	if (getppid() != parent)
		_exit(1);
	out->result = r < 0 ? r : job->work(job->context, &out->e);
	_exit(0);
}

// --- the parent ---

static int map_ids(const struct start *s, const char *program, pid_t pid, unsigned own, uint32_t first, uint32_t count,
                   struct err *e)
{
	auto_free char *process = mem_printf("%d", (int)pid), *own_inside = mem_printf("%u", inside(s, own)),
	               *id = mem_printf("%u", own), *from = mem_printf("%u", first), *many = mem_printf("%u", count);
	const char *others = s->job->where == AS_ROOT_NEW ? from : "1";
	const char *const argv[] = {program, process, own_inside, id, "1", others, from, many, NULL};
	int r = proc_run(argv, NULL, NULL, MAP_TIMEOUT, e);

	return r > 0 ? -EPERM : r;
}

// Returns negative errno if the ids cannot be mapped; 0 also if the child failed before.
static int give_ids(const struct start *s, pid_t pid, struct err *e)
{
	char byte = 0;

	if (!s->has_ids || read(s->made[0], &byte, 1) != 1)
		return 0;
	int r = map_ids(s, "newuidmap", pid, geteuid(), s->ids.uid_first, s->ids.uid_count, e);
	if (r == 0)
		r = map_ids(s, "newgidmap", pid, getegid(), s->ids.gid_first, s->ids.gid_count, e);
	if (r == 0 && write(s->mapped[1], &byte, 1) != 1)
		r = -errno;
	return r;
}

static int watch(const struct as_root *job, pid_t pid, struct err *e)
{
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = {pidfd, POLLIN, 0};
	int r = 0;

	while (pidfd >= 0 && job->watch && r == 0 && poll(&end, 1, LOOK_MS) <= 0)
		r = job->watch(job->context, e);
	return r;
}

static int await(const struct as_root *job, const struct start *s, pid_t pid, const struct outcome *out, struct err *e)
{
	int r = give_ids(s, pid, e), status = 0;

	if (r == 0)
		r = watch(job, pid, e);
	if (r < 0) {
		proc_end(pid);
		return r;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "cannot wait for a child process");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_msg(e, EIO, "a child process was killed");
	if (out->result < 0 && e)
		*e = out->e;
	return out->result;
}

static int run(const struct as_root *job, struct start *s, struct outcome *out, struct err *e)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0)
		child(job, s, self, out);
	auto_close_run(&s->made[1]);
	auto_close_run(&s->mapped[0]);
	s->made[1] = s->mapped[0] = -1;
	return pid < 0 ? err_set(e, errno, "cannot start a child process") : await(job, s, pid, out, e);
}

int as_root_run(const struct as_root *job, struct err *e)
{
	struct start s = {.job = job, .ordinary = geteuid() != 0, .made = {-1, -1}, .mapped = {-1, -1}};
	struct outcome *out =
	    mmap(NULL, sizeof(*out), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	s.has_ids = s.ordinary && job->where != AS_ROOT_JOIN && subids_find(&s.ids);
	if (out == MAP_FAILED)
		return err_set(e, errno, "cannot start a child process");
	out->result = -EIO;
	err_msg(&out->e, EIO, "a child process ended early");
	int r = pipe2(s.made, O_CLOEXEC) < 0 || pipe2(s.mapped, O_CLOEXEC) < 0
	            ? err_set(e, errno, "cannot start a child process")
	            : run(job, &s, out, e);
	for (int i = 0; i < 2; i++) {
		auto_close_run(&s.made[i]);
		auto_close_run(&s.mapped[i]);
	}
	munmap(out, sizeof(*out));
	return r;
}
