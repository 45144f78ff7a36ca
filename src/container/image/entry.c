// Files from entries of archives: see entry.h.
#include "entry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"
#include "sys/userns.h"

char *entry_clean_name(const char *path)
{
	static const char whiteout[] = ".wh.";
	auto_strv parts = {0};
	auto_str clean = {0};

	strv_split(&parts, path ? path : "", "/");
	for (size_t i = 0; i < parts.count; i++) {
		size_t most = NAME_MAX + (i + 1 == parts.count && str_starts(parts.items[i], whiteout) ? strlen(whiteout) : 0);
		if (strcmp(parts.items[i], ".") == 0)
			continue;
		if (strcmp(parts.items[i], "..") == 0 || strlen(parts.items[i]) > most)
			return NULL;
		str_addf(&clean, "%s%s", clean.length ? "/" : "", parts.items[i]);
	}
	return path && *path && clean.length < PATH_MAX + strlen(whiteout) ? str_steal(&clean) : NULL;
}

// *END becomes the size of what was written.
static int write_data(struct tar *t, int fd, la_int64_t *end, struct err *e)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int r;

	*end = 0;
	while ((r = la.read_data_block(t->inner, &block, &size, &offset)) == ARCHIVE_OK) {
		*end = offset + (la_int64_t)size;
		for (size_t done = 0; done < size;) {
			ssize_t n = pwrite(fd, (const char *)block + done, size - done, offset + (la_int64_t)done);
			if (n < 0 && errno != EINTR)
				return err_set(e, errno, "cannot write a file");
			done += n > 0 ? (size_t)n : 0;
		}
	}
	return r == ARCHIVE_EOF ? 0 : tar_problem(t, e);
}

// A hole becomes zeros.
int entry_read(struct tar *t, size_t limit, struct str *text, struct err *e)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int r;

	while ((r = la.read_data_block(t->inner, &block, &size, &offset)) == ARCHIVE_OK) {
		if (offset < 0 || (uint64_t)offset > limit || size > limit - (size_t)offset)
			return err_msg(e, EFBIG, "larger than %zu bytes", limit);
		while (text->length < (size_t)offset)
			str_add_bytes(text, "", 1);
		str_add_bytes(text, block, size);
	}
	return r == ARCHIVE_EOF ? 0 : tar_problem(t, e);
}

// A file may end with a hole.
int entry_write_data(struct tar *t, struct archive_entry *entry, int fd, struct err *e)
{
	la_int64_t end;
	int r = write_data(t, fd, &end, e);

	return r == 0 && la.entry_size_is_set(entry) && la.entry_size(entry) != end &&
	               ftruncate(fd, la.entry_size(entry)) < 0
	           ? err_set(e, errno, "cannot set the size of a file")
	           : r;
}

static int create_directory(struct tar *t, struct archive_entry *entry, const struct entry_place *at, struct err *e)
{
	int r = fs_make_directory(at->parent, at->name, 0700);

	(void)t, (void)entry;
	return r < 0 && r != -EEXIST ? err_set(e, -r, "cannot create '%s'", at->name) : 0;
}

static int create_link(struct tar *t, struct archive_entry *entry, const struct entry_place *at, struct err *e)
{
	const char *target = la.entry_symlink(entry);

	(void)t;
	return !target || symlinkat(target, at->parent, at->name) < 0
	           ? err_set(e, target ? errno : EINVAL, "cannot create symbolic link '%s'", at->name)
	           : 0;
}

// Only root on the host can create devices; without it, layers are unpacked without them, since /dev is a new tmpfs
// anyway.
static int create_node(struct tar *t, struct archive_entry *entry, const struct entry_place *at, struct err *e)
{
	mode_t type = la.entry_filetype(entry);

	(void)t;
	if (type != AE_IFIFO && !userns_is_host_root())
		return ENTRY_LEFT_OUT;
	if (mknodat(at->parent, at->name, type | 0600, la.entry_rdev(entry)) < 0)
		return err_set(e, errno, "cannot create '%s'", at->name);
	return 0;
}

bool entry_allows_xattr(const char *name)
{
	return str_starts(name, "security.capability") ||
	       (str_starts(name, "user.") && !str_starts(name, "user.overlay."));
}

static const struct {
	mode_t type;
	int (*create)(struct tar *t, struct archive_entry *entry, const struct entry_place *at, struct err *e);
} kinds[] = {
	{AE_IFDIR, create_directory}, {AE_IFLNK, create_link}, {AE_IFIFO, create_node},
	{AE_IFCHR, create_node},      {AE_IFBLK, create_node},
};

// Without root, everything in a layer belongs to the user; so do files in a user namespace whose owner is not mapped
// there.
static int set_owner(struct archive_entry *entry, int node)
{
	if (geteuid() != 0 ||
	    fchownat(node, "", (uid_t)la.entry_uid(entry), (gid_t)la.entry_gid(entry), AT_EMPTY_PATH) == 0)
		return 0;
	return errno == EINVAL && !userns_is_initial() ? 0 : -1;
}

mode_t entry_mode(struct archive_entry *entry, bool keep_owner)
{
	return la.entry_perm(entry) & (keep_owner ? 07777u : 01777u);
}

static void set_xattrs(struct archive_entry *entry, int node, bool keep_owner)
{
	const char *name;
	const void *value;
	size_t size;

	la.entry_xattr_reset(entry);
	while (la.entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
		if (name && entry_allows_xattr(name) && (keep_owner || str_starts(name, "user."))) {
			auto_free char *path = mem_printf("/proc/self/fd/%d", node);
			setxattr(path, name, value, size, 0); // dropped if the file system does not support it
		}
}

static void set_time(struct archive_entry *entry, int node)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {la.entry_mtime(entry), la.entry_mtime_nsec(entry)}};

	utimensat(node, "", times, AT_EMPTY_PATH);
}

// Owner before mode: chown clears the set-user-ID bit.
int entry_write(struct tar *t, struct archive_entry *entry, int fd, bool keep_owner, struct err *e)
{
	int r = entry_write_data(t, entry, fd, e);

	if (r < 0)
		return r;
	if (keep_owner && set_owner(entry, fd) < 0)
		return err_set(e, errno, "cannot set the owner of a file");
	if (fchmod(fd, entry_mode(entry, keep_owner)) < 0)
		return err_set(e, errno, "cannot set the mode of a file");
	set_xattrs(entry, fd, keep_owner);
	set_time(entry, fd);
	return 0;
}

static int create_file(struct tar *t, struct archive_entry *entry, const struct entry_place *at, bool keep_owner,
                       struct err *e)
{
	auto_close int fd = openat(at->parent, at->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(e, errno, "cannot create '%s'", at->name);
	return entry_write(t, entry, fd, keep_owner, e);
}

// By a descriptor: another process that writes to the directory could put another file there.
static int set_attributes(struct archive_entry *entry, const struct entry_place *at, bool keep_owner, struct err *e)
{
	auto_close int node = openat(at->parent, at->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	auto_free char *path = mem_printf("/proc/self/fd/%d", node);
	mode_t type = la.entry_filetype(entry);

	if (node < 0 || (keep_owner && set_owner(entry, node) < 0))
		return err_set(e, errno, "cannot set the owner of '%s'", at->name);
	if (type != AE_IFDIR && type != AE_IFLNK && chmod(path, entry_mode(entry, keep_owner)) < 0)
		return err_set(e, errno, "cannot set the mode of '%s'", at->name);
	if (type != AE_IFLNK)
		set_xattrs(entry, node, keep_owner);
	set_time(entry, node);
	return 0;
}

int entry_create(struct tar *t, struct archive_entry *entry, const struct entry_place *at, bool keep_owner,
                 struct err *e)
{
	if (la.entry_filetype(entry) == AE_IFREG)
		return create_file(t, entry, at, keep_owner, e);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == la.entry_filetype(entry)) {
			int r = kinds[i].create(t, entry, at, e);
			return r == 0 ? set_attributes(entry, at, keep_owner, e) : r;
		}
	return ENTRY_LEFT_OUT; // sockets are meaningless in an image
}
