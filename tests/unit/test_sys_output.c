// sys/output: writing that never waits, to every kind of reader, and without a change that others who share the
// descriptor would see.
#include "sys/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/pty.h"

#include "test.h"

enum { MUCH = 1 << 20 };

// A descriptor that waits when it is written to, and its reader.
static void open_pair(const char *kind, int *reader, int *writer)
{
	int ends[2];

	if (strcmp(kind, "socket") == 0) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	} else if (strcmp(kind, "terminal") == 0) {
		struct termios saved;
		ends[0] = pty_open(-1, NULL);
		assert_true(ends[0] >= 0);
		ends[1] = pty_peer(ends[0], NULL);
		assert_int_equal(pty_raw(ends[1], &saved), 0);
	} else {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	}
	*reader = ends[0];
	*writer = ends[1];
}

static char byte_at(size_t i)
{
	return (char)(i * 31 + i / 251);
}

// Reads and serves until all has come. Returns how many bytes were right.
static size_t take_all(struct output *o, int reader, size_t n)
{
	char buffer[4096];
	size_t right = 0;

	for (size_t got = 0; got < n;) {
		ssize_t now = read(reader, buffer, sizeof(buffer));
		assert_true(now > 0);
		for (ssize_t i = 0; i < now; i++)
			right += buffer[i] == byte_at(got + (size_t)i);
		got += (size_t)now;
		struct pollfd p = output_poll(o);
		poll(&p, 1, 0);
		output_serve(o, &p);
	}
	return right;
}

static void nothing_waits_and_nothing_is_lost(void **state)
{
	static const char *const kinds[] = {"pipe", "socket", "terminal"};
	auto_free char *bytes = mem_new(MUCH);

	for (size_t i = 0; i < MUCH; i++)
		bytes[i] = byte_at(i);
	for (size_t k = 0; k < 2 * ARRAY_SIZE(kinds); k++) {
		struct output o;
		int reader, writer;
		open_pair(kinds[k / 2], &reader, &writer);
		output_open(&o, writer);
		if (k % 2 && o.own >= 0) { // as of another user, which cannot be opened once more
			close(o.own);
			o.own = -1;
			o.kind = OUTPUT_SHARED;
		}
		output_add(&o, bytes, MUCH); // returns, although no one reads
		assert_true(o.waiting.length > 0 && o.waiting.length < MUCH);
		assert_false(fcntl(writer, F_GETFL) & O_NONBLOCK); // others that share it would see that
		assert_int_equal(take_all(&o, reader, MUCH), MUCH);
		assert_int_equal(o.waiting.length, 0);
		output_done(&o);
		close(reader);
		close(writer);
	}
}

static void a_reader_that_goes_is_noticed(void **state)
{
	static const char *const kinds[] = {"pipe", "socket"};

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct output o;
		int reader, writer;
		open_pair(kinds[k], &reader, &writer);
		output_open(&o, writer);
		struct pollfd p = output_poll(&o);
		assert_int_equal(poll(&p, 1, 0), 0);
		close(reader);
		p = output_poll(&o);
		assert_int_equal(poll(&p, 1, 0), 1); // also when there is nothing to write
		output_serve(&o, &p);
		assert_int_equal(o.error, EPIPE);
		output_add(&o, "more", 4);
		assert_int_equal(o.waiting.length, 0);
		assert_int_equal(output_poll(&o).fd, -1); // and is no longer polled
		output_done(&o);
		close(writer);
	}
}

static void what_cannot_be_written_is_an_error(void **state)
{
	struct output o;
	auto_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	output_open(&o, full);
	output_add(&o, "text", 4);
	assert_int_equal(o.error, ENOSPC);
	output_done(&o);
	output_open(&o, 12345); // not open at all
	output_add(&o, "text", 4);
	assert_int_equal(o.error, EBADF);
	output_done(&o);
}

static void files_are_appended_to(void **state)
{
	char name[] = "/tmp/test_sys_output.XXXXXX", text[16] = "";
	auto_close int fd = mkostemp(name, O_APPEND | O_CLOEXEC);
	struct output o;

	assert_true(fd >= 0 && unlink(name) == 0);
	assert_int_equal(write(fd, "one ", 4), 4);
	output_open(&o, fd);
	output_add(&o, "two", 3);
	output_done(&o);
	assert_int_equal(pread(fd, text, sizeof(text) - 1, 0), 7);
	assert_string_equal(text, "one two");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_waits_and_nothing_is_lost), cmocka_unit_test(a_reader_that_goes_is_noticed),
		cmocka_unit_test(what_cannot_be_written_is_an_error), cmocka_unit_test(files_are_appended_to),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
