// Unpacking into existing directories: see extract.h.
#include "extract.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "entry.h"
#include "sys/fs.h"
#include "tar.h"

// A directory's mode and time, which are set at the end: until then it must be writable.
struct finished_later {
	char *path;
	mode_t mode;
	struct timespec mtime;
};

struct extraction {
	struct tar *tar;
	int root;
	const char *at;
	unsigned flags;
	char *first;  // EXTRACT_PLACE: the first entry
	char *target; // what its name becomes; NULL: not known yet
	struct finished_later *later;
	size_t later_count;
};

static bool keeps_owner(const struct extraction *x)
{
	return x->flags & EXTRACT_OWNERS;
}

static unsigned links_of(const struct extraction *x)
{
	return x->flags & EXTRACT_NO_LINKS ? FS_NO_LINKS : 0;
}

static char *join(const char *directory, const char *name)
{
	return *directory && *name ? mem_printf("%s/%s", directory, name) : mem_strdup(*name ? name : directory);
}

// --- the target of a copy ---

static bool ends_like_directory(const char *at)
{
	return str_ends(at, "/") || str_ends(at, "/.");
}

static bool exists(const struct extraction *x, const char *path, bool *directory)
{
	auto_close int fd = fs_resolve(x->root, *path ? path : ".", links_of(x), NULL);
	struct stat st;

	*directory = fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	return fd >= 0;
}

static char *directory_above(const char *path)
{
	auto_free char *plain = entry_clean_name(path);
	char *slash = plain ? strrchr(plain, '/') : NULL;

	return slash ? mem_strndup(plain, (size_t)(slash - plain)) : mem_strdup("");
}

// As docker and podman document for `cp`.
static int choose_target(struct extraction *x, bool copies_directory, struct err *e)
{
	auto_free char *above = directory_above(x->at);
	bool directory, above_is;
	bool there = exists(x, x->at, &directory);

	exists(x, above, &above_is);
	if (there && !directory && copies_directory)
		return err_msg(e, ENOTDIR, "cannot copy a directory to '%s', which is a file", x->at);
	if (there && !directory && ends_like_directory(x->at))
		return err_msg(e, ENOTDIR, "'%s' is not a directory", x->at);
	if (!there && ((!copies_directory && ends_like_directory(x->at)) || !above_is))
		return err_msg(e, ENOENT, "'%s': no such directory", above_is ? x->at : *above ? above : "/");
	x->target = directory ? join(x->at, x->first) : mem_strdup(x->at);
	return 0;
}

// The first entry names the copied file or directory.
static int begin_copy(struct extraction *x, const char *name, bool directory, struct err *e)
{
	if (strchr(name, '/'))
		return err_msg(e, EBADMSG, "the archive does not begin with the copied file or directory");
	x->first = mem_strdup(name);
	return choose_target(x, directory, e);
}

// What the entry NAME becomes below the root. Owned; NULL: it is not below the first.
static char *place_name(const struct extraction *x, const char *name)
{
	size_t n = x->first ? strlen(x->first) : 0;

	if (!(x->flags & EXTRACT_PLACE))
		return join(x->at, name);
	if (n == 0)
		return join(x->target, name);
	return strncmp(name, x->first, n) == 0 && (name[n] == '/' || !name[n]) ? mem_printf("%s%s", x->target, name + n)
	                                                                       : NULL;
}

// --- entries ---

static int open_place(const struct extraction *x, const char *name, char **path, struct entry_place *at, struct err *e)
{
	auto_free char *placed = place_name(x, name);

	*path = placed ? entry_clean_name(placed) : NULL;
	if (!*path)
		return err_msg(e, EBADMSG, "invalid file name '%s' in the archive", name);
	char *slash = strrchr(*path, '/');
	auto_free char *above = slash ? mem_strndup(*path, (size_t)(slash - *path)) : mem_strdup(".");
	at->name = slash ? slash + 1 : *path;
	at->parent = fs_resolve(x->root, above, FS_DIRECTORY | FS_CREATE | links_of(x), NULL);
	return at->parent < 0 ? err_set(e, -at->parent, "cannot open '%s'", above) : 0;
}

static bool is_directory(const struct entry_place *at)
{
	struct stat st;

	return fstatat(at->parent, *at->name ? at->name : ".", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static void finish_later(struct extraction *x, struct archive_entry *entry, const char *path)
{
	x->later = mem_resize(x->later, x->later_count + 1, sizeof(*x->later));
	x->later[x->later_count++] = (struct finished_later){
		mem_strdup(path), entry_mode(entry, keeps_owner(x)), {la.entry_mtime(entry), la.entry_mtime_nsec(entry)}};
}

// A link to a directory counts as one, as in tar(1) --keep-directory-symlink.
static bool is_linked_directory(const struct extraction *x, const char *path)
{
	auto_close int fd = x->flags & EXTRACT_NO_LINKS ? -1 : fs_resolve(x->root, path, FS_DIRECTORY, NULL);

	return fd >= 0;
}

static int extract_root(struct extraction *x, struct archive_entry *entry, const struct entry_place *at, struct err *e)
{
	const struct entry_place self = {at->parent, "."};
	int r = entry_create(x->tar, entry, &self, keeps_owner(x), e);

	if (r == 0)
		finish_later(x, entry, ".");
	return r;
}

static int extract_directory(struct extraction *x, struct archive_entry *entry, const struct entry_place *at,
                             const char *path, struct err *e)
{
	if (!*path && x->flags & EXTRACT_ROOT)
		return extract_root(x, entry, at, e);
	if (!*path || is_linked_directory(x, path))
		return 0;
	bool old = is_directory(at);
	if (!old && faccessat(at->parent, at->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_msg(e, ENOTDIR, "cannot replace the file '%s' by a directory", path);
	if (old && x->flags & EXTRACT_PLACE) // it remains as it is
		return 0;
	int r = entry_create(x->tar, entry, at, keeps_owner(x), e);
	if (r == 0)
		finish_later(x, entry, path);
	return r;
}

// An unused name.
static char *temporary_name(void)
{
	unsigned long number = 0;

	(void)!getrandom(&number, sizeof(number), 0);
	return mem_printf(".part.%lx.hostel", number);
}

// The data is written before the file has any name, so that a killed process leaves nothing. Returns -EOPNOTSUPP where
// the file system cannot do that.
static int create_unnamed(struct extraction *x, struct archive_entry *entry, const struct entry_place *at,
                          struct err *e)
{
	auto_free char *self = mem_printf("/proc/self/fd/%d", at->parent);
	auto_close int fd = open(self, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	auto_free char *file = mem_printf("/proc/self/fd/%d", fd);

	if (fd < 0)
		return -EOPNOTSUPP;
	int r = entry_write(x->tar, entry, fd, keeps_owner(x), e);
	return r == 0 && linkat(AT_FDCWD, file, at->parent, at->name, AT_SYMLINK_FOLLOW) < 0
	           ? err_set(e, errno, "cannot create '%s'", at->name)
	           : r;
}

static int create_link(struct extraction *x, struct archive_entry *entry, const struct entry_place *at, struct err *e)
{
	auto_free char *name = entry_clean_name(la.entry_hardlink(entry)), *path = NULL;
	struct entry_place from = {.parent = -1};
	int r = name && *name ? open_place(x, name, &path, &from, e)
	                      : err_msg(e, EBADMSG, "invalid hard link to '%s' in the archive", la.entry_hardlink(entry));

	if (r == 0 && linkat(from.parent, from.name, at->parent, at->name, 0) < 0)
		r = err_set(e, errno, "cannot link '%s'", path);
	auto_close_run(&from.parent);
	return r;
}

static int create(struct extraction *x, struct archive_entry *entry, const struct entry_place *at, struct err *e)
{
	if (la.entry_hardlink(entry))
		return create_link(x, entry, at, e);
	int r = la.entry_filetype(entry) == AE_IFREG ? create_unnamed(x, entry, at, e) : -EOPNOTSUPP;
	return r == -EOPNOTSUPP ? entry_create(x->tar, entry, at, keeps_owner(x), e) : r;
}

// Under a temporary name at first, so that the old file exists until the new one is complete.
static int extract_file(struct extraction *x, struct archive_entry *entry, const struct entry_place *at,
                        const char *path, struct err *e)
{
	auto_free char *temporary = temporary_name();
	const struct entry_place aside = {at->parent, temporary};

	if (is_directory(at))
		return err_msg(e, EISDIR, "cannot replace the directory '%s' by a file", path);
	int r = create(x, entry, &aside, e);
	if (r == 0 && renameat(at->parent, temporary, at->parent, at->name) < 0)
		r = err_set(e, errno, "cannot create '%s'", path);
	unlinkat(at->parent, temporary, 0); // also after the rename, which does nothing for two names of one file
	return r == ENTRY_LEFT_OUT ? 0 : r < 0 ? err_wrap(e, "'%s'", path) : 0;
}

static int extract_entry(struct extraction *x, struct archive_entry *entry, struct err *e)
{
	auto_free char *name = entry_clean_name(la.entry_pathname(entry)), *path = NULL;
	struct entry_place at = {.parent = -1};
	bool directory = la.entry_filetype(entry) == AE_IFDIR && !la.entry_hardlink(entry);
	int r = name ? 0 : err_msg(e, EBADMSG, "invalid file name '%s' in the archive", la.entry_pathname(entry));

	if (r == 0 && x->flags & EXTRACT_PLACE && !x->target)
		r = begin_copy(x, name, directory, e);
	if (r == 0)
		r = open_place(x, name, &path, &at, e);
	if (r == 0)
		r = directory ? extract_directory(x, entry, &at, path, e) : extract_file(x, entry, &at, path, e);
	auto_close_run(&at.parent);
	return r;
}

static int extract_entries(struct extraction *x, const struct job *job, struct err *e)
{
	struct archive_entry *entry;
	int r;

	while ((r = tar_next(x->tar, &entry, e)) > 0) {
		r = job_is_cancelled(job) ? err_msg(e, ECANCELED, "cancelled") : extract_entry(x, entry, e);
		if (r < 0)
			return r;
	}
	return r;
}

// --- directories ---

static void finish_directory(const struct extraction *x, const struct finished_later *l)
{
	auto_close int fd = fs_resolve(x->root, l->path, FS_DIRECTORY | links_of(x), NULL);
	auto_free char *self = mem_printf("/proc/self/fd/%d", fd);
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, l->mtime};

	if (fd >= 0) {
		(void)!chmod(self, l->mode);
		utimensat(AT_FDCWD, self, times, 0);
	}
}

// In reverse order: the contents of a directory come after it.
static void finish_directories(struct extraction *x)
{
	while (x->later_count) {
		struct finished_later *l = &x->later[--x->later_count];

		finish_directory(x, l);
		free(l->path);
	}
	free(x->later);
}

int extract(const struct layer_source *source, int root, const char *at, unsigned flags, const struct job *job,
            struct err *e)
{
	auto_tar t = {0};
	struct extraction x = {.tar = &t, .root = root, .at = at, .flags = flags};
	bool directory = false;
	int r = tar_open(&t, source, TAR_WITHOUT_SUM, job, e);

	if (r == 0 && !(flags & EXTRACT_PLACE) && (!exists(&x, at, &directory) || !directory))
		r = err_msg(e, directory ? ENOENT : ENOTDIR, "'%s' is not a directory", at);
	if (r == 0)
		r = extract_entries(&x, job, e);
	finish_directories(&x);
	free(x.first);
	free(x.target);
	return r == 0 ? tar_finish(&t, NULL, e) : r;
}
