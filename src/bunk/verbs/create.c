// SPDX-License-Identifier: LGPL-2.1-or-later
// bunk_create(), and passing the new pid to the caller.
#include "verbs.h"

#include <errno.h>
#include <sys/pidfd.h>

#include "base/mem.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/container/pid_file.h"
#include "bunk/make/make.h"
#include "bunk/process/relay.h"
#include "bunk/state/state.h"
#include "sys/pty.h"

int send_pidfd(int socket, pid_t pid, struct err *e)
{
	auto_close int pidfd = pidfd_open(pid, 0);
	int r = pidfd < 0 ? -errno : fd_send(socket, pidfd, "pidfd");

	return r < 0 ? err_set(e, -r, "--pidfd-socket: cannot send the descriptor of process %d", pid) : 0;
}

int report_pid(struct container *c, const struct bunk_create *o, pid_t pid, struct err *e)
{
	auto_close int socket = o->pidfd_socket ? relay_connect(c, o->pidfd_socket, e) : -1;
	int r = o->pidfd_socket ? socket : 0;

	if (r >= 0 && o->pidfd_socket)
		r = send_pidfd(socket, pid, e);
	return r < 0 ? r : pid_file_write(&c->pid_file, pid, e); // last, so that a failure leaves no file
}

static int create_container(struct container *c, const struct bunk_create *o, struct err *e)
{
	int r = container_read(c, o, e);

	if (r == 0 && o->console_socket && !c->config.process.terminal)
		r = err_msg(e, EINVAL, "--console-socket: config.json's process.terminal is not true");
	if (r == 0)
		r = relay_console(c, o->console_socket, true, NULL, e);
	if (r < 0)
		return r;
	relay_block(c);
	pid_t pid = container_make(c, true, e);
	if (pid < 0)
		return pid;
	r = report_pid(c, o, pid, e);
	if (r == 0 && (r = phase_go(c->sync[0], 0, e)) < 0)
		err_wrap(e, "container '%s'", c->id);
	if (r < 0) {
		pid_file_undo(&c->pid_file);
		container_undo(c, pid);
	}
	state_unlock(c);
	return r;
}

int bunk_create(const struct bunk *b, const struct bunk_create *o, struct err *e)
{
	struct container c;

	container_init(&c, b, o->id);
	int r = create_container(&c, o, e);
	container_done(&c);
	return r;
}
