// ui/pager: logs that grow, are bounded, wrapped, searched, and may say anything.
#include "ui/pager.h"

#include <time.h>

#include "test.h"
#include "ui.h"

static void auto_pager_run(struct pager **p)
{
	pager_free(*p);
}
#define auto_pager AUTO(pager) struct pager

static void add(struct pager *p, const char *text)
{
	pager_add(p, text, strlen(text));
}

static void add_numbers(struct pager *p, int from, int to)
{
	for (int i = from; i < to; i++) {
		auto_free char *line = mem_printf("line %d\n", i);

		add(p, line);
	}
}

static void draw(struct pager *p, struct canvas *c)
{
	canvas_clear(c);
	pager_draw(p, canvas_area(c));
	assert_true(canvas_sound(c));
}

static void it_follows_until_one_looks_back(void **state)
{
	auto_pager *p = pager_new(0);
	auto_canvas c = {0};

	canvas_init(&c, 4, 20, GLYPHS_BRAILLE);
	pager_follow(p, true);
	add_numbers(p, 0, 10);
	draw(p, &c);
	assert_string_equal(row_text(&c, 3), "line 9");
	pager_move(p, MOVE_UP);
	assert_false(pager_follows(p));
	add_numbers(p, 10, 20);
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "line 5");
	pager_move(p, MOVE_LAST);
	assert_true(pager_follows(p));
	add_numbers(p, 20, 21);
	draw(p, &c);
	assert_string_equal(row_text(&c, 3), "line 20");
	pager_move(p, MOVE_FIRST);
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "line 0");
	for (int i = 0; i < 30 && !pager_follows(p); i++) // down to the end follows again
		pager_move(p, MOVE_PAGE_DOWN);
	assert_true(pager_follows(p));
}

static void it_is_bounded_and_keeps_its_place(void **state)
{
	auto_pager *p = pager_new(2000);
	auto_canvas c = {0};

	canvas_init(&c, 4, 20, GLYPHS_BRAILLE);
	add_numbers(p, 0, 20);
	pager_search(p, "line 15", false);
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "line 15");
	add_numbers(p, 20, 30);
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "line 15");
	assert_true(pager_place(p).dropped > 0);
	add_numbers(p, 30, 500);
	auto_str text = {0};
	pager_text(p, &text);
	assert_true(text.length <= 2000);
	draw(p, &c); // where it was is gone: the oldest there is
	assert_true(find_text(&c, "line 15") != 0);
}

static void pieces_make_lines(void **state)
{
	auto_pager *p = pager_new(0);
	auto_str text = {0};

	for (const char *s = "one\r\ntwo\n\nhalf"; *s; s++)
		pager_add(p, s, 1);
	assert_int_equal(pager_place(p).lines, 4);
	pager_text(p, &text);
	assert_string_equal(str_text(&text), "one\r\ntwo\n\nhalf");
}

static void lines_wrap_without_loss(void **state)
{
	static const char text[] = "abcdefgh漢字漢字漢字ijk漢lmnop";

	for (int columns = 2; columns < 24; columns++) {
		auto_pager *p = pager_new(0);
		auto_canvas c = {0};
		char seen[256] = "";

		canvas_init(&c, 20, columns, GLYPHS_BRAILLE);
		pager_wrap(p, true);
		add(p, text);
		draw(p, &c);
		for (int row = 0; row < c.rows; row++)
			strcat(seen, row_text(&c, row));
		assert_string_equal(seen, text);
	}
}

static void long_lines_are_moved_sideways(void **state)
{
	auto_pager *p = pager_new(0);
	auto_canvas c = {0};

	canvas_init(&c, 2, 10, GLYPHS_BRAILLE);
	add(p, "0123456789abcdefghij\n");
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "012345678…");
	pager_move(p, MOVE_RIGHT);
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "…9abcdefg…");
	pager_move(p, MOVE_LEFT);
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "012345678…");
	pager_wrap(p, true);
	assert_int_equal(pager_move(p, MOVE_RIGHT), EFFECT_NONE);
}

static void the_filter_and_the_search(void **state)
{
	auto_pager *p = pager_new(0);
	auto_canvas c = {0};

	canvas_init(&c, 3, 20, GLYPHS_BRAILLE);
	add(p, "GET /a\nPOST /b\nget /c\nput /d\nGet /e\n");
	pager_filter(p, "get");
	assert_int_equal(pager_place(p).lines, 3);
	draw(p, &c);
	assert_string_equal(row_text(&c, 2), "Get /e");
	assert_int_equal(canvas_cell(&c, 2, 0)->pen.back, ROLE_MATCH);
	add(p, "put /f\nGET /g");
	assert_int_equal(pager_place(p).lines, 4);
	pager_filter(p, "nowhere");
	draw(p, &c);
	assert_int_equal(pager_move(p, MOVE_DOWN), EFFECT_NONE);
	assert_false(pager_search(p, "put", false));
	pager_filter(p, NULL);
	assert_int_equal(pager_place(p).lines, 7);
	assert_true(pager_search(p, "put", false));
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "put /d");
	assert_true(pager_search(p, NULL, false));
	assert_true(pager_search(p, NULL, false)); // around the end
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "put /d");
	assert_true(pager_search(p, NULL, true));
	assert_false(pager_search(p, "nowhere", false));
	assert_false(pager_search(p, "", false));
}

// In either case of any script; what is marked is as long as it is in the line.
static void what_is_found_is_marked_whole(void **state)
{
	auto_pager *p = pager_new(0);
	auto_canvas c = {0};

	canvas_init(&c, 3, 20, GLYPHS_BRAILLE);
	add(p, "eine STRASSE, ÉTÉ\nand a Straße\n");
	pager_filter(p, "straße");
	assert_int_equal(pager_place(p).lines, 2);
	draw(p, &c);
	for (int column = 0; column < 20; column++) {
		assert_int_equal(canvas_cell(&c, 0, column)->pen.back, column >= 5 && column < 12 ? ROLE_MATCH : ROLE_TEXT);
		assert_int_equal(canvas_cell(&c, 1, column)->pen.back, column >= 6 && column < 12 ? ROLE_MATCH : ROLE_TEXT);
	}
	assert_true(pager_search(p, "été", false));
}

static void a_description_is_replaced_in_place(void **state)
{
	auto_pager *p = pager_new(0);
	auto_canvas c = {0};

	canvas_init(&c, 2, 20, GLYPHS_BRAILLE);
	for (int wrap = 0; wrap < 2; wrap++) {
		pager_wrap(p, wrap);
		pager_replace(p, "a\nb\nc\nd\ne\nf\n");
		draw(p, &c);
		pager_move(p, MOVE_FIRST);
		pager_move(p, MOVE_DOWN);
		pager_move(p, MOVE_DOWN);
		draw(p, &c);
		pager_replace(p, "A\nB\nC\nD\nE\nF\n");
		draw(p, &c);
		assert_string_equal(row_text(&c, 0), "C");
		// shorter than where one was: any move before the next frame is safe
		for (enum move move = MOVE_UP; move <= MOVE_RIGHT; move++) {
			pager_replace(p, "a\nb\nc\nd\ne\nf\n");
			pager_move(p, MOVE_LAST);
			draw(p, &c);
			pager_replace(p, "only");
			pager_move(p, move);
			draw(p, &c);
			assert_true(find_text(&c, "only") == 0 || pager_place(p).column > 0);
			while (pager_place(p).column > 0)
				pager_move(p, MOVE_LEFT);
		}
	}
}

static void logs_are_shown_not_obeyed(void **state)
{
	auto_pager *p = pager_new(0);
	auto_canvas c = {0};

	canvas_init(&c, 24, 60, GLYPHS_BRAILLE);
	add(p, "\033[31mred\033[0m\tafter\n\033]0;title\a\n\033[2J\xff\n");
	draw(p, &c);
	assert_string_equal(row_text(&c, 0), "red     after");
	assert_string_equal(row_text(&c, 1), "^[]0;title^G");
	assert_string_equal(row_text(&c, 2), "^[[2J\\xff");
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		add(p, hostile[i]);
		add(p, "\n");
		for (int wrap = 0; wrap < 2; wrap++) {
			pager_wrap(p, wrap);
			draw(p, &c);
		}
	}
	pager_add(p, "nul\0nul\n", 8);
	pager_move(p, MOVE_LAST);
	draw(p, &c);
	assert_true(find_text(&c, "nul^@nul") >= 0);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// The work of one frame must grow with the text, not with its square: a workload writes what it likes.
static double cost(const char *unit, size_t count)
{
	auto_pager *p = pager_new(0);
	auto_canvas c = {0};
	auto_str line = {0};

	canvas_init(&c, 10, 80, GLYPHS_BRAILLE);
	for (size_t i = 0; i < count; i++)
		str_add(&line, unit);
	pager_wrap(p, true);
	add(p, str_text(&line));
	double begin = seconds();
	for (int i = 0; i < 3; i++)
		draw(p, &c);
	return seconds() - begin;
}

static void one_endless_line_costs_no_more_than_its_length(void **state)
{
	static const char *const units[] = {"x", "\t", "漢", "\033[1m", "e\xcc\x81"};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		double small = cost(units[i], 2000), large = cost(units[i], 16000);

		// 8 times as much text; the square would be 64 times
		if (large > small * 30 + 0.01)
			fail_msg("'%s': %.4f s became %.4f s", units[i], small, large);
	}
}

static void any_size_can_be_drawn(void **state)
{
	auto_pager *p = pager_new(0);

	add_numbers(p, 0, 30);
	for (int i = 0; i < 600; i++) {
		auto_canvas c = {0};

		canvas_init(&c, 5, 20, GLYPHS_BRAILLE);
		pager_wrap(p, i % 3 == 0);
		pager_draw(p, area_sub(canvas_area(&c), 0, 0, i % 5, i / 5 % 20));
		pager_move(p, (enum move)(i % 10));
		pager_mouse(p, (struct key){.code = K_WHEEL_DOWN});
		assert_true(canvas_sound(&c));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_follows_until_one_looks_back),
		cmocka_unit_test(it_is_bounded_and_keeps_its_place),
		cmocka_unit_test(pieces_make_lines),
		cmocka_unit_test(lines_wrap_without_loss),
		cmocka_unit_test(long_lines_are_moved_sideways),
		cmocka_unit_test(the_filter_and_the_search),
		cmocka_unit_test(what_is_found_is_marked_whole),
		cmocka_unit_test(a_description_is_replaced_in_place),
		cmocka_unit_test(logs_are_shown_not_obeyed),
		cmocka_unit_test(one_endless_line_costs_no_more_than_its_length),
		cmocka_unit_test(any_size_can_be_drawn),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
