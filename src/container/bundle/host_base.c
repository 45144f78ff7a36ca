// Bases of the image "host". A base is a snapshot of the host's files, shared by the containers started while they do
// not change, and removed when no container uses it any more.
#include "host_base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h> // FNM_LEADING_DIR: GNU and musl
#include <limits.h>
#include <stdint.h>
#include <stdio.h> // renameat(2)
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/store/store.h"
#include "host.h"
#include "host_list.h"
#include "sys/fs.h"
#include "sys/write.h"

// Directories and symbolic links that always exist in /var. (Those of the root are created as mount points.)
static const struct made {
	const char *path, *link;
} made[] = {
	{"empty", NULL}, {"etc", NULL}, {"var", NULL},
	{"var/cache", NULL}, {"var/cache/apt/archives/partial", NULL}, {"var/lib", NULL}, {"var/local", NULL}, {"var/log",
	 NULL}, {"var/mail", NULL},
	{"var/opt", NULL}, {"var/spool", NULL}, {"var/tmp", NULL}, {"var/lock", "/run/lock"}, {"var/run", "/run"},
};

#define LOCK "lock"
#define UNFINISHED ".part"
enum { DEPTH_MAX = 6, ENTRIES_MAX = 4000 };
static const size_t BYTES_MAX = 32 << 20; // of all copies

int host_make_directories(int dir_fd, const char *path, bool whole)
{
	auto_strv parts = {0};
	int at = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);

	strv_split(&parts, path, "/");
	for (size_t i = 0; at >= 0 && i + !whole < parts.count; i++) {
		if (!*parts.items[i])
			continue;
		int next = mkdirat(at, parts.items[i], 0755) < 0 && errno != EEXIST
		               ? -1
		               : openat(at, parts.items[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int error = errno;
		close(at);
		at = next < 0 ? -error : next;
	}
	return at;
}

// --- copies ---

// One walk over the list: first a dry run that computes a checksum, to find out whether anything has changed since a
// base was created; then to create one.
struct copy {
	int etc;               // of the host
	int base;              // STORE/host/KEY, -1 = dry run
	uint64_t sum;          // of names and stat(2) results, independent of their order
	size_t entries, bytes; // so far
};

static bool is_dry_run(const struct copy *c)
{
	return c->base < 0;
}

// FNV-1a
static uint64_t hash_of(uint64_t hash, const void *bytes, size_t n)
{
	for (const unsigned char *b = bytes; n--; b++)
		hash = (hash ^ *b) * 0x100000001b3;
	return hash;
}

static void add_to_sum(struct copy *c, const char *name, const struct stat *st, const char *link)
{
	const uint64_t fields[] = {st->st_dev,
	                          st->st_ino,
	                          st->st_mode,
	                          (uint64_t)st->st_size,
	                          (uint64_t)st->st_ctim.tv_sec,
	                          (uint64_t)st->st_ctim.tv_nsec};
	uint64_t hash = hash_of(0xcbf29ce484222325, name, strlen(name));

	hash = hash_of(hash, fields, sizeof(fields));
	c->sum += link ? hash_of(hash, link, strlen(link)) : hash;
}

// Whether every user of the host can reach PATH, which is absolute and has no symbolic links.
static bool is_reachable(const char *path)
{
	auto_free char *directory = mem_strdup(path);
	struct stat st;

	for (char *slash = strchr(directory + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (stat(directory, &st) < 0 || !(st.st_mode & S_IXOTH))
			return false;
		*slash = '/';
	}
	return true;
}

// Whether PATH exists in the container, too, as the target of a symbolic link.
static bool is_visible_inside(const char *path)
{
	const struct host_shown *s;

	for (size_t i = 0; (s = host_shown(i)); i++)
		if (fnmatch(s->path, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0)
			return true;
	return str_starts(path, "/proc/");
}

static int copy_bytes(int from, int to)
{
	char buffer[32768];
	ssize_t n;
	int r;

	do {
		n = read(from, buffer, sizeof(buffer));
		r = n < 0 ? -errno : write_all(to, buffer, (size_t)n);
	} while (r == 0 && n == sizeof(buffer));
	return r;
}

static int copy_file(struct copy *c, int from, int into, const char *name)
{
	struct stat st;

	if (fstat(from, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & S_IROTH) ||
	    c->bytes + (size_t)st.st_size > BYTES_MAX)
		return 0;
	c->bytes += (size_t)st.st_size;
	auto_close int to = openat(into, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, st.st_mode & 0755);
	if (to < 0)
		return errno == EEXIST ? 0 : -errno;
	return copy_bytes(from, to);
}

// Adds REAL, the target of NAME, to the checksum or copies it.
static int copy_target(struct copy *c, const char *real, int into, const char *name)
{
	struct stat st;

	if (!is_reachable(real) || stat(real, &st) < 0)
		return 0;
	if (is_dry_run(c))
		return add_to_sum(c, real, &st, NULL), 0;
	auto_close int fd = open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? 0 : copy_file(c, fd, into, name);
}

// A listed symbolic link whose target is not in the container becomes a copy of its target (/etc/resolv.conf, which
// points into /run). Unlisted ones are skipped, since nobody decided that their targets may be visible.
static int copy_link(struct copy *c, int from, const char *name, int into, bool listed)
{
	char target[PATH_MAX], real[PATH_MAX];
	auto_free char *self = mem_printf("/proc/self/fd/%d/%s", from, name);
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0 || !realpath(self, real))
		return 0;
	target[n] = '\0';
	if (!is_visible_inside(real))
		return listed ? copy_target(c, real, into, name) : 0;
	return !is_dry_run(c) && symlinkat(target, into, name) < 0 && errno != EEXIST ? -errno : 0;
}

static int copy_entry(struct copy *c, int from, const char *name, int into, int depth);

static int copy_entries(struct copy *c, int from, int into, int depth)
{
	DIR *dir = fdopendir(from);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return close(from), 0;
	while (r == 0 && (entry = readdir(dir)))
		if (!str_equal(entry->d_name, ".") && !str_equal(entry->d_name, ".."))
			r = copy_entry(c, dirfd(dir), entry->d_name, into, depth + 1);
	closedir(dir);
	return r;
}

static int copy_directory(struct copy *c, int from, const char *name, int into, int depth)
{
	int fd = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & 05) != 05 || depth > DEPTH_MAX)
		return fd < 0 ? 0 : close(fd), 0;
	if (is_dry_run(c))
		return copy_entries(c, fd, -1, depth);
	auto_close int to = mkdirat(into, name, 0755) < 0 && errno != EEXIST
	                        ? -1
	                        : openat(into, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return close(fd), -errno;
	return copy_entries(c, fd, to, depth);
}

static int copy_entry(struct copy *c, int from, const char *name, int into, int depth)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || ++c->entries > ENTRIES_MAX)
		return 0;
	if (is_dry_run(c))
		add_to_sum(c, name, &st, NULL);
	if (S_ISLNK(st.st_mode))
		return copy_link(c, from, name, into, depth == 0);
	if (S_ISDIR(st.st_mode))
		return copy_directory(c, from, name, into, depth);
	if (is_dry_run(c) || !S_ISREG(st.st_mode))
		return 0;
	auto_close int fd = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? 0 : copy_file(c, fd, into, name);
}

// --- the base ---

static int copy_path(struct copy *c, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *above = mem_strndup(path, (size_t)(name - path));
	bool direct = str_equal(above, "/etc/"); // common case: no parent directories to open
	auto_close int from = direct ? -1 : open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!direct && (from < 0 || !is_reachable(path)))
		return 0;
	auto_close int into = is_dry_run(c) ? -1 : host_make_directories(c->base, path, false);
	return into < 0 && !is_dry_run(c) ? into : copy_entry(c, direct ? c->etc : from, name, into, 0);
}

static int copy_pattern(struct copy *c, const char *pattern)
{
	DIR *dir = opendir("/etc");
	struct dirent *entry;
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir)))
		if (fnmatch(pattern + strlen("/etc/"), entry->d_name, FNM_PERIOD) == 0) {
			auto_free char *path = mem_printf("/etc/%s", entry->d_name);
			r = copy_path(c, path);
		}
	if (dir)
		closedir(dir);
	return r;
}

// Creates a mount point; a symbolic link (/etc/ssl/certs on Fedora) is copied.
static int make_place(struct copy *c, const struct host_shown *s)
{
	struct stat st;

	if (lstat(s->path, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode))
		return copy_path(c, s->path);
	if (is_dry_run(c) || !S_ISDIR(st.st_mode)) // its contents are not part of the base
		return c->sum += hash_of(st.st_mode, s->path, strlen(s->path)), 0;
	auto_close int place = host_make_directories(c->base, s->path, true);
	return place < 0 ? place : 0;
}

static int walk_list(struct copy *c, struct err *e)
{
	const struct host_shown *s;

	for (size_t i = 0; (s = host_shown(i)); i++) {
		int r = host_is_top(s)         ? 0
		        : s->how != COPY       ? make_place(c, s)
		        : strchr(s->path, '*') ? copy_pattern(c, s->path)
		                               : copy_path(c, s->path);

		if (r < 0)
			return err_set(e, -r, "cannot copy '%s' for the container's root", s->path);
	}
	return 0;
}

static int make_var(int base)
{
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		auto_close int at = host_make_directories(base, made[i].path, !made[i].link);

		if (at < 0 || (made[i].link && symlinkat(made[i].link, at, strrchr(made[i].path, '/') + 1) < 0))
			return at < 0 ? at : -errno;
	}
	return 0;
}

// The targets of the links "host" of all containers, each surrounded by spaces.
static bool read_base_links(int containers, struct str *links)
{
	DIR *dir = fs_open_directory(containers, ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_free char *link = mem_printf("%s/host", entry->d_name);
		char target[64];
		ssize_t n = readlinkat(containers, link, target, sizeof(target));

		if (n > 0)
			str_addf(links, " %.*s ", (int)n, target);
	}
	return dir && closedir(dir) == 0;
}

// The name of the base for the current state of the host. Owned.
static char *current_key(void)
{
	auto_close int etc = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copy c = {.etc = etc, .base = -1};

	walk_list(&c, NULL);
	return mem_printf("%016llx", (unsigned long long)c.sum);
}

// Whether current_key() generates such names: a store may be in a directory that contains an unrelated "host".
static bool is_base_name(const char *name)
{
	return strlen(name) == 16 && strspn(name, "0123456789abcdef") == 16;
}

// Adds bases that no container uses, except the current one (KEY), and an unfinished one. Containers being created
// have no link yet, but wait for the lock.
static void find_unused_bases(int bases, int containers, const char *key, struct strv *names)
{
	auto_str links = {0};
	DIR *dir = read_base_links(containers, &links) ? fs_open_directory(bases, ".") : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_free char *word = mem_printf("/%s ", entry->d_name);

		bool base = is_base_name(entry->d_name) && !str_equal(entry->d_name, key);

		if (str_equal(entry->d_name, UNFINISHED) || (base && !strstr(str_text(&links), word)))
			strv_add(names, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static int remove_unused_bases(int bases, int containers, const char *key, struct strv *names)
{
	int r = 0;

	find_unused_bases(bases, containers, key, names);
	for (size_t i = 0; i < names->count; i++)
		r = fs_remove_tree(bases, names->items[i], NULL) < 0 ? -EIO : r;
	return r;
}

int host_unused(int containers, bool remove, struct strv *names)
{
	auto_close int bases = openat(containers, "../host", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int lock = bases < 0 ? -1 : store_lock(bases, LOCK, false);

	if (lock < 0)
		return bases < 0 ? 0 : lock; // another process is working on the bases, so nothing is left over
	auto_free char *key = current_key();
	if (remove)
		return remove_unused_bases(bases, containers, key, names);
	find_unused_bases(bases, containers, key, names);
	return 0;
}

static bool has_several_bases(int bases)
{
	DIR *dir = fs_open_directory(bases, ".");
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)))
		count += is_base_name(entry->d_name);
	if (dir)
		closedir(dir);
	return count > 1;
}

void host_tidy(int containers)
{
	auto_close int bases = openat(containers, "../host", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_strv names = {0};

	if (bases >= 0 && has_several_bases(bases))
		host_unused(containers, true, &names);
}

static int make_base(int bases, const char *key, struct err *e)
{
	int r = fs_remove_tree(bases, UNFINISHED, e);
	auto_close int base = r < 0 ? -1 : host_make_directories(bases, UNFINISHED, true);
	auto_close int etc = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copy c = {.etc = etc, .base = base};

	if (r < 0)
		return r;
	if (base < 0 || (r = make_var(base)) < 0)
		return err_set(e, base < 0 ? -base : -r, "cannot create the base of the image 'host'");
	r = walk_list(&c, e);
	if (r == 0 && renameat(bases, UNFINISHED, bases, key) < 0)
		r = err_set(e, errno, "cannot create the base of the image 'host'");
	return r;
}

int host_link_base(int dir_fd, struct err *e)
{
	auto_close int bases = host_make_directories(dir_fd, "../../host", true),
	               lock = bases < 0 ? bases : store_lock(bases, LOCK, true);
	char present[64] = "";

	if (lock < 0)
		return err_set(e, -lock, "cannot lock the store's directory 'host'");
	auto_free char *key = current_key(), *link = mem_printf("../../host/%s", key);
	bool fresh = faccessat(bases, key, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
	int r = fresh ? make_base(bases, key, e) : 0;
	if (r == 0 && (readlinkat(dir_fd, "host", present, sizeof(present) - 1) < 0 || !str_equal(present, link))) {
		unlinkat(dir_fd, "host", 0);
		r = symlinkat(link, dir_fd, "host") < 0 ? err_set(e, errno, "cannot link the base of the image 'host'") : 0;
	}
	bool left = fresh || (*present && !str_equal(present, link)); // perhaps the last user of another base
	auto_close int containers = r == 0 && left ? openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	auto_strv unused = {0};
	if (containers >= 0)
		remove_unused_bases(bases, containers, key, &unused);
	return r;
}
