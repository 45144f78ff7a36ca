// sys/write: every byte arrives, also through a full pipe that does not wait; an error is one.
#include "sys/write.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#include "test.h"

enum { MUCH = 1 << 20 };

struct reader {
	int fd;
	size_t got, right;
};

static char byte_at(size_t i)
{
	return (char)(i * 31 + i / 251);
}

static void *read_all(void *argument)
{
	struct reader *r = argument;
	char buffer[4096];
	ssize_t n;

	while ((n = read(r->fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < n; i++, r->got++)
			r->right += buffer[i] == byte_at(r->got);
	return NULL;
}

static void every_byte_arrives(void **state)
{
	auto_free char *bytes = mem_new(MUCH);

	for (size_t i = 0; i < MUCH; i++)
		bytes[i] = byte_at(i);
	for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
		pthread_t thread;
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		assert_int_equal(fcntl(ends[1], F_SETFL, flags), 0);
		struct reader r = {.fd = ends[0]};
		assert_int_equal(pthread_create(&thread, NULL, read_all, &r), 0);
		assert_int_equal(write_all(ends[1], bytes, MUCH), 0);
		close(ends[1]);
		pthread_join(thread, NULL);
		close(ends[0]);
		assert_int_equal(r.got, MUCH);
		assert_int_equal(r.right, MUCH);
	}
}

static void what_cannot_be_written_is_an_error(void **state)
{
	auto_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct err e = {0};
	int ends[2];

	assert_int_equal(write_all(full, "", 0), 0);
	assert_int_equal(write_all(full, "text", 4), -ENOSPC);
	assert_int_equal(write_output(full, "text", 4, &e), -ENOSPC);
	assert_string_equal(e.text, "cannot write the output: No space left on device");
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	assert_int_equal(write_all(ends[1], "text", 4), -EPIPE);
	close(ends[1]);
	assert_int_equal(write_all(-1, "text", 4), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_byte_arrives),
	                                   cmocka_unit_test(what_cannot_be_written_is_an_error)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
