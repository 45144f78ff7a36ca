// Copying files out of containers and into them, as streams of tar(5).
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "change.h"
#include "container/containers.h"
#include "container/copy.h"
#include "container/image/digest.h"
#include "container/image/entry.h"
#include "container/image/extract.h"
#include "container/image/pack.h"
#include "container/image/tar.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/store/store.h"
#include "copy.h"
#include "inside.h"
#include "model/param.h"
#include "sys/fs.h"
#include "sys/write.h"

// --- packing ---

static int write_to(void *context, const void *bytes, size_t n, struct err *e)
{
	return write_output(*(const int *)context, bytes, n, e);
}

// What a path means: its last name, and what it is in. The contents of a directory have the name ".".
struct source {
	int parent;
	char *name, *as;
};

static bool names_contents(const char *plain)
{
	const char *slash = strrchr(plain, '/'), *name = slash ? slash + 1 : plain;

	return str_equal(name, ".") || str_equal(name, "..") || !*name;
}

// Opens PATH below ROOT as if that were "/"; AT_FDCWD: on this host.
static int resolve(int root, const char *path, struct err *e)
{
	if (root != AT_FDCWD)
		return fs_resolve(root, path, 0, e);
	int fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? err_set(e, errno, "cannot open '%s'", path) : fd;
}

// A link at the end of PATH is followed with FOLLOW, or if a slash says that it is a directory.
static int find_source(struct source *s, int root, const char *path, bool follow, struct err *e)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	auto_free char *plain = mem_strndup(path, n);
	char *slash = strrchr(plain, '/');
	bool contents = names_contents(plain);

	s->as = mem_strdup(contents ? "." : slash ? slash + 1 : plain);
	s->name = mem_strdup(contents || follow || path[n] ? "." : s->as);
	if (str_equal(s->name, "."))
		return s->parent = resolve(root, path, e);
	if (slash)
		slash[slash == plain] = '\0';
	return s->parent = resolve(root, slash ? plain : ".", e);
}

// A file that was opened itself, because links were followed, has no name below a directory.
static int pack_source(struct pack *p, const struct source *s, struct err *e)
{
	struct stat st;

	if (!str_equal(s->name, ".") || fstat(s->parent, &st) < 0 || S_ISDIR(st.st_mode))
		return pack_add(p, s->parent, s->name, s->as, e);
	return pack_add_open(p, s->parent, s->as, e);
}

static int pack_path(int root, const char *path, bool follow, unsigned flags, int out, struct err *e)
{
	const struct pack_sink sink = {write_to, &out};
	struct source s = {.parent = -1};
	struct pack *p = NULL;
	int r = find_source(&s, root, path, follow, e);

	if (r >= 0)
		r = pack_open(&p, &sink, PACK_PLAIN, flags, NULL, NULL, e);
	if (r == 0)
		r = pack_source(p, &s, e);
	if (r == 0)
		r = pack_end(p, NULL, e);
	if (r < 0)
		err_wrap(e, "cannot copy '%s'", path);
	pack_free(p);
	auto_close_run(&s.parent);
	free(s.name);
	free(s.as);
	return r;
}

int copy_pack_root(int root, unsigned flags, int out, struct err *e)
{
	return pack_path(root, "/", false, flags, out, e);
}

int copy_pack(const char *path, bool follow, int out, struct err *e)
{
	return pack_path(AT_FDCWD, path, follow, 0, out, e);
}

// --- unpacking ---

int copy_unpack(int in, const char *path, bool owners, struct err *e)
{
	const struct layer_source source = {tar_read_fd, &in};
	unsigned flags = EXTRACT_PLACE | EXTRACT_NO_LINKS | (owners ? EXTRACT_OWNERS : 0);
	auto_close int there = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t n = strlen(path);

	if (there >= 0)
		return extract(&source, there, ".", flags, NULL, e);
	while (n > 1 && path[n - 1] == '/')
		n--;
	auto_free char *plain = mem_strndup(path, n);
	char *slash = strrchr(plain, '/');
	auto_free char *above = slash ? mem_strndup(plain, (size_t)(slash - plain)) : mem_strdup(".");
	auto_close int directory = open(*above ? above : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return err_set(e, errno, "cannot open '%s'", *above ? above : "/");
	return extract(&source, directory, slash ? path + (slash - plain) + 1 : path, flags, NULL, e);
}

int copy_unpack_root(int root, unsigned flags, int in, struct err *e)
{
	const struct layer_source source = {tar_read_fd, &in};

	return extract(&source, root, ".", flags, NULL, e);
}

// --- containers ---

struct transfer {
	const char *path;
	bool follow;
	unsigned flags;
};

static int send_files(int root, void *context, struct err *e)
{
	const struct transfer *t = context;

	return pack_path(root, t->path, t->follow, t->flags, STDOUT_FILENO, e);
}

static int take_files(int root, void *context, struct err *e)
{
	const struct transfer *t = context;
	int in = STDIN_FILENO;
	const struct layer_source source = {tar_read_fd, &in};

	return extract(&source, root, t->path, t->flags, NULL, e);
}

int copy_load_libraries(struct err *e)
{
	struct digest *sum = digest_begin(e);

	digest_end(sum, NULL);
	return sum ? tar_load(e) : -EOPNOTSUPP;
}

// A container that does not run stays so meanwhile: its start waits for the lock.
static int transfer(struct containers *c, const char *name, inside_work *work, struct transfer *t, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_close int lock = -1;
	int r = copy_load_libraries(e);

	r = r < 0 ? r : view_open(&v, c, name, e);
	if (r == 0 && !v.running) {
		lock = container_lock(c, name, e);
		view_done(&v);
		r = lock < 0 ? lock : view_open(&v, c, name, e);
	}
	if (r == 0 && v.running)
		auto_close_run(&lock), lock = -1;
	if (r == 0 && !v.running && v.watched)
		return err_msg(e, EBUSY, "container '%s' is just starting or exiting (try again)", name);
	r = r < 0 ? r : container_inside(c, &v, work, t, e);
	if (r < 0)
		store_add_remedy(&c->store, e);
	return r;
}

static bool is_on(const struct params *p, const char *name)
{
	return str_equal(params_get(p, name), "yes");
}

int containers_copy(struct containers *c, const char *name, const struct params *p, struct err *e)
{
	const char *from = params_get(p, PARAM_FROM), *to = params_get(p, PARAM_TO);
	unsigned into = is_on(p, PARAM_PLACE) ? EXTRACT_PLACE : EXTRACT_OWNERS;
	struct transfer out = {.path = from, .follow = is_on(p, PARAM_FOLLOW_LINK)},
	                in = {.path = to, .flags = into | (is_on(p, PARAM_ARCHIVE) ? EXTRACT_OWNERS : 0)};

	return from ? transfer(c, name, send_files, &out, e)
	       : to ? transfer(c, name, take_files, &in, e)
	            : err_msg(e, EINVAL, "no path in container '%s' to copy", name);
}

int containers_export(struct containers *c, const char *name, struct err *e)
{
	struct transfer all = {.path = "/", .flags = PACK_ONE_MOUNT};

	return transfer(c, name, send_files, &all, e);
}
