// SPDX-License-Identifier: LGPL-2.1-or-later
// Walks all groups below a container's, which may be thousands deep or wide: keeps the names still to visit, but opens
// only the current group and its parent. Groups cannot be moved, so ".." leads back.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "groups.h"
#include "sys/fs.h"

struct level {
	struct strv names; // of its child groups
	size_t next;
};

struct descent {
	struct level *levels;
	size_t depth, room;
	int here;
};

static void read_names(struct strv *names, int fd)
{
	DIR *dir = fs_open_directory(fd, ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && !str_equal(entry->d_name, ".") && !str_equal(entry->d_name, ".."))
			strv_add(names, entry->d_name);
	if (dir)
		closedir(dir);
}

static void go_down(struct descent *d, int fd)
{
	if (d->depth == d->room)
		d->levels = mem_resize(d->levels, d->room = 2 * d->room + 8, sizeof(*d->levels));
	d->levels[d->depth] = (struct level){0};
	read_names(&d->levels[d->depth++].names, fd);
	d->here = fd;
}

// The current group is done: returns to its parent and calls CALLBACK for it.
static bool go_up(struct descent *d, group_callback *callback, void *context)
{
	struct level *above = &d->levels[d->depth - 2];
	int here = d->here, parent = openat(here, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	strv_done(&d->levels[--d->depth].names);
	if (parent >= 0)
		callback(parent, above->names.items[above->next++], here, context);
	close(here);
	d->here = parent;
	return parent >= 0;
}

void groups_walk(int fd, group_callback *callback, void *context)
{
	struct descent d = {.here = -1};
	bool more = true;

	if (fd >= 0)
		go_down(&d, fd);
	while (more && d.depth > 0) {
		struct level *l = &d.levels[d.depth - 1];

		if (l->next == l->names.count) {
			if (d.depth == 1)
				break;
			more = go_up(&d, callback, context);
			continue;
		}
		int below = openat(d.here, l->names.items[l->next], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0) {
			l->next++; // removed meanwhile
			continue;
		}
		close(d.here);
		go_down(&d, below);
	}
	while (d.depth > 0)
		strv_done(&d.levels[--d.depth].names);
	free(d.levels);
	if (d.here >= 0)
		close(d.here);
}
