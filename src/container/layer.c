// Unpacking one layer: see layer_unpack(). The archive is hostile: every name is walked by descriptors below the target directory.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/image.h"
#include "sys/fs.h"
#include "sys/userns.h"
#include "tar.h"

static const char whiteout[] = ".wh.", opaque[] = ".wh..wh..opq";

// One entry on its way: where it goes.
struct place {
	int parent; // O_PATH descriptor of its directory
	const char *name;
};

// "./a/b/" → "a/b", "" for the root itself, NULL for names that no file can have.
static char *clean_name(const char *path)
{
	auto_strv parts = {0};
	auto_str clean = {0};

	strv_split(&parts, path ? path : "", "/");
	for (size_t i = 0; i < parts.count; i++) {
		if (strcmp(parts.items[i], ".") == 0)
			continue;
		if (strcmp(parts.items[i], "..") == 0 || strlen(parts.items[i]) > NAME_MAX)
			return NULL;
		str_addf(&clean, "%s%s", clean.length ? "/" : "", parts.items[i]);
	}
	return parts.count ? str_steal(&clean) : NULL;
}

static int open_parent(int root, char *path, struct place *place, struct err *e)
{
	char *slash = strrchr(path, '/');

	place->name = slash ? slash + 1 : path;
	if (!slash) {
		place->parent = fcntl(root, F_DUPFD_CLOEXEC, 3);
		return place->parent < 0 ? err_set(e, errno, "cannot open the layer's directory") : 0;
	}
	*slash = '\0';
	place->parent = fs_resolve(root, path, FS_DIRECTORY | FS_CREATE, e); // links stay inside the layer
	*slash = '/';
	return place->parent < 0 ? place->parent : 0;
}

// A directory that hides what the layers below have under its name (overlayfs.rst). Mounts without the host's rights look at
// "user." (userxattr).
static int make_opaque(int dir, struct err *e)
{
	auto_free char *path = mem_printf("/proc/self/fd/%d", dir);
	const char *attribute = userns_is_host_root() ? "trusted.overlay.opaque" : "user.overlay.opaque";

	return setxattr(path, attribute, "y", 1, 0) < 0 ? err_set(e, errno, "cannot mark a directory as replaced") : 0;
}

// A removed file is a device 0:0 for overlayfs, which everybody may make. Whiteouts are about the layers below (image-spec layer.md): what this layer
// itself has under that name stays, a directory as a new one.
static int put_whiteout(const struct place *at, const char *hidden, struct err *e)
{
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return err_msg(e, EBADMSG, "a whiteout of no file: '%s'", at->name);
	if (mknodat(at->parent, hidden, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	if (errno != EEXIST)
		return err_set(e, errno, "cannot mark '%s' as removed", hidden);
	auto_close int dir = openat(at->parent, hidden, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return dir < 0 ? 0 : make_opaque(dir, e);
}

static bool is_whiteout(const struct place *at)
{
	struct stat st;

	return fstatat(at->parent, at->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

static int put_data(struct tar *t, int fd, struct err *e)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int r;

	while ((r = la.read_data_block(t->inner, &block, &size, &offset)) == ARCHIVE_OK)
		for (size_t done = 0; done < size;) {
			ssize_t n = pwrite(fd, (const char *)block + done, size - done, offset + (la_int64_t)done);
			if (n < 0 && errno != EINTR)
				return err_set(e, errno, "cannot write a file of the layer");
			done += n > 0 ? (size_t)n : 0;
		}
	return r == ARCHIVE_EOF ? 0 : tar_problem(t, e);
}

static int put_file(struct tar *t, struct archive_entry *entry, const struct place *at, struct err *e)
{
	auto_close int fd = openat(at->parent, at->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(e, errno, "cannot make '%s'", at->name);
	int r = put_data(t, fd, e);
	if (r == 0 && la.entry_size_is_set(entry) && ftruncate(fd, la.entry_size(entry)) < 0)
		r = err_set(e, errno, "cannot size '%s'", at->name);
	return r;
}

static int put_directory(struct tar *t, struct archive_entry *entry, const struct place *at, struct err *e)
{
	int r = fs_make_directory(at->parent, at->name, 0700);

	(void)t, (void)entry;
	return r < 0 && r != -EEXIST ? err_set(e, -r, "cannot make '%s'", at->name) : 0;
}

static int put_link(struct tar *t, struct archive_entry *entry, const struct place *at, struct err *e)
{
	const char *target = la.entry_symlink(entry);

	(void)t;
	return !target || symlinkat(target, at->parent, at->name) < 0 ? err_set(e, target ? errno : EINVAL, "cannot make link '%s'", at->name) : 0;
}

// Devices are for the host's root only; other layers do without them, since /dev is made afresh.
static int put_node(struct tar *t, struct archive_entry *entry, const struct place *at, struct err *e)
{
	mode_t type = la.entry_filetype(entry);

	(void)t;
	if (type != AE_IFIFO && !userns_is_host_root())
		return 0;
	if (mknodat(at->parent, at->name, type | 0600, la.entry_rdev(entry)) < 0)
		return err_set(e, errno, "cannot make '%s'", at->name);
	return 0;
}

static int put_hard_link(int root, struct archive_entry *entry, const struct place *at, struct err *e)
{
	auto_free char *target = clean_name(la.entry_hardlink(entry));
	struct place from = {-1, NULL};
	int r = target && *target ? open_parent(root, target, &from, e) : err_msg(e, EBADMSG, "a hard link leads outside: '%s'", la.entry_hardlink(entry));

	if (r == 0 && linkat(from.parent, from.name, at->parent, at->name, 0) < 0)
		r = err_set(e, errno, "cannot link '%s' to '%s'", at->name, target);
	auto_close_run(&from.parent);
	return r;
}

static const struct {
	mode_t type;
	int (*put)(struct tar *t, struct archive_entry *entry, const struct place *at, struct err *e);
} kinds[] = {
	{AE_IFREG, put_file}, {AE_IFDIR, put_directory}, {AE_IFLNK, put_link},
	{AE_IFIFO, put_node}, {AE_IFCHR, put_node},      {AE_IFBLK, put_node},
};

// A directory's mode and time are set at the end: until then its owner must be able to fill it, and filling changes the time.
struct late {
	char *path;
	mode_t mode;
	struct timespec mtime;
};

struct unpacking {
	int root;
	struct late *late;
	size_t late_count;
};

static void set_late(struct unpacking *u, const char *path, struct archive_entry *entry)
{
	u->late = mem_resize(u->late, u->late_count + 1, sizeof(*u->late));
	u->late[u->late_count++] = (struct late){mem_strdup(path), la.entry_perm(entry), {la.entry_mtime(entry), la.entry_mtime_nsec(entry)}};
}

// From the inside out, for a mode may bar the way.
static int finish_directories(struct unpacking *u, struct err *e)
{
	int r = 0;

	for (size_t i = u->late_count; i-- > 0;) {
		struct late *l = &u->late[i];
		auto_close int fd = r < 0 ? -1 : fs_resolve(u->root, l->path, FS_DIRECTORY, NULL);
		auto_free char *self = mem_printf("/proc/self/fd/%d", fd);
		const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, l->mtime};
		if (fd >= 0 && (utimensat(AT_FDCWD, self, times, 0) < 0 || chmod(self, l->mode) < 0))
			r = err_set(e, errno, "cannot give '%s' its mode", l->path);
		free(l->path);
	}
	free(u->late);
	return r;
}

// An ordinary user's layers are the user's own, and so is in a user namespace what belongs to an id that is not mapped there.
static int put_owner(struct archive_entry *entry, const struct place *at)
{
	if (geteuid() != 0 || fchownat(at->parent, at->name, (uid_t)la.entry_uid(entry), (gid_t)la.entry_gid(entry), AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return errno == EINVAL && !userns_is_initial() ? 0 : -1;
}

// Owner before mode: a change of owner takes set-user-ID away.
static int put_attributes(struct archive_entry *entry, const struct place *at, struct err *e)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {la.entry_mtime(entry), la.entry_mtime_nsec(entry)}};
	const char *name;
	const void *value;
	size_t size;

	if (put_owner(entry, at) < 0)
		return err_set(e, errno, "cannot give '%s' its owner", at->name);
	bool late = la.entry_filetype(entry) == AE_IFDIR;
	if (!late && la.entry_filetype(entry) != AE_IFLNK && fchmodat(at->parent, at->name, la.entry_perm(entry), 0) < 0 && errno != ENOENT)
		return err_set(e, errno, "cannot give '%s' its mode", at->name);
	auto_free char *path = mem_printf("/proc/self/fd/%d/%s", at->parent, at->name);
	la.entry_xattr_reset(entry);
	while (la.entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
		if (name && (str_starts(name, "security.capability") || (str_starts(name, "user.") && !str_starts(name, "user.overlay."))))
			lsetxattr(path, name, value, size, 0); // what the file system cannot keep is no reason to refuse the image
	utimensat(at->parent, at->name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static bool is_directory(const struct place *at)
{
	struct stat st;

	return fstatat(at->parent, at->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int put_by_kind(struct tar *t, struct archive_entry *entry, const struct place *at, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == la.entry_filetype(entry))
			return kinds[i].put(t, entry, at, e);
	return 0; // sockets have no meaning in an image
}

static int put_entry(struct tar *t, struct archive_entry *entry, struct unpacking *u, const struct place *at, const char *path, struct err *e)
{
	bool directory = la.entry_filetype(entry) == AE_IFDIR && !la.entry_hardlink(entry);
	bool replaced = is_whiteout(at);

	if (strcmp(at->name, opaque) == 0)
		return make_opaque(at->parent, e);
	if (str_starts(at->name, whiteout))
		return put_whiteout(at, at->name + strlen(whiteout), e);
	if (!(directory && is_directory(at))) // a later entry replaces an earlier one
		fs_remove_tree(at->parent, at->name, NULL);
	if (la.entry_hardlink(entry))
		return put_hard_link(u->root, entry, at, e);
	int r = put_by_kind(t, entry, at, e);
	if (r == 0 && directory && replaced) { // the layer removes what was there and puts its own in place
		auto_close int dir = openat(at->parent, at->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = make_opaque(dir, e);
	}
	if (r == 0 && directory)
		set_late(u, path, entry);
	return r == 0 ? put_attributes(entry, at, e) : r;
}

static int unpack_entry(struct tar *t, struct archive_entry *entry, struct unpacking *u, struct err *e)
{
	auto_free char *path = clean_name(la.entry_pathname(entry));
	struct place at = {-1, NULL};

	if (path && !*path)
		return 0; // the root itself
	int r = path ? open_parent(u->root, path, &at, e) : err_msg(e, EBADMSG, "a name that no file can have: '%s'", la.entry_pathname(entry));
	if (r == 0)
		r = put_entry(t, entry, u, &at, path, e);
	auto_close_run(&at.parent);
	return r;
}

static int unpack_entries(struct tar *t, struct unpacking *u, struct err *e)
{
	struct archive_entry *entry;
	int r;

	while ((r = tar_next(t, &entry, e)) > 0) {
		r = job_is_cancelled(t->job) ? err_msg(e, ECANCELED, "cancelled") : unpack_entry(t, entry, u, e);
		if (r < 0)
			return r;
	}
	return r;
}

int layer_unpack(const struct layer_source *source, int dir_fd, const char *diff_id, const struct job *job, struct err *e)
{
	struct unpacking u = {.root = dir_fd};
	char hex[DIGEST_HEX + 1];
	auto_tar t = {0};
	int r = tar_open(&t, source, job, e);

	if (r == 0)
		r = unpack_entries(&t, &u, e);
	int late = finish_directories(&u, r < 0 ? NULL : e);
	if (r == 0)
		r = late;
	if (r == 0)
		r = tar_finish(&t, hex, e);
	if (r == 0 && diff_id && !str_equal(digest_hex(diff_id), hex))
		r = err_msg(e, EBADMSG, "its archive is sha256:%s, the image's configuration says '%s' (diff_ids)", hex, diff_id);
	return r;
}
