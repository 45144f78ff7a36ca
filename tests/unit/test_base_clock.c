// base/clock: what waits for a deadline neither gives up before it nor overflows.
#include "base/clock.h"

#include <limits.h>
#include <stdint.h>
#include <unistd.h>

#include "test.h"

static void a_wait_is_rounded_up(void **state)
{
	int64_t now = clock_mono();

	assert_int_equal(clock_poll_ms(now), 0);
	assert_int_equal(clock_poll_ms(now - 5 * SECOND), 0);
	assert_int_equal(clock_poll_ms(INT64_MAX), INT_MAX);
	assert_in_range(clock_poll_ms(clock_mono() + 3600 * SECOND), 3000000, 3600000);
	int64_t deadline = clock_mono() + MS / 2;
	int ms = clock_poll_ms(deadline);
	assert_true(ms == 1 || (ms == 0 && clock_mono() >= deadline));
}

static void parts_of_a_time_add_up(void **state)
{
	struct timespec ts = clock_timespec(90 * SECOND + 250 * MS);

	assert_int_equal(ts.tv_sec, 90);
	assert_int_equal(ts.tv_nsec, 250000000);
	assert_int_equal(clock_ticks_ns((uint64_t)sysconf(_SC_CLK_TCK) * 3), 3 * SECOND);
	assert_int_equal(clock_ticks_ns(0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_wait_is_rounded_up),
	                                   cmocka_unit_test(parts_of_a_time_add_up)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
