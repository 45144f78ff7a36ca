// Backup and restore of volumes as streams of tar(5): see container/volumes.h.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "change.h"
#include "container/bundle/volume_users.h"
#include "container/image/extract.h"
#include "container/image/pack.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/store/as_root.h"
#include "container/store/store.h"
#include "container/store/volume.h"
#include "container/volumes.h"
#include "copy.h"
#include "model/kind.h"
#include "model/name.h"
#include "model/param.h"

static int send_data(void *context, struct err *e)
{
	return copy_pack_root(*(const int *)context, PACK_ONE_MOUNT, STDOUT_FILENO, e);
}

static int take_data(void *context, struct err *e)
{
	return copy_unpack_root(*(const int *)context, EXTRACT_OWNERS | EXTRACT_ROOT | EXTRACT_NO_LINKS, STDIN_FILENO, e);
}

// As root of the containers, to whose users the files belong.
static int transfer(int (*work)(void *context, struct err *e), int data, struct err *e)
{
	int r = copy_load_libraries(e);

	return r < 0 ? r : as_root_run(&(struct as_root){.work = work, .context = &data}, e);
}

static int backup(struct containers *c, const char *name, const struct params *p, struct err *e)
{
	auto_close int volume = volume_open(c->store.volumes, name, e);
	auto_close int lock = volume < 0 ? -1 : store_lock_shared(volume, "lock"); // not while it is restored
	auto_close int data = volume < 0 ? volume : volume_open_data(c->store.volumes, name, e);

	(void)p;
	return data < 0 ? data : transfer(send_data, data, e);
}

// --- restore ---

static int refuse_running(struct containers *c, const char *volume, const char *container, struct err *e)
{
	auto_view v = {.dir = -1};
	int r = view_open(&v, c, container, e);

	if (r == 0 && (v.watched || v.running))
		r = err_msg(e, EBUSY, "volume '%s' is mounted in the running container '%s' (stop it first)", volume,
		            container);
	return r;
}

// Takes the locks of all USERS, none of which can start then. HELD has room for them; all are set. Returns 0 or
// negative errno, also if one of them runs.
static int lock_users(struct containers *c, const char *name, const struct strv *users, int *held, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < users->count; i++) {
		held[i] = r < 0 ? -1 : container_lock(c, users->items[i], e);
		r = r < 0 ? r : held[i] < 0 ? held[i] : refuse_running(c, name, users->items[i], e);
	}
	return r;
}

static int exchange_locked(struct containers *c, const char *name, int made, const struct strv *before, struct err *e)
{
	auto_close int alone = store_lock(c->store.volumes, ".lock", true);
	auto_close int volume = volume_open(c->store.volumes, name, e);
	auto_close int lock = volume < 0 ? volume : store_lock(volume, "lock", false);
	auto_strv users = {0};
	int r = volume < 0                ? volume
	        : lock < 0 || alone < 0 ? err_msg(e, EBUSY, "volume '%s' is busy (try again)", name)
	                                : 0;

	r = r < 0 ? r : volume_users(c->store.containers, name, &users, e);
	if (r == 0 && !strv_equal(before, &users))
		r = err_msg(e, EBUSY, "the users of volume '%s' have just changed (try again)", name);
	if (r == 0 && renameat2(made, "data", volume, "data", RENAME_EXCHANGE) < 0)
		r = err_set(e, errno, "cannot replace the files of volume '%s'", name);
	return r;
}

// Locks in the order of a deletion: first those of containers, then that of the volumes.
static int exchange(struct containers *c, const char *name, int made, struct err *e)
{
	auto_strv users = {0};
	int r = volume_users(c->store.containers, name, &users, e);
	auto_free int *held = mem_array(users.count + 1, sizeof(*held));

	if (r < 0)
		return r;
	r = lock_users(c, name, &users, held, e);
	r = r < 0 ? r : exchange_locked(c, name, made, &users, e);
	for (size_t i = 0; i < users.count; i++)
		auto_close_run(&held[i]);
	return r;
}

static bool exists(struct containers *c, const char *name)
{
	return faccessat(c->store.volumes, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

// The archive is unpacked aside, so that a damaged one, a full disk or a killed process changes nothing.
static int restore_aside(struct containers *c, const char *name, struct err *e)
{
	const struct volume_record record = {.created = clock_wall()};
	auto_free char *entry = NULL;
	auto_close int made = volume_make(&c->store, &record, &entry, e);
	auto_close int data = made < 0 ? made : openat(made, "data", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = made < 0   ? made
	        : data < 0 ? err_set(e, errno, "cannot open the new volume")
	                   : transfer(take_data, data, e);
	bool replaces = r == 0 && exists(c, name);

	r = r < 0      ? r
	    : replaces ? exchange(c, name, made, e)
	               : volume_publish(&c->store, entry, name, e);
	if (entry && (r < 0 || replaces))
		volume_discard(&c->store, entry);
	return r;
}

static int restore(struct containers *c, const char *name, const struct params *p, struct err *e)
{
	int r = name_check(KIND_VOLUME, name, e);

	if (r == 0 && exists(c, name) && !str_equal(params_get(p, PARAM_FORCE), "yes"))
		r = err_msg(e, EEXIST, "volume '%s' already exists (replace its files with --" PARAM_FORCE ")", name);
	store_sweep(&c->store);
	r = r < 0 ? r : restore_aside(c, name, e);
	if (r < 0)
		store_add_remedy(&c->store, e);
	store_touch(c->store.containers);
	return r;
}

int containers_volume_stream(struct containers *c, const char *name, enum stream stream, const struct params *p,
                             struct err *e)
{
	return stream == STREAM_BACKUP    ? backup(c, name, p, e)
	       : stream == STREAM_RESTORE ? restore(c, name, p, e)
	                                  : err_msg(e, EOPNOTSUPP, "a volume has no %s", stream_name(stream));
}
