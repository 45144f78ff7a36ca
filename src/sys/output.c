// Non-blocking output: see sys/output.h.
#include "sys/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { SHARED_STEP = 256 }; // a writable terminal takes this many bytes without blocking

// A pipe or terminal is reopened, non-blocking for this process alone. Where that is refused (it belongs to another
// user), small writes do: a pipe that poll(2) reports writable has room for PIPE_BUF bytes.
void output_open(struct output *o, int fd)
{
	char path[64];
	struct stat st;

	*o = (struct output){.fd = fd, .own = -1, .kind = OUTPUT_FILE};
	if (fstat(fd, &st) < 0) // the first write reports the error
		return;
	o->kind = S_ISSOCK(st.st_mode)                          ? OUTPUT_SOCKET
	          : S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) ? OUTPUT_SHARED
	                                                        : OUTPUT_FILE;
	if (o->kind != OUTPUT_SHARED)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	o->own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (o->own >= 0)
		o->kind = OUTPUT_OWN;
}

void output_done(struct output *o)
{
	auto_close_run(&o->own);
	o->own = -1;
	str_done(&o->waiting);
}

static ssize_t write_some(struct output *o, const char *bytes, size_t n)
{
	struct pollfd p = {o->fd, POLLOUT, 0};

	switch (o->kind) {
	case OUTPUT_SOCKET:
		return send(o->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	case OUTPUT_OWN:
		return write(o->own, bytes, n);
	case OUTPUT_SHARED:
		if (poll(&p, 1, 0) > 0)
			return write(o->fd, bytes, n < SHARED_STEP ? n : SHARED_STEP);
		errno = EAGAIN;
		return -1;
	default:
		return write(o->fd, bytes, n);
	}
}

void output_push(struct output *o)
{
	size_t done = 0;

	while (!o->error && done < o->waiting.length) {
		ssize_t n = write_some(o, o->waiting.text + done, o->waiting.length - done);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR)
			o->error = errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (o->error)
		str_done(&o->waiting);
	else if (done) {
		o->waiting.length -= done;
		memmove(o->waiting.text, o->waiting.text + done, o->waiting.length);
		o->waiting.text[o->waiting.length] = '\0';
	}
}

void output_add(struct output *o, const void *bytes, size_t n)
{
	if (o->error)
		return;
	str_add_bytes(&o->waiting, bytes, n);
	output_push(o);
}

struct pollfd output_poll(const struct output *o)
{
	return (struct pollfd){o->error || o->kind == OUTPUT_FILE ? -1
	                       : o->own >= 0                      ? o->own
	                                                          : o->fd,
	                       o->waiting.length ? POLLOUT : 0, 0};
}

void output_serve(struct output *o, const struct pollfd *p)
{
	if (p->revents & (POLLERR | POLLNVAL) || (p->revents & POLLHUP && !o->waiting.length))
		o->error = p->revents & POLLNVAL ? EBADF : EPIPE;
	if (p->revents)
		output_push(o);
}
