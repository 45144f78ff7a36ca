// base/date: dates as the C library writes them, and back.
#include "base/date.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

#include "test.h"

static void utc_is_what_the_c_library_says(void **state)
{
	char ours[DATE_TEXT], theirs[DATE_TEXT];

	// every day of three centuries, at a time of day that moves
	for (int64_t second = INT64_C(-86400) * 365 * 10, end = INT64_C(86400) * 365 * 290; second < end;
	     second += 86400 + 7) {
		time_t at = (time_t)second;
		struct tm tm;
		int64_t back;

		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
		assert_string_equal(date_utc(ours, second * SECOND), theirs);
		if (second < 0)
			continue;
		assert_int_equal(date_parse_utc(ours, &back), 0);
		assert_int_equal(back, second * SECOND);
	}
}

static void fractions_are_kept(void **state)
{
	static const int64_t times[] = {0, 1, 999999999, INT64_C(1767268800) * SECOND + 123456789};
	char text[DATE_TEXT];
	int64_t back;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		assert_int_equal(date_parse_utc(date_utc_ns(text, times[i]), &back), 0);
		assert_int_equal(back, times[i]);
	}
	assert_string_equal(text, "2026-01-01T12:00:00.123456789Z");
	assert_string_equal(date_utc_ns(text, -1), "1969-12-31T23:59:59.999999999Z");
	assert_int_equal(date_parse_utc("2026-01-01T12:00:00.5Z", &back), 0);
	assert_int_equal(back, INT64_C(1767268800) * SECOND + SECOND / 2);
}

static void what_is_not_a_date_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "Z", "2026-01-01", "2026-01-01T12:00:00", "2026-01-01 12:00:00Z", "2026-13-01T12:00:00Z",
		"2026-00-01T12:00:00Z", "2026-01-32T12:00:00Z",
		"2026-01-01T24:00:00Z", "2026-01-01T12:60:00Z", "2026-01-01T12:00:00.Z", "2026-01-01T12:00:00.1234567891Z",
		"2026-01-01T12:00:00ZZ",
		"2026-1-1T12:00:00Z", "26-01-01T12:00:00Z", "-026-01-01T12:00:00Z", "2026-01-01T12:00:00+01:00",
		" 2026-01-01T12:00:00Z",
	};
	int64_t wall;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(date_parse_utc(wrong[i], &wall), -EINVAL);
	assert_int_equal(date_parse_utc("1969-12-31T23:59:59Z", &wall), -ERANGE);
	assert_int_equal(date_parse_utc("2263-01-01T00:00:00Z", &wall), -ERANGE);
	assert_int_equal(date_parse_utc("2262-04-11T00:00:00Z", &wall), 0);
}

static void local_dates_follow_the_time_zone(void **state)
{
	const int64_t at = INT64_C(1767268800) * SECOND + 5 * SECOND;
	char text[DATE_TEXT];

	setenv("TZ", "XYZ-1", 1);
	tzset();
	assert_string_equal(date_local(text, DATE_TIME, at), "13:00:05");
	assert_string_equal(date_local(text, DATE_PLAIN, at), "2026-01-01 13:00:05");
	assert_string_equal(date_local(text, DATE_ZONED, at), "2026-01-01 13:00:05 +0100");
	assert_string_equal(date_utc(text, at), "2026-01-01T12:00:05Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utc_is_what_the_c_library_says),
		cmocka_unit_test(fractions_are_kept),
		cmocka_unit_test(what_is_not_a_date_is_refused),
		cmocka_unit_test(local_dates_follow_the_time_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
