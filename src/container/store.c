// The store on disk: see container/store.h. Must not know what the files say.
#include "container/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"

static char *default_path(void)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (geteuid() == 0)
		return mem_strdup("/var/lib/hostel");
	if (data && data[0] == '/')
		return mem_printf("%s/hostel", data);
	return home && home[0] == '/' ? mem_printf("%s/.local/share/hostel", home) : NULL;
}

// Next to other run-time state, but for a store of its own: there it goes with the store.
static char *runtime_path(const char *path, bool own)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (own)
		return mem_printf("%s/run", path);
	if (geteuid() == 0)
		return mem_strdup("/run/hostel");
	return runtime && runtime[0] == '/' ? mem_printf("%s/hostel", runtime) : mem_printf("%s/run", path);
}

// Who can write the store decides what runs as its owner.
static int make_private(const char *path, struct err *e)
{
	struct stat st;
	int r = fs_make_directories(path, 0700, e);

	if (r < 0)
		return r;
	if (lstat(path, &st) < 0)
		return err_set(e, errno, "cannot look at '%s'", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
		return err_msg(e, EPERM, "'%s' must be a directory that only you can write: chown and chmod 0700 it, or set HOSTEL_STORE", path);
	return 0;
}

int store_open(struct store *s, const char *where, struct err *e)
{
	const char *wanted = where ? where : getenv("HOSTEL_STORE");

	*s = (struct store){.containers = -1};
	s->path = wanted && *wanted ? mem_strdup(wanted) : default_path();
	if (!s->path || s->path[0] != '/' || strpbrk(s->path, ":,\\\n"))
		return err_msg(e, EINVAL, "the store '%s' must be an absolute path without ':', ',' and '\\' (set HOSTEL_STORE or HOME)", s->path ? s->path : "");
	s->runtime = runtime_path(s->path, wanted && *wanted);
	auto_free char *containers = mem_printf("%s/containers", s->path);
	auto_free char *layers = mem_printf("%s/layers", s->path);
	const char *const made[] = {s->path, containers, layers, s->runtime};
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		int r = make_private(made[i], e);
		if (r < 0)
			return r;
	}
	s->containers = open(containers, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->containers < 0 ? err_set(e, errno, "cannot open '%s'", containers) : 0;
}

void store_done(struct store *s)
{
	if (!s)
		return;
	free(s->path);
	free(s->runtime);
	if (s->path)
		auto_close_run(&s->containers);
	*s = (struct store){.containers = -1};
}

char *store_container_path(const struct store *s, const char *name)
{
	return mem_printf("%s/containers/%s", s->path, name);
}

int store_container_open(const struct store *s, const char *name, struct err *e)
{
	int fd = str_is_name(name) ? openat(s->containers, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	return fd < 0 ? err_msg(e, ENOENT, "there is no container '%s'", name) : fd;
}

int store_container_make(const struct store *s, const char *name, struct err *e)
{
	static const char *const inside[] = {"upper", "work", "root"};

	if (mkdirat(s->containers, name, 0700) < 0)
		return errno == EEXIST ? err_msg(e, EEXIST, "there is a container '%s' already: choose another name, or delete it", name)
		                       : err_set(e, errno, "cannot make container '%s' in '%s'", name, s->path);
	auto_close int fd = store_container_open(s, name, e);
	int r = fd < 0 ? fd : 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(inside); i++)
		if (mkdirat(fd, inside[i], 0755) < 0)
			r = err_set(e, errno, "cannot make '%s' of container '%s'", inside[i], name);
	if (r == 0)
		return steal_fd(&fd);
	store_container_remove(s, name, NULL);
	return r;
}

int store_container_remove(const struct store *s, const char *name, struct err *e)
{
	int r = fs_remove_tree(s->containers, name, e);

	store_touch(s->containers);
	return r;
}

void store_touch(int containers_fd)
{
	auto_close int fd = openat(containers_fd, ".changed", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0)
		futimens(fd, NULL);
}

int store_lock(int container_fd, const char *name, bool wait)
{
	auto_close int fd = openat(container_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0)
		if (errno != EINTR)
			return -errno;
	return steal_fd(&fd);
}

bool store_is_locked(int container_fd, const char *name)
{
	auto_close int fd = openat(container_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
