// Whole directories: see tree.h.
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum { DEPTH_MAX = 512 };

struct walk {
	dev_t device;
	int (*visit)(struct walk *w, int dir, const char *name, const struct stat *st);
	uid_t uid;
	gid_t gid;
	uint64_t bytes;
	void *linked; // tsearch(3): inodes with several names
};

static int walk_directory(struct walk *w, int fd, int depth);

static int walk_entry(struct walk *w, int dir, const char *name, int depth)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno; // removed meanwhile
	if (st.st_dev != w->device)
		return 0;
	int r = w->visit(w, dir, name, &st);
	if (r < 0 || !S_ISDIR(st.st_mode))
		return r;
	int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	return walk_directory(w, below, depth + 1);
}

// Closes FD.
static int walk_directory(struct walk *w, int fd, int depth)
{
	DIR *dir = depth < DEPTH_MAX ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int r = dir ? 0 : -ELOOP;

	if (!dir)
		close(fd);
	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = walk_entry(w, dirfd(dir), entry->d_name, depth);
	if (dir)
		closedir(dir);
	return r;
}

// The place itself is visited, too.
static int walk_from(struct walk *w, int place)
{
	struct stat st;

	if (fstat(place, &st) < 0)
		return -errno;
	w->device = st.st_dev;
	int r = w->visit(w, place, "", &st);
	if (r < 0 || !S_ISDIR(st.st_mode))
		return r;
	int fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : walk_directory(w, fd, 0);
}

// chown(2) clears set-user-ID bits of files, which belong to the old owner.
static int give_entry(struct walk *w, int dir, const char *name, const struct stat *st)
{
	int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);

	if (st->st_uid == w->uid && st->st_gid == w->gid)
		return 0;
	return fchownat(dir, name, w->uid, w->gid, flags) < 0 && errno != ENOENT ? -errno : 0;
}

int tree_give(int place, uid_t uid, gid_t gid, struct err *e)
{
	struct walk w = {.visit = give_entry, .uid = uid, .gid = gid};
	int r = walk_from(&w, place);

	return r < 0 ? err_set(e, -r, "cannot change the owner of the files to %u:%u", uid, gid) : 0;
}

static int compare_inodes(const void *a, const void *b)
{
	ino_t one = *(const ino_t *)a, other = *(const ino_t *)b;

	return one < other ? -1 : one > other;
}

// Whether this inode was not seen before.
static bool note_inode(struct walk *w, ino_t inode)
{
	ino_t *own = mem_new(sizeof(*own));

	*own = inode;
	ino_t **node = tsearch(own, &w->linked, compare_inodes);
	if (node && *node == own)
		return true;
	free(own);
	return false;
}

static int add_entry(struct walk *w, int dir, const char *name, const struct stat *st)
{
	(void)dir, (void)name;
	if (S_ISDIR(st->st_mode) || st->st_nlink < 2 || note_inode(w, st->st_ino))
		w->bytes += (uint64_t)st->st_blocks * 512;
	return 0;
}

int tree_size_here(int place, uint64_t *bytes)
{
	struct walk w = {.visit = add_entry};
	int r = walk_from(&w, place);

	tdestroy(w.linked, free);
	*bytes = w.bytes;
	return r;
}
