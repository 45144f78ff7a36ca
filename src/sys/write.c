// Writing every byte: see sys/write.h.
#include "sys/write.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int write_all(int fd, const void *bytes, size_t n)
{
	for (const char *at = bytes; n > 0;) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		else if (written < 0 && errno != EINTR)
			return -errno;
		at += written > 0 ? written : 0;
		n -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

int write_output(int fd, const void *bytes, size_t n, struct err *e)
{
	int r = write_all(fd, bytes, n);

	return r < 0 ? err_set(e, -r, "cannot write the output") : 0;
}
