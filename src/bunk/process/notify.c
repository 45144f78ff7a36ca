// SPDX-License-Identifier: LGPL-2.1-or-later
// Readiness (sd_notify(3)): if a service manager started the runtime, the container gets a socket of its own, and its
// READY=1 is forwarded. Other messages are not: with MAINPID= or STOPPING= the container could make the manager act
// on other processes.
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/plan/plan.h"
#include "bunk/read/reader.h"
#include "bunk/state/state.h"
#include "sys/pty.h"

// The path below the state directory, and the mount point inside the container.
#define DIRECTORY "notify"
#define SOCKET DIRECTORY "/notify.sock"
#define INSIDE "/run/" DIRECTORY

enum { BARRIER = 30000 }; // timeout for the manager's reply, in milliseconds

static bool is_wanted(const struct container *c)
{
	const char *manager = c->b->notify_socket;

	return manager && *manager && !c->restoring && plan_wants_new(&c->config, CLONE_NEWNS);
}

static void add_mount(struct container *c, const char *source)
{
	static const char *options[] = {"bind", "ro", "nosuid", "nodev", "noexec"};
	struct mount_entry *items = pool_new(&c->config.pool, c->config.mounts.count + 1, sizeof(*items));

	if (c->config.mounts.count)
		memcpy(items, c->config.mounts.items, c->config.mounts.count * sizeof(*items));
	items[c->config.mounts.count] =
	    (struct mount_entry){.destination = INSIDE, .type = "bind", .options = {options, ARRAY_SIZE(options)}};
	items[c->config.mounts.count++].source = strcpy(pool_new(&c->config.pool, strlen(source) + 1, 1), source);
	c->config.mounts.items = items;
}

static void add_variable(struct container *c)
{
	struct texts *env = &c->config.process.env;
	const char **items = pool_new(&c->config.pool, env->count + 1, sizeof(*items));

	if (env->count)
		memcpy(items, env->items, env->count * sizeof(*items));
	items[env->count++] = "NOTIFY_SOCKET=/run/" SOCKET;
	env->items = items;
}

int notify_plan(struct container *c, struct err *e)
{
	char link[64], root[4096] = "";
	int r = is_wanted(c) ? state_make_root(c, e) : 0;

	if (r < 0 || !is_wanted(c))
		return r;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", c->states_fd);
	if (readlink(link, root, sizeof(root) - 1) < 0)
		return err_set(e, errno, "cannot find the path of the state directory");
	auto_free char *source = mem_printf("%s/%s/" DIRECTORY, root, c->id);
	add_mount(c, source);
	add_variable(c);
	return 0;
}

int notify_make(struct container *c, struct err *e)
{
	if (!is_wanted(c))
		return 0;
	// root of a user namespace is another user, who must be able to reach the socket
	if (mkdirat(c->state_fd, DIRECTORY, 0755) < 0 || fchmodat(c->state_fd, DIRECTORY, 0755, 0) < 0)
		return err_set(e, errno, "cannot create the directory of the notification socket");
	return 0;
}

int notify_listen(struct container *c, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *manager = c->b->notify_socket;

	if (!manager || !*manager || c->restoring || faccessat(c->state_fd, DIRECTORY, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" SOCKET, c->state_fd);
	unlinkat(c->state_fd, SOCKET, 0); // left by a failed start
	c->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0);
	int r = c->notify < 0 || bind(c->notify, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(mask);
	return r < 0 ? err_set(e, -r, "cannot create the notification socket") : 0;
}

static int manager_address(const char *name, struct sockaddr_un *address, socklen_t *size)
{
	size_t n = strlen(name);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((name[0] != '/' && name[0] != '@') || n >= sizeof(address->sun_path))
		return -EINVAL;
	memcpy(address->sun_path, name, n);
	if (name[0] == '@') // an abstract name
		address->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (name[0] == '/'));
	return 0;
}

static int connect_manager(const char *name)
{
	struct sockaddr_un address;
	socklen_t size;
	int r = manager_address(name, &address, &size);
	auto_close int fd = r < 0 ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (r < 0)
		return r;
	return fd < 0 || connect(fd, (struct sockaddr *)&address, size) < 0 ? -errno : steal_fd(&fd);
}

// Waits until the manager has processed the previous message and closes the descriptor: it may look up the sender,
// which must still be alive.
static int wait_barrier(int manager)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int r = fd_send(manager, ends[1], "BARRIER=1");
	close(ends[1]);
	if (r == 0)
		poll(&(struct pollfd){.fd = ends[0]}, 1, BARRIER);
	close(ends[0]);
	return r;
}

// PID: the new main process of the service, 0: unchanged.
static void send_ready(const struct container *c, pid_t pid)
{
	auto_close int manager = connect_manager(c->b->notify_socket);
	auto_free char *text = pid ? mem_printf("READY=1\nMAINPID=%d", pid) : mem_strdup("READY=1");
	int r = manager < 0                                           ? manager
	        : send(manager, text, strlen(text), MSG_NOSIGNAL) < 0 ? -errno
	        : pid                                                 ? wait_barrier(manager)
	                                                              : 0;
	auto_free char *warning = r < 0 ? mem_printf("NOTIFY_SOCKET: cannot send READY=1 to '%s': %s",
	                                             c->b->notify_socket, strerror(-r))
	                                : NULL;

	if (warning && c->b->warn)
		c->b->warn(c->b->context, warning);
}

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL)
		if (strncmp(text, line, n) == 0 && (text[n] == '\n' || !text[n]))
			return true;
	return false;
}

bool notify_relay(struct container *c, pid_t pid)
{
	char text[4096];
	// recv() discards any passed descriptors
	ssize_t n = c->notify < 0 ? -1 : recv(c->notify, text, sizeof(text) - 1, 0);

	if (n < 0 || c->notified)
		return n >= 0;
	text[n] = '\0';
	c->notified = has_line(text, "READY=1");
	if (c->notified)
		send_ready(c, pid);
	return true;
}

int notify_wait(struct container *c, pid_t pid, int pidfd, struct err *e)
{
	struct pollfd fds[] = {
	    {.fd = c->notify, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}, {.fd = c->interrupt, .events = POLLIN}};

	while (c->notify >= 0 && !c->notified && !fds[1].revents) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		while (notify_relay(c, pid))
			;
		if (fds[2].revents && !c->notified)
			return err_msg(e, EINTR, "container '%s': interrupted by a signal before the container was ready", c->id);
	}
	return 0;
}
