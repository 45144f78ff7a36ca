// A container runtime as one would write it without knowing the attacks: every thing it does has been a security hole of a real one.
// tests/attack/attacks shows with it that each attack works, before it shows that the attack fails against bunk. It is never installed.
// usage: naive THING ROOTFS [ARGUMENT]… -- PROGRAM [ARGUMENT]…      naive exec PID PROGRAM [ARGUMENT]…      naive hold
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *below(const char *root, const char *path)
{
	size_t size = strlen(root) + strlen(path) + 2;
	char *full = malloc(size);

	if (!full)
		abort();
	snprintf(full, size, "%s/%s", root, path);
	return full;
}

static void die(const char *what)
{
	perror(what);
	_exit(125);
}

static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	mkdir(path, 0755);
}

// Makes the target by name below the root: a link in the root leads anywhere (CVE-2021-30465).
static void thing_mount(const char *root, char **args)
{
	char *target = below(root, args[0]);

	make_directories(target);
	if (mount("tmpfs", target, "tmpfs", 0, NULL) < 0)
		die(target);
}

// The same, after checking that there is no link: an attacker can change it in between.
static void thing_check_and_mount(const char *root, char **args)
{
	char *target = below(root, args[0]), *slash = target + strlen(root);
	struct stat st;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (lstat(target, &st) == 0 && S_ISLNK(st.st_mode))
			_exit(3);
		*slash = '/';
	}
	thing_mount(root, args);
}

// Writes a setting through the root's own /proc, which may be anything (CVE-2019-19921).
static void thing_sysctl(const char *root, char **args)
{
	char *path = below(root, args[0]);
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, args[1], strlen(args[1])) < 0)
		die(path);
	close(fd);
}

// Looks for ".." in a setting's name before it exchanges '.' and '/' in it, so that "net.//.vm.x" is one of the host.
static void thing_sysctl_name(const char *root, char **args)
{
	char *path = below("/proc/sys", args[0]), link[64], target[PATH_MAX] = "";

	(void)root;
	if (strstr(args[0], "..") || strncmp(args[0], "net.", 4) != 0)
		_exit(3);
	for (char *p = path + strlen("/proc/sys/"); *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", open(path, O_PATH));
	if (readlink(link, target, sizeof(target) - 1) < 0)
		die(path);
	puts(target);
	fflush(stdout);
}

// Hides a file under the root's own /dev/null, which may be a link (CVE-2025-31133); ignores failures.
static void thing_mask(const char *root, char **args)
{
	char *null = below(root, "dev/null"), *target = below(root, args[0]);
	int fd = open(null, O_RDONLY);
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	mount(name, target, NULL, MS_BIND, NULL);
}

// Puts a terminal on the root's /dev/console by name (CVE-2025-52565).
static void thing_console(const char *root, char **args)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	char *target = below(root, "dev/console");

	struct stat st;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || mount(ptsname(master), target, NULL, MS_BIND, NULL) < 0)
		die(target);
	if (stat(args[0], &st) == 0 && S_ISCHR(st.st_mode))
		puts("covered");
	fflush(stdout);
}

// Binds a directory by name after checking that it is not a link: an attacker can replace it in between.
static void thing_bind(const char *root, char **args)
{
	char *target = below(root, args[1]);
	struct stat st;

	if (lstat(args[0], &st) == 0 && S_ISLNK(st.st_mode))
		_exit(3);
	if (mount(args[0], target, NULL, MS_BIND, NULL) < 0)
		die(target);
}

// Hides the settings of its own procfs, while the host's stays below the new root, which is moved over the old one.
static void thing_move(const char *root, char **args)
{
	char *target = below(root, "proc/sys");

	(void)args;
	if (mount("tmpfs", target, "tmpfs", 0, NULL) < 0)
		die(target);
}

// Binds what a name leads to, unless the name, as text, is below a directory that the container can write to and what it leads to is not: another name
// of the same directory leads out.
static void thing_bind_below(const char *root, char **args)
{
	char *target = below(root, args[2]), resolved[PATH_MAX];
	size_t n = strlen(args[1]);

	if (strncmp(args[0], args[1], n) == 0 && (!realpath(args[0], resolved) || strncmp(resolved, args[1], n) != 0))
		_exit(3);
	if (mount(args[0], target, NULL, MS_BIND, NULL) < 0)
		die(target);
}

static void thing_nothing(const char *root, char **args)
{
	(void)root;
	(void)args;
}

static const struct thing {
	const char *name;
	void (*run)(const char *root, char **args);
	int argument_count;
} things[] = {
	{"mount", thing_mount, 1},     {"check-and-mount", thing_check_and_mount, 1}, {"sysctl", thing_sysctl, 2}, {"sysctl-name", thing_sysctl_name, 1}, {"mask", thing_mask, 1},
	{"bind", thing_bind, 2},       {"console", thing_console, 1}, {"move", thing_move, 0}, {"bind-below", thing_bind_below, 3}, {"leak", thing_nothing, 1},                    {"plain", thing_nothing, 0},
};

static void enter_by_move(const char *root)
{
	if (chdir(root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		die(root);
}

// A descriptor of the host that is never closed, and a working directory that is not checked (CVE-2024-21626).
static void enter(const char *root, const char *directory)
{
	int host = open(".", O_RDONLY | O_DIRECTORY);

	if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
		die(root);
	char name[64];
	snprintf(name, sizeof(name), "/proc/self/fd/%d", host);
	if (chdir(directory && strcmp(directory, "leaked") == 0 ? name : "/") < 0)
		die("chdir");
}

static int start(const struct thing *t, const char *root, char **args)
{
	char **program = args + t->argument_count;

	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC) < 0)
		die("unshare");
	pid_t pid = fork();
	if (pid == 0) {
		char *proc = below(root, "proc");

		prctl(PR_SET_PDEATHSIG, SIGKILL); // so that the test can end it
		if (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 || mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0)
			die(root);
		mount("proc", proc, "proc", 0, NULL);
		t->run(root, args);
		if (program[0] && program[1]) { // after "--"
			if (t->run == thing_move)
				enter_by_move(root);
			else
				enter(root, strcmp(t->name, "leak") == 0 ? args[0] : NULL);
			execvp(program[1], program + 1);
			die(program[1]);
		}
		_exit(0);
	}
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Joins one namespace after the other, while they may be changing, with a descriptor of the host in its hands that can be taken from it.
static int join(const char *pid, char **program)
{
	static const char *const kinds[] = {"uts", "ipc", "pid", "mnt"};
	int host = open(".", O_RDONLY | O_DIRECTORY);
	(void)host;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, kinds[i]);
		int fd = open(path, O_RDONLY);
		if (fd < 0 || setns(fd, 0) < 0)
			die(path);
		close(fd);
	}
	pid_t child = fork();
	if (child == 0) {
		// as a runtime does, it gives up its capabilities, and then has some more to do with the descriptor still open (CVE-2016-9962)
		struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
		struct __user_cap_data_struct none[2] = {0};

		if (chdir("/") < 0 || syscall(SYS_capset, &header, none) < 0)
			die("capset");
		if (strstr(program[0], "sleep"))
			usleep(500000);
		execvp(program[0], program);
		die(program[0]);
	}
	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "hold") == 0) {
		char byte;
		return read(0, &byte, 1) < 0; // until its standard input ends
	}
	if (argc >= 4 && strcmp(argv[1], "exec") == 0)
		return join(argv[2], argv + 3);
	for (size_t i = 0; argc >= 3 && i < sizeof(things) / sizeof(things[0]); i++)
		if (strcmp(things[i].name, argv[1]) == 0 && argc >= 3 + things[i].argument_count)
			return start(&things[i], argv[2], argv + 3);
	fprintf(stderr, "naive: wrong use\n");
	return 2;
}
