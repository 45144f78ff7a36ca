// SPDX-License-Identifier: LGPL-2.1-or-later
// Bind mounts with mapped ids (config.md "Linux mount options", idmap and ridmap; mount_setattr(2) "ID-mapped
// mounts"). The mapping is passed as a user namespace, which a short-lived process creates.
#include "idmap.h"

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
#include "bunk/container/container.h"
#include "bunk/root/source.h"
#include "map_ids.h"
#include "sys/proc.h"
#include "sys/userns.h"

// Forks a process in a new user namespace that waits to be killed. Returns its pid or negative errno.
static pid_t fork_into_userns(struct err *e)
{
	const pid_t parent = getpid();
	pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)(CLONE_NEWUSER | SIGCHLD), NULL, NULL, NULL, NULL);

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); // must not outlive its parent
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	if (pid > 0)
		return pid;
	err_set(e, errno, "cannot create a user namespace for mapped ids");
	userns_explain(e, false);
	return -e->code;
}

// Returns a descriptor of a user namespace with these maps, which exists until the descriptor and all mounts that use
// it are closed.
static int open_mapping(const struct id_maps *uids, const struct id_maps *gids, struct err *e)
{
	pid_t pid = fork_into_userns(e);
	auto_free char *path = mem_printf("/proc/%d/ns/user", pid);

	if (pid < 0)
		return pid;
	int r = map_ids(pid, uids, gids, e);
	int fd = r < 0 ? r : open(path, O_RDONLY | O_CLOEXEC);
	if (r == 0 && fd < 0)
		fd = err_set(e, errno, "cannot open the user namespace for mapped ids");
	proc_end(pid);
	return fd;
}

// The mapping of ENTRY, or else the container's: its user namespace itself if that is joined by path.
static int mapping_of(const struct container *c, const struct mount_entry *entry, struct err *e)
{
	if (entry->uids.count)
		return open_mapping(&entry->uids, &entry->gids, e);
	if (c->user_joined < 0)
		return open_mapping(&c->config.uids, &c->config.gids, e);
	int fd = fcntl(c->user_joined, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? err_set(e, errno, "cannot duplicate the user namespace for mapped ids") : fd;
}

static int make_tree(const struct container *c, const struct plan_mount *m, struct err *e)
{
	const struct mount_entry *entry = m->entry;
	auto_close int tree = mounts_source(c, m, e);
	auto_close int users = tree < 0 ? tree : mapping_of(c, entry, e);

	if (users < 0)
		return users;
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)users};
	if (mount_setattr(tree, "", AT_EMPTY_PATH | (m->recursive_idmap ? AT_RECURSIVE : 0), &attr, sizeof(attr)) < 0)
		return err_set(e, errno, "cannot map the ids of '%s'", entry->source);
	return steal_fd(&tree);
}

int idmap_prepare(struct container *c, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < c->plan.mount_count; i++)
		any |= c->plan.mounts[i].idmap;
	if (!any)
		return 0;
	c->trees = mem_array(c->plan.mount_count, sizeof(*c->trees));
	for (size_t i = 0; i < c->plan.mount_count; i++)
		c->trees[i] = -1;
	for (size_t i = 0; i < c->plan.mount_count; i++)
		if (c->plan.mounts[i].idmap && (c->trees[i] = make_tree(c, &c->plan.mounts[i], e)) < 0)
			return err_wrap(e, "mounts[%zu] on '%s'", i, c->plan.mounts[i].entry->destination);
	return 0;
}
