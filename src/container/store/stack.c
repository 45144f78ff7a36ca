// Stacked directories: see stack.h. They are hostile: no link is followed by the kernel, and each step is taken by a descriptor.
#include "stack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/userns.h"

enum { LINKS_MAX = 40 }; // as the kernel follows (path_resolution(7))

// Mounts without the host's rights look at "user." (userxattr).
static const char *opaque_attribute(void)
{
	return userns_is_host_root() ? "trusted.overlay.opaque" : "user.overlay.opaque";
}

int stack_make_opaque(int dir)
{
	auto_free char *path = mem_printf("/proc/self/fd/%d", dir);

	return setxattr(path, opaque_attribute(), "y", 1, 0) < 0 ? -errno : 0;
}

bool stack_is_opaque(int dir)
{
	auto_free char *path = mem_printf("/proc/self/fd/%d", dir);
	char value = '\0';

	return getxattr(path, opaque_attribute(), &value, 1) == 1 && value == 'y';
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

// Looks for PATH, which has no links, in one root. Returns an O_PATH descriptor or negative errno; *HIDES: the roots below do not show there.
static int find_in(const char *root, const char *path, bool *hides)
{
	auto_close int here = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	*hides = false;
	while (here >= 0 && *path) {
		size_t n = strcspn(path, "/");
		auto_free char *name = mem_strndup(path, n);
		*hides |= stack_is_opaque(here);
		int next = openat(here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		path += n + (path[n] == '/');
		if (next < 0)
			return -errno;
		close(here);
		here = next;
		if (fstat(here, &st) == 0 && (is_whiteout(&st) || (*path && !S_ISDIR(st.st_mode)))) {
			*hides = true;
			return is_whiteout(&st) ? -ENOENT : -ENOTDIR;
		}
	}
	return here < 0 ? -errno : steal_fd(&here);
}

// The uppermost PATH, which has no links above its last part.
static int find_entry(const struct strv *roots, const char *path)
{
	bool hides = false;
	int r = -ENOENT;

	for (size_t i = 0; i < roots->count && !hides && (r == -ENOENT || i == 0); i++)
		r = find_in(roots->items[i], path, &hides);
	return r;
}

static void go_up(struct str *path)
{
	const char *slash = strrchr(str_text(path), '/');
	auto_free char *parent = mem_strndup(str_text(path), slash ? (size_t)(slash - path->text) : 0);

	str_clear(path);
	str_add(path, parent);
}

// What the symbolic link FD says, owned, or NULL for anything else.
static char *link_target(int fd)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n = fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) ? readlinkat(fd, "", target, sizeof(target)) : -1;

	return n >= 0 ? mem_strndup(target, (size_t)n) : NULL;
}

// Takes the first part off REST.
static char *next_part(char **rest)
{
	char *from = *rest + strspn(*rest, "/");
	size_t n = strcspn(from, "/");
	char *part = mem_strndup(from, n), *left = mem_strdup(from + n + strspn(from + n, "/"));

	free(*rest);
	*rest = left;
	return part;
}

// One step: PART of DONE. *REST gets what a link says in front.
static int walk_step(const struct strv *roots, struct str *done, const char *part, char **rest, unsigned flags)
{
	if (!*part || str_equal(part, "."))
		return 0;
	if (str_equal(part, "..")) {
		go_up(done);
		return 0;
	}
	auto_free char *next = mem_printf("%s%s%s", done->text ? done->text : "", done->length ? "/" : "", part);
	auto_close int fd = find_entry(roots, next);
	auto_free char *target = **rest || !(flags & STACK_OPEN_LAST) ? link_target(fd) : NULL;
	if (!target) {
		str_clear(done);
		str_add(done, next);
		return fd == -ENOENT || fd >= 0 ? 0 : fd;
	}
	char *longer = mem_printf("%s/%s", target, *rest);
	free(*rest);
	*rest = longer;
	if (*target == '/')
		str_clear(done);
	return 1;
}

int stack_resolve(const struct strv *roots, const char *path, unsigned flags, char **real)
{
	auto_free char *rest = mem_strdup(path);
	auto_str done = {0};
	int links = 0, r = 0;

	while (*rest && r >= 0 && links <= LINKS_MAX) {
		auto_free char *part = next_part(&rest);
		r = walk_step(roots, &done, part, &rest, flags);
		links += r > 0;
	}
	if (r < 0 || links > LINKS_MAX)
		return r < 0 ? r : -ELOOP;
	auto_close int fd = find_entry(roots, str_text(&done));
	if (real)
		*real = mem_strdup(str_text(&done));
	return fd < 0 ? fd : steal_fd(&fd);
}
