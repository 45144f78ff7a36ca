// Stacked directories: see stack.h. Their contents are untrusted: the kernel never follows a symbolic link, and each
// component is opened relative to a descriptor.
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

enum { LINKS_MAX = 40 }; // the kernel's limit (path_resolution(7))

// Overlays mounted without root rights on the host use "user." attributes (userxattr).
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

int stack_place_open(struct stack_place *p, const struct strv *roots)
{
	*p = (struct stack_place){.count = roots->count, .at = mem_array(roots->count, sizeof(*p->at))};
	int r = 0;

	for (size_t i = 0; i < p->count; i++) {
		p->at[i] = r < 0 ? -1 : open(roots->items[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (r == 0 && p->at[i] < 0 && errno != ENOENT)
			r = -errno;
	}
	return r;
}

void stack_place_done(struct stack_place *p)
{
	for (size_t i = 0; i < p->count; i++)
		auto_close_run(&p->at[i]);
	free(p->at);
	*p = (struct stack_place){0};
}

// Opens NAME in the directory DIR of one root. Returns an O_PATH descriptor or negative errno; sets *HIDES if it hides
// the roots below.
static int enter_root(int dir, const char *name, bool *directory, bool *hides)
{
	struct stat st = {0};

	*hides = stack_is_opaque(dir);
	auto_close int next = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	bool whiteout = fstat(next, &st) == 0 && is_whiteout(&st);
	*directory = S_ISDIR(st.st_mode);
	*hides |= !*directory;
	return whiteout ? -ENOENT : steal_fd(&next);
}

// Whether a root could not be asked, so that what it holds is unknown.
static bool is_failure(int found)
{
	return found < 0 && found != -ENOENT && found != -ENOTDIR && found != -ELOOP && found != -EACCES;
}

int stack_place_enter(struct stack_place *p, const char *name)
{
	int found = p->file ? -ENOTDIR : -ENOENT;
	bool hidden = false;

	for (size_t i = 0; i < p->count; i++) {
		auto_close int dir = p->at[i];
		bool directory = false, hides = false;
		int next = dir < 0 || hidden ? -ENOENT : enter_root(dir, name, &directory, &hides);
		hidden |= hides || (next < 0 && next != -ENOENT);
		p->at[i] = directory ? next : -1;
		if (found == -ENOENT && next != -ENOENT) {
			p->file = next >= 0 && !directory;
			found = directory ? fcntl(next, F_DUPFD_CLOEXEC, 3) : next;
			found = directory && found < 0 ? -errno : found;
		} else if (found >= 0 && is_failure(next)) {
			close(found);
			found = next;
		} else if (next >= 0 && !directory) {
			close(next);
		}
	}
	return found;
}

// The topmost directory of the current place.
static int open_top(const struct stack_place *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i] >= 0)
			return fcntl(p->at[i], F_DUPFD_CLOEXEC, 3);
	return -ENOENT;
}

// --- paths ---

struct walk {
	const struct strv *roots;
	unsigned flags;
	struct stack_place place; // of DONE
	struct str done;          // the path so far, without symbolic links
	int found;                // an O_PATH descriptor of DONE, or negative errno
	char *text, *rest;        // the unresolved part, within TEXT
};

static void walk_done(struct walk *w)
{
	auto_close_run(&w->found);
	stack_place_done(&w->place);
	str_done(&w->done);
	free(w->text);
}

// Walks to DONE, which has no symbolic links, from the top.
static int walk_from_top(struct walk *w)
{
	auto_free char *path = mem_strdup(str_text(&w->done));
	char *rest = path;

	stack_place_done(&w->place);
	auto_close_run(&w->found);
	int r = stack_place_open(&w->place, w->roots);
	w->found = r < 0 ? r : open_top(&w->place);
	for (char *part = strsep(&rest, "/"); part && *part && r == 0; part = strsep(&rest, "/")) {
		auto_close_run(&w->found);
		w->found = stack_place_enter(&w->place, part);
	}
	return r;
}

static void remove_last_component(struct str *path)
{
	const char *slash = strrchr(str_text(path), '/');
	auto_free char *parent = mem_strndup(str_text(path), slash ? (size_t)(slash - path->text) : 0);

	str_clear(path);
	str_add(path, parent);
}

// The target of the symbolic link FD, owned; NULL if it is not a symbolic link.
static char *link_target(int fd)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n =
	    fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) ? readlinkat(fd, "", target, sizeof(target)) : -1;

	return n >= 0 ? mem_strndup(target, (size_t)n) : NULL;
}

// Removes and returns the first component of the unresolved part. Owned.
static char *next_component(struct walk *w)
{
	char *from = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(from, "/");

	w->rest = from + n + strspn(from + n, "/");
	return mem_strndup(from, n);
}

// Continues with TARGET, relative to the directory of the link.
static int follow_link(struct walk *w, const char *target)
{
	char *longer = mem_printf("%s/%s", target, w->rest);

	free(w->text);
	w->text = w->rest = longer;
	if (*target == '/')
		str_clear(&w->done);
	int r = walk_from_top(w);
	return r < 0 ? r : 1;
}

// Resolves one component. Returns 1 after following a symbolic link, else 0 or negative errno.
static int walk_step(struct walk *w, const char *part)
{
	if (!*part || str_equal(part, "."))
		return 0;
	if (str_equal(part, "..")) {
		remove_last_component(&w->done);
		return walk_from_top(w);
	}
	auto_close_run(&w->found);
	w->found = stack_place_enter(&w->place, part);
	auto_free char *target = *w->rest || !(w->flags & STACK_OPEN_LAST) ? link_target(w->found) : NULL;
	if (target)
		return follow_link(w, target);
	str_addf(&w->done, "%s%s", w->done.length ? "/" : "", part);
	return w->found == -ENOENT || w->found >= 0 ? 0 : w->found;
}

int stack_resolve(const struct strv *roots, const char *path, unsigned flags, char **real)
{
	struct walk w = {.roots = roots, .flags = flags, .found = -1, .text = mem_strdup(path)};
	int links = 0, r = walk_from_top(&w);

	w.rest = w.text;
	while (*w.rest && r >= 0 && links <= LINKS_MAX) {
		auto_free char *part = next_component(&w);
		r = walk_step(&w, part);
		links += r > 0;
	}
	if (r >= 0)
		r = links > LINKS_MAX ? -ELOOP : 0;
	if (r == 0 && real)
		*real = mem_strdup(str_text(&w.done));
	if (r == 0)
		r = w.found < 0 ? w.found : steal_fd(&w.found);
	walk_done(&w);
	return r;
}
