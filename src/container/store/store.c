// The store on disk: see store.h.
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/name.h"
#include "model/workload.h"
#include "subids.h"
#include "sys/fs.h"
#include "sys/userns.h"

static const char system_path[] = "/var/lib/hostel";

// Root in a user namespace may be an unprivileged user outside it.
static bool may_use_system_path(void)
{
	return userns_is_host_root() ||
	       (geteuid() == 0 && (access(system_path, W_OK) == 0 || (errno == ENOENT && access("/var/lib", W_OK) == 0)));
}

static char *default_path(void)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (may_use_system_path())
		return mem_strdup(system_path);
	if (data && data[0] == '/')
		return mem_printf("%s/hostel", data);
	return home && home[0] == '/' ? mem_printf("%s/.local/share/hostel", home) : NULL;
}

bool store_is_usual(const char *path)
{
	auto_free char *usual = default_path(), *real = usual ? realpath(usual, NULL) : NULL;

	return str_equal(path, usual) || str_equal(path, real);
}

// Inside the store, except for root's default store. Not in $XDG_RUNTIME_DIR: it is not set in every session, and is
// removed when the user's last session ends, while containers keep running.
static char *runtime_path(const char *path, bool own)
{
	return own || !str_equal(path, system_path) ? mem_printf("%s/run", path) : mem_strdup("/run/hostel");
}

// A user who can write to the store controls what runs as its owner. Returns a descriptor (O_PATH) of the directory
// that was checked.
static int make_private_directory(const char *path, struct err *e)
{
	struct stat st;
	int r = fs_make_directories(path, 0700, e);

	if (r < 0)
		return r;
	auto_close int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "cannot open '%s'", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
		return err_msg(
		    e, EPERM, "'%s' must be a directory that only you can write to (chown, chmod 0700, or set HOSTEL_STORE)",
		    path);
	return steal_fd(&fd);
}

char *store_where(const char *where)
{
	const char *wanted = where ? where : getenv("HOSTEL_STORE");

	return wanted && *wanted ? mem_strdup(wanted) : default_path();
}

int store_open(struct store *s, const char *where, struct err *e)
{
	const char *wanted = where ? where : getenv("HOSTEL_STORE");

	*s = (struct store){.containers = -1, .layers = -1, .images = -1, .volumes = -1};
	s->path = store_where(where);
	if (!s->path || s->path[0] != '/')
		return err_msg(e, EINVAL, "invalid store '%s': must be an absolute path (set HOSTEL_STORE or HOME)",
		               s->path ? s->path : "");
	s->runtime = runtime_path(s->path, wanted && *wanted);
	auto_free char *containers = mem_printf("%s/containers", s->path);
	auto_free char *layers = mem_printf("%s/layers", s->path);
	auto_free char *images = mem_printf("%s/images", s->path);
	auto_free char *volumes = mem_printf("%s/volumes", s->path);
	const struct {
		const char *path;
		int *fd; // NULL = not kept open
	} made[] = {{s->path, NULL}, {containers, &s->containers}, {layers, &s->layers}, {images, &s->images},
	            {volumes, &s->volumes}, {s->runtime, NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		auto_close int fd = make_private_directory(made[i].path, e);
		if (fd < 0)
			return fd;
		if (made[i].fd)
			*made[i].fd = steal_fd(&fd);
	}
	return 0;
}

void store_done(struct store *s)
{
	if (!s)
		return;
	free(s->path);
	free(s->runtime);
	if (s->path) {
		auto_close_run(&s->containers);
		auto_close_run(&s->layers);
		auto_close_run(&s->images);
		auto_close_run(&s->volumes);
	}
	*s = (struct store){.containers = -1, .layers = -1, .images = -1, .volumes = -1};
}

char *store_container_path(const struct store *s, const char *name)
{
	return mem_printf("%s/containers/%s", s->path, name);
}

int store_container_open(const struct store *s, const char *name, struct err *e)
{
	int fd = name_is_valid(KIND_CONTAINER, name)
	             ? openat(s->containers, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
	             : -1;

	return fd < 0 ? err_msg(e, ENOENT, "no container '%s'", name) : fd;
}

char *store_container_name(int container_fd)
{
	char link[40], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", container_fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	const char *slash = strrchr(path, '/');
	return slash && name_is_valid(KIND_CONTAINER, slash + 1) ? mem_strdup(slash + 1) : NULL; // not "NAME (deleted)"
}

// --- creating and removing ---
// What is half created or half removed has a name that no container can have, so that a process killed at any moment
// leaves either a complete container or layer, or none. The process that works on it holds a lock on the directory;
// the next process that lists or creates removes what is not locked. Versions before these locks held only ".busy",
// shared, and their names do not end in ".locked": those are removed while ".busy" is free.

static const char unfinished[] = ".part.", locked[] = ".locked", busy_name[] = ".busy";

static int lock_file(int dir_fd, const char *name, int type, int command)
{
	auto_close int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET};

	if (fd < 0)
		return -errno;
	while (fcntl(fd, command, &lock) < 0)
		if (errno != EINTR)
			return errno == EAGAIN || errno == EACCES ? -EWOULDBLOCK : -errno;
	return steal_fd(&fd);
}

int store_busy(int containers_fd)
{
	return lock_file(containers_fd, busy_name, F_RDLCK, F_OFD_SETLKW);
}

// Unique forever: the name of a removed entry is never reused.
static char *unfinished_name(void)
{
	static atomic_uint count;

	return mem_printf("%s%lld.%ld.%u%s", unfinished, (long long)clock_wall(), (long)getpid(),
	                  atomic_fetch_add(&count, 1), locked);
}

bool store_is_unfinished(const char *entry)
{
	return str_starts(entry, unfinished);
}

// Locks the directory ENTRY until the returned descriptor is closed. Uses flock(2), since other locks require opening
// for writing, which is impossible for directories. Returns -EWOULDBLOCK if another process holds the lock, or another
// negative errno.
static int hold_directory(int dir_fd, const char *entry)
{
	auto_close int fd = openat(dir_fd, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : steal_fd(&fd);
}

// Another process may sweep the directory between its creation and the lock: then it holds the lock or has removed the
// directory, and a new one is created.
static int make_unfinished(int dir_fd, mode_t mode, char **entry, struct err *e)
{
	for (;;) {
		auto_free char *name = unfinished_name();
		int r = fs_make_directory(dir_fd, name, mode);
		auto_close int fd = r < 0 ? r : hold_directory(dir_fd, name);
		if (fd >= 0 && faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
			*entry = steal(name);
			return steal_fd(&fd);
		}
		if (fd < 0 && fd != -ENOENT && fd != -EWOULDBLOCK)
			return err_set(e, -fd, "cannot create a directory");
	}
}

static int make_subdirectories(int fd, struct err *e)
{
	static const char *const inside[] = {"upper", "work", "root"};

	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		int r = fs_make_directory(fd, inside[i], 0755);
		if (r < 0)
			return err_set(e, -r, "cannot create '%s' of a new container", inside[i]);
	}
	return 0;
}

int store_container_make(const struct store *s, char **entry, struct err *e)
{
	auto_free char *made = NULL;
	auto_close int fd = make_unfinished(s->containers, 0700, &made, e);

	if (fd < 0)
		return err_wrap(e, "cannot create a container in '%s'", s->path);
	int r = make_subdirectories(fd, e);
	if (r < 0) {
		fs_remove_tree(s->containers, made, NULL);
		return r;
	}
	*entry = steal(made);
	return steal_fd(&fd);
}

// Files of users of images and containers belong to subordinate ids, which this user can become root over in a user
// namespace.
int store_remove_entry(int dir_fd, const char *entry, struct err *e)
{
	int r = fs_remove_tree(dir_fd, entry, e);
	char directory[PATH_MAX];
	auto_free char *self = mem_printf("/proc/self/fd/%d", dir_fd);
	struct subids s;

	if ((r != -EACCES && r != -EPERM) || !subids_find(&s))
		return r;
	ssize_t n = readlink(self, directory, sizeof(directory) - 1);
	if (n < 0)
		return r;
	auto_free char *path = mem_printf("%.*s/%s", (int)n, directory, entry);
	return subids_remove_tree(path, e);
}

int store_layer_make(const struct store *s, char **entry, struct err *e)
{
	int fd = make_unfinished(s->layers, 0755, entry, e);

	return fd < 0 ? err_wrap(e, "cannot create a layer in '%s'", s->path) : fd;
}

// If another process has created the same layer meanwhile, that one is kept.
int store_layer_publish(const struct store *s, const char *entry, const char *name, struct err *e)
{
	if (renameat2(s->layers, entry, s->layers, name, RENAME_NOREPLACE) == 0)
		return 0;
	int r = errno == EEXIST ? 0 : err_set(e, errno, "cannot add the layer to '%s'", s->path);
	store_layer_discard(s, entry);
	return r;
}

char *store_layer_path(const struct store *s, const char *name)
{
	return mem_printf("%s/layers/%s", s->path, name);
}

void store_layer_discard(const struct store *s, const char *entry)
{
	store_remove_entry(s->layers, entry, NULL);
}

int store_stage_make(const struct store *s, char **entry, struct err *e)
{
	int fd = make_unfinished(s->images, 0700, entry, e);

	return fd < 0 ? err_wrap(e, "cannot write to the images of the store '%s'", s->path) : fd;
}

int store_volume_make(const struct store *s, char **entry, struct err *e)
{
	int fd = make_unfinished(s->volumes, 0700, entry, e);

	return fd < 0 ? err_wrap(e, "cannot create a volume in '%s'", s->path) : fd;
}

void store_stage_discard(const struct store *s, const char *entry)
{
	fs_remove_tree(s->images, entry, NULL);
}

bool store_has_layer(const struct store *s, const char *name)
{
	return faccessat(s->layers, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int store_container_publish(const struct store *s, const char *entry, const char *name, struct err *e)
{
	if (renameat2(s->containers, entry, s->containers, name, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EEXIST
	           ? err_msg(e, EEXIST, "container '%s' already exists (choose another name, or delete it)", name)
	           : err_set(e, errno, "cannot create container '%s' in '%s'", name, s->path);
}

int store_remove_named(int dir, const char *name, struct err *e)
{
	auto_close int held = hold_directory(dir, name);
	auto_free char *gone = unfinished_name();

	if (renameat(dir, name, dir, gone) < 0)
		return err_set(e, errno, "cannot remove '%s'", name);
	return store_remove_entry(dir, gone, e) < 0 ? -EUCLEAN : 0;
}

int store_layer_remove(const struct store *s, const char *name, struct err *e)
{
	int r = store_remove_named(s->layers, name, e);

	return r == -ENOENT ? 0 : r;
}

int store_container_remove(int containers_fd, const char *name, struct err *e)
{
	auto_close int busy = store_busy(containers_fd); // may fail on a full disk, where removal must still work
	int r = store_remove_named(containers_fd, name, e);

	if (r < 0 && r != -EUCLEAN)
		return r == -ENOENT ? err_msg(e, ENOENT, "no container '%s'", name) : err_wrap(e, "container '%s'", name);
	store_touch(containers_fd);
	return r < 0 ? err_wrap(e, "container '%s' was deleted, but not all of its files", name) : 0;
}

// overlayfs(5) must support the file system as its upper layer; unsupported ones are reported before anything is
// created.
int store_check_layers(const struct store *s, struct err *e)
{
	static const struct {
		unsigned long magic; // statfs(2)
		const char *name;
	} refused[] = {
		{0x794c7630, "another overlay"}, {0x6969, "NFS"}, {0x4d44, "FAT"}, {0x01021997, "9p"}, {0xfe534d42, "SMB"},
		 {0xff534d42, "CIFS"}, {0x9660, "ISO 9660"},
	};

	struct statfs st;
	bool known = fstatfs(s->containers, &st) == 0;
	for (size_t i = 0; known && i < ARRAY_SIZE(refused); i++)
		if ((unsigned long)st.f_type == refused[i].magic)
			return err_msg(
			    e, EOPNOTSUPP,
			    "the store '%s' is on %s, which cannot hold writable layers of containers (set HOSTEL_STORE to a "
			    "directory on "
			    "ext4, xfs, btrfs or tmpfs)",
			    s->path, refused[i].name);
	return 0;
}

// Adds to NAMES the entries of DIR_FD that are, or are not, UNFINISHED_ONES.
static void add_names(int dir_fd, bool unfinished_ones, struct strv *names)
{
	DIR *dir = fs_open_directory(dir_fd, ".");
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (unfinished_ones ? store_is_unfinished(entry->d_name) : entry->d_name[0] != '.')
			strv_add(names, entry->d_name);
	closedir(dir);
}

static void sweep_names(int dir_fd, struct strv *names)
{
	add_names(dir_fd, true, names);
}

void store_layers(const struct store *s, struct strv *names)
{
	add_names(s->layers, false, names);
}

// ALONE: no process held ".busy" when the names were read.
static bool is_abandoned(int dir, const char *name, bool alone)
{
	bool locks = str_ends(name, locked);
	auto_close int held = locks ? hold_directory(dir, name) : -1;

	return locks ? held >= 0 || held == -ENOTDIR || held == -ELOOP : alone;
}

// Holds the lock during the removal.
static void sweep_entry(int dir, const char *name, bool alone)
{
	bool locks = str_ends(name, locked);
	auto_close int held = locks ? hold_directory(dir, name) : -1;

	if (locks ? held >= 0 || held == -ENOTDIR || held == -ELOOP : alone)
		store_remove_entry(dir, name, NULL);
}

static void sweep_directory(int dir, int containers_fd)
{
	auto_strv before = {0}, names = {0};

	sweep_names(dir, &before);
	if (!before.count)
		return;
	auto_close int alone = lock_file(containers_fd, busy_name, F_WRLCK, F_OFD_SETLK);
	bool was_alone = alone >= 0;
	sweep_names(dir, &names);
	// these names are never reused, so a process that creates something need not wait for their removal
	auto_close_run(&alone);
	alone = -1;
	for (size_t i = 0; i < names.count; i++)
		sweep_entry(dir, names.items[i], was_alone);
}

static void add_left_over(int dir, int containers_fd, const char *prefix, struct strv *names)
{
	auto_strv all = {0};

	sweep_names(dir, &all);
	auto_close int alone = all.count ? lock_file(containers_fd, busy_name, F_WRLCK, F_OFD_SETLK) : -1;
	for (size_t i = 0; i < all.count; i++)
		if (is_abandoned(dir, all.items[i], alone >= 0))
			strv_addf(names, "%s/%s", prefix, all.items[i]);
}

void store_left_over(const struct store *s, struct strv *names)
{
	add_left_over(s->containers, s->containers, "containers", names);
	add_left_over(s->layers, s->containers, "layers", names);
	add_left_over(s->images, s->containers, "images", names);
	add_left_over(s->volumes, s->containers, "volumes", names);
}

void store_sweep(const struct store *s)
{
	sweep_directory(s->containers, s->containers);
	sweep_directory(s->layers, s->containers);
	sweep_directory(s->images, s->containers);
	sweep_directory(s->volumes, s->containers);
}

void store_touch(int containers_fd)
{
	auto_close int fd = openat(containers_fd, ".changed", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0)
		futimens(fd, NULL);
}

// Open file description locks (fcntl(2) F_OFD_SETLK), not flock(2): testing one does not require taking it for a
// moment, which a monitor that is just starting would mistake for another monitor.
int store_lock(int container_fd, const char *name, bool wait)
{
	return lock_file(container_fd, name, F_WRLCK, wait ? F_OFD_SETLKW : F_OFD_SETLK);
}

int store_lock_shared(int container_fd, const char *name)
{
	return lock_file(container_fd, name, F_RDLCK, F_OFD_SETLKW);
}

bool store_is_locked(int container_fd, const char *name)
{
	// opening for reading causes no event for processes that watch the directory
	auto_close int fd = openat(container_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fd < 0 ? errno != ENOENT : fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
}

// --- remedies ---

// Whether the file system of PATH has no free space, or with INODES no free inodes, for this user.
static bool is_full(const char *path, bool inodes)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (inodes ? fs.f_files && fs.f_favail < 16 : fs.f_bavail < 16);
}

static void add_space_remedy(const struct store *s, struct err *e)
{
	bool elsewhere = is_full(s->runtime, false) && !is_full(s->path, false);

	if (elsewhere)
		err_hint(e, "free some space in '%s'", s->runtime);
	else if (is_full(s->path, true) && !is_full(s->path, false))
		err_hint(
		    e,
		    "its file system has no free inodes: remove files there, or set HOSTEL_STORE to a directory other "
		    "than '%s'",
		    s->path);
	else
		err_hint(e, "free some space in the store '%s', or set HOSTEL_STORE to another directory", s->path);
}

// Errors of the runtime come as text, and control groups also use "no space" in another sense: so the disk must be
// full as well.
static bool is_out_of_space(const struct store *s, const struct err *e)
{
	bool full =
	    is_full(s->path, false) || is_full(s->path, true) || is_full(s->runtime, false) || is_full(s->runtime, true);

	return e->code == ENOSPC || (full && strcasestr(e->text, strerror(ENOSPC))); // skopeo writes it in lower case
}

void store_add_remedy(const struct store *s, struct err *e)
{
	if (!e)
		return;
	if (is_out_of_space(s, e))
		add_space_remedy(s, e);
	else if (e->code == EDQUOT || strstr(e->text, strerror(EDQUOT)))
		err_hint(e, "remove some files, have the quota raised, or set HOSTEL_STORE to a directory other than '%s'",
		         s->path);
	else if (e->code == EROFS)
		err_hint(e, "make the file system of '%s' writable, or set HOSTEL_STORE to another directory", s->path);
	else if (e->code == EFBIG)
		err_hint(e, "raise the file size limit: ulimit -f");
}
