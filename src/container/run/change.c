// Changing a container: see change.h.
#include "change.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/bundle/bundle.h"
#include "container/state/containers.h"
#include "container/store/record.h"
#include "container/store/store.h"

// While waiting for the lock the container may have been renamed, or deleted and another created under its name: then
// retries.
int container_lock(struct containers *c, const char *name, struct err *e)
{
	for (;;) {
		struct stat locked, named;
		auto_close int dir = store_container_open(&c->store, name, e);
		if (dir < 0)
			return dir;
		auto_close int lock = store_lock(dir, "lock", true);
		if (lock < 0)
			return err_set(e, -lock, "cannot lock container '%s'", name);
		if (fstat(dir, &locked) == 0 && fstatat(c->store.containers, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		    locked.st_ino == named.st_ino)
			return steal_fd(&lock);
	}
}

// Generates the bundle like the monitor will, so that errors show up before anything is started.
int container_write(struct containers *c, int dir, const struct record *r, struct err *e)
{
	auto_free char *path = store_container_path(&c->store, r->name);
	auto_free char *text = bundle_make(r, path, c->store.path, e);

	return text ? record_write(dir, r, e) : -e->code;
}
