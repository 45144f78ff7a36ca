// SPDX-License-Identifier: LGPL-2.1-or-later
// The agent that handles SCMP_ACT_NOTIFY: it receives the filter's descriptor with the container process state
// (config-linux.md "The Container Process State"). The parent, which sees the host, connects; the child uses the
// connection right after loading its filter.
#include "listener.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "relay.h"
#include "sys/pty.h"

int listener_connect(struct container *c, struct err *e)
{
	if (!c->plan.filter.notify)
		return 0;
	c->listener = relay_connect(c, c->config.seccomp.listener_path, e);
	return c->listener < 0 ? err_wrap(e, "config.json: linux.seccomp.listenerPath") : 0;
}

void listener_leave(struct container *c)
{
	if (c->listener >= 0)
		close(c->listener);
	c->listener = -1;
}

// Prepared before the filter is loaded, which may deny the calls that this needs.
int listener_prepare(struct container *c, pid_t pid, struct err *e)
{
	if (!c->plan.filter.notify)
		return 0;
	struct bunk_state shown = c->state;
	shown.status = c->exec ? BUNK_RUNNING : BUNK_CREATING;
	shown.pid = c->exec ? shown.pid : pid;
	auto_free char *state = bunk_state_json(&shown, false);
	json_t *document =
	    json_pack("{s:s, s:[s], s:i, s:s, s:o}", "ociVersion", BUNK_OCI_VERSION, "fds", "seccompFd", "pid", (int)pid,
	              "metadata", c->config.seccomp.listener_metadata ? c->config.seccomp.listener_metadata : "", "state",
	              json_loads(state, 0, NULL));

	c->listener_text = document ? json_dumps(document, JSON_COMPACT) : NULL;
	json_decref(document);
	return c->listener_text ? 0 : err_msg(e, EINVAL, "cannot write the state for the seccomp agent as JSON");
}

// The connection carries only this message; execve closes it.
int listener_hand_over(const struct container *c, int filter, struct err *e)
{
	int r = fd_send(c->listener, filter, c->listener_text);

	return r < 0 ? err_set(e, -r, "cannot pass the filter to the seccomp agent '%s'",
	                       c->config.seccomp.listener_path)
	             : 0;
}
