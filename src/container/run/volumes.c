// The volumes of a new container: see volumes.h.
#include "volumes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle/account.h"
#include "container/bundle/bundle.h"
#include "container/bundle/mount_spec.h"
#include "container/bundle/volume_users.h"
#include "container/store/as_root.h"
#include "container/store/copy.h"
#include "container/store/image.h"
#include "container/store/store.h"
#include "container/store/tree.h"
#include "container/store/volume.h"
#include "model/param.h"
#include "sys/fs.h"

// --- filling a volume ---

struct filling {
	const struct strv *roots;
	const char *path; // of the image
	int data;
};

static int fill(void *context, struct err *e)
{
	const struct filling *f = context;

	return copy_stacked(f->roots, f->path, f->data, e);
}

// The image "host" is this host: what its directories hold stays there.
static bool is_filled(const struct record *r, const struct mount_spec *m)
{
	return !m->empty && !image_is_host(&r->image);
}

static int fill_from_image(const struct record *r, const struct mount_spec *m, int volume, struct err *e)
{
	auto_close int data = openat(volume, "data", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct filling f = {&r->image.lowers, m->target, data};

	if (!is_filled(r, m))
		return 0;
	return data < 0 ? err_set(e, errno, "cannot open the files of the volume")
	                : as_root_run(&(struct as_root){.work = fill, .context = &f}, e);
}

// A new volume gets its name once it is filled. -EEXIST: another process made one of this name meanwhile.
static int make_filled(struct containers *c, const struct record *r, const struct mount_spec *m, struct err *e)
{
	const struct volume_record record = {.created = clock_wall(), .anonymous = m->anonymous};
	auto_free char *entry = NULL;
	auto_close int volume = volume_make(&c->store, &record, &entry, e);
	int result = volume < 0 ? volume : fill_from_image(r, m, volume, e);

	result = result < 0 ? result : volume_publish(&c->store, entry, m->source, e);
	if (result < 0 && entry)
		volume_discard(&c->store, entry);
	return result;
}

static bool is_empty(int volume)
{
	DIR *dir = fs_open_directory(volume, "data");
	struct dirent *entry;
	bool empty = dir;

	while (dir && empty && (errno = 0, entry = readdir(dir)))
		empty = str_equal(entry->d_name, ".") || str_equal(entry->d_name, "..");
	empty = empty && !errno;
	if (dir)
		closedir(dir);
	return empty;
}

// Fills another directory and exchanges the two, so that a killed process leaves the volume as it was.
static int fill_aside(struct containers *c, const struct record *r, const struct mount_spec *m, int volume,
                      const struct volume_record *now, struct err *e)
{
	auto_free char *entry = NULL;
	auto_close int other = volume_make(&c->store, now, &entry, e);
	int result = other < 0 ? other : fill_from_image(r, m, other, e);

	if (result == 0 && renameat2(other, "data", volume, "data", RENAME_EXCHANGE) < 0)
		result = err_set(e, errno, "cannot fill volume '%s'", m->source);
	if (entry)
		volume_discard(&c->store, entry);
	return result;
}

// A volume that was created and never mounted is filled like a new one, unless something was put into it.
static int fill_fresh(struct containers *c, const struct record *r, const struct mount_spec *m, struct err *e)
{
	auto_close int volume = volume_open(c->store.volumes, m->source, e);
	struct volume_record record = {0};
	int result = volume < 0 ? volume : volume_record_read(volume, &record, e);

	if (result == 0 && !record.fresh) {
		volume_record_done(&record);
		return 0;
	}
	auto_close int lock = result < 0 ? -1 : store_lock(volume, "lock", true);
	volume_record_done(&record); // another process may have filled it while this one waited
	result = result < 0 ? result : volume_record_read(volume, &record, e);
	bool fresh = result == 0 && record.fresh;
	record.fresh = false;
	if (fresh && is_filled(r, m) && is_empty(volume))
		result = fill_aside(c, r, m, volume, &record, e);
	if (fresh && result == 0)
		result = volume_record_write(volume, &record, e);
	volume_record_done(&record);
	return result < 0 ? err_wrap(e, "volume '%s'", m->source) : 0;
}

static int ensure_volume(struct containers *c, const struct record *r, const struct mount_spec *m, struct err *e)
{
	if (faccessat(c->store.volumes, m->source, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return fill_fresh(c, r, m, e);
	int result = make_filled(c, r, m, e);

	return result == -EEXIST ? fill_fresh(c, r, m, e) : result < 0 ? err_wrap(e, "volume '%s'", m->source) : 0;
}

// --- option U ---

struct giving {
	int place; // O_PATH
	uid_t uid;
	gid_t gid;
};

static int give(void *context, struct err *e)
{
	const struct giving *g = context;

	return tree_give(g->place, g->uid, g->gid, e);
}

// A mistake here would make a host unusable.
static bool is_of_system(const char *path)
{
	static const char *const kept[] = {"/",    "/bin", "/boot", "/dev",  "/etc", "/home", "/lib", "/lib64", "/opt",
	                                   "/proc", "/root", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var"};

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (str_equal(path, kept[i]))
			return true;
	return str_is_within(path, "/usr") || str_is_within(path, "/etc") || str_is_within(path, "/proc");
}

// The path of what is open as FD. Owned, or NULL.
static char *path_of(int fd)
{
	auto_free char *link = mem_printf("/proc/self/fd/%d", fd);

	return realpath(link, NULL);
}

// The path is resolved once: what is checked is what is changed.
static int give_to_user(struct containers *c, const struct record *r, const struct mount_spec *m, struct err *e)
{
	auto_free char *data = m->type == MOUNT_VOLUME ? volume_data_path(c->store.path, m->source) : NULL;
	auto_close int place = open(data ? data : m->source, O_PATH | O_CLOEXEC);
	auto_free char *path = place < 0 ? NULL : path_of(place);
	struct giving g = {.place = place};

	if (!path)
		return err_set(e, errno, "volume '%s'", m->source);
	if (m->type == MOUNT_BIND && is_of_system(path))
		return err_msg(e, EPERM, "option 'U' is refused for '%s': it would change the owner of system files",
		               path);
	int result = bundle_user(r, &g.uid, &g.gid, e);
	return result < 0 ? result : as_root_run(&(struct as_root){.work = give, .context = &g}, e);
}

// --- which volumes ---

static void note_mount(struct record *r, const struct mount_spec *m)
{
	strv_take(&r->mounts, mount_spec_text(m));
}

static bool is_taken(const struct record *r, const struct mount_specs *asked, const char *target)
{
	auto_mount_specs settled = {0};
	struct err ignored;

	mount_specs_of(&settled, r, &ignored);
	return mount_specs_find(asked, target) || mount_specs_find(&settled, target);
}

// "NAME" or "NAME:ro"
static int inherit(struct containers *c, struct record *r, const struct mount_specs *asked, const char *text,
                   struct err *e)
{
	auto_strv parts = {0};
	auto_mount_specs theirs = {0};
	struct record other = {0};

	strv_split(&parts, text, ":");
	bool mode = parts.count == 2 && (str_equal(parts.items[1], "ro") || str_equal(parts.items[1], "rw"));
	if (parts.count != 1 && !mode)
		return err_msg(e, EINVAL, "volumes-from '%s': expected CONTAINER or CONTAINER:ro", text);
	auto_close int dir = store_container_open(&c->store, parts.items[0], e);
	int result = dir < 0 ? dir : record_read(dir, &other, e);
	result = result < 0 ? result : mount_specs_of(&theirs, &other, e);
	for (size_t i = 0; result == 0 && i < theirs.count; i++) {
		struct mount_spec *m = &theirs.items[i];

		m->read_only |= mode && str_equal(parts.items[1], "ro");
		m->own = false;
		if (m->type != MOUNT_TMPFS && !is_taken(r, asked, m->target))
			note_mount(r, m);
	}
	record_done(&other);
	return result < 0 ? err_wrap(e, "volumes-from '%s'", parts.items[0]) : 0;
}

static int inherit_all(struct containers *c, struct record *r, const struct mount_specs *asked, struct err *e)
{
	const char *text;
	int result = 0;

	for (size_t i = 0; result == 0 && (text = params_get_nth(&r->params, PARAM_VOLUMES_FROM, i)); i++)
		result = inherit(c, r, asked, text, e);
	return result;
}

static void name_volume(struct record *r, struct mount_spec *m)
{
	m->source = volume_new_name();
	m->anonymous = true;
	note_mount(r, m);
}

static void name_asked(struct record *r, struct mount_specs *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		if (asked->items[i].type == MOUNT_VOLUME && !asked->items[i].source)
			name_volume(r, &asked->items[i]);
}

static int name_of_image(struct record *r, const struct mount_specs *asked, struct err *e)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < r->image.volumes.count; i++) {
		auto_mount_specs one = {0};
		result = mount_spec_of_image(mount_specs_add(&one), r->image.volumes.items[i], e);
		if (result == 0 && !is_taken(r, asked, one.items[0].target))
			name_volume(r, &one.items[0]);
	}
	return result < 0 ? err_wrap(e, "image '%s'", r->image.reference) : 0;
}

static int choose_volumes(struct containers *c, struct record *r, struct err *e)
{
	auto_mount_specs asked = {0};
	int result = mount_specs_asked(&asked, &r->params, e);

	result = result < 0 ? result : inherit_all(c, r, &asked, e);
	if (result == 0)
		name_asked(r, &asked);
	return result < 0 ? result : name_of_image(r, &asked, e);
}

static int ensure_all(struct containers *c, const struct record *r, struct err *e)
{
	auto_mount_specs all = {0};
	int result = mount_specs_of(&all, r, e);

	for (size_t i = 0; result == 0 && i < all.count; i++) {
		if (all.items[i].type == MOUNT_VOLUME)
			result = ensure_volume(c, r, &all.items[i], e);
		if (result == 0 && all.items[i].own)
			result = give_to_user(c, r, &all.items[i], e);
	}
	return result;
}

static bool has_volumes(const struct record *r)
{
	return r->image.volumes.count || params_get(&r->params, PARAM_VOLUME) || params_get(&r->params, PARAM_MOUNT) ||
	       params_get(&r->params, PARAM_TMPFS) || params_get(&r->params, PARAM_VOLUMES_FROM);
}

int container_settle_volumes(struct containers *c, struct record *r, int *hold, struct err *e)
{
	if (!has_volumes(r))
		return 0;
	*hold = store_lock_shared(c->store.volumes, ".lock");
	if (*hold < 0)
		return err_set(e, -*hold, "cannot lock the volumes of the store");
	int result = choose_volumes(c, r, e);
	result = result < 0 ? result : ensure_all(c, r, e);
	if (result < 0) {
		auto_close_run(hold);
		*hold = -1;
		volume_delete_anonymous(c->store.containers, r);
	}
	return result;
}
