// Copying from stacked directories: see copy.h. Both sides are untrusted: every name is opened relative to a
// descriptor, and no symbolic link is followed.
#include "copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "stack.h"
#include "sys/fs.h"

enum { DEPTH_MAX = 256, CHUNK = 1 << 30, XATTR_MAX = 64 << 10 };

struct copying {
	struct str path; // of the current directory, for errors
};

static int copy_failed(const struct copying *c, const char *name, int code, struct err *e)
{
	return err_set(e, code, "cannot copy '%s/%s' of the image", str_text(&c->path), name);
}

// Those of overlayfs describe the layer, not the file.
static bool is_copied(const char *attribute)
{
	return !str_starts(attribute, "trusted.overlay.") && !str_starts(attribute, "user.overlay.");
}

static int copy_attributes(int from, int to)
{
	auto_free char *source = mem_printf("/proc/self/fd/%d", from), *target = mem_printf("/proc/self/fd/%d", to);
	auto_free char *names = mem_new(XATTR_MAX);
	ssize_t n = listxattr(source, names, XATTR_MAX);
	int r = 0;

	for (char *name = names; r == 0 && n > 0 && name < names + n; name += strlen(name) + 1) {
		auto_free char *value = mem_new(XATTR_MAX);
		ssize_t size = is_copied(name) ? getxattr(source, name, value, XATTR_MAX) : -1;

		// refused without root rights and by some file systems, as when an image is unpacked
		if (size >= 0 && setxattr(target, name, value, (size_t)size, 0) < 0 && errno != EPERM && errno != EOPNOTSUPP)
			r = -errno;
	}
	return r;
}

// Without root rights there may be only one owner, the user.
static int set_owner(int dir, const char *name, const struct stat *st)
{
	int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);

	return fchownat(dir, name, st->st_uid, st->st_gid, flags) < 0 && errno != EPERM && errno != EINVAL ? -errno : 0;
}

// The mode after the owner, which clears set-user-ID bits, and capabilities after the owner, too.
static int finish_entry(int from, int to, const struct stat *st)
{
	auto_free char *self = mem_printf("/proc/self/fd/%d", to);
	const struct timespec times[] = {st->st_atim, st->st_mtim};
	int r = set_owner(to, "", st);

	r = r < 0 ? r : copy_attributes(from, to);
	if (r == 0 && (chmod(self, st->st_mode & 07777) < 0 || utimensat(AT_FDCWD, self, times, 0) < 0))
		r = -errno;
	return r;
}

static int copy_bytes(int in, int out)
{
	ssize_t n;

	while ((n = sendfile(out, in, NULL, CHUNK)) != 0)
		if (n < 0 && errno != EINTR)
			return -errno;
	return 0;
}

static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	auto_close int in = fs_reopen(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_close int out = in < 0 ? in : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (in < 0 || out < 0)
		return in < 0 ? in : -errno;
	int r = copy_bytes(in, out);
	return r < 0 ? r : finish_entry(in, out, st);
}

static int copy_link(int from, int to, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, "", target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return symlinkat(target, to, name) < 0 ? -errno : set_owner(to, name, st);
}

static int copy_fifo(int to, const char *name, const struct stat *st)
{
	if (mkfifoat(to, name, st->st_mode & 0777) < 0)
		return -errno;
	return set_owner(to, name, st);
}

static int copy_place(struct stack_place *to, const struct stack_place *from)
{
	int r = 0;

	*to = (struct stack_place){
	    .count = from->count, .at = mem_array(from->count, sizeof(*to->at)), .file = from->file};
	for (size_t i = 0; i < from->count; i++) {
		to->at[i] = from->at[i] < 0 || r < 0 ? -1 : fcntl(from->at[i], F_DUPFD_CLOEXEC, 3);
		if (from->at[i] >= 0 && r == 0 && to->at[i] < 0)
			r = -errno;
	}
	return r;
}

static int add_names(int directory, struct strv *names)
{
	DIR *dir = fs_open_directory(directory, ".");
	struct dirent *entry;

	if (!dir)
		return -errno;
	while ((errno = 0, entry = readdir(dir)))
		if (!str_equal(entry->d_name, ".") && !str_equal(entry->d_name, ".."))
			strv_add(names, entry->d_name);
	int r = -errno;
	closedir(dir);
	return r;
}

static int copy_directory(struct copying *c, const struct stack_place *place, int to, int depth, struct err *e);

static int copy_below(struct copying *c, const struct stack_place *place, int found, int to, const char *name,
                      const struct stat *st, int depth, struct err *e)
{
	size_t before = c->path.length;
	int made = fs_make_directory(to, name, 0700);
	auto_close int below = made < 0 ? made : openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (below < 0)
		return copy_failed(c, name, made < 0 ? -made : errno, e);
	str_addf(&c->path, "/%s", name);
	int r = copy_directory(c, place, below, depth + 1, e);
	c->path.text[c->path.length = before] = '\0';
	int last = r < 0 ? r : finish_entry(found, below, st);
	return r < 0 ? r : last < 0 ? copy_failed(c, name, -last, e) : 0;
}

static int copy_entry(struct copying *c, const struct stack_place *place, int to, const char *name, int depth,
                      struct err *e)
{
	struct stack_place next;
	struct stat st;

	int copied = copy_place(&next, place);
	auto_close int found = copied < 0 ? copied : stack_place_enter(&next, name);
	int r = found == -ENOENT ? 0 : found < 0 ? found : fstat(found, &st) < 0 ? -errno : 1;
	if (r == 1 && S_ISDIR(st.st_mode)) {
		r = copy_below(c, &next, found, to, name, &st, depth, e);
		stack_place_done(&next);
		return r;
	}
	stack_place_done(&next);
	if (r == 1)
		r = S_ISREG(st.st_mode)    ? copy_file(found, to, name, &st)
		    : S_ISLNK(st.st_mode)  ? copy_link(found, to, name, &st)
		    : S_ISFIFO(st.st_mode) ? copy_fifo(to, name, &st)
		                           : 0;
	return r < 0 ? copy_failed(c, name, -r, e) : 0;
}

static int copy_directory(struct copying *c, const struct stack_place *place, int to, int depth, struct err *e)
{
	auto_strv names = {0};
	int r = depth < DEPTH_MAX ? 0 : copy_failed(c, "", ELOOP, e);

	for (size_t i = 0; r == 0 && i < place->count; i++)
		if (place->at[i] >= 0 && (r = add_names(place->at[i], &names)) < 0)
			copy_failed(c, "", -r, e);
	strv_sort(&names);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		if (i == 0 || strcmp(names.items[i], names.items[i - 1]) != 0)
			r = copy_entry(c, place, to, names.items[i], depth, e);
	return r;
}

// Descends to PATH, which has no symbolic links. Returns a descriptor of its topmost directory, or negative errno.
static int descend(struct stack_place *place, const char *path)
{
	auto_strv parts = {0};
	int found = -ENOENT;

	strv_split(&parts, path, "/");
	for (size_t i = 0; i < parts.count; i++) {
		auto_close_run(&found);
		found = stack_place_enter(place, parts.items[i]);
		if (found < 0)
			return found;
	}
	return found;
}

int copy_stacked(const struct strv *roots, const char *path, int to, struct err *e)
{
	struct copying c = {0};
	struct stack_place place;
	auto_free char *real = NULL;
	auto_close int resolved = stack_resolve(roots, path, 0, &real);
	int r = resolved < 0 ? resolved : stack_place_open(&place, roots);
	struct stat st;

	if (r < 0)
		return resolved == -ENOENT || resolved == -ENOTDIR ? 0 : err_set(e, -r, "cannot open '%s' of the image", path);
	auto_close int found = descend(&place, real);
	auto_close int into = fs_reopen(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (found >= 0 && into >= 0 && fstat(found, &st) == 0 && S_ISDIR(st.st_mode)) {
		str_add(&c.path, path);
		r = copy_directory(&c, &place, into, 0, e);
		int last = r < 0 ? r : finish_entry(found, into, &st);
		r = r == 0 && last < 0 ? copy_failed(&c, "", -last, e) : r;
	} else if (into < 0 || (found < 0 && found != -ENOENT && found != -ENOTDIR)) {
		r = err_set(e, into < 0 ? -into : -found, "cannot open '%s' of the image", path);
	}
	stack_place_done(&place);
	str_done(&c.path);
	return r;
}
