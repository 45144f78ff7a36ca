// Separating a child process from its parent: see separate.h.
#include "separate.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/proc.h"

// The lowest of FDS above LAST, or -1.
static int next_of(const int *fds, size_t count, int last)
{
	int next = -1;

	for (size_t i = 0; i < count; i++)
		if (fds[i] > last && (next < 0 || fds[i] < next))
			next = fds[i];
	return next;
}

static void close_others(const int *fds, size_t count)
{
	int last = STDERR_FILENO, next;

	while ((next = next_of(fds, count, last)) >= 0) {
		if (next > last + 1)
			close_range((unsigned)last + 1, (unsigned)next - 1, 0);
		last = next;
	}
	close_range((unsigned)last + 1, ~0u, 0);
}

void process_separate(const int *fds, size_t count)
{
	close_others(fds, count);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = 0; null >= 0 && i <= STDERR_FILENO; i++)
		dup2(null, i);
	if (null > STDERR_FILENO)
		close(null);
	proc_reset_signals();
}
