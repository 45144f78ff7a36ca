// container/monitor: what clients may ask for, row by row, and what the container gets of it.
#include "container/monitor/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"

#include "test.h"

#include "base/clock.h"

// A monitor whose container has pipes; THEIRS are the container's ends of its input, output and errors.
struct scene {
	struct monitor m;
	int theirs[3];
};

static int set_up(void **state)
{
	struct scene *s = mem_new(sizeof(*s));
	int in[2], out[2], errors[2];

	assert_int_equal(pipe2(in, O_CLOEXEC | O_NONBLOCK) | pipe2(out, O_CLOEXEC) | pipe2(errors, O_CLOEXEC), 0);
	s->m = (struct monitor){.input = in[1],
	                        .sources = {{-1, "stdout", ATTACH_STDOUT, false},
	                                    {out[0], "stdout", ATTACH_STDOUT, false},
	                                    {errors[0], "stderr", ATTACH_STDERR, false}}};
	memcpy(s->theirs, (const int[]){in[0], out[1], errors[1]}, sizeof(s->theirs));
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	monitor_close_streams(&s->m);
	for (size_t i = 0; i < ARRAY_SIZE(s->theirs); i++)
		close(s->theirs[i]);
	free(s);
	return 0;
}

static void request(struct scene *s, bool foreground, char type, const char *payload, size_t size)
{
	const struct client from = {.foreground = foreground};

	monitor_handle(&s->m, &from, &(struct attach_frame){type, (const unsigned char *)payload, size});
}

// Returns what the container reads from its input: bytes, 0 at the end, -1 when nothing is there yet.
static ssize_t container_reads(struct scene *s, char *bytes, size_t room)
{
	return read(s->theirs[0], bytes, room);
}

static void each_frame_of_a_client_has_one_row(void **state)
{
	const char from_clients[] = {ATTACH_INPUT, ATTACH_SIZE, ATTACH_END, ATTACH_CLOSED};
	const struct monitor_request *row;
	size_t count = 0;

	for (; (row = monitor_request(count)); count++) {
		struct attach_frame f;
		size_t accepted = 0;
		assert_non_null(row->handle);
		assert_non_null(memchr(from_clients, row->type, sizeof(from_clients)));
		for (size_t i = 0; i < count; i++)
			assert_int_not_equal(monitor_request(i)->type, row->type);
		for (size_t size = 0; size <= 4; size++) {
			unsigned char bytes[ATTACH_HEADER + 4] = {0};
			attach_header(bytes, row->type, size);
			accepted += attach_parse(bytes, ATTACH_HEADER + size, &f) > 0;
		}
		assert_true(accepted > 0);
	}
	assert_int_equal(count, sizeof(from_clients));
}

static void input_goes_to_the_container_until_its_end(void **state)
{
	struct scene *s = *state;
	char bytes[16];

	request(s, false, ATTACH_INPUT, "hello", 5);
	assert_int_equal(container_reads(s, bytes, sizeof(bytes)), 5);
	assert_memory_equal(bytes, "hello", 5);
	assert_int_equal(container_reads(s, bytes, sizeof(bytes)), -1);
	request(s, false, ATTACH_END, "", 0);
	assert_int_equal(container_reads(s, bytes, sizeof(bytes)), 0);
	assert_int_equal(s->m.input, -1);
	request(s, false, ATTACH_INPUT, "late", 4); // for no reader
	assert_int_equal(s->m.pending.length, 0);
}

static void only_the_foreground_client_closes_output(void **state)
{
	struct scene *s = *state;
	const char out = ATTACH_STDOUT;

	request(s, false, ATTACH_CLOSED, &out, 1);
	assert_true(s->m.sources[SOURCE_STDOUT].fd >= 0);
	request(s, true, ATTACH_CLOSED, &out, 1);
	assert_int_equal(s->m.sources[SOURCE_STDOUT].fd, -1);
	assert_true(s->m.sources[SOURCE_STDOUT].closed && !s->m.sources[SOURCE_STDERR].closed);
	assert_true(s->m.sources[SOURCE_STDERR].fd >= 0);
}

static void sizes_reach_the_terminal(void **state)
{
	struct scene *s = *state;
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct winsize size = {0};

	request(s, false, ATTACH_SIZE, "\0\120\0\30", 4); // there is none
	s->m.sources[SOURCE_TERMINAL].fd = terminal;
	request(s, false, ATTACH_SIZE, "\0\120\0\30", 4);
	assert_int_equal(ioctl(terminal, TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_col, 80);
	assert_int_equal(size.ws_row, 24);
}

static void what_monitors_send_is_ignored(void **state)
{
	static const char types[] = {ATTACH_STDOUT, ATTACH_STDERR,  ATTACH_SKIPPED,
	                             ATTACH_RESULT, ATTACH_REFUSED, ATTACH_EXIT};
	struct scene *s = *state;
	char bytes[16];

	for (size_t i = 0; i < sizeof(types); i++)
		request(s, true, types[i], "12345678", 8);
	assert_int_equal(container_reads(s, bytes, sizeof(bytes)), -1);
	assert_true(s->m.input >= 0 && s->m.sources[SOURCE_STDOUT].fd >= 0 && s->m.sources[SOURCE_STDERR].fd >= 0);
}

// As docker counts: in the start period failures do not count before the first success.
static void checks_of_health_are_counted(void **state)
{
	static const struct {
		bool good;
		int64_t up; // seconds
		enum health health;
		int64_t pause;
	} rows[] = {
		{false, 1, HEALTH_STARTING, 2},   {false, 9, HEALTH_STARTING, 2},   {false, 10, HEALTH_STARTING, 7},
		{false, 11, HEALTH_UNHEALTHY, 7}, {true, 12, HEALTH_HEALTHY, 7},    {false, 3, HEALTH_HEALTHY, 7},
		{true, 4, HEALTH_HEALTHY, 7},     {false, 5, HEALTH_HEALTHY, 7},    {false, 6, HEALTH_UNHEALTHY, 7},
	};
	const struct health_plan plan = {.interval = 7 * SECOND, .start_period = 10 * SECOND, .start_interval = 2 * SECOND,
	                                 .retries = 2};
	struct health_count count = {.health = HEALTH_STARTING};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		health_add(&count, &plan, rows[i].good, rows[i].up * SECOND);
		assert_int_equal(count.health, rows[i].health);
		assert_int_equal(health_pause(&count, &plan, rows[i].up * SECOND), rows[i].pause * SECOND);
	}
}

#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_frame_of_a_client_has_one_row),
		cmocka_unit_test(checks_of_health_are_counted),
		TEST(input_goes_to_the_container_until_its_end),
		TEST(only_the_foreground_client_closes_output),
		TEST(sizes_reach_the_terminal),
		TEST(what_monitors_send_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
