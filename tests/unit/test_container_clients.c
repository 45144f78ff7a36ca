// container/attach and container/clients: frames from a hostile terminal, and terminals that come late, read slowly, or not at all.
#include "container/clients.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "test.h"

#define MS INT64_C(1000000)

static void frames(void **state)
{
	unsigned char bytes[ATTACH_HEADER + 16];
	struct attach_frame f;

	attach_header(bytes, ATTACH_INPUT, 5);
	memcpy(bytes + ATTACH_HEADER, "hello", 5);
	for (size_t n = 0; n < ATTACH_HEADER + 5; n++)
		assert_int_equal(attach_parse(bytes, n, &f), 0); // not whole yet
	assert_int_equal(attach_parse(bytes, sizeof(bytes), &f), ATTACH_HEADER + 5);
	assert_true(f.type == ATTACH_INPUT && f.size == 5 && memcmp(f.payload, "hello", 5) == 0);
	attach_header(bytes, ATTACH_SIZE, 4);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER + 4, &f), ATTACH_HEADER + 4);
	attach_header(bytes, ATTACH_SIZE, 5);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER + 5, &f), -EPROTO);
	attach_header(bytes, ATTACH_INPUT, ATTACH_PAYLOAD_MAX + 1);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER, &f), -EPROTO);
	attach_header(bytes, ATTACH_END, 0);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER, &f), ATTACH_HEADER);
	attach_header(bytes, ATTACH_END, 1);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER + 1, &f), -EPROTO);
	attach_header(bytes, 'x', 1);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER, &f), -EPROTO);
}

struct scene {
	struct clients clients;
	struct sockaddr_un address;
	socklen_t length;
	struct str heard;
};

static int set_up(void **state)
{
	struct scene *s = mem_new(sizeof(*s));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	s->address.sun_family = AF_UNIX; // a name that the kernel chooses (unix(7), autobind)
	assert_int_equal(bind(fd, (struct sockaddr *)&s->address, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(fd, 20), 0);
	s->length = sizeof(s->address);
	getsockname(fd, (struct sockaddr *)&s->address, &s->length);
	clients_open(&s->clients, fd, true);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	clients_done(&s->clients);
	str_done(&s->heard);
	free(s);
	return 0;
}

static int attach(struct scene *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&s->address, s->length), 0);
	return fd;
}

static void hear(void *context, const struct attach_frame *f)
{
	str_add_bytes(context, f->payload, f->size);
}

static void serve(struct scene *s)
{
	struct pollfd p[CLIENTS_POLL];

	clients_poll(&s->clients, p, true);
	poll(p, CLIENTS_POLL, 0);
	clients_serve(&s->clients, p, clock_mono(), hear, &s->heard);
}

static size_t take(int fd, struct str *into)
{
	char buffer[65536];
	ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (n > 0 && into)
		str_add_bytes(into, buffer, (size_t)n);
	return n > 0 ? (size_t)n : 0;
}

static int count(const struct scene *s)
{
	int n = 0;

	for (int i = 0; i < CLIENTS_MAX; i++)
		n += s->clients.items[i].fd >= 0;
	return n;
}

static void who_comes_late_gets_what_was_said(void **state)
{
	struct scene *s = *state;
	auto_str got = {0};

	clients_send(&s->clients, "before ", 7);
	auto_close int fd = attach(s);
	serve(s);
	clients_send(&s->clients, "after", 5);
	take(fd, &got);
	assert_string_equal(str_text(&got), "before after");
	assert_false(s->clients.early);
}

static void the_first_gets_all_later_ones_the_end(void **state)
{
	struct scene *s = *state;
	auto_str first = {0}, later = {0};
	char block[1000];

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 500; i++)
		clients_send(&s->clients, block, sizeof(block));
	auto_close int a = attach(s);
	for (int turn = 0; turn < 100 && first.length < 500000; turn++) {
		serve(s);
		while (take(a, &first))
			;
	}
	assert_int_equal(first.length, 500000);
	auto_close int b = attach(s);
	serve(s);
	while (take(b, &later))
		;
	assert_true(later.length > 0 && later.length <= ATTACH_BACKLOG);
}

static void nobody_came_so_little_is_kept(void **state)
{
	struct scene *s = *state;
	char block[1000];

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 3000; i++)
		clients_send(&s->clients, block, sizeof(block));
	assert_true(s->clients.backlog.length <= CLIENTS_EARLY_BACKLOG);
	clients_stop_waiting(&s->clients);
	assert_true(s->clients.backlog.length <= ATTACH_BACKLOG);
	for (int i = 0; i < 100; i++)
		clients_send(&s->clients, block, sizeof(block));
	assert_true(s->clients.backlog.length <= ATTACH_BACKLOG);
	assert_true(s->clients.backlog.room <= 4 * ATTACH_BACKLOG);
}

static void a_slow_one_gets_all_a_stuck_one_loses_its_line(void **state)
{
	struct scene *s = *state;
	auto_close int fd = attach(s);
	auto_str got = {0};
	char block[10000];
	int timeout = -1;
	size_t sent = 0;

	memset(block, 'y', sizeof(block));
	serve(s);
	while (!clients_are_behind(&s->clients, clock_mono(), &timeout) && sent < 100000000) {
		clients_send(&s->clients, block, sizeof(block));
		sent += sizeof(block);
	}
	assert_true(timeout > 0 && timeout <= CLIENTS_PATIENCE);
	for (int turn = 0; turn < 10000 && got.length < sent; turn++) { // it reads at last
		take(fd, &got);
		serve(s);
	}
	assert_int_equal(got.length, sent);
	timeout = -1;
	assert_false(clients_are_behind(&s->clients, clock_mono(), &timeout));
	assert_int_equal(timeout, -1);
	while (!clients_are_behind(&s->clients, clock_mono(), &timeout))
		clients_send(&s->clients, block, sizeof(block));
	assert_int_equal(count(s), 1);
	assert_false(clients_are_behind(&s->clients, clock_mono() + (CLIENTS_PATIENCE + 1) * MS, &timeout)); // it never will
	assert_int_equal(count(s), 0);
}

static void input_in_pieces_and_nonsense(void **state)
{
	struct scene *s = *state;
	auto_close int good = attach(s);
	auto_close int bad = attach(s);
	unsigned char frame[ATTACH_HEADER + 3];

	serve(s);
	serve(s);
	assert_int_equal(count(s), 2);
	attach_header(frame, ATTACH_INPUT, 3);
	memcpy(frame + ATTACH_HEADER, "abc", 3);
	for (size_t i = 0; i < sizeof(frame); i++) {
		assert_int_equal(send(good, frame + i, 1, 0), 1);
		serve(s);
	}
	assert_int_equal(send(good, frame, sizeof(frame), 0), sizeof(frame));
	serve(s);
	assert_string_equal(str_text(&s->heard), "abcabc");
	assert_int_equal(send(bad, "GET / HTTP/1.1\r\n", 16, 0), 16);
	serve(s);
	assert_int_equal(count(s), 1);
	shutdown(good, SHUT_RDWR);
	serve(s);
	assert_int_equal(count(s), 0);
}

static void more_than_there_is_room_for(void **state)
{
	struct scene *s = *state;
	int fds[CLIENTS_MAX + 3];

	for (int i = 0; i < CLIENTS_MAX + 3; i++) {
		fds[i] = attach(s);
		serve(s);
	}
	assert_int_equal(count(s), CLIENTS_MAX);
	clients_send(&s->clients, "all", 3);
	for (int i = 0; i < CLIENTS_MAX + 3; i++) {
		assert_int_equal(take(fds[i], NULL), i < CLIENTS_MAX ? 3 : 0);
		close(fds[i]);
	}
}

static void at_the_end_nobody_is_left_at_the_door(void **state)
{
	struct scene *s = *state;
	auto_str got = {0};

	clients_send(&s->clients, "last words", 10);
	auto_close int fd = attach(s); // never served before the end
	clients_finish(&s->clients, 1000 * MS);
	take(fd, &got);
	assert_string_equal(str_text(&got), "last words");
	char byte;
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0); // and its line is closed
	int stuck[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stuck), 0);
	clients_open(&s->clients, -1, false);
	s->clients.items[0].fd = stuck[0];
	auto_free char *much = mem_new(1 << 20);
	clients_send(&s->clients, much, 1 << 20);
	int64_t begin = clock_mono();
	clients_finish(&s->clients, 50 * MS); // one who does not read delays the end for this long only
	assert_true(clock_mono() - begin >= 50 * MS);
	close(stuck[1]);
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames), TEST(who_comes_late_gets_what_was_said), TEST(the_first_gets_all_later_ones_the_end), TEST(nobody_came_so_little_is_kept),
		TEST(a_slow_one_gets_all_a_stuck_one_loses_its_line), TEST(input_in_pieces_and_nonsense), TEST(more_than_there_is_room_for),
		TEST(at_the_end_nobody_is_left_at_the_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
