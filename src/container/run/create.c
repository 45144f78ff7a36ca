// Creating containers. A container gets its name only once it is complete.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "change.h"
#include "container/bundle/volume_users.h"
#include "container/containers.h"
#include "container/image/name.h"
#include "container/image/open.h"
#include "container/image/pull.h"
#include "container/image/short_name.h"
#include "container/image/stored.h"
#include "container/monitor/policy.h"
#include "container/network/record/choice.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/defaults.h"
#include "container/store/joined.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "end.h"
#include "model/job.h"
#include "model/name.h"
#include "model/param.h"
#include "model/workload.h"
#include "start.h"
#include "sys/fs.h"
#include "sys/userns.h"
#include "volumes.h"

enum { NAMES_MAX = 10000 };

// "host" → "host-1", "dir:/srv/web root" → "web-root-1": the last component of the image, and the first free number.
static char *make_name(struct containers *c, const char *image)
{
	const char *slash = strrchr(image, '/');
	auto_str stem = {0};

	for (const char *s = slash ? slash + 1 : image; *s && *s != ':' && *s != '@' && stem.length < 40; s++)
		str_add_char(&stem, strchr(STR_LETTERS STR_DIGITS "._-", *s) ? *s : '-');
	if (!name_is_valid(KIND_CONTAINER, str_text(&stem))) {
		str_clear(&stem);
		str_add(&stem, "container");
	}
	for (int i = 1; i < NAMES_MAX; i++) {
		char *name = mem_printf("%s-%d", str_text(&stem), i);
		if (faccessat(c->store.containers, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			return name;
		free(name);
	}
	return mem_printf("%s-%ld", str_text(&stem), (long)getpid());
}

static bool is_recorded(const char *parameter)
{
	return strcmp(parameter, PARAM_NAME) != 0 && strcmp(parameter, PARAM_START) != 0 &&
	       strcmp(parameter, PARAM_FOREGROUND) != 0 && strcmp(parameter, PARAM_PULL) != 0;
}

static bool container_exists(struct containers *c, const char *name)
{
	return faccessat(c->store.containers, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

// A container that is started at once is checked by its monitor, which makes the bundle anyway; if that fails, the
// container is discarded.
static int write_new(struct containers *c, int dir, struct record *r, bool starts, struct err *e)
{
	joined_note(r, c->store.containers);
	return starts ? record_write(dir, r, e) : container_write(c, dir, r, e);
}

// Creates the container under a temporary name, writes its files, then renames it: it is either complete or does not
// exist. A generated name may be taken meanwhile.
static int create_directory(struct containers *c, struct record *r, bool named, bool starts, struct err *e)
{
	auto_free char *entry = NULL;
	auto_close int dir = store_container_make(&c->store, &entry, e);
	int result = dir < 0 ? dir : write_new(c, dir, r, starts, e);
	// the file must exist: without it the container could not even be removed
	auto_close int lock = result < 0 ? -1 : store_lock(dir, "lock", false);

	if (result == 0 && lock < 0)
		result = err_set(e, -lock, "cannot create the lock");
	if (result == 0)
		result = store_container_publish(&c->store, entry, r->name, e);
	while (result == -EEXIST && !named) {
		free(r->name);
		r->name = make_name(c, r->image.reference);
		result = write_new(c, dir, r, starts, e);
		if (result == 0)
			result = store_container_publish(&c->store, entry, r->name, e);
	}
	if (result < 0 && result != -EEXIST)
		err_wrap(e, "container '%s'", r->name);
	if (result < 0 && entry)
		fs_remove_tree(c->store.containers, entry, NULL);
	return result;
}

static struct image_options image_options_of(const struct params *p)
{
	const char *pull = params_or(p, PARAM_PULL, "missing"), *platform = params_get(p, PARAM_PLATFORM);

	return (struct image_options){
		.pull = str_equal(pull, "always") ? PULL_ALWAYS : str_equal(pull, "never") ? PULL_NEVER : PULL_MISSING,
		.platform = platform && *platform ? platform : NULL,
	};
}

// Held while a container is made: store_busy(), and stored_hold() because its layers have no user yet.
struct holds {
	int busy, layers;
};

static void holds_done(struct holds *h)
{
	auto_close_run(&h->busy);
	auto_close_run(&h->layers);
}

static int hold_store(struct containers *c, struct holds *h, struct err *e)
{
	h->busy = store_busy(c->store.containers);
	if (h->busy < 0)
		return err_set(e, -h->busy, "cannot write to the store '%s'", c->store.path);
	h->layers = stored_hold(&c->store, e);
	return h->layers < 0 ? h->layers : 0;
}

// Opens the image of P; H must be kept until a container has its layers.
static int open_image(struct containers *c, struct image *i, const struct params *p, const struct job *job,
                      struct holds *h, struct err *e)
{
	int result = store_check_layers(&c->store, e);

	*h = (struct holds){-1, -1};
	store_sweep(&c->store);
	if (result == 0)
		result = hold_store(c, h, e);
	if (result < 0)
		return result;
	const struct image_options options = image_options_of(p);
	return image_open(i, &c->store, params_or(p, PARAM_IMAGE, ""), &options, job, e);
}

bool containers_create_is_long(struct containers *c, const struct params *p)
{
	const struct image_options options = image_options_of(p);

	return image_lacks_layers(&c->store, params_or(p, PARAM_IMAGE, ""), &options);
}

int containers_unpack(struct containers *c, const struct params *p, const struct job *job, struct err *e)
{
	struct holds holds = {-1, -1};
	struct image image = {0};
	int r = open_image(c, &image, p, job, &holds, e);

	if (r < 0)
		store_add_remedy(&c->store, e);
	image_done(&image);
	holds_done(&holds);
	return r;
}

int containers_pull(struct containers *c, const struct params *p, const struct job *job, char **digest, struct err *e)
{
	const struct image_options options = image_options_of(p);
	const char *text = params_or(p, PARAM_IMAGE, "");
	int r = image_name_check(text, e);
	auto_free char *name = r < 0 ? NULL : short_name_resolve(&c->store, text, e);

	store_sweep(&c->store);
	r = !name ? -e->code : image_pull(&c->store, name, options.platform, job, e);
	if (r < 0)
		store_add_remedy(&c->store, e);
	*digest = r < 0 ? NULL : stored_find(&c->store, name);
	return r < 0 || *digest ? r : err_msg(e, ENOENT, "image '%s' was removed while it was pulled", name);
}

char *containers_jobs_path(const char *where)
{
	auto_free char *store = store_where(where);

	return store && *store == '/' ? mem_printf("%s/jobs", store) : NULL;
}

static bool is_started(const struct params *p)
{
	return str_equal(params_get(p, PARAM_START), "yes");
}

static int create_container(struct containers *c, struct record *r, const struct params *p, bool named,
                            const struct job *job, struct err *e)
{
	struct policy policy;
	struct holds holds = {-1, -1};
	auto_close int hold = -1; // of volumes
	int result = policy_parse(&policy, params_get(&r->params, PARAM_RESTART), e);

	if (result == 0)
		result = network_check(r, e);
	if (result == 0 && named && container_exists(c, r->name)) // before any layer is unpacked
		result = err_msg(e, EEXIST, "container '%s' already exists (choose another name, or delete it)", r->name);
	if (result == 0)
		result = open_image(c, &r->image, p, job, &holds, e);
	if (result == 0)
		result = container_settle_volumes(c, r, &hold, e);
	if (result == 0 && (result = create_directory(c, r, named, is_started(p), e)) < 0) {
		auto_close_run(&hold); // a deletion waits for its end
		hold = -1;
		volume_delete_anonymous(c->store.containers, r);
	}
	holds_done(&holds);
	if (result < 0)
		store_add_remedy(&c->store, e);
	return result;
}

static int start_created(struct containers *c, const char *name, bool foreground, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_close int lock = container_lock(c, name, e);
	int r = lock < 0 ? lock : view_open(&v, c, name, e);

	r = r < 0 ? r : container_start(c, &v, foreground, e);
	store_touch(c->store.containers);
	return r;
}

// Removes a container that could not be started, including the leftovers of a killed monitor.
static void discard_created(struct containers *c, const char *name)
{
	struct err ignored;
	auto_view v = {.dir = -1};
	auto_close int lock = container_lock(c, name, &ignored);

	if (lock < 0 || view_open(&v, c, name, &ignored) < 0)
		return;
	v.watched = !view_wait_for_end(&v, END_GRACE); // its monitor has reported the error and is exiting
	container_delete(c, &v, false, true, &ignored);
}

static int settle_network(struct record *r, struct err *e)
{
	auto_free char *network = params_or(&r->params, PARAM_NETWORK, NULL) ? NULL : default_network(e);

	if (network)
		params_set(&r->params, PARAM_NETWORK, network);
	return params_or(&r->params, PARAM_NETWORK, NULL) ? 0 : -e->code;
}

int containers_create(struct containers *c, const struct params *p, const struct job *job, char **name, struct err *e)
{
	struct record r = {.created = clock_wall(), .whole = true, .userxattr = !userns_is_host_root()};
	const char *wanted = params_get(p, PARAM_NAME);
	bool named = wanted && *wanted;

	for (size_t i = 0; i < p->count; i++)
		if (is_recorded(p->items[i].name))
			params_add(&r.params, p->items[i].name, p->items[i].value);
	r.name = named ? mem_strdup(wanted) : make_name(c, params_or(p, PARAM_IMAGE, ""));
	int result = settle_network(&r, e);
	if (result == 0)
		result = create_container(c, &r, p, named, job, e);
	if (result == 0 && is_started(p)) {
		result = start_created(c, r.name, str_equal(params_get(p, PARAM_FOREGROUND), "yes"), e);
		if (result < 0)
			discard_created(c, r.name);
	}
	store_touch(c->store.containers);
	if (result == 0)
		*name = mem_strdup(r.name);
	record_done(&r);
	return result;
}
