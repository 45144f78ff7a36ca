// Information from /proc about processes: see sys/proc.h.
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"

static ssize_t read_whole(int fd, char *buffer, size_t size)
{
	size_t used = 0;

	while (used + 1 < size) {
		ssize_t n = read(fd, buffer + used, size - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	buffer[used] = '\0';
	return (ssize_t)used;
}

ssize_t proc_read_file_at(int dir_fd, const char *name, char *buffer, size_t size)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return read_whole(fd, buffer, size);
}

ssize_t proc_read_file(const char *path, char *buffer, size_t size)
{
	return proc_read_file_at(AT_FDCWD, path, buffer, size);
}

// The fields of /proc/PID/stat from the third (state) on: the second, the name, may contain anything, also ") R 1".
static int stat_fields(pid_t pid, char *buffer, size_t size, const char **fields)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buffer, size - 1); // the line is shorter, and one read returns it whole
	if (n <= 0)
		return -ESRCH;
	buffer[n] = '\0';
	char *end = strrchr(buffer, ')');
	if (!end || end[1] != ' ')
		return -ESRCH;
	*fields = end + 2;
	return 0;
}

// Field NUMBER (counted as in proc(5), from 3) of FIELDS.
static uint64_t stat_number(const char *fields, int number)
{
	for (; number > 3 && fields; number--) {
		fields = strchr(fields, ' ');
		fields += fields ? 1 : 0;
	}
	return fields ? strtoull(fields, NULL, 10) : 0;
}

int proc_start_time(pid_t pid, uint64_t *ticks)
{
	char buffer[1024];
	const char *fields;
	int r = stat_fields(pid, buffer, sizeof(buffer), &fields);

	if (r < 0)
		return r;
	*ticks = stat_number(fields, 22);
	return 0;
}

bool proc_is_alive(pid_t pid, uint64_t ticks)
{
	char buffer[1024];
	const char *fields;

	if (pid <= 0 || stat_fields(pid, buffer, sizeof(buffer), &fields) < 0)
		return false;
	if (fields[0] == 'X' || stat_number(fields, 22) != ticks)
		return false;
	// the main thread has ended, but others may still be running
	return fields[0] != 'Z' || stat_number(fields, 20) > 1;
}

int proc_open(pid_t pid, uint64_t ticks)
{
	auto_close int fd = pid > 0 ? pidfd_open(pid, 0) : -1;

	// an open pidfd keeps the pid from being reused, so the start time is checked only now
	return fd < 0 || !proc_is_alive(pid, ticks) ? -ESRCH : steal_fd(&fd);
}

char proc_state(pid_t pid)
{
	char buffer[1024];
	const char *fields;

	return stat_fields(pid, buffer, sizeof(buffer), &fields) < 0 ? '\0' : fields[0];
}

int proc_usage(pid_t pid, uint64_t *cpu_ns, uint64_t *rss)
{
	char buffer[1024];
	const char *fields;
	int r = stat_fields(pid, buffer, sizeof(buffer), &fields);

	if (r < 0)
		return r;
	*cpu_ns = clock_ticks_ns(stat_number(fields, 14) + stat_number(fields, 15));
	*rss = stat_number(fields, 24) * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

// --- finding our own programs ---

static char *if_executable(char *path)
{
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *beside_executable(const char *program)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	if (!slash)
		return NULL;
	char *found = if_executable(mem_printf("%.*s/%s", (int)(slash - self), self, program));
	// a relocated installation
	return found ? found : if_executable(mem_printf("%.*s/../libexec/%s", (int)(slash - self), self, program));
}

static char *in_path(const char *program)
{
	auto_strv directories = {0};
	const char *path = getenv("PATH");

	strv_split(&directories, path ? path : "/usr/local/bin:/usr/bin:/bin", ":");
	for (size_t i = 0; i < directories.count; i++) {
		char *found = if_executable(mem_printf("%s/%s", directories.items[i], program));
		if (found)
			return found;
	}
	return NULL;
}

char *proc_find_program(const char *program)
{
	if (strchr(program, '/'))
		return if_executable(mem_strdup(program));
	char *found = beside_executable(program);

	if (!found)
		found = if_executable(mem_printf("%s/%s", PACKAGE_LIBEXECDIR, program));
	return found ? found : in_path(program);
}
