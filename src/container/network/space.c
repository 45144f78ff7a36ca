// The namespaces of an ordinary user's networks: see space.h.
#include "space.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/bridge/bridge.h"
#include "container/network/helper/helper.h"
#include "container/store/as_root.h"
#include "sys/fs.h"
#include "sys/netlink.h"
#include "sys/proc.h"
#include "sys/pty.h"

enum { NAMESPACES = 3 };

static const int types[NAMESPACES] = {CLONE_NEWUSER, CLONE_NEWUSER, CLONE_NEWNET};

static char *path_of(const struct networks *n, const char *name)
{
	return mem_printf("%s/.space/%s", n->run, name);
}

void network_space_done(struct network_space *s)
{
	int *const all[] = {&s->user, &s->owner, &s->net, &s->alive};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		auto_close_run(all[i]);
		*all[i] = -1;
	}
}

static void set(struct network_space *s, const int fds[NAMESPACES])
{
	*s = (struct network_space){fds[0], fds[1], fds[2], -1};
}

// --- a process and its start time in a file ---

// Opens the process that the file names. Sets REST (may be NULL) to the rest of the text. Returns a pidfd or -ESRCH.
static int open_noted(const char *path, pid_t *pid, int rest[NAMESPACES])
{
	char text[128];
	unsigned long long started;
	int known[NAMESPACES], at = 0;

	if (proc_read_file(path, text, sizeof(text)) <= 0 || sscanf(text, "%d %llu%n", pid, &started, &at) != 2)
		return -ESRCH;
	if (rest && sscanf(text + at, "%d %d %d", &known[0], &known[1], &known[2]) != NAMESPACES)
		return -ESRCH;
	if (rest)
		memcpy(rest, known, sizeof(known));
	return proc_open(*pid, started);
}

static int note(const struct networks *n, const char *directory, const char *name, pid_t pid, const char *rest,
                struct err *e)
{
	auto_free char *path = path_of(n, directory);
	uint64_t started;

	if (proc_start_time(pid, &started) < 0)
		return err_set(e, ESRCH, "cannot read the start time of process %d", (int)pid);
	auto_free char *text = mem_printf("%d %llu%s\n", (int)pid, (unsigned long long)started, rest);
	return networks_write_file(path, name, text, false, e);
}

// --- holders ---

static void close_all(const int fds[NAMESPACES])
{
	for (int i = 0; i < NAMESPACES; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

// Returns a descriptor, -ENOENT if the process does not have it (any longer), or another negative errno.
static int open_of(pid_t pid, int fd, int type)
{
	auto_free char *path = mem_printf("/proc/%d/fd/%d", (int)pid, fd);
	auto_close int found = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (found < 0)
		return errno == ENXIO ? -ENOENT : -errno; // the descriptor is a socket now
	return ioctl(found, NS_GET_NSTYPE) == type ? steal_fd(&found) : -ENOENT;
}

// The holder still runs after they were opened, so they are its own. Returns -ESRCH if it has ended, -ENOENT if it
// does not hold them, or another negative errno.
static int take_from(const char *path, int fds[NAMESPACES])
{
	int theirs[NAMESPACES], r = 0;
	pid_t pid = 0;
	auto_close int holder = open_noted(path, &pid, theirs);

	if (holder < 0)
		return -ESRCH;
	for (int i = 0; i < NAMESPACES; i++) {
		fds[i] = r == 0 ? open_of(pid, theirs[i], types[i]) : -1;
		r = r == 0 && fds[i] < 0 ? fds[i] : r;
	}
	if (r == 0 && pidfd_send_signal(holder, 0, NULL, 0) == 0)
		return 0;
	close_all(fds);
	return r < 0 ? r : -ESRCH;
}

int network_space_find(struct network_space *s, const struct networks *n)
{
	auto_free char *path = path_of(n, "holders");
	DIR *dir = opendir(path);
	struct dirent *entry;
	int r = dir || errno == ENOENT ? -ENOENT : -errno, fds[NAMESPACES];

	while (dir && r < 0 && (entry = readdir(dir))) {
		auto_free char *file = mem_printf("%s/%s", path, entry->d_name);
		int taken = entry->d_name[0] == '.' ? -ENOENT : take_from(file, fds);
		if (taken == -ESRCH && n->lock >= 0) // of a monitor that was killed
			unlink(file);
		else if (taken != -ENOENT && taken != -ESRCH)
			r = taken;
	}
	if (dir)
		closedir(dir);
	if (r == 0)
		set(s, fds);
	return r;
}

bool network_space_exists(const struct networks *n)
{
	auto_network_space s = NETWORK_SPACE_NONE;

	return network_space_find(&s, n) == 0;
}

static int note_holder(const struct network_space *s, const struct networks *n, struct err *e)
{
	auto_free char *rest = mem_printf(" %d %d %d", s->user, s->owner, s->net), *name = mem_printf("%d", (int)getpid());

	return note(n, "holders", name, getpid(), rest, e);
}

void network_space_leave(const struct networks *n)
{
	auto_free char *holders = path_of(n, "holders"), *path = mem_printf("%s/%d", holders, (int)getpid());

	unlink(path);
}

int network_space_helper(const struct networks *n)
{
	auto_free char *path = path_of(n, "helper");
	pid_t pid = 0;

	return open_noted(path, &pid, NULL);
}

static void kill_process(pid_t pid, unsigned long long started)
{
	auto_close int process = pid == getpid() ? -1 : proc_open(pid, started); // this may be the keeper

	if (process >= 0)
		pidfd_send_signal(process, SIGKILL, NULL, 0);
}

// The helper dies with its keeper, unless a security module has changed its credentials.
static void end_helper(const struct networks *n)
{
	auto_free char *path = path_of(n, "helper");
	unsigned long long started[2];
	char text[128];
	int pids[2];

	if (proc_read_file(path, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%d %llu %d %llu", &pids[0], &started[0], &pids[1], &started[1]) != 4)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		kill_process(pids[i], started[i]);
}

void network_space_clean(const struct networks *n)
{
	auto_close int run = open(n->run, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_strv names = {0};

	networks_up(n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		if (own_network_read(n, names.items[i], &o, NULL) == 0)
			own_network_down(n, &o);
		else if (run >= 0)
			fs_remove_tree(run, names.items[i], NULL);
	}
	end_helper(n);
	if (run >= 0)
		fs_remove_tree(run, ".space", NULL);
}

void network_space_tidy(const struct networks *n)
{
	auto_network_space s = NETWORK_SPACE_NONE;

	if (network_space_find(&s, n) == -ENOENT)
		network_space_clean(n);
}

// --- new namespaces ---

// Sends the namespaces NAMES of this process.
static int send_namespaces(int socket, const char *const *names, struct err *e)
{
	for (; *names; names++) {
		auto_free char *path = mem_printf("/proc/self/ns/%s", *names);
		auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
		int r = fd < 0 ? -errno : fd_send(socket, fd, *names);
		if (r < 0)
			return err_set(e, -r, "cannot send the namespaces of networks");
	}
	return 0;
}

static int map_root(unsigned uid, unsigned gid)
{
	auto_free char *uids = mem_printf("0 %u 1", uid), *gids = mem_printf("0 %u 1", gid);
	int r = fs_write_text(AT_FDCWD, "/proc/self/setgroups", "deny");

	if (r == 0)
		r = fs_write_text(AT_FDCWD, "/proc/self/uid_map", uids);
	return r < 0 ? r : fs_write_text(AT_FDCWD, "/proc/self/gid_map", gids);
}

// In the child, which is in USER.
static int make(void *context, struct err *e)
{
	const int socket = *(const int *)context;
	unsigned uid = geteuid(), gid = getegid();
	int r = send_namespaces(socket, (const char *const[]){"user", NULL}, e);

	if (r < 0)
		return r;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return err_set(e, errno, "cannot create a network namespace");
	r = map_root(uid, gid);
	if (r < 0)
		return err_set(e, -r, "cannot map the ids of a user namespace");
	r = netlink_set_up("lo", e);
	return r < 0 ? r : send_namespaces(socket, (const char *const[]){"user", "net", NULL}, e);
}

static int receive(int socket, int fds[NAMESPACES])
{
	char text[8];

	int r = 0;

	for (int i = 0; i < NAMESPACES; i++) {
		fds[i] = r == 0 ? fd_receive(socket, text, sizeof(text)) : -1;
		r = r == 0 && fds[i] < 0 ? fds[i] : r;
	}
	if (r < 0)
		close_all(fds);
	return r;
}

static int create(struct network_space *s, struct err *e)
{
	int sockets[2], fds[NAMESPACES];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return err_set(e, errno, "cannot create a socket");
	int r = as_root_run(&(struct as_root){.work = make, .context = &sockets[1], .where = AS_ROOT_NEW}, e);
	if (r == 0 && (r = receive(sockets[0], fds)) < 0)
		err_set(e, -r, "cannot receive the namespaces of networks");
	close(sockets[0]);
	close(sockets[1]);
	if (r == 0)
		set(s, fds);
	return r;
}

// Opened for reading and writing, since that does not wait for another process.
static int open_alive(struct network_space *s, const struct networks *n, struct err *e)
{
	auto_free char *path = path_of(n, "alive");

	if (mkfifo(path, 0600) < 0 && errno != EEXIST)
		return err_set(e, errno, "cannot create '%s'", path);
	s->alive = open(path, O_RDWR | O_CLOEXEC);
	return s->alive < 0 ? err_set(e, errno, "cannot open '%s'", path) : 0;
}

static int create_afresh(struct network_space *s, const struct networks *n, struct err *e)
{
	auto_free char *holders = path_of(n, "holders");

	network_space_clean(n);
	return fs_make_directories(holders, 0700, e) < 0 ? -e->code : create(s, e);
}

int network_space_hold(struct network_space *s, const struct networks *n, struct err *e)
{
	int r = network_space_find(s, n);

	if (r < 0)
		r = r == -ENOENT ? create_afresh(s, n, e) : err_set(e, -r, "cannot open the namespaces of the networks");
	if (r == 0)
		r = open_alive(s, n, e);
	if (r == 0)
		r = note_holder(s, n, e);
	if (r < 0)
		network_space_done(s);
	return r;
}

int network_space_run(const struct network_space *s, bool inside, int (*work)(void *context, struct err *e),
                      void *context, struct err *e)
{
	return as_root_run(&(struct as_root){.work = work,
	                                     .context = context,
	                                     .where = AS_ROOT_JOIN,
	                                     .spaces = (const int[]){s->user, inside ? s->net : -1}},
	                   e);
}

// --- the helper ---

// In the child: waits in the namespace of the networks.
static _Noreturn void wait_inside(const struct network_space *s, pid_t parent, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && setns(s->owner, CLONE_NEWUSER) == 0 && setns(s->net, CLONE_NEWNET) == 0 &&
	    write(ready, "", 1) == 1)
		pause();
	_exit(EXIT_FAILURE);
}

// A process in the namespace, which the helper needs while it starts. Returns its pid or negative errno.
static pid_t start_stand_in(const struct network_space *s, struct err *e)
{
	pid_t self = getpid();
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe");
	pid_t pid = fork();
	if (pid == 0)
		wait_inside(s, self, ready[1]);
	close(ready[1]);
	bool entered = pid > 0 && read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	if (pid > 0 && !entered)
		proc_end(pid);
	return entered ? pid : err_set(e, EIO, "cannot enter the namespace of networks");
}

// In the keeper: the last monitor has exited. Another one may have created new namespaces meanwhile.
static void clean_at_end(const void *context)
{
	const struct networks *before = context;
	auto_networks n = {.lock = -1, .containers = -1};
	struct err ignored;

	if (networks_open(&n, before->store, NETWORKS_CHANGE, &ignored) == 0)
		network_space_tidy(&n);
}

static int note_helper(const struct networks *n, pid_t keeper, pid_t program, struct err *e)
{
	uint64_t started;

	if (proc_start_time(program, &started) < 0)
		return err_msg(e, ESRCH, "the network helper has exited");
	auto_free char *rest = mem_printf(" %d %llu", (int)program, (unsigned long long)started);
	return note(n, "", "helper", keeper, rest, e);
}

static int start_helper(const struct network_space *s, const struct networks *n, struct err *e)
{
	auto_free char *alive = path_of(n, "alive");
	pid_t program = 0;
	auto_close int end = open(alive, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	pid_t inside = end < 0 ? err_set(e, errno, "cannot open '%s'", alive) : start_stand_in(s, e);

	if (inside < 0)
		return inside;
	pid_t keeper = helper_launch(&(struct helper_place){inside, end, clean_at_end, n}, &program, e);
	proc_end(inside);
	return keeper < 0 ? keeper : note_helper(n, keeper, program, e);
}

int network_space_connect(const struct network_space *s, const struct networks *n, int *helper, struct err *e)
{
	*helper = network_space_helper(n);
	if (*helper >= 0)
		return 0;
	end_helper(n);
	int r = start_helper(s, n, e);
	if (r == 0 && (*helper = network_space_helper(n)) < 0)
		r = err_msg(e, EIO, "the network helper has exited");
	return r;
}
