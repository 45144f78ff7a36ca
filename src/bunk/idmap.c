// SPDX-License-Identifier: LGPL-2.1-or-later
// Bind mounts that the caller opens: those with mapped ids (config.md "Linux mount options", idmap and ridmap; mount_setattr(2) "ID-mapped
// mounts"), and those whose sources the container's root cannot reach. A mapping is that of a user namespace, which a short-lived process
// lends. Must not know where the mounts go.
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/container.h"
#include "bunk/mounts.h"
#include "sys/userns.h"

// A process in a new user namespace that waits to be killed.
static pid_t lender(struct err *e)
{
	const pid_t parent = getpid();
	pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)(CLONE_NEWUSER | SIGCHLD), NULL, NULL, NULL, NULL);

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); // it must not outlive who asked for it
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	if (pid > 0)
		return pid;
	err_set(e, errno, "cannot make a user namespace for mapped ids");
	userns_explain(e, false);
	return -e->code;
}

// The descriptor of a user namespace with these maps. It lives as long as the descriptor or a mount that uses it.
static int mapping(const struct id_maps *uids, const struct id_maps *gids, struct err *e)
{
	pid_t pid = lender(e);
	auto_free char *path = mem_printf("/proc/%d/ns/user", pid);

	if (pid < 0)
		return pid;
	int r = map_ids(pid, uids, gids, e);
	int fd = r < 0 ? r : open(path, O_RDONLY | O_CLOEXEC);
	if (r == 0 && fd < 0)
		fd = err_set(e, errno, "cannot open the user namespace for mapped ids");
	process_end(pid, NULL);
	return fd;
}

static int make_tree(const struct container *c, const struct plan_mount *m, struct err *e)
{
	const struct mount_entry *entry = m->entry;
	bool own = entry->uids.count;
	auto_close int tree = mounts_source(c, m, e);
	auto_close int users = tree < 0 ? tree : mapping(own ? &entry->uids : &c->config.uids, own ? &entry->gids : &c->config.gids, e);

	if (users < 0)
		return users;
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)users};
	if (mount_setattr(tree, "", AT_EMPTY_PATH | (m->recursive_idmap ? AT_RECURSIVE : 0), &attr, sizeof(attr)) < 0)
		return err_set(e, errno, "cannot map the ids of '%s'", entry->source);
	return steal_fd(&tree);
}

// Which sources the caller opens for the container: those whose ids are mapped, and those that its root cannot reach (podman's own files are in
// directories that are closed to it).
static bool is_for_parent(const struct container *c, const struct plan_mount *m)
{
	return m->idmap || (m->bind && plan_is_new(&c->plan, CLONE_NEWUSER) && mounts_source_is_closed(c, m));
}

int idmap_prepare(struct container *c, struct err *e)
{
	c->trees = mem_array(c->plan.mount_count, sizeof(*c->trees));
	for (size_t i = 0; i < c->plan.mount_count; i++)
		c->trees[i] = -1;
	for (size_t i = 0; i < c->plan.mount_count; i++) {
		const struct plan_mount *m = &c->plan.mounts[i];

		if (is_for_parent(c, m) && (c->trees[i] = m->idmap ? make_tree(c, m, e) : mounts_source(c, m, e)) < 0)
			return err_wrap(e, "mounts[%zu] on '%s'", i, m->entry->destination);
	}
	return 0;
}
