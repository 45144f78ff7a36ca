// ui/graph: history and bars, in three sets of glyphs, from numbers that may be missing or absurd.
#include "ui/graph.h"

#include <math.h>

#include "test.h"
#include "ui.h"

static const double ramp[] = {0, 25, 50, 75, 100};

static void every_set_of_glyphs_draws_a_ramp(void **state)
{
	static const struct {
		enum glyphs glyphs;
		const char *row;
	} rows[] = {{GLYPHS_ASCII, "   _.:##"}, {GLYPHS_BLOCKS, "   ▁▂▄▆█"}, {GLYPHS_BRAILLE, "     ⢀⣠⣾"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_canvas c = {0};

		canvas_init(&c, 1, 8, rows[i].glyphs);
		graph_draw(canvas_area(&c), &(struct graph){.max = 100}, ramp, ARRAY_SIZE(ramp));
		assert_string_equal(row_text(&c, 0), rows[i].row);
	}
}

static void the_newest_values_stand_at_the_right(void **state)
{
	double values[100];
	auto_canvas c = {0};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		values[i] = i >= 92 ? 1 : 0.5;
	canvas_init(&c, 1, 4, GLYPHS_BRAILLE);
	assert_int_equal(graph_values(&c, 4), 8);
	graph_draw(canvas_area(&c), &(struct graph){.max = 1}, values, ARRAY_SIZE(values));
	assert_string_equal(row_text(&c, 0), "⣿⣿⣿⣿");
	graph_draw(canvas_area(&c), &(struct graph){.max = 1}, values, 92);
	assert_string_equal(row_text(&c, 0), "⣤⣤⣤⣤");
}

static void missing_is_a_gap_and_zero_is_not(void **state)
{
	double values[] = {NAN, NAN, 0, 0, NAN, 100};
	auto_canvas c = {0};

	canvas_init(&c, 2, 3, GLYPHS_BRAILLE);
	graph_draw(canvas_area(&c), &(struct graph){.max = 100}, values, ARRAY_SIZE(values));
	assert_string_equal(row_text(&c, 1), " ⣀⢸");
	assert_string_equal(row_text(&c, 0), "  ⢸");
}

static void a_tiny_value_is_seen(void **state)
{
	double value = 1e-9;
	auto_canvas c = {0};

	canvas_init(&c, 1, 1, GLYPHS_BLOCKS);
	graph_draw(canvas_area(&c), &(struct graph){.max = 100}, &value, 1);
	assert_string_equal(row_text(&c, 0), "▁");
	assert_int_equal(canvas_cell(&c, 0, 0)->pen.role, ROLE_LOW);
}

static void values_have_their_roles(void **state)
{
	struct graph g = {.max = 100};

	assert_int_equal(graph_role(&g, 0), ROLE_LOW);
	assert_int_equal(graph_role(&g, 59.9), ROLE_LOW);
	assert_int_equal(graph_role(&g, 60), ROLE_MID);
	assert_int_equal(graph_role(&g, 85), ROLE_HIGH);
	g.mid = 10, g.high = 20;
	assert_int_equal(graph_role(&g, 15), ROLE_MID);
	g.role = ROLE_CPU;
	assert_int_equal(graph_role(&g, 99), ROLE_CPU);
}

static void bars_fill_by_halves(void **state)
{
	static const struct {
		double value;
		const char *ascii;
	} rows[] = {{0, "----"},   {12, "=---"},   {50, "##--"},  {60, "##=-"},
	            {100, "####"}, {1000, "####"}, {NAN, "----"}, {-3, "----"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_canvas c = {0};

		canvas_init(&c, 1, 4, GLYPHS_ASCII);
		graph_bar(canvas_area(&c), &(struct graph){.max = 100}, rows[i].value);
		assert_string_equal(row_text(&c, 0), rows[i].ascii);
	}
}

static void absurd_numbers_do_no_harm(void **state)
{
	static const double absurd[] = {NAN, INFINITY, -INFINITY, -1, 0, 1e308, 5e-324};

	for (size_t g = 0; g < 3; g++)
		for (size_t m = 0; m < ARRAY_SIZE(absurd); m++)
			for (int size = 0; size < 9; size++) {
				auto_canvas c = {0};
				struct graph graph = {.max = absurd[m], .mid = absurd[(m + 1) % 7], .high = absurd[(m + 2) % 7]};

				canvas_init(&c, 3, 3, (enum glyphs)g);
				struct area a = area_sub(canvas_area(&c), 0, 0, size / 3, size % 3);
				graph_draw(a, &graph, absurd, ARRAY_SIZE(absurd));
				graph_draw(a, &graph, absurd, 0);
				for (size_t v = 0; v < ARRAY_SIZE(absurd); v++)
					graph_bar(a, &graph, absurd[v]);
				assert_true(canvas_sound(&c));
			}
}

static void what_is_stale_is_dim(void **state)
{
	auto_canvas c = {0};

	canvas_init(&c, 1, 5, GLYPHS_BLOCKS);
	graph_draw(canvas_area(&c), &(struct graph){.max = 100, .stale = true, .back = ROLE_SELECTION}, ramp,
	           ARRAY_SIZE(ramp));
	for (int column = 0; column < 5; column++) {
		assert_true(canvas_cell(&c, 0, column)->pen.attrs & ATTR_DIM);
		assert_int_equal(canvas_cell(&c, 0, column)->pen.back, ROLE_SELECTION);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_set_of_glyphs_draws_a_ramp),
		cmocka_unit_test(the_newest_values_stand_at_the_right),
		cmocka_unit_test(missing_is_a_gap_and_zero_is_not),
		cmocka_unit_test(a_tiny_value_is_seen),
		cmocka_unit_test(values_have_their_roles),
		cmocka_unit_test(bars_fill_by_halves),
		cmocka_unit_test(absurd_numbers_do_no_harm),
		cmocka_unit_test(what_is_stale_is_dim),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
