// Removing trees: see sys/fs.h.
#include "sys/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

// A hostile tree may be deeper than the limit of descriptors: a directory that is too deep is moved up and removed in
// another pass.
struct removal {
	int top;
	int mount; // mounts below, also of the same file system, are not to be removed
	unsigned moved;
};
enum { REMOVE_DEPTH = 64 };

static int remove_below(struct removal *r, int fd, int depth);

static int move_up(struct removal *r, int dir, const char *name)
{
	char place[32];

	(void)!fchmodat(dir, name, 0700, 0); // a directory that gets another parent must be writable itself
	for (;;) {
		snprintf(place, sizeof(place), ".deep.%u", ++r->moved);
		if (renameat2(dir, name, r->top, place, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
}

static int open_to_remove(int dir, const char *name)
{
	int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (below < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
		below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return below < 0 ? -errno : below;
}

// TYPE as in struct dirent: saves a call for a directory.
static int remove_entry(struct removal *r, int dir, const char *name, unsigned char type, int depth)
{
	int file = type == DT_DIR || unlinkat(dir, name, 0) == 0 ? 0 : -errno;

	if (type != DT_DIR && (file == 0 || file == -ENOENT))
		return 0;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0) // empty, also one that cannot be opened, as overlayfs leaves behind
		return 0;
	if (depth >= REMOVE_DEPTH)
		return move_up(r, dir, name);
	auto_close int below = open_to_remove(dir, name);
	if (below < 0)
		return below == -ENOENT ? 0 : below == -ENOTDIR ? file : below;
	if (fs_mount_id(below) != r->mount)
		return -EBUSY;
	int result = remove_below(r, steal_fd(&below), depth + 1);
	if (result == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		result = -errno;
	return result;
}

// Takes FD.
static int remove_below(struct removal *r, int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (!dir) {
		close(fd);
		return -errno;
	}
	fchmod(dirfd(dir), 0700); // if it is not ours, this fails and so does what follows
	while ((entry = readdir(dir))) {
		if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
			continue;
		int each = remove_entry(r, dirfd(dir), entry->d_name, entry->d_type, depth);
		result = each < 0 ? each : result;
	}
	closedir(dir);
	return result;
}

int fs_remove_tree(int dir_fd, const char *name, struct err *e)
{
	int result = 0;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	auto_close int top = open_to_remove(dir_fd, name);
	int mount = top < 0 ? top : fs_mount_id(top), parent = top < 0 ? top : fs_mount_id(dir_fd);
	if (mount < 0)
		return err_set(e, -mount, "cannot open '%s' to remove it", name);
	if (dir_fd != AT_FDCWD && mount != parent)
		return err_set(e, EBUSY, "cannot remove '%s', on which something is mounted", name);
	struct removal r = {.top = top, .mount = mount, .moved = 1};
	while (result == 0 && r.moved) {
		r.moved = 0;
		result = remove_below(&r, openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
	}
	if (result == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		result = -errno;
	return result < 0 ? err_set(e, -result, "cannot remove '%s'", name) : 0;
}
