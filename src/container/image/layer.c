// Unpacking one layer: see layer_unpack(). The archive is untrusted: every name is resolved through descriptors below
// the target directory.
#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/store/stack.h"
#include "digest.h"
#include "entry.h"
#include "sys/fs.h"
#include "sys/userns.h"
#include "tar.h"

static const char whiteout[] = ".wh.", opaque[] = ".wh..wh..opq", aufs_prefix[] = ".wh..wh.";

// The mode and time of a directory, which are set at the end: until then the owner must be able to fill it, and
// filling it changes the time.
struct deferred {
	char *path;
	size_t order;
	mode_t mode;
	struct timespec mtime;
};

struct unpacking {
	int root;
	struct layer_below *below;
	struct strv stack; // this layer, then the layers below
	void *removed;     // tsearch(3): paths of whiteouts so far; opaque directories end with '/'
	struct deferred *deferred;
	size_t deferred_count;
};

// --- the layers below ---

static int compare_removed(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void note_removed(struct unpacking *u, char *path)
{
	char **node = tsearch(path, &u->removed, compare_removed);

	if (!node || *node != path)
		free(path);
}

// The length of the shortest prefix of PATH that this layer removes from the layers below, 0 if there is none.
static size_t removed_prefix(const struct unpacking *u, const char *path)
{
	auto_free char *part = mem_strdup(path);
	bool hidden = tfind("/", &u->removed, compare_removed) != NULL;

	for (size_t n = strcspn(path, "/");; n += 1 + strcspn(path + n + 1, "/")) {
		part[n] = '\0';
		if (hidden || tfind(part, &u->removed, compare_removed))
			return n;
		if (!path[n])
			return 0;
		part[n] = '/';
		part[n + 1] = '\0';
		hidden = tfind(part, &u->removed, compare_removed) != NULL;
		part[n + 1] = path[n + 1];
	}
}

static void defer_attributes(struct unpacking *u, const char *path, mode_t mode, struct timespec mtime)
{
	u->deferred = mem_resize(u->deferred, u->deferred_count + 1, sizeof(*u->deferred));
	u->deferred[u->deferred_count] = (struct deferred){mem_strdup(path), u->deferred_count, mode, mtime};
	u->deferred_count++;
}

// Creates the directory AT with the owner, mode and time of MODEL, the directory in the layers below (if it is one):
// in a mounted container, writing into it would not change these either. Returns a descriptor of it.
static int mirror_directory(struct unpacking *u, const char *path, const struct entry_place *at, int model,
                            struct err *e)
{
	int r = fs_make_directory(at->parent, at->name, 0755);
	auto_close int made = r < 0 ? r : openat(at->parent, at->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_free char *self = mem_printf("/proc/self/fd/%d", made);
	struct stat st;

	if (made < 0)
		return err_set(e, r < 0 ? -r : errno, "cannot create '%s'", path);
	if (model < 0 || fstat(model, &st) < 0 || !S_ISDIR(st.st_mode))
		return steal_fd(&made);
	if (geteuid() == 0 && chown(self, st.st_uid, st.st_gid) < 0)
		return err_set(e, errno, "cannot set the owner of '%s'", path);
	defer_attributes(u, path, st.st_mode & 07777, st.st_mtim);
	return steal_fd(&made);
}

// Opens the directory PATH, which has no symbolic links. Components missing in this layer are created like those of
// the layers below.
static int mirror_path(struct unpacking *u, char *path, struct stack_place *below, struct err *e)
{
	auto_close int here = fcntl(u->root, F_DUPFD_CLOEXEC, 3);

	for (char *name = path, *slash = path; here >= 0 && slash && *name; name = slash ? slash + 1 : name) {
		if ((slash = strchr(name, '/')))
			*slash = '\0';
		auto_close int model = stack_place_enter(below, name);
		int next = openat(here, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			next = mirror_directory(u, path, &(struct entry_place){here, name}, model, e);
		close(here);
		here = next;
		if (slash)
			*slash = '/';
	}
	return steal_fd(&here);
}

// The result depends on the layers below.
static void mark_below_used(struct unpacking *u)
{
	if (u->below)
		u->below->used = true;
}

// Opens the directory PATH, which this layer does not list, at the path that the layers below resolve it to.
static int mirror_below(struct unpacking *u, const char *path, struct err *e)
{
	auto_free char *real = NULL;
	auto_close int found = stack_resolve(&u->stack, path, 0, &real);

	mark_below_used(u);
	if (found == -ENOTDIR) // a file below, replaced by this layer's directory
		return fs_resolve(u->root, path, FS_DIRECTORY | FS_CREATE, e);
	if (found < 0 && found != -ENOENT)
		return err_set(e, -found, "cannot create '%s'", path);
	struct stack_place top;
	int r = stack_place_open(&top, &u->stack);
	r = r < 0 ? err_set(e, -r, "cannot open the layers below") : mirror_path(u, real, &top, e);
	stack_place_done(&top);
	return r;
}

static int open_directory(struct unpacking *u, const char *path, struct err *e)
{
	int there = fs_resolve(u->root, path, FS_DIRECTORY, NULL); // symbolic links cannot leave the layer
	size_t removed = there == -ENOENT ? removed_prefix(u, path) : 0;
	auto_free char *part = mem_strndup(path, removed);
	char *slash = strrchr(part, '/');

	if (there != -ENOENT)
		return there < 0 ? err_set(e, -there, "cannot open '%s' in the layer", path) : there;
	if (!removed)
		return mirror_below(u, path, e);
	if (slash) {
		*slash = '\0';
		auto_close int above = open_directory(u, part, e);
		if (above < 0)
			return above;
	}
	return fs_resolve(u->root, path, FS_DIRECTORY | FS_CREATE, e);
}

static int open_parent(struct unpacking *u, char *path, struct entry_place *place, struct err *e)
{
	char *slash = strrchr(path, '/');

	place->name = slash ? slash + 1 : path;
	if (!slash) {
		place->parent = fcntl(u->root, F_DUPFD_CLOEXEC, 3);
		return place->parent < 0 ? err_set(e, errno, "cannot open the layer's directory") : 0;
	}
	*slash = '\0';
	place->parent = open_directory(u, path, e);
	*slash = '/';
	return place->parent < 0 ? place->parent : 0;
}

// --- whiteouts ---
// They apply to the layers below, regardless of their position in the archive (image-spec layer.md): so they are
// collected first, and created at the end.

// PATH is a whiteout of a file, or marks an opaque directory. Other names with the opaque marker's prefix are aufs
// metadata of the host that built the image.
static int note_whiteout(struct unpacking *u, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *hidden = name + strlen(whiteout);
	int parent = (int)(name - path); // with the '/'

	if (strcmp(name, opaque) == 0)
		note_removed(u, mem_printf("%.*s", parent ? parent : 1, parent ? path : "/"));
	else if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return err_msg(e, EBADMSG, "invalid whiteout '%s'", name);
	else if (!str_starts(name, aufs_prefix))
		note_removed(u, mem_printf("%.*s%s", parent, path, hidden));
	return 0;
}

// Whether PATH is, or is below, aufs metadata.
static bool is_aufs_metadata(const char *path)
{
	const char *at = strstr(path, aufs_prefix);

	return at && (at == path || at[-1] == '/') && strcmp(at, opaque) != 0;
}

static bool is_directory(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int mark_opaque(int dir, struct err *e)
{
	int r = stack_make_opaque(dir);

	return r < 0 ? err_set(e, -r, "cannot mark a directory as opaque") : 0;
}

// An entry of this layer with the same name is kept; a directory becomes opaque. Otherwise creates the whiteout of
// overlayfs, a device 0:0, which any user can create.
static int mark_removed(const struct entry_place *at, struct err *e)
{
	if (mknodat(at->parent, at->name, S_IFCHR, 0) == 0)
		return 0;
	if (errno != EEXIST)
		return err_set(e, errno, "cannot create the whiteout of '%s'", at->name);
	auto_close int dir = openat(at->parent, at->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return dir < 0 ? 0 : mark_opaque(dir, e);
}

// Opens the directory PATH of a whiteout. Returns -ENOENT if the whiteout has no effect: PATH is removed itself, is a
// file, or does not exist below.
static int open_marked(struct unpacking *u, const char *path, struct err *e)
{
	int there = *path ? fs_resolve(u->root, path, FS_DIRECTORY, NULL) : fcntl(u->root, F_DUPFD_CLOEXEC, 3);

	if (there >= 0 || removed_prefix(u, path))
		return there >= 0 ? there : -ENOENT;
	auto_close int found = stack_resolve(&u->stack, path, 0, NULL);
	mark_below_used(u);
	return found < 0 ? -ENOENT : open_directory(u, path, e);
}

// Whether PATH already hides the layers below: there a whiteout would be visible as a device.
static bool is_hidden(const struct unpacking *u, const char *path)
{
	auto_free char *whole = mem_printf("%s/", path);

	return tfind(whole, &u->removed, compare_removed) || (*path && removed_prefix(u, path));
}

// Whether the layers below have NAME in the directory PATH; if not, a whiteout would be visible as a device.
static bool is_below(struct unpacking *u, const char *path, const char *name)
{
	auto_free char *real = NULL;
	auto_close int dir = stack_resolve(&u->stack, path, 0, &real);
	auto_free char *whole = mem_printf("%s/%s", real ? real : path, name);
	auto_close int found = u->below ? stack_resolve(&u->below->roots, whole, STACK_OPEN_LAST, NULL) : -1;

	mark_below_used(u);
	return !u->below || found >= 0;
}

static int mark_removed_path(struct unpacking *u, const char *removed, struct err *e)
{
	auto_free char *path = mem_strdup(removed);
	char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : removed;

	if (slash)
		*slash = '\0';
	else
		*path = '\0';
	if (*name && is_hidden(u, path))
		return 0;
	auto_close int dir = open_marked(u, path, e);
	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	if (!*name)
		return mark_opaque(dir, e);
	return is_below(u, path, name) || is_directory(dir, name) ? mark_removed(&(struct entry_place){dir, name}, e) : 0;
}

struct marking {
	struct unpacking *u;
	struct err *e;
	int result;
};

static void mark_node(const void *node, VISIT visit, void *context)
{
	struct marking *m = context;

	if ((visit == postorder || visit == leaf) && m->result == 0) // in order: a directory before what is in it
		m->result = mark_removed_path(m->u, *(char *const *)node, m->e);
}

static int mark_all(struct unpacking *u, struct err *e)
{
	struct marking m = {u, e, 0};

	twalk_r(u->removed, mark_node, &m);
	return m.result;
}

// --- entries ---

// Attributes that the file system does not support are dropped.
static void copy_attributes(int from, const char *to)
{
	char names[4096], value[65536];
	ssize_t n = flistxattr(from, names, sizeof(names));

	for (const char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
		ssize_t size = entry_allows_xattr(name) ? fgetxattr(from, name, value, sizeof(value)) : -1;
		if (size >= 0)
			setxattr(to, name, value, (size_t)size, 0);
	}
}

static int copy_file(int from, const struct stat *st, const struct entry_place *at, struct err *e)
{
	auto_close int fd = openat(at->parent, at->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	auto_free char *self = mem_printf("/proc/self/fd/%d", fd);
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};
	off_t left = st->st_size;
	ssize_t n = 1;

	while (fd >= 0 && left > 0 && (n = sendfile(fd, from, NULL, (size_t)left)) > 0)
		left -= n;
	if (fd < 0 || left > 0 || (geteuid() == 0 && fchown(fd, st->st_uid, st->st_gid) < 0) ||
	    fchmod(fd, st->st_mode & 07777) < 0)
		return err_set(e, n ? errno : EIO, "cannot copy '%s' from a layer below", at->name);
	copy_attributes(from, self);
	return futimens(fd, times) < 0 ? err_set(e, errno, "cannot copy '%s' from a layer below", at->name) : 0;
}

static int copy_link(int from, const struct stat *st, const struct entry_place *at, struct err *e)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, "", target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	if (n < 0 || symlinkat(target, at->parent, at->name) < 0 ||
	    (geteuid() == 0 && fchownat(at->parent, at->name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0))
		return err_set(e, errno, "cannot copy symbolic link '%s' from a layer below", at->name);
	utimensat(at->parent, at->name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

// The target of a hard link exists only in the layers below: it is copied into this layer, as overlayfs would do for a
// link created while mounted.
static int copy_up(struct unpacking *u, const char *path, const struct entry_place *at, struct err *e)
{
	auto_close int found = removed_prefix(u, path) ? -1 : stack_resolve(&u->stack, path, STACK_OPEN_LAST, NULL);
	struct stat st;

	mark_below_used(u);
	if (found >= 0 && fstat(found, &st) == 0 && S_ISLNK(st.st_mode))
		return copy_link(found, &st, at, e);
	auto_close int file = found < 0 ? -1 : fs_reopen_regular(found, path, NULL);
	// the caller's linkat(2) reports what is missing
	return file < 0 || fstat(file, &st) < 0 ? 0 : copy_file(file, &st, at, e);
}

static int create_hard_link(struct unpacking *u, struct archive_entry *entry, const struct entry_place *at,
                            struct err *e)
{
	auto_free char *target = entry_clean_name(la.entry_hardlink(entry));
	struct entry_place from = {-1, NULL};
	int r = target && *target ? open_parent(u, target, &from, e)
	                          : err_msg(e, EBADMSG, "hard link to '%s', outside the layer", la.entry_hardlink(entry));

	if (r == 0 && faccessat(from.parent, from.name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		r = copy_up(u, target, &from, e);
	if (r == 0 && linkat(from.parent, from.name, at->parent, at->name, 0) < 0)
		r = err_set(e, errno, "cannot link '%s' to '%s'", at->name, target);
	auto_close_run(&from.parent);
	return r;
}

// Opens PATH in this layer, if it is a directory.
static int open_listed(const struct unpacking *u, const char *path)
{
	const char *slash = strrchr(path, '/');
	auto_free char *above = mem_strndup(path, slash ? (size_t)(slash - path) : 0);
	auto_close int parent =
	    *above ? fs_resolve(u->root, above, FS_DIRECTORY, NULL) : fcntl(u->root, F_DUPFD_CLOEXEC, 3);

	return parent < 0 ? -1 : openat(parent, slash ? slash + 1 : path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Descending by path, since a mode may deny access to what is inside; for the same path the last one first.
static int compare_deferred(const void *a, const void *b)
{
	const struct deferred *x = a, *y = b;
	int by_path = strcmp(y->path, x->path);

	return by_path ? by_path : x->order < y->order ? 1 : -1;
}

static int finish_directory(struct unpacking *u, struct deferred *l, struct err *e)
{
	auto_close int fd = open_listed(u, l->path);
	auto_free char *self = mem_printf("/proc/self/fd/%d", fd);
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, l->mtime};

	if (fd >= 0 && (utimensat(AT_FDCWD, self, times, 0) < 0 || chmod(self, l->mode) < 0))
		return err_set(e, errno, "cannot set the mode of '%s'", l->path);
	return 0; // also if a later entry replaced the directory
}

static int finish_directories(struct unpacking *u, struct err *e)
{
	int r = 0;

	if (u->deferred)
		qsort(u->deferred, u->deferred_count, sizeof(*u->deferred), compare_deferred);
	for (size_t i = 0; r == 0 && i < u->deferred_count; i++)
		if (i == 0 || strcmp(u->deferred[i - 1].path, u->deferred[i].path) != 0)
			r = finish_directory(u, &u->deferred[i], e);
	return r;
}

static int create_entry(struct tar *t, struct archive_entry *entry, struct unpacking *u, const struct entry_place *at,
                        const char *path, struct err *e)
{
	bool directory = la.entry_filetype(entry) == AE_IFDIR && !la.entry_hardlink(entry);

	if (!(directory && is_directory(at->parent, at->name))) // a later entry replaces an earlier one
		fs_remove_tree(at->parent, at->name, NULL);
	if (la.entry_hardlink(entry))
		return create_hard_link(u, entry, at, e);
	int r = entry_create(t, entry, at, true, e);
	if (r == 0 && directory)
		defer_attributes(u, path, la.entry_perm(entry),
		                 (struct timespec){la.entry_mtime(entry), la.entry_mtime_nsec(entry)});
	return r == ENTRY_LEFT_OUT ? 0 : r;
}

static bool is_whiteout(const char *path)
{
	const char *slash = strrchr(path, '/');

	return str_starts(slash ? slash + 1 : path, whiteout);
}

static int unpack_entry(struct tar *t, struct archive_entry *entry, struct unpacking *u, struct err *e)
{
	auto_free char *path = entry_clean_name(la.entry_pathname(entry));
	struct entry_place at = {-1, NULL};

	if (!path)
		return err_msg(e, EBADMSG, "invalid file name '%s'", la.entry_pathname(entry));
	if (!*path || is_aufs_metadata(path)) // the root itself
		return 0;
	if (is_whiteout(path))
		return note_whiteout(u, path, e);
	int r = open_parent(u, path, &at, e);
	if (r == 0)
		r = create_entry(t, entry, u, &at, path, e);
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
	return r < 0 ? r : mark_all(u, e);
}

static void begin_unpack(struct unpacking *u, int dir_fd, struct layer_below *below)
{
	*u = (struct unpacking){.root = dir_fd, .below = below};
	strv_addf(&u->stack, "/proc/self/fd/%d", dir_fd);
	for (size_t i = 0; below && i < below->roots.count; i++)
		strv_add(&u->stack, below->roots.items[i]);
}

static int end_unpack(struct unpacking *u, struct err *e)
{
	int r = finish_directories(u, e);

	for (size_t i = 0; i < u->deferred_count; i++)
		free(u->deferred[i].path);
	free(u->deferred);
	strv_done(&u->stack);
	tdestroy(u->removed, free);
	return r;
}

int layer_unpack(const struct layer_source *source, int dir_fd, struct layer_below *below, const char *diff_id,
                 const struct job *job, struct err *e)
{
	struct unpacking u;
	char hex[DIGEST_HEX + 1];
	auto_tar t = {0};
	int r = tar_open(&t, source, diff_id ? TAR_WITH_SUM : TAR_WITHOUT_SUM, job, e);

	begin_unpack(&u, dir_fd, below);
	if (r == 0)
		r = unpack_entries(&t, &u, e);
	int deferred = end_unpack(&u, r < 0 ? NULL : e);
	if (r == 0)
		r = deferred;
	if (r == 0)
		r = tar_finish(&t, hex, e);
	if (r == 0 && diff_id && !str_equal(digest_hex(diff_id), hex))
		r = err_msg(e, EBADMSG, "the archive is sha256:%s, but the image's configuration says '%s' (diff_ids)", hex,
		            diff_id);
	return r;
}
