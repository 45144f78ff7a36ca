// base/units: what is written can be read, and fits its column.
#include "base/units.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#include "test.h"

static void sizes_fit_five_columns(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {{0, "0"},           {512, "512"},        {999, "999"},          {1000, "1.0k"},       {1024, "1.0k"},
	            {90112, "88k"}, {4299161, "4.1M"}, {123731968, "118M"}, {1023ull << 20, "1.0G"}, {16750372454ull,
	             "16G"},
	            {UINT64_MAX, "16E"}};
	char text[UNITS_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(units_bytes(text, rows[i].bytes), rows[i].text);
	for (double v = 0; v < 1e19; v = v * 1.01 + 1)
		assert_true(strlen(units_rate(text, v)) <= 5);
}

static void percentages_keep_a_decimal_below_100(void **state)
{
	char text[UNITS_TEXT];

	assert_string_equal(units_percent(text, 0), "0.0");
	assert_string_equal(units_percent(text, 12.34), "12.3");
	assert_string_equal(units_percent(text, 99.96), "100");
	assert_string_equal(units_percent(text, 1600.4), "1600");
	assert_string_equal(units_percent(text, -1), "0.0");
}

static void ages_and_times(void **state)
{
	char text[UNITS_TEXT];

	assert_string_equal(units_age(text, 250000000), "250ms");
	assert_string_equal(units_age(text, 8100000000), "8.1s");
	assert_string_equal(units_age(text, 12000000000), "12s");
	assert_string_equal(units_age(text, 240000000000), "4m");
	assert_string_equal(units_age(text, 11520000000000), "3h12m");
	assert_string_equal(units_age(text, 9 * 86400000000000), "9d");
	assert_string_equal(units_age(text, -5), "0s");
	assert_string_equal(units_age(text, 0), "0s");
	assert_string_equal(units_age(text, 3000000000), "3s");
	assert_string_equal(units_short_time(text, 9.84), "9.8ms");
	assert_string_equal(units_short_time(text, 3600), "3.6s");
}

static void parsing_takes_only_the_whole(void **state)
{
	uint64_t bytes;
	int64_t ns;
	double cpus;

	assert_int_equal(units_parse_bytes("512M", &bytes), 0);
	assert_true(bytes == 512ull << 20);
	assert_int_equal(units_parse_bytes("1.5GiB", &bytes), 0);
	assert_true(bytes == 3ull << 29);
	static const char *const bad[] = {"", "-1", "1 G", "G", "1.G", "1e9", "0x10", "1GG"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(units_parse_bytes(bad[i], &bytes), -EINVAL);
	assert_int_equal(units_parse_bytes("99999999T", &bytes), -ERANGE);
	assert_int_equal(units_parse_duration("250ms", &ns), 0);
	assert_true(ns == 250000000);
	assert_int_equal(units_parse_duration("2d", &ns), 0);
	assert_true(ns == 2 * 86400000000000);
	assert_int_equal(units_parse_duration("1M", &ns), -EINVAL);
	assert_int_equal(units_parse_duration("1m30s", &ns), 0);
	assert_true(ns == 90 * SECOND);
	assert_int_equal(units_parse_duration("1h2m3.5s", &ns), 0);
	assert_true(ns == 3723 * SECOND + SECOND / 2);
	assert_int_equal(units_parse_duration("1m30", &ns), -EINVAL);
	assert_int_equal(units_parse_duration("30m1", &ns), -EINVAL);
	assert_int_equal(units_parse_duration("1m s", &ns), -EINVAL);
	assert_int_equal(units_parse_cpus("250m", &cpus), 0);
	assert_true(fabs(cpus - 0.25) < 1e-9);
	assert_int_equal(units_parse_cpus("0", &cpus), -ERANGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_fit_five_columns),
		cmocka_unit_test(percentages_keep_a_decimal_below_100),
		cmocka_unit_test(ages_and_times),
		cmocka_unit_test(parsing_takes_only_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
