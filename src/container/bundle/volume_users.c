// Users of volumes, and deletion of what is unused: see volume_users.h.
#include "volume_users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/store/store.h"
#include "container/store/volume.h"
#include "model/kind.h"
#include "model/name.h"
#include "sys/fs.h"

typedef void look_at(void *context, const char *container, const struct mount_spec *m);

static int look_at_container(int containers, const char *name, look_at *look, void *context, struct err *e)
{
	auto_close int dir = openat(containers, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool other = dir < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP); // removed, or not a container
	struct record record = {0};
	auto_mount_specs mounts = {0};
	int r = other ? 0 : dir < 0 ? err_set(e, errno, "cannot open it") : record_read(dir, &record, e);

	if (r < 0 && faccessat(containers, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; // removed meanwhile
	r = r < 0 || dir < 0 ? r : mount_specs_of(&mounts, &record, e);
	for (size_t i = 0; r == 0 && i < mounts.count; i++)
		look(context, name, &mounts.items[i]);
	record_done(&record);
	return r < 0 ? err_wrap(e, "container '%s', whose volumes are unknown", name) : 0;
}

int volume_users_each(int containers, look_at *look, void *context, struct err *e)
{
	DIR *dir = fs_open_directory(containers, ".");
	struct dirent *entry;
	int r = dir ? 0 : err_set(e, errno, "cannot read the containers of the store");

	while (r == 0 && (errno = 0, entry = readdir(dir)))
		if (name_is_valid(KIND_CONTAINER, entry->d_name))
			r = look_at_container(containers, entry->d_name, look, context, e);
	if (r == 0 && errno)
		r = err_set(e, errno, "cannot read the containers of the store");
	if (dir)
		closedir(dir);
	return r;
}

struct search {
	const char *volume;
	struct strv *users;
};

static void add_user(void *context, const char *container, const struct mount_spec *m)
{
	const struct search *s = context;
	const struct strv *users = s->users;
	bool known = users->count && str_equal(users->items[users->count - 1], container);

	if (m->type == MOUNT_VOLUME && str_equal(m->source, s->volume) && !known)
		strv_add(s->users, container);
}

int volume_users(int containers, const char *name, struct strv *users, struct err *e)
{
	return volume_users_each(containers, add_user, &(struct search){name, users}, e);
}

static int refuse_used(const char *name, const struct strv *users, struct err *e)
{
	auto_str names = {0};

	for (size_t i = 0; i < users->count; i++)
		str_addf(&names, "%s'%s'", i ? ", " : "", users->items[i]);
	return err_msg(e, EBUSY, "volume '%s' is in use by container%s %s (delete %s first)", name,
	               users->count > 1 ? "s" : "", str_text(&names), users->count > 1 ? "them" : "it");
}

int volume_delete(int containers, int volumes, const char *name, struct err *e)
{
	auto_strv users = {0};
	auto_close int volume = volume_open(volumes, name, e);
	auto_close int alone = volume < 0 ? -1 : store_lock(volumes, ".lock", true);
	auto_close int idle = volume < 0 ? -1 : store_lock(volume, "lock", false);

	if (volume < 0)
		return volume;
	// a full disk may have no room for a lock, but deleting must work there, too
	if (alone < 0 && alone != -ENOSPC && alone != -EDQUOT)
		return err_set(e, -alone, "cannot lock the volumes of the store");
	if (idle == -EWOULDBLOCK)
		return err_msg(e, EBUSY, "volume '%s' is being filled, saved or restored (try again)", name);
	int r = volume_users(containers, name, &users, e);
	r = r < 0 ? r : users.count ? refuse_used(name, &users, e) : volume_remove(volumes, name, e);
	store_touch(containers);
	return r;
}

void volume_delete_anonymous(int containers, const struct record *r)
{
	auto_mount_specs mounts = {0};
	auto_close int volumes = volumes_beside(containers);
	struct err ignored;

	if (volumes < 0 || mount_specs_of(&mounts, r, &ignored) < 0)
		return;
	for (size_t i = 0; i < mounts.count; i++)
		if (mounts.items[i].type == MOUNT_VOLUME && mounts.items[i].anonymous)
			volume_delete(containers, volumes, mounts.items[i].source, &ignored);
}
