// model/ring and model/sample: what is kept of figures, and the rates between them.
#include "model/ring.h"
#include "base/clock.h"
#include "model/sample.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#include "test.h"

static struct ring *filled(int64_t from, int64_t seconds)
{
	struct ring *r = mem_new(sizeof(*r));

	ring_init(r);
	for (int64_t i = 0; i < seconds; i++)
		ring_add(r, (from + i) * SECOND, (double)(i % 100));
	return r;
}

static bool is_near(double a, double b)
{
	return fabs(a - b) <= 0.005 * fabs(b);
}

static void a_new_ring_knows_nothing(void **state)
{
	auto_free struct ring *r = filled(0, 0);
	double out[1500];

	for (enum ring_tier tier = 0; tier < RING_TIERS; tier++) {
		ring_last(r, tier, out, ARRAY_SIZE(out));
		for (size_t i = 0; i < ARRAY_SIZE(out); i++)
			assert_true(isnan(out[i]));
	}
}

static void the_newest_points_come_last(void **state)
{
	auto_free struct ring *r = filled(50, 250);
	double out[300];

	ring_last(r, RING_SECONDS, out, ARRAY_SIZE(out));
	assert_true(isnan(out[0]) && isnan(out[49]));
	for (int i = 0; i < 250; i++)
		assert_true(is_near(out[50 + i], i % 100));
	ring_last(r, RING_SECONDS, out, 1);
	assert_true(is_near(out[0], 49));
}

static void older_history_is_the_mean_of_newer(void **state)
{
	auto_free struct ring *r = filled(0, 1200);
	double out[3];

	ring_last(r, RING_TENS, out, 2);
	assert_true(is_near(out[0], 84.5) && is_near(out[1], 94.5));
	ring_last(r, RING_MINUTES, out, 1); // seconds 1140…1199: 40…99
	assert_true(is_near(out[0], 69.5));
}

static void only_the_capacity_is_kept(void **state)
{
	auto_free struct ring *r = filled(0, 2050);
	double out[RING_POINTS_SECONDS + 5];

	ring_last(r, RING_SECONDS, out, ARRAY_SIZE(out));
	for (int i = 0; i < 5; i++)
		assert_true(isnan(out[i]));
	assert_true(is_near(out[5], (2050 - RING_POINTS_SECONDS) % 100));
}

static void seconds_without_a_look_are_missing_not_zero(void **state)
{
	auto_free struct ring *r = filled(0, 10);
	double out[6];

	ring_add(r, 14 * SECOND, 7);
	ring_last(r, RING_SECONDS, out, 6);
	assert_true(is_near(out[0], 9) && isnan(out[1]) && isnan(out[4]) && is_near(out[5], 7));
	ring_add(r, 14 * SECOND + 1, 8); // the same second: the newest counts
	ring_last(r, RING_SECONDS, out, 2);
	assert_true(isnan(out[0]) && is_near(out[1], 8));
	ring_add(r, INT64_C(10000000) * SECOND, 1); // months later
	ring_last(r, RING_SECONDS, out, 2);
	assert_true(isnan(out[0]) && is_near(out[1], 1));
}

static void missing_points_do_not_pull_a_mean_down(void **state)
{
	auto_free struct ring *r = mem_new(sizeof(*r));
	double out[1];

	ring_init(r);
	for (int i = 0; i < 10; i++)
		ring_add(r, i * SECOND, i < 5 ? 40 : (double)NAN);
	ring_last(r, RING_TENS, out, 1);
	assert_true(is_near(out[0], 40));
}

static void every_metric_has_its_row(void **state)
{
	for (enum metric m = 0; m < METRICS; m++) {
		assert_non_null(metric_info(m)->name);
	}
	assert_true(METRICS <= 32); // the bits of `have`
}

static struct sample sample_at(int64_t at, uint64_t cpu, uint64_t memory)
{
	struct sample s = {.at = at};

	sample_set(&s, METRIC_CPU, cpu);
	sample_set(&s, METRIC_MEMORY, memory);
	return s;
}

static void counters_become_rates_and_gauges_stay(void **state)
{
	struct sample a = sample_at(10 * SECOND, 1000000000, 5), b = sample_at(12 * SECOND, 2000000000, 7);
	struct rates r;

	sample_set(&a, METRIC_NET_RX, 1000);
	sample_set(&b, METRIC_NET_RX, 5000);
	rates_make(&r, &a, &b);
	assert_true(fabs(rates_get(&r, METRIC_CPU) - 50) < 1e-9); // half a core
	assert_true(fabs(rates_get(&r, METRIC_NET_RX) - 2000) < 1e-9);
	assert_true(rates_get(&r, METRIC_MEMORY) == 7);
	assert_false(rates_has(&r, METRIC_SWAP));
	assert_true(isnan(rates_get(&r, METRIC_SWAP)));
}

static void no_rate_without_a_past(void **state)
{
	struct sample a = sample_at(10 * SECOND, 1000, 5), empty = {0};
	struct rates r;

	rates_make(&r, NULL, &a);
	assert_false(rates_has(&r, METRIC_CPU));
	assert_true(rates_has(&r, METRIC_MEMORY));
	rates_make(&r, &empty, &a);
	assert_false(rates_has(&r, METRIC_CPU));
}

static void a_restart_and_a_standing_clock_give_no_rate(void **state)
{
	struct sample a = sample_at(10 * SECOND, 5000, 5), fell = sample_at(11 * SECOND, 10, 5),
	              still = sample_at(10 * SECOND, 6000, 5);
	struct rates r;

	rates_make(&r, &a, &fell);
	assert_false(rates_has(&r, METRIC_CPU));
	rates_make(&r, &a, &still);
	assert_false(rates_has(&r, METRIC_CPU));
	rates_make(&r, &still, &fell); // and again the next time
	assert_false(rates_has(&r, METRIC_CPU));
}

static void pressure_is_in_percent(void **state)
{
	struct sample s = {.at = SECOND};
	struct rates r;

	sample_set(&s, METRIC_PSI_CPU, 1234);
	rates_make(&r, NULL, &s);
	assert_true(fabs(rates_get(&r, METRIC_PSI_CPU) - 12.34) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_ring_knows_nothing),
		cmocka_unit_test(the_newest_points_come_last),
		cmocka_unit_test(older_history_is_the_mean_of_newer),
		cmocka_unit_test(only_the_capacity_is_kept),
		cmocka_unit_test(seconds_without_a_look_are_missing_not_zero),
		cmocka_unit_test(missing_points_do_not_pull_a_mean_down),
		cmocka_unit_test(every_metric_has_its_row),
		cmocka_unit_test(counters_become_rates_and_gauges_stay),
		cmocka_unit_test(no_rate_without_a_past),
		cmocka_unit_test(a_restart_and_a_standing_clock_give_no_rate),
		cmocka_unit_test(pressure_is_in_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
