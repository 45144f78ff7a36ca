// Packing files: see pack.h.
#include "pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/store/stack.h"
#include "entry.h"
#include "sys/fs.h"
#include "tar.h"

enum { BLOCK = 64 * 1024, XATTR_MAX = 64 * 1024 };

struct pack {
	const struct pack_sink *sink;
	unsigned flags;
	const struct strv *skip;
	const struct job *job;
	struct archive *outer, *inner; // outer: compresses; NULL: nothing does
	struct archive_entry *entry;
	struct digest *sum;
	struct err problem; // of the sink
	void *links;        // tsearch(3): files with several names
	char *buffer;
};

// A file with several names.
struct linked {
	dev_t device;
	ino_t inode;
	char *as; // its first name in the archive
};

// A file to be packed.
struct packed {
	int fd; // O_PATH
	struct stat st;
	const char *as;
	uint64_t mount;
};

// --- the archive ---

static int pack_problem(const struct pack *p, const char *as, struct err *e)
{
	const char *text = la.error_string(p->inner);

	if (p->problem.code)
		return err_msg(e, p->problem.code, "%s", p->problem.text);
	return err_msg(e, EIO, "cannot pack '%s': %s", as, text ? text : "unknown error");
}

static la_ssize_t write_sink(struct archive *a, void *context, const void *bytes, size_t n)
{
	struct pack *p = context;

	(void)a;
	return p->sink->write(p->sink->context, bytes, n, &p->problem) < 0 ? -1 : (la_ssize_t)n;
}

static la_ssize_t write_inner(struct archive *a, void *context, const void *bytes, size_t n)
{
	struct pack *p = context;

	digest_add(p->sum, bytes, n);
	return p->outer ? la.write_data(p->outer, bytes, n) : write_sink(a, p, bytes, n);
}

static int add_filter(struct archive *a, enum pack_filter filter)
{
	if (filter == PACK_ZSTD)
		return la.write_add_filter_zstd(a);
	// without the time, so that the same files make the same layer
	int r = la.write_add_filter_gzip(a);
	return r == ARCHIVE_OK ? la.write_set_options(a, "gzip:!timestamp") : r;
}

// A warning: libarchive would run a program instead.
static int open_outer(struct pack *p, enum pack_filter filter, struct err *e)
{
	p->outer = la.write_new();
	if (add_filter(p->outer, filter) != ARCHIVE_OK)
		return err_msg(e, EOPNOTSUPP, "libarchive was built without %s", filter == PACK_ZSTD ? "zstd" : "gzip");
	la.write_set_format_raw(p->outer);
	la.write_set_bytes_in_last_block(p->outer, 1);
	la.entry_set_filetype(p->entry, AE_IFREG);
	if (la.write_open(p->outer, p, NULL, write_sink, NULL) != ARCHIVE_OK ||
	    la.write_header(p->outer, p->entry) != ARCHIVE_OK)
		return err_msg(e, EIO, "cannot compress: %s", la.error_string(p->outer));
	return 0;
}

int pack_open(struct pack **pack, const struct pack_sink *sink, enum pack_filter filter, unsigned flags,
              const struct strv *skip, const struct job *job, struct err *e)
{
	int r = tar_load(e);
	struct digest *sum = r < 0 ? NULL : digest_begin(e);

	*pack = NULL;
	if (!sum)
		return -EOPNOTSUPP;
	struct pack *p = *pack = mem_new(sizeof(*p));
	*p = (struct pack){.sink = sink, .flags = flags, .skip = skip, .job = job, .sum = sum};
	p->buffer = mem_new(BLOCK);
	p->entry = la.entry_new();
	p->inner = la.write_new();
	la.write_set_format_pax_restricted(p->inner);
	r = filter == PACK_PLAIN ? 0 : open_outer(p, filter, e);
	if (r == 0 && la.write_open(p->inner, p, NULL, write_inner, NULL) != ARCHIVE_OK)
		r = pack_problem(p, "", e);
	return r;
}

static int finish(struct pack *p, struct err *e)
{
	if (la.write_close(p->inner) != ARCHIVE_OK)
		return pack_problem(p, "the end", e);
	return p->outer && la.write_close(p->outer) != ARCHIVE_OK ? pack_problem(p, "the end", e) : 0;
}

int pack_end(struct pack *p, char hex[DIGEST_HEX + 1], struct err *e)
{
	int r = finish(p, e);

	digest_end(steal(p->sum), r == 0 ? hex : NULL);
	return r;
}

static void linked_free(void *node)
{
	struct linked *l = node;

	free(l->as);
	free(l);
}

static void end_archive(struct archive *a)
{
	if (!a)
		return;
	la.write_fail(a); // nothing more is written
	la.write_free(a);
}

void pack_free(struct pack *p)
{
	if (!p)
		return;
	end_archive(p->inner);
	end_archive(p->outer);
	la.entry_free(p->entry);
	digest_end(p->sum, NULL);
	tdestroy(p->links, linked_free);
	free(p->buffer);
	free(p);
}

// --- entries ---

static int compare_linked(const void *a, const void *b)
{
	const struct linked *x = a, *y = b;

	return x->device != y->device ? (x->device < y->device ? -1 : 1)
	       : x->inode != y->inode ? (x->inode < y->inode ? -1 : 1)
	                              : 0;
}

// The name under which F is in the archive already; NULL: this is its first.
static const char *first_name(struct pack *p, const struct packed *f)
{
	struct linked *l = mem_new(sizeof(*l));

	*l = (struct linked){f->st.st_dev, f->st.st_ino, mem_strdup(f->as)};
	struct linked **node = tsearch(l, &p->links, compare_linked);
	if (!node || *node == l)
		return NULL;
	linked_free(l);
	return (*node)->as;
}

static void add_xattrs(struct pack *p, const struct packed *f)
{
	auto_free char *path = mem_printf("/proc/self/fd/%d", f->fd), *names = mem_new(XATTR_MAX),
	               *value = mem_new(XATTR_MAX);
	ssize_t n = listxattr(path, names, XATTR_MAX);

	for (const char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
		ssize_t size = entry_allows_xattr(name) ? getxattr(path, name, value, XATTR_MAX) : -1;
		if (size >= 0)
			la.entry_xattr_add_entry(p->entry, name, value, (size_t)size);
	}
}

static int describe_link(struct pack *p, const struct packed *f, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(f->fd, "", target, sizeof(target) - 1);

	if (n < 0)
		return err_set(e, errno, "cannot read the symbolic link '%s'", f->as);
	target[n] = '\0';
	la.entry_copy_symlink(p->entry, target);
	return 0;
}

static int describe(struct pack *p, const struct packed *f, struct err *e)
{
	mode_t type = f->st.st_mode & S_IFMT;
	// "./" is the root itself
	auto_free char *as = S_ISDIR(type) ? mem_printf("%s/", f->as) : mem_strdup(f->as);

	la.entry_clear(p->entry);
	la.entry_copy_pathname(p->entry, as);
	la.entry_set_filetype(p->entry, type);
	la.entry_set_perm(p->entry, f->st.st_mode & 07777);
	la.entry_set_uid(p->entry, f->st.st_uid);
	la.entry_set_gid(p->entry, f->st.st_gid);
	la.entry_set_mtime(p->entry, f->st.st_mtim.tv_sec, f->st.st_mtim.tv_nsec);
	la.entry_set_size(p->entry, S_ISREG(type) ? f->st.st_size : 0);
	if (S_ISCHR(type) || S_ISBLK(type))
		la.entry_set_rdev(p->entry, f->st.st_rdev);
	if (S_ISLNK(type))
		return describe_link(p, f, e);
	add_xattrs(p, f);
	return 0;
}

static int write_header(struct pack *p, const char *as, struct err *e)
{
	int r = la.write_header(p->inner, p->entry);

	return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 0 : pack_problem(p, as, e);
}

// A file that becomes shorter meanwhile is filled up with zeros (write_finish_entry), one that grows is cut.
static int write_data(struct pack *p, int fd, const struct packed *f, struct err *e)
{
	for (off_t left = f->st.st_size; left > 0;) {
		ssize_t n = read(fd, p->buffer, left < BLOCK ? (size_t)left : BLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, errno, "cannot read '%s'", f->as);
		if (n == 0)
			break;
		if (la.write_data(p->inner, p->buffer, (size_t)n) < 0)
			return pack_problem(p, f->as, e);
		left -= n;
		if (job_is_cancelled(p->job))
			return err_msg(e, ECANCELED, "cancelled");
	}
	return la.write_finish_entry(p->inner) == ARCHIVE_OK ? 0 : pack_problem(p, f->as, e);
}

static int add_file(struct pack *p, const struct packed *f, struct err *e)
{
	const char *first = f->st.st_nlink > 1 ? first_name(p, f) : NULL;
	int r = describe(p, f, e);

	if (r == 0 && first) {
		la.entry_set_size(p->entry, 0);
		la.entry_copy_hardlink(p->entry, first);
	}
	auto_close int fd = r < 0 || first ? -1 : fs_reopen_regular(f->fd, f->as, e);
	if (r < 0 || (!first && fd < 0))
		return r < 0 ? r : fd;
	r = write_header(p, f->as, e);
	return r < 0 || first ? r : write_data(p, fd, f, e);
}

// An empty file, for a whiteout, an opaque directory's mark, or a mount point.
static int add_empty(struct pack *p, const char *as, mode_t mode, struct err *e)
{
	la.entry_clear(p->entry);
	la.entry_copy_pathname(p->entry, as);
	la.entry_set_filetype(p->entry, AE_IFREG);
	la.entry_set_perm(p->entry, mode);
	la.entry_set_size(p->entry, 0);
	return write_header(p, as, e);
}

// "a/b" → "a/.wh.b"
static int add_whiteout(struct pack *p, const char *as, struct err *e)
{
	const char *slash = strrchr(as, '/'), *name = slash ? slash + 1 : as;
	auto_free char *marked = mem_printf("%.*s.wh.%s", (int)(name - as), as, name);

	return add_empty(p, marked, 0, e);
}

static int read_names(int fd, struct strv *names, const char *as, struct err *e)
{
	int again = fs_reopen(fd, O_RDONLY | O_DIRECTORY);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	if (!dir)
		return err_set(e, again < 0 ? -again : errno, "cannot read the directory '%s'", as);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add(names, entry->d_name);
	closedir(dir);
	strv_sort(names);
	return 0;
}

static int add_one(struct pack *p, int parent, const char *name, const char *as, uint64_t mount, struct err *e);

static int add_directory(struct pack *p, const struct packed *f, struct err *e)
{
	bool root = strcmp(f->as, ".") == 0;
	auto_strv names = {0};
	auto_free char *mark = mem_printf("%s/.wh..wh..opq", f->as);
	int r = describe(p, f, e);

	r = r < 0 ? r : write_header(p, f->as, e);
	if (r == 0 && p->flags & PACK_LAYER && !root && stack_is_opaque(f->fd))
		r = add_empty(p, mark, 0, e);
	if (r == 0)
		r = read_names(f->fd, &names, f->as, e);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		auto_free char *below = mem_printf("%s%s%s", root ? "./" : f->as, root ? "" : "/", names.items[i]);
		r = add_one(p, f->fd, names.items[i], below, f->mount, e);
	}
	return r;
}

// --- mounts ---

static uint64_t mount_of(int fd)
{
	struct statx stx;

	return statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_MNT_ID, &stx) == 0 && stx.stx_mask & STATX_MNT_ID
	           ? stx.stx_mnt_id
	           : 0;
}

// File systems whose contents are not files.
static bool is_of_kernel(int fd)
{
	static const unsigned long types[] = {PROC_SUPER_MAGIC,    SYSFS_MAGIC,        CGROUP_SUPER_MAGIC,
	                                      CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, DEBUGFS_MAGIC,
	                                      TRACEFS_MAGIC,       SECURITYFS_MAGIC,   BPF_FS_MAGIC,
	                                      PSTOREFS_MAGIC,      SELINUX_MAGIC,      0x19800202 /* mqueue */};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (fs_is_type(fd, types[i]))
			return true;
	return false;
}

// Whether F, which is mounted on the tree, is left out.
static bool is_elsewhere(const struct pack *p, const struct packed *f, uint64_t above)
{
	return above && f->mount != above && (p->flags & PACK_ONE_MOUNT || is_of_kernel(f->fd));
}

static int add_mount_point(struct pack *p, const struct packed *f, struct err *e)
{
	if (!S_ISDIR(f->st.st_mode))
		return add_empty(p, f->as, 0644, e);
	int r = describe(p, f, e);
	return r < 0 ? r : write_header(p, f->as, e);
}

// --- the tree ---

static bool is_empty(const struct packed *f)
{
	auto_strv names = {0};

	return S_ISDIR(f->st.st_mode) ? read_names(f->fd, &names, f->as, NULL) == 0 && names.count == 0
	                              : S_ISREG(f->st.st_mode) && f->st.st_size == 0;
}

static bool is_skipped(const struct pack *p, const struct packed *f)
{
	const char *path = f->as + (str_starts(f->as, "./") ? 2 : 0);

	return p->skip && strv_has_sorted(p->skip, path) && is_empty(f);
}

static int add_node(struct pack *p, const struct packed *f, struct err *e)
{
	int r = describe(p, f, e);

	return r < 0 ? r : write_header(p, f->as, e);
}

// Attributes that make an overlay look for the contents of a file or directory elsewhere in the layers below.
static const char *const elsewhere[] = {"trusted.overlay.metacopy", "trusted.overlay.redirect",
                                        "user.overlay.metacopy", "user.overlay.redirect"};

static int check_whole(const struct packed *f, struct err *e)
{
	auto_free char *path = mem_printf("/proc/self/fd/%d", f->fd);

	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (getxattr(path, elsewhere[i], NULL, 0) >= 0)
			return err_msg(e, EOPNOTSUPP, "cannot pack '%s': its contents are in a layer below (%s); copy it in the "
			               "container", f->as, elsewhere[i]);
	return 0;
}

static int add_by_kind(struct pack *p, const struct packed *f, struct err *e)
{
	mode_t mode = f->st.st_mode;

	if (p->flags & PACK_LAYER && (S_ISREG(mode) || S_ISDIR(mode)) && check_whole(f, e) < 0)
		return -e->code;

	if (S_ISSOCK(mode) || is_skipped(p, f)) // a socket means nothing without its process
		return 0;
	if (p->flags & PACK_LAYER && S_ISCHR(mode) && f->st.st_rdev == makedev(0, 0))
		return add_whiteout(p, f->as, e);
	return S_ISDIR(mode) ? add_directory(p, f, e) : S_ISREG(mode) ? add_file(p, f, e) : add_node(p, f, e);
}

static int add_opened(struct pack *p, int fd, const char *as, uint64_t above, struct err *e)
{
	struct packed f = {.fd = fd, .as = as};

	if (fstat(fd, &f.st) < 0)
		return err_set(e, errno, "cannot open '%s'", as);
	if (job_is_cancelled(p->job))
		return err_msg(e, ECANCELED, "cancelled");
	f.mount = mount_of(fd);
	return is_elsewhere(p, &f, above) ? add_mount_point(p, &f, e) : add_by_kind(p, &f, e);
}

// ABOVE: the mount of the directory, 0: unknown.
static int add_one(struct pack *p, int parent, const char *name, const char *as, uint64_t above, struct err *e)
{
	if (p->flags & PACK_FOR_LAYER && str_starts(name, ".wh."))
		return err_msg(e, EINVAL, "cannot pack '%s': in a layer, names that begin with '.wh.' stand for deleted files "
		               "(rename it)", as);
	auto_close int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && above) // it was removed meanwhile
		return 0;
	return fd < 0 ? err_set(e, errno, "cannot open '%s'", as) : add_opened(p, fd, as, above, e);
}

int pack_add(struct pack *p, int parent, const char *name, const char *as, struct err *e)
{
	return add_one(p, parent, name, as, 0, e);
}

int pack_add_open(struct pack *p, int fd, const char *as, struct err *e)
{
	return add_opened(p, fd, as, 0, e);
}
