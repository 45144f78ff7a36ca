// Network namespaces: see sys/netns.h.
#include "sys/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/netlink.h"

static const char current[] = "/proc/thread-self/ns/net";

int netns_open(const char *path, struct err *e)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(e, errno, "cannot open the network namespace '%s'", path);
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return err_msg(e, EINVAL, "'%s' is not a network namespace", path);
	return steal_fd(&fd);
}

int netns_enter(int fd, struct err *e)
{
	auto_close int previous = netns_open(current, e);

	if (previous >= 0 && setns(fd, CLONE_NEWNET) < 0)
		return err_set(e, errno, "cannot enter a network namespace");
	return steal_fd(&previous);
}

void netns_return(int previous)
{
	if (setns(previous, CLONE_NEWNET) < 0)
		abort();
	close(previous);
}

int netns_create(struct err *e)
{
	int previous = netns_open(current, e);

	if (previous < 0)
		return previous;
	if (unshare(CLONE_NEWNET) < 0) {
		int r = err_set(e, errno, "cannot create a network namespace");
		close(previous);
		return r;
	}
	auto_close int made = netns_open(current, e);
	int r = made < 0 ? made : netlink_set_up("lo", e);
	netns_return(previous);
	return r < 0 ? r : steal_fd(&made);
}
