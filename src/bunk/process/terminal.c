// SPDX-License-Identifier: LGPL-2.1-or-later
// The terminal of a container's process, from its own devpts.
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"
#include "sys/pty.h"

static int bind_console(int root, int peer, struct err *e)
{
	auto_close int tree = open_tree(peer, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	auto_close int target = fs_resolve(root, "/dev/console", FS_CREATE | FS_NO_LINKS, e);

	if (target < 0)
		return target;
	if (tree < 0 || move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_set(e, errno, "cannot bind the terminal to /dev/console");
	return 0;
}

static int adopt_terminal(const struct process_config *p, int peer, struct err *e)
{
	int r = pty_control(peer, e);

	if (r < 0)
		return r;
	if (fchown(peer, p->uid, (gid_t)-1) < 0 && errno != EINVAL && errno != EPERM)
		return err_set(e, errno, "cannot change the owner of the terminal to user %u", p->uid);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(peer, fd) < 0)
			return err_set(e, errno, "cannot redirect standard input and output to the terminal");
	return 0;
}

// The devpts is opened without following links and verified: the container's files may imitate it.
int process_terminal(const struct container *c, bool bind, struct err *e)
{
	const struct process_config *p = c->plan.process.config;
	auto_close int pts = fs_resolve(c->root_fd, "/dev/pts", FS_NO_LINKS | FS_DIRECTORY, e);

	if (pts < 0)
		return err_hint(e, "a terminal needs a mount of type devpts on /dev/pts");
	if (!fs_is_type(pts, DEVPTS_SUPER_MAGIC))
		return err_msg(e, ENXIO, "/dev/pts is not a devpts: a terminal needs one mounted there");
	auto_close int master = pty_open(pts, e);
	auto_close int peer = master < 0 ? -1 : pty_peer(master, e);
	if (peer < 0)
		return -e->code;
	if (p->columns && p->rows)
		pty_set_size(master, p->columns, p->rows);
	int r = bind ? bind_console(c->root_fd, peer, e) : 0;
	if (r == 0)
		r = fd_send(c->console, master, "/dev/ptmx") < 0
		        ? err_msg(e, EPIPE, "cannot send the terminal to the console socket")
		        : 0;
	return r < 0 ? r : adopt_terminal(p, peer, e);
}
