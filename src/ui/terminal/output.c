// Terminal output, pending until the terminal accepts it; and the terminal's size.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "state.h"

enum {
	FLUSH_MS = 1000,      // the limit for flushing to a slow line when the terminal is restored
	BLOCKING_CHUNK = 256, // the size of one write if the descriptor cannot be made non-blocking
};

bool term_pending(const struct term *t)
{
	return t->waiting_at < t->waiting.length;
}

// One write. Returns the bytes written, 0 if the terminal accepts none now.
static ssize_t output_write(struct term *t, const char *bytes, size_t n)
{
	struct pollfd ready = {.fd = t->writer, .events = POLLOUT};

	if (t->may_block) {
		if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLOUT))
			return ready.revents & (POLLERR | POLLHUP) ? -EPIPE : 0;
		n = n < BLOCKING_CHUNK ? n : BLOCKING_CHUNK;
	}
	ssize_t written = write(t->writer, bytes, n);
	if (written < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	t->stats.writes++;
	t->stats.bytes += (uint64_t)written;
	return written;
}

int term_flush(struct term *t, struct err *e)
{
	while (term_pending(t)) {
		ssize_t n = output_write(t, t->waiting.text + t->waiting_at, t->waiting.length - t->waiting_at);

		if (n == 0)
			return 0;
		if (n < 0)
			return err_set(e, (int)-n, "cannot write to the terminal");
		t->waiting_at += (size_t)n;
	}
	str_clear(&t->waiting);
	t->waiting_at = 0;
	return 1;
}

void term_drain(struct term *t)
{
	struct pollfd ready = {.fd = t->writer, .events = POLLOUT};

	while (term_flush(t, NULL) == 0)
		if (poll(&ready, 1, FLUSH_MS) <= 0)
			break;
	str_clear(&t->waiting);
	t->waiting_at = 0;
}

void term_open_writer(struct term *t)
{
	char path[32];

	// a separate open file description: O_NONBLOCK on the inherited one would affect the shell
	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->out);
	t->writer = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	t->may_block = t->writer < 0;
	if (t->may_block)
		t->writer = t->out;
}

void term_size(const struct term *t, int *rows, int *columns)
{
	struct winsize size = {0};
	bool known = ioctl(t->out, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;

	*rows = known ? size.ws_row : 24;
	*columns = known ? size.ws_col : 80;
}
