// The floor that bunk is measured against: bare C that leaves the same container behind in the fewest calls, and does
// nothing else. So it joins every control group that bunk joins, brings the loopback up and gives the process a
// keyring and no descriptors of the caller's. It parses nothing, remembers nothing (no state, no lock), checks nothing
// and protects nothing (neither its own file nor against links in the root), and parent and child wait for each other
// only to map ids; where a call fails it ends with the line's number. usage: floor run  ROOT FILTER net|host root|user
// MASKED READONLY [GROUP]...
//        floor exec PID  FILTER net|host root|user - - [GROUP]...
// FILTER is a file with a BPF program, MASKED and READONLY are lists with colons, GROUPs the directories of the
// control groups.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(CALL) do { if ((CALL) < 0) die(__LINE__); } while (0)

enum { GROUPS = 16 };

struct wish {
	const char *root, *masked, *readonly;
	char **groups;
	size_t group_count;
	int net, user, v2, pidfd;
	int joins[GROUPS]; // v1: their files "tasks"; -1: of v2
	int into;          // v2: the group, also the one beside those of v1
	int mapped[2];     // a pipe that says: the ids are mapped
	struct sock_fprog filter;
};

static struct sock_filter instructions[8192];

static _Noreturn void die(int line)
{
	dprintf(2, "floor: line %d: %m\n", line);
	_exit(125);
}

static void read_filter(struct wish *w, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, instructions, sizeof(instructions));

	MUST(n);
	close(fd);
	w->filter =
	    (struct sock_fprog){.len = (unsigned short)((size_t)n / sizeof(instructions[0])), .filter = instructions};
}

static void copy_file(int from, int to, const char *name)
{
	char text[4096];
	int in = openat(from, name, O_RDONLY | O_CLOEXEC), out = openat(to, name, O_WRONLY | O_CLOEXEC);
	ssize_t n = read(in, text, sizeof(text));

	MUST(n);
	MUST(write(out, text, (size_t)n));
	close(in);
	close(out);
}

// A new v1 cpuset allows nothing until it is given what its parent has.
static void inherit_cpuset(const char *group)
{
	int here = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC),
	    above = openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	copy_file(above, here, "cpuset.cpus");
	copy_file(above, here, "cpuset.mems");
	close(above);
	close(here);
}

static int is_of_v2(const struct wish *w, const char *group)
{
	return w->v2 || strstr(group, "/unified/");
}

static void make_groups(struct wish *w, int make)
{
	for (size_t i = 0; i < w->group_count; i++) {
		char file[512];

		if (make)
			MUST(mkdir(w->groups[i], 0755));
		w->joins[i] = -1;
		if (is_of_v2(w, w->groups[i])) {
			MUST(w->into = open(w->groups[i], O_PATH | O_DIRECTORY | O_CLOEXEC));
			continue;
		}
		if (make && strstr(w->groups[i], "/cpuset/"))
			inherit_cpuset(w->groups[i]);
		snprintf(file, sizeof(file), "%s/tasks", w->groups[i]);
		MUST(w->joins[i] = open(file, O_WRONLY | O_CLOEXEC));
	}
}

static void join_groups(const struct wish *w)
{
	for (size_t i = 0; i < w->group_count; i++)
		if (w->joins[i] >= 0)
			MUST(write(w->joins[i], "0", 1)); // one thread that moves itself: the cheapest way in
}

static pid_t clone_with(const struct wish *w, uint64_t flags)
{
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};

	if (w->into >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)w->into;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static const struct volume {
	const char *type, *to, *data;
	unsigned long flags;
} volumes[] = {
	{"proc", "proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"tmpfs", "dev", "mode=755,size=65536k", MS_NOSUID | MS_STRICTATIME},
	{"devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620", MS_NOSUID | MS_NOEXEC},
	{"tmpfs", "dev/shm", "mode=1777,size=65536k", MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"mqueue", "dev/mqueue", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"sysfs", "sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY},
};

static void mount_volumes(const struct wish *w)
{
	for (size_t i = 0; i < sizeof(volumes) / sizeof(volumes[0]); i++) {
		if (strncmp(volumes[i].to, "dev/", 4) == 0)
			MUST(mkdir(volumes[i].to, 0755));
		if (w->user && !w->net && strcmp(volumes[i].type, "sysfs") == 0) {
			MUST(mount("/sys", "sys", NULL, MS_BIND | MS_REC, NULL));
			continue;
		}
		MUST(mount(volumes[i].type, volumes[i].to, volumes[i].type, volumes[i].flags, volumes[i].data));
	}
}

static void mount_groups(const struct wish *w)
{
	if (!w->group_count)
		return;
	if (w->v2) {
		MUST(mount("cgroup2", "sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL));
		return;
	}
	MUST(mount("tmpfs", "sys/fs/cgroup", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=1m"));
	for (size_t i = 0; i < w->group_count; i++) {
		char to[64];

		if (w->joins[i] < 0)
			continue;
		snprintf(to, sizeof(to), "sys/fs/cgroup/%zu", i);
		MUST(mkdir(to, 0755));
		MUST(mount(w->groups[i], to, NULL, MS_BIND, NULL));
		MUST(mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
	}
	MUST(
	    mount(NULL, "sys/fs/cgroup", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
}

static void make_devices(const struct wish *w)
{
	static const struct {
		const char *name;
		unsigned major, minor;
	} devices[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
	static const char *const links[][2] = {{"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"},
	                                       {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
	                                       {"core", "/proc/kcore"},       {"ptmx", "pts/ptmx"}};
	char to[32], from[32];

	umask(0);
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		snprintf(to, sizeof(to), "dev/%s", devices[i].name);
		snprintf(from, sizeof(from), "/dev/%s", devices[i].name);
		MUST(mknod(to, (w->user ? S_IFREG : S_IFCHR) | 0666,
		           w->user ? 0 : makedev(devices[i].major, devices[i].minor)));
		if (w->user)
			MUST(mount(from, to, NULL, MS_BIND, NULL));
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(to, sizeof(to), "dev/%s", links[i][0]);
		MUST(symlink(links[i][1], to));
	}
	umask(022);
}

static void cover(char *path, int readonly)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	if (readonly) {
		MUST(mount(path, path, NULL, MS_BIND | MS_REC, NULL));
		MUST(mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
	} else if (S_ISDIR(st.st_mode)) {
		MUST(mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777"));
	} else {
		MUST(mount("/dev/null", path, NULL, MS_BIND, NULL));
	}
}

static void cover_all(const char *list, int readonly)
{
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s", list);
	for (char *path = strtok(copy, ":"); path; path = strtok(NULL, ":"))
		cover(path + 1, readonly); // below the root, which is the working directory
}

static void build_root(const struct wish *w)
{
	MUST(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
	MUST(mount(w->root, w->root, NULL, MS_BIND | MS_REC, NULL));
	MUST(chdir(w->root));
	mount_volumes(w);
	mount_groups(w);
	make_devices(w);
	cover_all(w->masked, 0);
	cover_all(w->readonly, 1);
	MUST(syscall(SYS_pivot_root, ".", "."));
	MUST(umount2(".", MNT_DETACH));
	MUST(chdir("/"));
}

// podman's default capabilities: chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service
// sys_chroot setfcap
static const uint64_t capabilities = 0x800405fb;

static _Noreturn void become(const struct wish *w)
{
	static char program[] = "/true", path[] = "PATH=/", *const args[] = {program, NULL}, *const env[] = {path, NULL};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {
	    {.effective = (uint32_t)capabilities, .permitted = (uint32_t)capabilities}};
	struct rlimit files = {1024, 1024};

	MUST(setrlimit(RLIMIT_NOFILE, &files));
	for (int c = 0; c <= CAP_LAST_CAP; c++)
		if (!(capabilities & 1ull << c))
			MUST(prctl(PR_CAPBSET_DROP, c));
	if (!w->user)
		MUST(syscall(SYS_setgroups, 0, NULL));
	MUST(syscall(SYS_setresgid, 0, 0, 0));
	MUST(syscall(SYS_setresuid, 0, 0, 0));
	MUST(syscall(SYS_capset, &header, sets));
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (w->filter.len)
		MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &w->filter));
	execve(args[0], args, env);
	die(__LINE__);
}

static void write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static void map_ids(const struct wish *w, pid_t pid, const char *uid, const char *gid)
{
	write_file(pid, "setgroups", "deny");
	write_file(pid, "uid_map", uid);
	write_file(pid, "gid_map", gid);
	MUST(write(w->mapped[1], "", 1));
}

static void set_up_loopback(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	MUST(ioctl(fd, SIOCGIFFLAGS, &request));
	request.ifr_flags |= IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

// What is the caller's and must not get into the container.
static void leave_behind(void)
{
	MUST(syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC));
	MUST(setsid());
	MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "floor"));
}

static pid_t run(struct wish *w)
{
	uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | (w->net ? CLONE_NEWNET : 0) |
	                 (w->user ? CLONE_NEWUSER : 0);
	char uid[32], gid[32], byte;

	snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	make_groups(w, 1);
	if (w->user)
		MUST(pipe2(w->mapped, O_CLOEXEC));
	pid_t pid = clone_with(w, flags);
	MUST(pid);
	if (pid > 0) {
		if (w->user)
			map_ids(w, pid, uid, gid);
		return pid;
	}
	if (w->user)
		MUST(read(w->mapped[0], &byte, 1));
	leave_behind();
	join_groups(w);
	MUST(unshare(CLONE_NEWCGROUP));
	MUST(sethostname("floor", 5));
	if (w->net)
		set_up_loopback();
	build_root(w);
	become(w);
}

static pid_t execute(struct wish *w, pid_t target)
{
	int kinds = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | (w->net ? CLONE_NEWNET : 0) |
	            (w->user ? CLONE_NEWUSER : 0);

	make_groups(w, 0);
	MUST(w->pidfd = (int)syscall(SYS_pidfd_open, target, 0));
	MUST(setns(w->pidfd, kinds));
	pid_t pid = clone_with(w, 0);
	MUST(pid);
	if (pid > 0)
		return pid;
	leave_behind();
	join_groups(w);
	MUST(setns(w->pidfd, CLONE_NEWCGROUP));
	become(w);
}

int main(int argc, char **argv)
{
	struct wish w = {.into = -1};
	struct stat st;
	int status = 0;

	if (argc < 8 || argc - 8 > GROUPS)
		return 2;
	w.net = strcmp(argv[4], "net") == 0;
	w.user = strcmp(argv[5], "user") == 0;
	w.masked = argv[6];
	w.readonly = argv[7];
	w.groups = argv + 8;
	w.group_count = (size_t)(argc - 8);
	w.v2 = stat("/sys/fs/cgroup/cgroup.controllers", &st) == 0;
	read_filter(&w, argv[3]);
	int is_run = strcmp(argv[1], "run") == 0;
	if (is_run)
		w.root = argv[2];
	pid_t pid = is_run ? run(&w) : execute(&w, atoi(argv[2]));
	while (waitpid(pid, &status, 0) < 0)
		;
	for (size_t i = 0; is_run && i < w.group_count; i++)
		MUST(rmdir(w.groups[i]));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
