// SPDX-License-Identifier: LGPL-2.1-or-later
// The processes in a container's control groups.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act.h"
#include "base/mem.h"
#include "groups.h"
#include "sys/proc.h"

static void add_pids(struct pids *pids, int directory)
{
	auto_close int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	int pid;

	if (!file)
		return;
	fd = -1; // owned by the stream
	while (fscanf(file, "%d", &pid) == 1) {
		if (pid <= 0)
			continue; // 0: in a pid namespace that is not visible from this one
		pids->items = mem_resize(pids->items, pids->count + 1, sizeof(*pids->items));
		pids->items[pids->count++] = pid;
	}
	fclose(file);
}

static void collect_pids(int parent, const char *name, int fd, void *context)
{
	(void)parent;
	(void)name;
	add_pids(context, fd);
}

static void note_occupied(int parent, const char *name, int fd, void *context)
{
	bool *occupied = context;
	char text[32];

	(void)parent;
	(void)name;
	*occupied |= proc_read_file_at(fd, "cgroup.procs", text, sizeof(text)) > 0;
}

int groups_check_free(const char *directory)
{
	auto_close int fd = group_open(directory);
	bool occupied = false;
	struct stat st;

	if (fd < 0)
		return -errno;
	note_occupied(-1, "", fd, &occupied);
	groups_walk(dup(fd), note_occupied, &occupied);
	if (occupied)
		return -EBUSY;
	bool has_children = fstat(fd, &st) == 0 && st.st_nlink > 2;
	return has_children && !groups_has_mark(directory, NULL, 0) ? -ENOTEMPTY : 0;
}

int groups_pids(const struct groups *g, pid_t **pids, size_t *count, struct err *e)
{
	struct pids found = {0};
	const char *directory = g->freezer ? g->freezer : g->joined.count ? g->joined.items[0] : NULL;
	auto_close int fd = directory ? group_open(directory) : -1;

	if (directory && fd < 0 && errno != ENOENT)
		return err_set(e, errno, "cannot open control group '%s'", directory);
	if (fd >= 0) {
		add_pids(&found, fd);
		groups_walk(dup(fd), collect_pids, &found);
	}
	*pids = found.items;
	*count = found.count;
	return 0;
}

struct search {
	pid_t pid;
	int found; // a descriptor of its group, -1: not found yet
};

static void find_pid(int parent, const char *name, int fd, void *context)
{
	struct search *s = context;
	struct pids pids = {0};

	(void)parent;
	(void)name;
	if (s->found < 0)
		add_pids(&pids, fd);
	for (size_t i = 0; i < pids.count; i++)
		if (pids.items[i] == s->pid)
			s->found = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	free(pids.items);
}

// Uses descriptors only, since this process may have entered the container.
bool groups_descend(struct groups *g, pid_t pid)
{
	struct search s = {.pid = pid, .found = -1};
	int fd = g->into < 0 ? -1 : openat(g->into, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		groups_walk(fd, find_pid, &s);
	if (s.found < 0)
		return false;
	close(g->into);
	g->into = s.found;
	return true;
}
