// The mounts of the image "host", and the writable layer of a container created from it.
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "host_base.h"
#include "host_list.h"
#include "sys/fs.h"
#include "sys/userns.h"

static bool is_mounted(const struct host_shown *s)
{
	struct stat st;

	return s->how != COPY && lstat(s->path, &st) == 0 && S_ISDIR(st.st_mode);
}

// --- mounts ---

// Escapes DIRECTORY for overlay options, where ':' separates layers and ',' options.
static char *escape_layer(const char *directory)
{
	return str_escape(directory, ":,\\");
}

// WITHIN: "" or "/places".
static void add_upper(struct strv *options, const char *quoted_directory, const char *within, const char *path)
{
	strv_addf(options, "upperdir=%s%s/upper%s", quoted_directory, within, path);
	strv_addf(options, "workdir=%s%s/work%s", quoted_directory, within, path);
}

char *host_without_dots(const char *path)
{
	auto_strv parts = {0}, kept = {0};
	auto_str plain = {0};

	strv_split(&parts, path, "/");
	for (size_t i = 0; i < parts.count; i++) {
		if (str_equal(parts.items[i], "..") && kept.count)
			free(kept.items[--kept.count]);
		else if (*parts.items[i] && !str_equal(parts.items[i], ".") && !str_equal(parts.items[i], ".."))
			strv_add(&kept, parts.items[i]);
	}
	for (size_t i = 0; i < kept.count; i++)
		str_addf(&plain, "/%s", kept.items[i]);
	return mem_strdup(plain.length ? plain.text : "/");
}

char *host_place(const char *path)
{
	char target[PATH_MAX];
	auto_free char *plain = host_without_dots(path);
	size_t top = 1 + strcspn(plain + 1, "/");
	auto_free char *name = mem_strndup(plain, top);
	ssize_t n = readlink(name, target, sizeof(target));
	auto_free char *led = n < 0 ? NULL : mem_printf("/%.*s%s", (int)n, target, plain + top);

	return led ? host_without_dots(led) : steal(plain);
}

// Whether a volume is mounted below S, which is read-only: its mount point needs a layer of its own.
static bool needs_places(const struct host_shown *s, const struct strv *places)
{
	for (size_t i = 0; s->how == SHOW && i < places->count; i++)
		if (str_is_within(places->items[i], s->path) && !str_equal(places->items[i], s->path))
			return true;
	return false;
}

static struct host_mount *add_mount(struct host_mount **list, size_t *count, const char *at)
{
	*list = mem_resize(*list, *count + 1, sizeof(**list));
	(*list)[*count] = (struct host_mount){.at = mem_strdup(at)};
	return &(*list)[(*count)++];
}

static void add_base(struct host_mount **list, size_t *count, const char *escaped, const char *base)
{
	struct strv *options = &add_mount(list, count, base)->options;

	strv_addf(options, "lowerdir=%s/host%s", escaped, base);
	add_upper(options, escaped, "", base);
}

static void add_shown(struct host_mount **list, size_t *count, const char *escaped, const struct host_shown *s,
                      bool seal)
{
	struct host_mount *mount = add_mount(list, count, s->path);

	mount->seal = seal;
	strv_add(&mount->options, "publiconly");
	strv_addf(&mount->options, "lowerdir=%s:%s/host/empty", s->path, escaped);
	if (s->how != SHOW || seal)
		add_upper(&mount->options, escaped, seal ? "/places" : "", s->path);
}

struct host_mount *host_mounts(const char *directory, const struct strv *places, size_t *count)
{
	static const char *const bases[] = {"/etc", "/var"};
	auto_free char *escaped = escape_layer(directory);
	struct host_mount *list = NULL;
	const struct host_shown *s;

	*count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++)
		add_base(&list, count, escaped, bases[i]);
	for (size_t i = 0; (s = host_shown(i)); i++)
		if (is_mounted(s))
			add_shown(&list, count, escaped, s, needs_places(s, places));
	return list;
}

void host_mounts_free(struct host_mount *mounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(mounts[i].at);
		strv_done(&mounts[i].options);
	}
	free(mounts);
}

// --- the container's directory ---

// Creates a mount point, with its upper and work directories, or the same symbolic link as on the host (merged /usr).
static int make_top_level(int upper, int work, const char *path, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	int r = 0;

	if (n >= 0) {
		target[n] = '\0';
		r = symlinkat(target, upper, path + 1) < 0 && errno != EEXIST ? -errno : 0;
	} else if (access(path, F_OK) == 0) {
		auto_close int own = host_make_directories(upper, path, true),
		               own_work = host_make_directories(work, path, true);
		r = own < 0 ? own : own_work < 0 ? own_work : 0;
	}
	return r < 0 ? err_set(e, -r, "cannot prepare '%s' in the container's root", path) : 0;
}

static int make_root(int dir_fd, struct err *e)
{
	static const char *const always[] = {"/etc", "/var"}, *const empty[] = {"opt", "srv", "mnt"};
	auto_close int upper = host_make_directories(dir_fd, "upper", true),
	               work = host_make_directories(dir_fd, "work", true);
	const struct host_shown *s;
	int r = 0;

	if (upper < 0 || work < 0)
		return err_set(e, upper < 0 ? -upper : -work, "cannot prepare the container's root");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(always); i++)
		r = make_top_level(upper, work, always[i], e);
	for (size_t i = 0; r == 0 && (s = host_shown(i)); i++)
		if (host_is_top(s))
			r = make_top_level(upper, work, s->path, e);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(empty); i++)
		mkdirat(upper, empty[i], 0755); // unless the container has replaced it
	return r;
}

// Whether a component of PATH is a symbolic link on the host, which a directory of the same name would hide.
static bool has_links(const char *path)
{
	auto_free char *way = mem_strdup(path);
	struct stat st;

	for (char *slash = way; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (lstat(way, &st) == 0 && S_ISLNK(st.st_mode))
			return true;
		*slash = '/';
	}
	return false;
}

// In a user namespace the owners of the host's directories are not mapped, so not even root may create entries in
// them. The parent directories of PLACE are created in the container's own layer, where they merge with the host's.
static int make_parents(int dir_fd, const char *place)
{
	const struct host_shown *s;
	bool within = false;

	for (size_t i = 0; (s = host_shown(i)); i++)
		within |= is_mounted(s) && s->how == SHOW && str_is_within(place, s->path);
	auto_free char *way = mem_printf("%s%s", within ? "places/upper" : "upper", place);
	auto_close int above = userns_is_host_root() || has_links(place) ? -1 : host_make_directories(dir_fd, way, false);

	return above < -1 ? above : 0;
}

// Creates the layers of read-only directories in which volumes are mounted.
static int make_places(int dir_fd, const struct strv *places, struct err *e)
{
	const struct host_shown *s;

	for (size_t i = 0; (s = host_shown(i)); i++) {
		if (!is_mounted(s) || !needs_places(s, places))
			continue;
		auto_free char *upper = mem_printf("places/upper%s", s->path), *work = mem_printf("places/work%s", s->path);
		auto_close int own = host_make_directories(dir_fd, upper, true),
		               own_work = host_make_directories(dir_fd, work, true);

		if (own < 0 || own_work < 0)
			return err_set(e, own < 0 ? -own : -own_work, "cannot prepare '%s' in the container's root", s->path);
	}
	for (size_t i = 0; i < places->count; i++) {
		int r = make_parents(dir_fd, places->items[i]);

		if (r < 0)
			return err_set(e, -r, "cannot prepare '%s' in the container's root", places->items[i]);
	}
	return 0;
}

int host_prepare(int dir_fd, const struct strv *places, struct err *e)
{
	mode_t mask = umask(022); // accessible to every user of the container
	int r = host_link_base(dir_fd, e);

	if (r == 0)
		r = make_root(dir_fd, e);
	if (r == 0)
		r = make_places(dir_fd, places, e);
	umask(mask);
	return r;
}
