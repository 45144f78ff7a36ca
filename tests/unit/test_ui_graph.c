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
	assert_int_equal(canvas_cell(&c, 0, 0)->pen.role, ROLE_RAMP);
}

static void what_is_idle_is_not_drawn(void **state)
{
	static const double values[] = {0, 0.9, 1, 100};
	auto_canvas c = {0};

	canvas_init(&c, 1, 4, GLYPHS_BLOCKS);
	graph_draw(canvas_area(&c), &(struct graph){.max = 100, .idle = 1}, values, ARRAY_SIZE(values));
	assert_string_equal(row_text(&c, 0), "  ▁█");
}

static int ramp_step(const struct canvas *c, int row, int column)
{
	return canvas_cell(c, row, column)->pen.role - ROLE_RAMP;
}

static void graphs_are_coloured_by_height_up_to_the_value(void **state)
{
	enum { TOP = ROLE_RAMP_TOP - ROLE_RAMP };
	static const double values[] = {10, 50, 100, 1000};
	auto_canvas line = {0}, high = {0};

	canvas_init(&line, 1, 4, GLYPHS_BLOCKS);
	graph_draw(canvas_area(&line), &(struct graph){.max = 100}, values, ARRAY_SIZE(values));
	for (int column = 1; column < 3; column++)
		assert_true(ramp_step(&line, 0, column) > ramp_step(&line, 0, column - 1));
	assert_int_equal(ramp_step(&line, 0, 3), TOP);
	canvas_init(&high, 4, 4, GLYPHS_BLOCKS);
	graph_draw(canvas_area(&high), &(struct graph){.max = 100}, values, ARRAY_SIZE(values));
	for (int column = 1; column < 4; column++)
		assert_int_equal(ramp_step(&high, 3, column), ramp_step(&high, 3, 1));
	assert_true(ramp_step(&high, 3, 0) < ramp_step(&high, 3, 1)); // 10 % is less than its row
	for (int row = 1; row < 4; row++)
		assert_true(ramp_step(&high, row - 1, 2) > ramp_step(&high, row, 2));
	assert_int_equal(ramp_step(&high, 0, 2), TOP);
	graph_draw(canvas_area(&high), &(struct graph){0}, values, ARRAY_SIZE(values));
	assert_int_equal(ramp_step(&high, 0, 3), 0); // its own highest value is not high
	graph_draw(canvas_area(&high), &(struct graph){.role = ROLE_DISK}, values, ARRAY_SIZE(values));
	assert_int_equal(canvas_cell(&high, 0, 3)->pen.role, ROLE_DISK);
}

static void values_have_their_roles(void **state)
{
	struct graph g = {.max = 100};

	assert_int_equal(graph_role(&g, 0), ROLE_LOW);
	assert_int_equal(graph_role(&g, 59.9), ROLE_LOW);
	assert_int_equal(graph_role(&g, 60), ROLE_MID);
	assert_int_equal(graph_role(&g, 85), ROLE_HIGH);
	assert_int_equal(graph_role(&g, NAN), ROLE_LOW);
	assert_int_equal(graph_role(&(struct graph){0}, 99), ROLE_LOW);
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
				struct graph graph = {.max = absurd[m], .idle = absurd[(m + 1) % 7]};

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
		cmocka_unit_test(what_is_idle_is_not_drawn),
		cmocka_unit_test(graphs_are_coloured_by_height_up_to_the_value),
		cmocka_unit_test(values_have_their_roles),
		cmocka_unit_test(bars_fill_by_halves),
		cmocka_unit_test(absurd_numbers_do_no_harm),
		cmocka_unit_test(what_is_stale_is_dim),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
