// The root directory of a container: see inside.h.
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/bundle/bundle.h"
#include "container/bundle/host.h"
#include "container/store/as_root.h"
#include "container/store/image.h"
#include "container/store/record.h"
#include "sys/proc.h"
#include "sys/userns.h"

struct inside {
	const struct view *v;
	const char *directory;
	int root; // of a running container, -1: it must be mounted
	inside_work *work;
	void *context;
};

// --- a container that does not run ---

// "N:N:…": descriptors of the directories. In /proc/self/fd these are paths, shorter than the directories' own and
// without characters that have a meaning in options.
static int add_directories(struct str *options, const struct strv *paths, struct err *e)
{
	for (size_t i = 0; i < paths->count; i++) {
		int fd = open(paths->items[i], O_PATH | O_DIRECTORY);
		if (fd < 0)
			return err_set(e, errno, "cannot open the layer '%s'", paths->items[i]);
		str_addf(options, "%s%d", i ? ":" : "lowerdir=", fd);
	}
	return 0;
}

static int mount_overlay(const struct inside *i, const char *target, struct err *e)
{
	auto_str options = {0};
	auto_free char *upper = mem_printf("%s/upper", i->directory), *work = mem_printf("%s/work", i->directory);
	int r = add_directories(&options, &i->v->record.image.lowers, e);
	int above = open(upper, O_PATH | O_DIRECTORY), aside = open(work, O_PATH | O_DIRECTORY);

	str_addf(&options, ",upperdir=%d,workdir=%d%s", above, aside,
	         i->v->record.userxattr ? ",userxattr" : i->v->record.whole ? ",redirect_dir=off,metacopy=off" : "");
	if (r == 0 && (above < 0 || aside < 0 || chdir("/proc/self/fd") < 0))
		r = err_set(e, errno, "cannot open '%s'", upper);
	if (r == 0 && mount("overlay", target, "overlay", 0, str_text(&options)) < 0)
		r = err_set(e, errno, "cannot mount the container's files");
	return r;
}

// Everything but what is done for containers only: here the caller reads the host's files anyway.
static char *options_of(const struct host_mount *m, bool userxattr)
{
	auto_str options = {0};

	for (size_t i = 0; i < m->options.count; i++)
		if (strchr(m->options.items[i], '='))
			str_addf(&options, "%s%s", options.length ? "," : "", m->options.items[i]);
	if (userxattr && strstr(str_text(&options), "upperdir="))
		str_add(&options, ",userxattr");
	return str_steal(&options);
}

static int mount_host_directory(const struct inside *i, const struct host_mount *m, const char *target, struct err *e)
{
	auto_free char *options = options_of(m, i->v->record.userxattr), *at = mem_printf("%s%s", target, m->at);

	return mount("overlay", at, "overlay", 0, options) < 0 ? err_set(e, errno, "cannot mount '%s'", m->at) : 0;
}

// As bundle.c describes it to the runtime.
static int mount_host(const struct inside *i, const char *target, struct err *e)
{
	auto_free char *upper = mem_printf("%s/upper", i->directory);
	auto_strv places = {0};
	size_t count;
	int r = mount(upper, target, NULL, MS_BIND, NULL) < 0 ? err_set(e, errno, "cannot mount '%s'", upper) : 0;

	bundle_places(&i->v->record, &places);
	struct host_mount *rows = host_mounts(i->directory, &places, &count);
	for (size_t n = 0; r == 0 && n < count; n++)
		r = mount_host_directory(i, &rows[n], target, e);
	host_mounts_free(rows, count);
	return r;
}

static int mount_root(const struct inside *i, struct err *e)
{
	auto_free char *target = mem_printf("%s/root", i->directory);
	int r = image_is_host(&i->v->record.image) ? mount_host(i, target, e) : mount_overlay(i, target, e);
	int root = r < 0 ? r : open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return r < 0 || root >= 0 ? root : err_set(e, errno, "cannot open '%s'", target);
}

// --- in the child ---

static int work(void *context, struct err *e)
{
	struct inside *i = context;

	if (i->root < 0)
		i->root = mount_root(i, e);
	return i->root < 0 ? i->root : i->work(i->root, i->context, e);
}

static int open_running(const struct view *v, struct err *e)
{
	auto_free char *path = mem_printf("/proc/%d/root", (int)v->state.pid);
	auto_close int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_set(e, errno, "cannot open the root of container '%s'", v->record.name);
	return proc_is_alive(v->state.pid, v->state.pid_started) // so it was this process's root
	           ? steal_fd(&root)
	           : err_msg(e, ESRCH, "container '%s' has just exited", v->record.name);
}

int container_inside(struct containers *c, const struct view *v, inside_work *inside, void *context, struct err *e)
{
	auto_free char *directory = store_container_path(&c->store, v->record.name);
	auto_close int root = v->running ? open_running(v, e) : -1;
	struct inside i = {v, directory, root, inside, context};
	const struct as_root job = {.work = work, .context = &i};

	return v->running && root < 0 ? root : as_root_run(&job, e);
}
