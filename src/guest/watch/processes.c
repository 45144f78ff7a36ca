// Finds guests' QEMU processes on this host, with their control groups and isolation.
#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "guest/host/qemu.h"
#include "model/posture.h"
#include "sys/cgroup.h"
#include "sys/proc.h"

static void row_set_process(struct guests *g, struct guest *row, pid_t pid)
{
	uint64_t ticks;

	if (proc_start_time(pid, &ticks) < 0)
		return;
	row->pid = pid;
	row->pid_started = ticks;
	// rounded, so that all hostel processes compute the same time
	row->started = qemu_started(ticks) / (10 * MS) * (10 * MS);
	auto_free char *group = cgroup_of_process(&g->layout, pid, CGROUP_CPUACCT);
	auto_free char *own = group ? qemu_own_group(group) : NULL;
	if (own)
		cgroup_reader_open_group(&row->group, &g->layout, own, CGROUP_READ_ALL, NULL);
}

static void match_process(struct guests *g, pid_t pid, char *line)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	ssize_t n = proc_read_file(path, line, QEMU_COMMAND_LINE);
	const char *uuid = n > 0 && strstr(line, "qemu") ? qemu_uuid(line, (size_t)n) : NULL;
	if (!uuid || stat(path, &st) < 0 || !qemu_is_believed(st.st_uid, guests_is_session(g)))
		return;
	struct guest *row = guests_find(g, uuid);
	if (row && row->active && !row->pid)
		row_set_process(g, row, pid);
}

static bool any_process_missing(struct guests *g)
{
	bool wanted = false;

	for (size_t i = 0; i < g->count; i++) {
		struct guest *row = &g->rows[i];

		if (row->pid && (!row->active || !proc_is_alive(row->pid, row->pid_started)))
			guest_forget_process(row);
		wanted |= row->active && !row->pid;
	}
	return wanted;
}

void processes_find(struct guests *g)
{
	if (!g->local || !any_process_missing(g))
		return;
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	auto_free char *line = mem_new(QEMU_COMMAND_LINE);

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			match_process(g, atoi(entry->d_name), line);
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
