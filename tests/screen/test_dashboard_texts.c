// The dashboard's texts: what of them is shown is said above them, and the key line has the keys of what is open.
#include "dashboard.h"

static struct screen *open_log(int rows, int columns)
{
	struct screen *s = open_dashboard((struct opening){.rows = rows, .columns = columns});

	go_to(s, "web-1");
	screen_keys(s, "l");
	expect(s, "web-1[");
	return s;
}

static void a_log_says_how_it_is_shown(void **state)
{
	auto_screen *s = open_log(24, 80);

	expect(s, "follow on (G)   wrap off (w)   times off (t)   newest 2000 lines (0-6)");
	screen_keys(s, "w Up");
	expect(s, "follow off (G)   wrap on (w)");
	screen_keys(s, "2");
	expect(s, "last 5 minutes (0-6)");
	screen_keys(s, "0 t");
	expect(s, "times on (t)");
	expect(s, "2026-01-01");
	(void)state;
}

static void what_hides_lines_is_said_with_the_key_that_ends_it(void **state)
{
	auto_screen *s = open_log(24, 80);

	screen_keys(s, "& =GET Enter");
	expect(s, "& GET: 240 of 599 lines   Esc ends");
	expect_gone(s, "queue length");
	screen_keys(s, "/ =200 Enter");
	expect(s, "lines   / 200   Esc ends");
	screen_keys(s, "Esc"); // first the filter, then the search, then the pane
	expect_gone(s, "& GET");
	expect(s, "queue length");
	expect(s, " / 200   Esc ends");
	screen_keys(s, "Esc");
	expect_gone(s, "Esc ends");
	expect(s, "follow off (G)");
	screen_keys(s, "Esc");
	expect(s, "▌ web-1 ");
	(void)state;
}

static void a_filter_that_is_cancelled_is_what_it_was(void **state)
{
	auto_screen *s = open_log(24, 80);

	screen_keys(s, "& =GET Enter");
	expect(s, "& GET: ");
	screen_keys(s, "& Ctrl-U =warning");
	expect_gone(s, "GET /");
	screen_keys(s, "Esc");
	expect(s, "& GET: ");
	(void)state;
}

static void the_key_line_is_that_of_the_layer(void **state)
{
	auto_screen *s = open_log(36, 120);

	expect(s, "/ Search  & Only lines  0-6 How far back  n Next  w Wrap");
	screen_keys(s, "]");
	expect_gone(s, "How far back");
	screen_keys(s, "Esc");
	expect(s, "? Help  / Filter  Enter Open");
	screen_keys(s, "x");
	expect(s, "Enter Run  / Filter  Esc Close");
	click_at(s, "Esc Close", 1);
	expect(s, "? Help  / Filter  Enter Open");
	screen_keys(s, "D");
	expect(s, "y Yes  Esc No");
	screen_keys(s, "Esc C c");
	expect(s, "F10 Accept  Esc Cancel");
	screen_keys(s, "Esc L");
	expect(s, "& Only lines  n Next  w Wrap  Esc Back");
	(void)state;
}

static void a_text_over_the_screen_says_what_hides_lines(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 24, .columns = 80});

	go_to(s, "web-1");
	screen_keys(s, "p");
	expect(s, "pausing 'web-1': done");
	screen_keys(s, "L & =nothing Enter");
	expect(s, "Journal · & nothing: 0 of ");
	expect(s, "Esc ends");
	screen_keys(s, "Esc");
	expect_gone(s, "& nothing");
	expect(s, "pausing 'web-1': done");
	(void)state;
}

static void the_wheel_moves_a_text(void **state)
{
	auto_screen *s = open_log(24, 80);
	static const char up[] = "\033[<64;9;12M";

	screen_send(s, up, strlen(up));
	expect(s, "follow off (G)");
	click_at(s, "& Only lines", 0);
	expect(s, "Only lines with");
	(void)state;
}

static void graphs_have_a_scale_and_a_time_axis(void **state)
{
	static const struct {
		int rows, columns;
		const char *span;
	} sizes[] = {{24, 80, "last 2m, one value per second"},
	             {36, 120, "last 1m, one value per second"},
	             {60, 200, "last 3m, one value per second"}};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		auto_screen *s = open_dashboard((struct opening){.rows = sizes[i].rows, .columns = sizes[i].columns});

		go_to(s, "web-1");
		screen_keys(s, "Enter ]");
		expect(s, " of 200");
		if (sizes[i].rows > 24) {
			expect(s, "m ago ───");
			expect(s, "─── now");
		}
		expect(s, sizes[i].span);
		screen_keys(s, ")");
		expect(s, "one value per 10 s");
	}
	auto_screen *small = open_dashboard((struct opening){.rows = 10, .columns = 40});

	go_to(small, "web-1");
	screen_keys(small, "Enter ]");
	expect(small, " of 200");
	(void)state;
}

static void a_long_menu_leaves_its_key_line(void **state)
{
	static const int rows[] = {24, 10};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_screen *s = open_dashboard((struct opening){.rows = rows[i], .columns = 80});

		expect(s, "api-1");
		screen_keys(s, "?");
		expect(s, "Help: the keys here");
		expect(s, "Esc Close");
		assert_int_equal(screen_find(s, "Esc Close", NULL), rows[i] - 1);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_says_how_it_is_shown),
		cmocka_unit_test(graphs_have_a_scale_and_a_time_axis),
		cmocka_unit_test(a_long_menu_leaves_its_key_line),
		cmocka_unit_test(what_hides_lines_is_said_with_the_key_that_ends_it),
		cmocka_unit_test(a_filter_that_is_cancelled_is_what_it_was),
		cmocka_unit_test(the_key_line_is_that_of_the_layer),
		cmocka_unit_test(a_text_over_the_screen_says_what_hides_lines),
		cmocka_unit_test(the_wheel_moves_a_text),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
