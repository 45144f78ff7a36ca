// Running the OCI runtime: see runtime.h.
#include "runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "containers.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "model/kind.h"
#include "model/name.h"
#include "sys/fs.h"
#include "sys/proc.h"

bool runtime_has(struct containers *c, const char *id)
{
	auto_free char *path = mem_printf("%s/%s", c->store.runtime, id);

	return access(path, F_OK) == 0;
}

// --- ids that are not names ---

static const char marker[] = ".ids"; // in STORE/containers: there may be some

int runtime_lock_ids(struct containers *c, struct err *e)
{
	int lock = store_lock(c->store.containers, marker, true);

	return lock < 0 ? err_set(e, -lock, "cannot lock '%s/containers'", c->store.path) : lock;
}

static bool may_have_ids(struct containers *c)
{
	return faccessat(c->store.containers, marker, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

// A container that is not running has an id for its cleanup only.
static bool uses_id(const struct view *v)
{
	return v->watched || v->damaged || (v->state.phase != RUN_NEVER && v->state.phase != RUN_ENDED);
}

// Whether V, whose record cannot be read, may be running by another id than its NAME.
static bool may_have_another_id(struct containers *c, const struct view *v, const char *name)
{
	return v->dir < 0 || (uses_id(v) && !runtime_has(c, name));
}

static int has_id(struct containers *c, const char *name, const char *id, bool in_use)
{
	auto_view v = {.dir = -1};
	struct err ignored;
	int r = view_open(&v, c, name, &ignored);

	if (r < 0)
		return r != -ENOENT && (!in_use || may_have_another_id(c, &v, name)) ? r : 0;
	return str_equal(record_id(&v.record), id) && (!in_use || uses_id(&v));
}

// Whether a container of the store other than EXCEPT (may be NULL) has ID, and if IN_USE, is running or must be
// cleaned up by it. Negative errno if none is found but one could not be read: then nothing with that ID may be
// deleted.
static int is_id(struct containers *c, const char *id, const char *except, bool in_use)
{
	bool any = may_have_ids(c);
	auto_close int lock = any ? store_lock_shared(c->store.containers, marker) : -1;
	DIR *dir = lock >= 0 ? fs_open_directory(c->store.containers, ".") : NULL;
	const struct dirent *entry;
	int r = !any || dir ? 0 : lock < 0 ? lock : -errno;

	while (dir && r != 1 && (entry = readdir(dir))) {
		int one = !name_is_valid(KIND_CONTAINER, entry->d_name) || str_equal(entry->d_name, except)
		              ? 0
		              : has_id(c, entry->d_name, id, in_use);
		r = one > 0 || r == 0 ? one : r;
	}
	if (dir)
		closedir(dir);
	return r;
}

bool runtime_knows(struct containers *c, const struct view *v)
{
	const char *id = record_id(&v->record);

	return runtime_has(c, id) && is_id(c, id, v->record.name, true) == 0;
}

bool runtime_knows_damaged(struct containers *c, const char *name)
{
	return runtime_has(c, name) && is_id(c, name, name, true) == 0;
}

bool runtime_has_orphan(struct containers *c, const char *id)
{
	auto_free char *name = mem_strndup(id, strcspn(id, "+"));

	return name_is_valid(KIND_CONTAINER, name) && faccessat(c->store.containers, id, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	       errno == ENOENT && is_id(c, id, NULL, false) == 0;
}

// No name has a "+".
char *runtime_new_id(struct containers *c, const struct view *v)
{
	char *id = mem_strdup(v->record.name);

	for (unsigned i = 1; runtime_has(c, id) || is_id(c, id, v->record.name, true) == 1; i++) {
		free(id);
		id = mem_printf("%s+%u", v->record.name, i);
	}
	return id;
}

int runtime_run(struct containers *c, const char *const words[], const char *input, struct str *out, struct err *e)
{
	auto_strv argv = {0};

	strv_add(&argv, c->program);
	strv_add(&argv, "--root");
	strv_add(&argv, c->store.runtime);
	for (; *words; words++)
		strv_add(&argv, *words);
	int r = proc_run((const char *const *)argv.items, input, out, 60 * SECOND, e);
	return r > 0 ? -EIO : r;
}
