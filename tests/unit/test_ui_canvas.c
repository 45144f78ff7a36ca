// ui/canvas: what is drawn stays inside, is whole, and never steers a terminal.
#include "ui/canvas.h"

#include "test.h"
#include "ui.h"

static const enum glyphs all_glyphs[] = {GLYPHS_ASCII, GLYPHS_BLOCKS, GLYPHS_BRAILLE};

static void text_is_cut_with_a_sign(void **state)
{
	static const struct {
		enum glyphs glyphs;
		const char *text;
		int width, taken;
		const char *row;
	} rows[] = {
		{GLYPHS_BRAILLE, "short", 10, 5, "short"},
		{GLYPHS_BRAILLE, "exactly 10", 10, 10, "exactly 10"},
		{GLYPHS_BRAILLE, "eleven char", 10, 10, "eleven ch…"},
		{GLYPHS_ASCII, "eleven char", 10, 10, "eleven ch~"},
		{GLYPHS_BRAILLE, "漢字漢字", 7, 7, "漢字漢…"},
		{GLYPHS_BRAILLE, "漢字漢字", 6, 5, "漢字…"},
		{GLYPHS_ASCII, "漢字", 20, 16, "\\u{6f22}\\u{5b57}"},
		{GLYPHS_ASCII, "é", 20, 6, "\\u{e9}"},
		{GLYPHS_ASCII, "\xe9", 20, 4, "\\xe9"},
		{GLYPHS_ASCII, "old → new …", 20, 14, "old -> new ..."},
		{GLYPHS_ASCII, "漢字", 4, 4, "\\u{~"},
		{GLYPHS_BRAILLE, "abc", 1, 1, "…"},
		{GLYPHS_BRAILLE, "abc", 0, 0, ""},
		{GLYPHS_BRAILLE, "", 5, 0, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_canvas c = {0};

		canvas_init(&c, 1, 20, rows[i].glyphs);
		assert_int_equal(area_text(canvas_area(&c), 0, 0, rows[i].width, PEN(ROLE_TEXT), rows[i].text), rows[i].taken);
		assert_string_equal(row_text(&c, 0), rows[i].row);
		assert_true(canvas_sound(&c));
	}
}

static void text_is_aligned(void **state)
{
	auto_canvas c = {0};

	canvas_init(&c, 3, 10, GLYPHS_BRAILLE);
	struct area a = canvas_area(&c);
	area_put(a, 0, 0, 9, ALIGN_RIGHT, PEN(ROLE_TEXT), "12.3");
	area_put(a, 1, 0, 9, ALIGN_CENTER, PEN(ROLE_TEXT), "mid");
	area_put(a, 2, 2, -1, ALIGN_RIGHT, PEN(ROLE_TEXT), "edge");
	assert_string_equal(row_text(&c, 0), "     12.3");
	assert_string_equal(row_text(&c, 1), "   mid");
	assert_string_equal(row_text(&c, 2), "      edge");
}

static void overwriting_half_of_a_wide_character_leaves_no_half(void **state)
{
	auto_canvas c = {0};

	canvas_init(&c, 1, 6, GLYPHS_BRAILLE);
	struct area a = canvas_area(&c);
	area_text(a, 0, 0, -1, PEN(ROLE_TEXT), "漢字漢");
	area_text(a, 0, 1, 1, PEN(ROLE_TEXT), "x");
	assert_string_equal(row_text(&c, 0), " x字漢");
	area_text(a, 0, 3, 2, PEN(ROLE_TEXT), "字");
	assert_string_equal(row_text(&c, 0), " x 字");
	assert_true(canvas_sound(&c));
}

static void marks_combine_and_do_not_overflow(void **state)
{
	auto_canvas c = {0};

	canvas_init(&c, 1, 4, GLYPHS_BRAILLE);
	area_text(canvas_area(&c), 0, 0, -1, PEN(ROLE_TEXT), "e\xcc\x81x");
	assert_string_equal(canvas_cell(&c, 0, 0)->text, "e\xcc\x81");
	assert_string_equal(canvas_cell(&c, 0, 1)->text, "x");
	area_text(canvas_area(&c), 0, 0, -1, PEN(ROLE_TEXT), hostile[9]);
	assert_true(strlen(canvas_cell(&c, 0, 0)->text) < CELL_TEXT);
	assert_true(canvas_sound(&c));
}

static void foreign_text_is_shown_not_obeyed(void **state)
{
	auto_canvas c = {0};

	canvas_init(&c, 1, 40, GLYPHS_BRAILLE);
	area_text(canvas_area(&c), 0, 0, -1, PEN(ROLE_TEXT), "\033[31mred\xe2\x80\xae" "gpj\n");
	assert_string_equal(row_text(&c, 0), "^[[31mred\\u{202e}gpj^J");
}

// Everything that draws, with all hostile texts, into areas of every small size and partly outside.
static void draw_all(struct area a, const char *text)
{
	for (int at = -2; at <= 2; at++) {
		area_text(a, at, at, -1, PEN(ROLE_TEXT), text);
		area_text(a, 0, at, 3, PEN(ROLE_TEXT), text);
		area_put(a, 0, 0, at, ALIGN_RIGHT, PEN(ROLE_TEXT), text);
		area_put(a, 0, at, -1, ALIGN_CENTER, PEN(ROLE_TEXT), text);
		area_wrap(a, at, PEN(ROLE_TEXT), text);
		area_hline(a, at, at, 5, PEN(ROLE_BORDER));
		area_vline(a, at, at, 5, PEN(ROLE_BORDER));
		area_glyph(a, at, at, PEN(ROLE_TEXT), "●", "*");
		area_shade(a, at, at, 3, ROLE_SELECTION);
		area_cursor(a, at, at);
		area_box(area_center(a, at, at), PEN(ROLE_BORDER), text);
	}
	area_box(a, PEN(ROLE_BORDER), text);
	area_printf(area_inside(a), 0, 0, PEN(ROLE_TEXT), "%s", text);
}

static void nothing_is_drawn_outside(void **state)
{
	for (size_t g = 0; g < ARRAY_SIZE(all_glyphs); g++)
		for (int size = 0; size < 36; size++)
			for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
				auto_canvas c = {0};

				canvas_init(&c, 8, 9, all_glyphs[g]);
				struct area a = area_sub(canvas_area(&c), 1, 1, size / 6, size % 6);
				draw_all(a, hostile[i]);
				assert_true(canvas_sound(&c));
				for (int row = 0; row < c.rows; row++)
					for (int column = 0; column < c.columns; column++)
						if (!area_holds(a, row, column))
							assert_string_equal(canvas_cell(&c, row, column)->text, " ");
			}
}

static void areas_are_cut_at_their_edges(void **state)
{
	auto_canvas c = {0};

	canvas_init(&c, 10, 20, GLYPHS_ASCII);
	struct area a = area_sub(canvas_area(&c), -3, 15, 8, 10);
	assert_int_equal(a.row, 0);
	assert_int_equal(a.rows, 5);
	assert_int_equal(a.columns, 5);
	assert_true(area_empty(area_sub(a, 9, 0, -1, -1)));
	assert_true(area_empty(area_inside(area_sub(a, 0, 0, 2, 2))));
	a = area_center(canvas_area(&c), 4, 100);
	assert_int_equal(a.row, 3);
	assert_int_equal(a.columns, 20);
	canvas_resize(&c, 0, -5);
	assert_int_equal(c.rows * c.columns, 1);
	assert_null(canvas_cell(&c, 0, 1));
}

static void text_wraps_at_blanks(void **state)
{
	auto_canvas c = {0};

	canvas_init(&c, 6, 12, GLYPHS_BRAILLE);
	struct area a = canvas_area(&c);
	const char *text = "the disk and its snapshots\n\nwill be lost-forever-and-ever";
	assert_int_equal(area_wrap(area_sub(a, 0, 0, 0, -1), 0, PEN(ROLE_TEXT), text), 7);
	area_wrap(a, 0, PEN(ROLE_TEXT), text);
	assert_string_equal(row_text(&c, 0), "the disk and");
	assert_string_equal(row_text(&c, 1), "its");
	assert_string_equal(row_text(&c, 2), "snapshots");
	assert_string_equal(row_text(&c, 3), "");
	assert_string_equal(row_text(&c, 4), "will be");
	assert_string_equal(row_text(&c, 5), "lost-forever");
}

static void widths_do_not_depend_on_the_locale(void **state)
{
	static const struct {
		const char *text;
		int width;
	} rows[] = {{"abc", 3}, {"漢字", 4}, {"e\xcc\x81", 1}, {"\t", 2}, {"\xff", 4}, {"한글", 4}, {"ä", 1}};

	for (int round = 0; round < 2; round++) {
		setlocale(LC_CTYPE, round ? "C.UTF-8" : "C");
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			assert_int_equal(text_width(rows[i].text), rows[i].width);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_with_a_sign),
		cmocka_unit_test(text_is_aligned),
		cmocka_unit_test(overwriting_half_of_a_wide_character_leaves_no_half),
		cmocka_unit_test(marks_combine_and_do_not_overflow),
		cmocka_unit_test(foreign_text_is_shown_not_obeyed),
		cmocka_unit_test(nothing_is_drawn_outside),
		cmocka_unit_test(areas_are_cut_at_their_edges),
		cmocka_unit_test(text_wraps_at_blanks),
		cmocka_unit_test(widths_do_not_depend_on_the_locale),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
