// QEMU's processes on this host: which one runs which guest, its control group, and what isolates it. Must not talk to libvirt.
#include <ctype.h>
#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/posture.h"
#include "parts.h"
#include "sys/proc.h"

enum { COMMAND_LINE_MAX = 64 * 1024 };

// The value behind the option -uuid of QEMU's command line, or NULL.
static const char *uuid_of(const char *line, size_t length)
{
	const char *end = line + length;

	for (const char *word = line; word < end; word += strlen(word) + 1)
		if (strcmp(word, "-uuid") == 0 && word + 6 < end)
			return word + 6;
	return NULL;
}

// Anyone may give a process such a command line; only those whom libvirt runs QEMU as are believed.
static bool is_believed(uid_t owner, bool session)
{
	static const char *const users[] = {"libvirt-qemu", "qemu"};
	char room[1024];
	struct passwd entry, *found;

	if (owner == geteuid())
		return true;
	if (session)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		if (getpwnam_r(users[i], &entry, room, sizeof(room), &found) == 0 && found && entry.pw_uid == owner)
			return true;
	return owner == 0;
}

static int64_t started_at(uint64_t ticks)
{
	int64_t since_boot = (int64_t)clock_ticks_ns(ticks);
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return clock_wall() - (boot.tv_sec * SECOND + boot.tv_nsec) + since_boot;
}

// "/machine/qemu-1-web.libvirt-qemu/emulator", "/machine.slice/machine-qemu\x2d1\x2dweb.scope/libvirt/emulator": libvirt made the group;
// QEMU's threads are spread over groups below it.
char *process_own_group(const char *group)
{
	for (const char *part = group; part && *part == '/'; part = strchr(part + 1, '/')) {
		const char *end = strchr(part + 1, '/');
		size_t n = end ? (size_t)(end - part) : strlen(part);
		auto_free char *name = mem_strndup(part + 1, n - 1);

		if ((str_starts(name, "machine-qemu") && str_ends(name, ".scope")) || (str_starts(name, "qemu-") && str_ends(name, ".libvirt-qemu")))
			return mem_strndup(group, (size_t)(part - group) + n);
	}
	return NULL;
}

static void adopt(struct guests *g, struct guest *row, pid_t pid)
{
	uint64_t ticks;

	if (proc_start_time(pid, &ticks) < 0)
		return;
	row->pid = pid;
	row->pid_started = ticks;
	row->started = started_at(ticks) / (10 * MS) * (10 * MS); // rounded, so that every process computes the same time
	auto_free char *group = cgroup_of_process(&g->layout, pid, CGROUP_CPUACCT);
	auto_free char *own = group ? process_own_group(group) : NULL;
	if (own)
		cgroup_reader_open_group(&row->group, &g->layout, own, NULL);
}

bool process_runs(pid_t pid, const char *uuid)
{
	auto_free char *line = mem_new(COMMAND_LINE_MAX);
	auto_free char *path = mem_printf("/proc/%d/cmdline", (int)pid);
	ssize_t n = proc_read_file(path, line, COMMAND_LINE_MAX);

	return n > 0 && str_equal(uuid_of(line, (size_t)n), uuid);
}

static void match(struct guests *g, pid_t pid, char *line)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	ssize_t n = proc_read_file(path, line, COMMAND_LINE_MAX);
	const char *uuid = n > 0 && strstr(line, "qemu") ? uuid_of(line, (size_t)n) : NULL;
	if (!uuid || stat(path, &st) < 0 || !is_believed(st.st_uid, guests_is_session(g)))
		return;
	struct guest *row = guests_find(g, uuid);
	if (row && row->active && !row->pid)
		adopt(g, row, pid);
}

void process_forget(struct guest *row)
{
	cgroup_reader_free(row->group);
	row->group = NULL;
	row->pid = 0;
	row->pid_started = 0;
	row->started = 0;
}

static bool is_wanted(struct guests *g)
{
	bool wanted = false;

	for (size_t i = 0; i < g->count; i++) {
		struct guest *row = &g->rows[i];

		if (row->pid && (!row->active || !proc_is_alive(row->pid, row->pid_started)))
			process_forget(row);
		wanted |= row->active && !row->pid;
	}
	return wanted;
}

void processes_find(struct guests *g)
{
	if (!g->local || !is_wanted(g))
		return;
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	auto_free char *line = mem_new(COMMAND_LINE_MAX);

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			match(g, atoi(entry->d_name), line);
	if (dir)
		closedir(dir);
}

void process_posture(const struct guest *row, struct posture *p)
{
	char text[8192], path[64];

	if (str_equal(row->facts.type, "kvm"))
		posture_set(p, BARRIER_HARDWARE, true);
	else if (str_equal(row->facts.type, "qemu"))
		posture_set(p, BARRIER_EMULATED, true);
	if (!row->pid)
		return;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)row->pid);
	if (proc_read_file(path, text, sizeof(text)) > 0)
		posture_from_status(p, text);
	snprintf(path, sizeof(path), "/proc/%d/attr/current", (int)row->pid);
	if (proc_read_file(path, text, sizeof(text)) > 0)
		posture_set(p, BARRIER_LSM, !str_starts(text, "unconfined") && !str_starts(text, "kernel"));
}

bool process_is_stopped(pid_t pid)
{
	char text[1024], path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	const char *end = proc_read_file(path, text, sizeof(text)) > 0 ? strrchr(text, ')') : NULL;
	return end && (end[2] == 'T' || end[2] == 't');
}
