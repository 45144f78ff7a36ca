// Changes of a container: see changes.h and overlayfs.rst of the kernel.
#include "changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "container/containers.h"
#include "container/store/as_root.h"
#include "container/store/image.h"
#include "container/store/record.h"
#include "container/store/stack.h"
#include "container/store/store.h"
#include "sys/fs.h"
#include "sys/write.h"

enum { CONFIG_MAX = 4 << 20, TEXT_MAX_BYTES = 64 << 20 };

struct comparison {
	const char *directory; // the container's
	struct strv lowers, skipped;
	struct str text;
	int out;
};

// An entry of the upper directory.
struct changed {
	const char *path; // relative
	int fd;           // O_PATH
	struct stat st;
	bool fresh;       // nothing of the image is visible here
};

void changes_mount_points(const struct view *v, struct strv *paths)
{
	auto_free char *text = NULL;
	bool there = fs_read_file(v->dir, "config.json", CONFIG_MAX, &text, NULL) >= 0;
	json_t *config = there ? json_loads(text, 0, NULL) : NULL;
	size_t i;
	json_t *mount;

	json_array_foreach (json_object_get(config, "mounts"), i, mount) {
		const char *at = json_string_value(json_object_get(mount, "destination"));
		if (at && at[0] == '/' && at[1])
			strv_add(paths, at + 1);
	}
	json_decref(config);
	strv_sort(paths);
}

void changes_lowers(const struct containers *c, const struct view *v, struct strv *lowers)
{
	if (image_is_host(&v->record.image)) {
		auto_free char *directory = store_container_path(&c->store, v->record.name);
		strv_addf(lowers, "%s/host", directory);
	}
	for (size_t i = 0; i < v->record.image.lowers.count; i++)
		strv_add(lowers, v->record.image.lowers.items[i]);
}

// --- the image ---

// Goes to PATH, of plain names. Returns an O_PATH descriptor of it or negative errno; call stack_place_done() in any
// case.
static int find_below(const struct comparison *c, const char *path, struct stack_place *place)
{
	auto_strv names = {0};
	int fd = stack_place_open(place, &c->lowers);

	strv_split(&names, path, "/");
	for (size_t i = 0; fd >= 0 && i < names.count; i++) {
		int next = stack_place_enter(place, names.items[i]);
		if (i > 0)
			close(fd);
		fd = next;
	}
	return names.count ? fd : -ENOENT;
}

static bool is_below(const struct comparison *c, const char *path, struct stat *st)
{
	struct stack_place place;
	auto_close int fd = find_below(c, path, &place);

	stack_place_done(&place);
	return fd >= 0 && fstat(fd, st) == 0;
}

static void read_names(int fd, struct strv *names)
{
	int again = fd < 0 ? -1 : fs_reopen(fd, O_RDONLY | O_DIRECTORY);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add(names, entry->d_name);
	if (dir)
		closedir(dir);
	strv_sort(names);
}

// --- lines ---

static void add_line(struct comparison *c, char letter, const char *path)
{
	str_addf(&c->text, "%c /", letter);
	str_add_visible(&c->text, path, strlen(path));
	str_add_char(&c->text, '\n');
}

// Reports the entries hidden by an opaque directory, except those created again.
static void add_hidden(struct comparison *c, const struct changed *d, const struct strv *kept)
{
	struct stack_place place;
	auto_close int fd = find_below(c, d->path, &place);
	auto_strv hidden = {0};
	struct stat st;

	for (size_t i = 0; fd >= 0 && i < place.count; i++)
		read_names(place.at[i], &hidden);
	stack_place_done(&place);
	strv_sort(&hidden);
	for (size_t i = 0; i < hidden.count; i++) {
		auto_free char *path = mem_printf("%s/%s", d->path, hidden.items[i]);
		bool again = i > 0 && str_equal(hidden.items[i - 1], hidden.items[i]);
		if (!again && !strv_has_sorted(kept, hidden.items[i]) && is_below(c, path, &st))
			add_line(c, 'D', path);
	}
}

static bool same_attributes(const struct stat *a, const struct stat *b)
{
	return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid;
}

static bool is_mount_point(const struct comparison *c, const struct changed *d)
{
	auto_strv names = {0};

	if (S_ISDIR(d->st.st_mode))
		read_names(d->fd, &names);
	return strv_has_sorted(&c->skipped, d->path) &&
	       (S_ISDIR(d->st.st_mode) ? names.count == 0 : S_ISREG(d->st.st_mode) && d->st.st_size == 0);
}

static bool add_change(struct comparison *c, int parent, const char *name, const char *path, bool fresh);

// Returns whether anything was added below D.
static bool add_entries(struct comparison *c, const struct changed *d, const struct strv *names, bool fresh)
{
	bool any = false;

	for (size_t i = 0; i < names->count; i++) {
		auto_free char *path = mem_printf("%s%s%s", d->path, *d->path ? "/" : "", names->items[i]);
		any |= add_change(c, d->fd, names->items[i], path, fresh);
	}
	return any;
}

// A directory of the image is in the upper one, too, when something in it was changed, or created by the runtime.
static bool add_directory(struct comparison *c, const struct changed *d, const struct stat *below)
{
	bool opaque = stack_is_opaque(d->fd);
	size_t before = c->text.length;
	auto_strv names = {0};

	read_names(d->fd, &names);
	add_line(c, below ? 'C' : 'A', d->path);
	bool any = add_entries(c, d, &names, d->fresh || opaque || !below);
	if (below && opaque && !d->fresh)
		add_hidden(c, d, &names);
	any |= below ? opaque || !same_attributes(&d->st, below) : names.count == 0;
	if (!any) {
		c->text.length = before;
		c->text.text[before] = '\0';
	}
	return any;
}

static bool add_change(struct comparison *c, int parent, const char *name, const char *path, bool fresh)
{
	auto_close int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct changed d = {.path = path, .fd = fd, .fresh = fresh};
	struct stat below;
	bool old = !fresh && is_below(c, path, &below);

	if (fd < 0 || fstat(fd, &d.st) < 0 || is_mount_point(c, &d))
		return false;
	bool removed = S_ISCHR(d.st.st_mode) && d.st.st_rdev == makedev(0, 0);
	if (S_ISDIR(d.st.st_mode))
		return add_directory(c, &d, old && S_ISDIR(below.st_mode) ? &below : NULL);
	if (!removed || old)
		add_line(c, removed ? 'D' : old ? 'C' : 'A', path);
	return !removed || old;
}

// In a child process, which may read the files of the container's users.
static int compare(void *context, struct err *e)
{
	struct comparison *c = context;
	auto_free char *path = mem_printf("%s/upper", c->directory);
	auto_close int upper = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct changed top = {.path = "", .fd = upper};
	auto_strv names = {0};

	if (upper < 0)
		return err_set(e, errno, "cannot open '%s'", path);
	read_names(upper, &names);
	add_entries(c, &top, &names, false);
	return write_output(c->out, str_text(&c->text), c->text.length, e);
}

int containers_read_changes(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_free char *directory = store_container_path(&c->store, name), *lines = NULL;
	auto_close int out = memfd_create("changes", MFD_CLOEXEC);
	struct comparison comparison = {.directory = directory, .out = out};
	int r = out < 0 ? err_set(e, errno, "cannot compare files") : view_open(&v, c, name, e);

	if (r == 0) {
		changes_lowers(c, &v, &comparison.lowers);
		changes_mount_points(&v, &comparison.skipped);
		r = as_root_run(&(struct as_root){.work = compare, .context = &comparison}, e);
	}
	if (r == 0 && (lseek(out, 0, SEEK_SET) < 0 || fs_read_open(out, "the changes", TEXT_MAX_BYTES, &lines, e) < 0))
		r = -e->code;
	str_add(text, lines ? lines : "");
	strv_done(&comparison.lowers);
	strv_done(&comparison.skipped);
	return r;
}
