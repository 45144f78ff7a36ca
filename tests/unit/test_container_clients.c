// container/attach and container/clients: frames from a hostile terminal, and terminals that come late, read slowly,
// or not at all.
#include "container/monitor/clients.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "test.h"

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
	attach_header(bytes, '?', 1);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER, &f), -EPROTO);
	attach_header(bytes, ATTACH_CLOSED, 2);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER, &f), -EPROTO);
	attach_header(bytes, ATTACH_STDOUT, ATTACH_OUTPUT_MAX + 1);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER, &f), -EPROTO);
	attach_header(bytes, ATTACH_STDOUT, ATTACH_OUTPUT_MAX);
	assert_int_equal(attach_parse(bytes, ATTACH_HEADER, &f), 0);
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
	clients_open(&s->clients, fd);
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

static void hear(void *context, const struct client *from, const struct attach_frame *f)
{
	(void)from;
	str_add_bytes(context, f->payload, f->size);
}

static void serve(struct scene *s)
{
	struct pollfd p[CLIENTS_POLL];

	clients_poll(&s->clients, p, true, clock_mono());
	poll(p, CLIENTS_POLL, 0);
	clients_serve(&s->clients, p, clock_mono(), hear, &s->heard);
}

// What a client has received: frames, and what was in them.
struct received {
	struct str raw, out, errors;
	uint64_t skipped;
	int status; // -1: none
	bool refused;
};

static void received_done(struct received *r)
{
	str_done(&r->raw);
	str_done(&r->out);
	str_done(&r->errors);
}

static void sort_frames(struct received *r)
{
	struct attach_frame f;
	size_t used = 0;
	int n;

	while ((n = attach_parse((const unsigned char *)str_text(&r->raw) + used, r->raw.length - used, &f)) > 0) {
		if (f.type == ATTACH_STDOUT || f.type == ATTACH_STDERR)
			str_add_bytes(f.type == ATTACH_STDOUT ? &r->out : &r->errors, f.payload, f.size);
		if (f.type == ATTACH_SKIPPED)
			for (int i = 0; i < 8; i++)
				r->skipped += (uint64_t)f.payload[i] << (56 - 8 * i);
		if (f.type == ATTACH_EXIT)
			r->status = f.payload[0];
		r->refused = r->refused || f.type == ATTACH_REFUSED;
		used += (size_t)n;
	}
	assert_true(n == 0);
	if (!used)
		return;
	r->raw.length -= used;
	memmove(r->raw.text, r->raw.text + used, r->raw.length);
}

static size_t take(int fd, struct received *r)
{
	char buffer[65536];
	ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (n > 0) {
		str_add_bytes(&r->raw, buffer, (size_t)n);
		sort_frames(r);
	}
	return n > 0 ? (size_t)n : 0;
}

// Serves and takes until nothing moves.
static void take_all(struct scene *s, int fd, struct received *r)
{
	size_t moved;

	do {
		moved = 0;
		serve(s);
		for (size_t n; (n = take(fd, r));)
			moved += n;
	} while (moved);
}

// Sends until a client holds the container up. Returns how much.
static size_t fill(struct scene *s)
{
	char block[10000];
	int timeout = -1;
	size_t sent = 0;

	memset(block, 'y', sizeof(block));
	while (!clients_are_behind(&s->clients, clock_mono(), &timeout) && sent < 100000000) {
		clients_send(&s->clients, ATTACH_STDOUT, block, sizeof(block));
		sent += sizeof(block);
	}
	return sent;
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
	struct received got = {.status = -1};

	clients_send(&s->clients, ATTACH_STDOUT, "before ", 7);
	clients_send(&s->clients, ATTACH_STDERR, "error", 5);
	auto_close int fd = attach(s);
	serve(s);
	clients_send(&s->clients, ATTACH_STDOUT, "after", 5);
	take_all(s, fd, &got);
	assert_string_equal(str_text(&got.out), "before after");
	assert_string_equal(str_text(&got.errors), "error");
	received_done(&got);
}

static void only_the_latest_output_is_kept(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};
	char block[1000];

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 3000; i++)
		clients_send(&s->clients, ATTACH_STDOUT, block, sizeof(block));
	assert_true(s->clients.backlog.length >= ATTACH_BACKLOG &&
	            s->clients.backlog.length < ATTACH_BACKLOG + sizeof(block) + ATTACH_HEADER);
	assert_true(s->clients.backlog.room <= 4 * ATTACH_BACKLOG);
	auto_close int fd = attach(s);
	take_all(s, fd, &got);
	assert_true(got.out.length % sizeof(block) == 0 && got.out.length > ATTACH_BACKLOG / 2); // whole frames
	received_done(&got);
}

static void a_slow_one_gets_all(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};
	auto_close int fd = attach(s);
	int timeout = -1;

	serve(s);
	size_t sent = fill(s);
	assert_true(clients_are_behind(&s->clients, clock_mono(), &timeout));
	assert_true(timeout > 0 && timeout <= CLIENTS_PATIENCE + 1);
	take_all(s, fd, &got); // it reads at last
	assert_int_equal(got.out.length, sent);
	assert_int_equal(got.skipped, 0);
	timeout = -1;
	assert_false(clients_are_behind(&s->clients, clock_mono(), &timeout));
	assert_int_equal(timeout, -1);
	received_done(&got);
}

static void a_stuck_one_is_told_what_it_missed(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};
	auto_close int fd = attach(s);
	int timeout = -1;

	serve(s);
	size_t sent = fill(s);
	assert_false(clients_are_behind(&s->clients, clock_mono() + (CLIENTS_PATIENCE + 1) * MS, &timeout));
	assert_int_equal(count(s), 1); // it keeps its line
	for (int i = 0; i < 1000; i++)
		clients_send(&s->clients, ATTACH_STDOUT, "0123456789", 10);
	assert_false(clients_are_behind(&s->clients, clock_mono(), &timeout)); // and holds nothing up
	take_all(s, fd, &got);
	assert_int_equal(got.out.length, sent);
	assert_int_equal(got.skipped, 10000);
	clients_send(&s->clients, ATTACH_STDOUT, "again", 5);
	take_all(s, fd, &got);
	assert_int_equal(got.out.length, sent + 5);
	assert_int_equal(got.skipped, 10000);
	received_done(&got);
}

static void a_stuck_one_learns_the_end(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};
	auto_close int fd = attach(s);
	int timeout = -1;

	serve(s);
	size_t sent = fill(s);
	clients_are_behind(&s->clients, clock_mono() + (CLIENTS_PATIENCE + 1) * MS, &timeout);
	clients_send(&s->clients, ATTACH_STDOUT, "lost", 4);
	clients_send_exit(&s->clients, 7);
	take_all(s, fd, &got);
	assert_true(got.out.length == sent && got.skipped == 4 && got.status == 7);
	received_done(&got);
}

// The foreground client is waited for without an end, whatever the others do.
static void the_foreground_gets_all(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};
	int pair[2], timeout = -1;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	clients_add_foreground(&s->clients, pair[0]);
	auto_close int stuck = attach(s);
	serve(s);
	size_t sent = fill(s);
	assert_true(clients_are_behind(&s->clients, clock_mono() + 1000000 * MS, &timeout));
	assert_int_equal(timeout, -1);
	assert_int_equal(count(s), 2);
	clients_send_exit(&s->clients, 3);
	take_all(s, pair[1], &got);
	assert_true(got.out.length == sent && got.skipped == 0 && got.status == 3);
	close(pair[1]);
	received_done(&got);
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
	clients_send(&s->clients, ATTACH_STDOUT, "all", 3);
	for (int i = 0; i < CLIENTS_MAX + 3; i++) {
		struct received got = {.status = -1};
		while (take(fds[i], &got))
			;
		assert_int_equal(got.out.length, i < CLIENTS_MAX ? 3 : 0);
		assert_int_equal(got.refused, i >= CLIENTS_MAX); // and says so
		received_done(&got);
		close(fds[i]);
	}
}

// A client that cannot be accepted stays at the door: looking there again at once would never end.
static void no_descriptor_is_left(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};
	struct rlimit before, low;
	auto_close int fd = attach(s);

	getrlimit(RLIMIT_NOFILE, &before);
	low = (struct rlimit){2 * CLIENTS_POLL, before.rlim_max}; // no fewer than what poll(2) is given
	while (dup(fd) < 2 * CLIENTS_POLL - 1) // every number below is in use
		;
	setrlimit(RLIMIT_NOFILE, &low);
	serve(s);
	setrlimit(RLIMIT_NOFILE, &before);
	close_range(2 * CLIENTS_POLL - 1, ~0u, 0);
	while (take(fd, &got))
		;
	assert_true(got.refused);
	assert_int_equal(count(s), 0);
	assert_true(s->clients.spare >= 0);
	received_done(&got);
}

static void without_a_spare_it_rests(void **state)
{
	struct scene *s = *state;
	struct pollfd p[CLIENTS_POLL];
	struct rlimit before;
	int64_t now = clock_mono();
	int timeout = -1;
	auto_close int fd = attach(s);

	close(s->clients.spare);
	s->clients.spare = -1;
	getrlimit(RLIMIT_NOFILE, &before);
	struct rlimit none = {3, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	clients_poll(&s->clients, p, true, now);
	p[CLIENTS_MAX].revents = POLLIN;
	clients_serve(&s->clients, p, now, hear, &s->heard);
	setrlimit(RLIMIT_NOFILE, &before);
	clients_poll(&s->clients, p, true, now + 1);
	assert_int_equal(p[CLIENTS_MAX].fd, -1);
	assert_false(clients_are_behind(&s->clients, now + 1, &timeout));
	assert_true(timeout > 0 && timeout <= CLIENTS_REST + 1);
	clients_poll(&s->clients, p, true, now + (CLIENTS_REST + 1) * MS); // then it looks again
	assert_true(p[CLIENTS_MAX].fd >= 0);
}

static void at_the_end_nobody_is_left_at_the_door(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};

	clients_send(&s->clients, ATTACH_STDOUT, "last words", 10);
	auto_close int fd = attach(s); // never served before the end
	clients_send_exit(&s->clients, 5);
	clients_finish(&s->clients, 1000 * MS);
	while (take(fd, &got))
		;
	assert_string_equal(str_text(&got.out), "last words");
	assert_int_equal(got.status, 5);
	char byte;
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0); // and its line is closed
	received_done(&got);
}

static void a_stuck_one_delays_the_end_for_a_moment_only(void **state)
{
	struct scene *s = *state;
	auto_close int fd = attach(s);

	serve(s);
	fill(s);
	int64_t begin = clock_mono();
	clients_finish(&s->clients, 50 * MS);
	assert_true(clock_mono() - begin >= 50 * MS);
}

static void *read_to_the_end(void *argument)
{
	struct received *got = argument;
	struct pollfd p = {(int)got->skipped, POLLIN, 0};

	got->skipped = 0;
	while (poll(&p, 1, -1) > 0 && take(p.fd, got))
		;
	return NULL;
}

static void the_foreground_is_waited_for_at_the_end(void **state)
{
	struct scene *s = *state;
	struct received got = {.status = -1};
	pthread_t reader;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	clients_add_foreground(&s->clients, pair[0]);
	size_t sent = fill(s);
	clients_send_exit(&s->clients, 0);
	got.skipped = (uint64_t)pair[1];
	assert_int_equal(pthread_create(&reader, NULL, read_to_the_end, &got), 0);
	clients_finish(&s->clients, 0); // its time is over before it has begun
	pthread_join(reader, NULL);
	assert_int_equal(got.out.length, sent);
	assert_int_equal(got.status, 0);
	close(pair[1]);
	received_done(&got);
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames), TEST(who_comes_late_gets_what_was_said), TEST(only_the_latest_output_is_kept), TEST(a_slow_one_gets_all),
		TEST(a_stuck_one_is_told_what_it_missed), TEST(a_stuck_one_learns_the_end), TEST(the_foreground_gets_all), TEST(input_in_pieces_and_nonsense),
		TEST(more_than_there_is_room_for), TEST(no_descriptor_is_left), TEST(without_a_spare_it_rests), TEST(at_the_end_nobody_is_left_at_the_door),
		TEST(a_stuck_one_delays_the_end_for_a_moment_only), TEST(the_foreground_is_waited_for_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
