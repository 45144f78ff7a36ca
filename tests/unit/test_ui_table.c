// ui/table: columns that fit, and a selection that is an id.
#include "ui/table.h"

#include "test.h"
#include "ui.h"

static const struct table_column columns[] = {
	{"NAME", 8, 20, 0, ALIGN_LEFT},
	{"STATE", 9, 0, 0, ALIGN_LEFT},
	{"CPU%", 6, 0, 1, ALIGN_RIGHT},
	{"MEM", 10, 0, 2, ALIGN_RIGHT},
	{"UPTIME", 7, 0, 9, ALIGN_RIGHT},
};

struct rows {
	const char *ids[64];
	size_t count;
};

static size_t count_rows(void *context)
{
	return ((struct rows *)context)->count;
}

static const char *id_of(void *context, size_t index)
{
	struct rows *rows = context;

	assert_true(index < rows->count);
	return rows->ids[index];
}

static void draw_one(void *context, size_t index, size_t column, struct area area, struct pen pen)
{
	assert_true(area.rows <= 1);
	area_put(area, 0, 0, -1, columns[column].align, pen, column ? columns[column].title : id_of(context, index));
}

static const char *const letters[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

static void fill(struct rows *rows, const char *ids)
{
	rows->count = 0;
	for (; *ids; ids++)
		rows->ids[rows->count++] = letters[*ids - 'a'];
}

static struct table open(struct rows *rows)
{
	struct table t;

	table_init(&t, columns, ARRAY_SIZE(columns), &(struct table_source){rows, count_rows, id_of, draw_one, NULL, NULL});
	return t;
}

static void auto_table_run(struct table *t)
{
	table_done(t);
}
#define auto_table AUTO(table) struct table

static void columns_go_by_their_priority(void **state)
{
	static const struct {
		int width;
		const char *header;
	} widths[] = {
		{60, "  NAME                 STATE       CPU%        MEM  UPTIME"},
		{46, "  NAME     STATE       CPU%        MEM  UPTIME"},
		{45, "  NAME         STATE       CPU%        MEM +1"},
		{38, "  NAME     STATE       CPU%        MEM"},
		{30, "  NAME     STATE       CPU% +2"},
		{20, "  NAME     STATE"},
		{10, "  NAME"},
		{3, "  …"},
	};
	struct rows rows = {0};
	auto_table t = open(&rows);

	fill(&rows, "abc");
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		auto_canvas c = {0};

		canvas_init(&c, 5, widths[i].width, GLYPHS_BRAILLE);
		table_draw(&t, canvas_area(&c), true);
		assert_string_equal(row_text(&c, 0), widths[i].header);
		assert_true(canvas_sound(&c));
	}
	table_layout(&t, 30);
	assert_true(table_shows(&t, 0) && table_shows(&t, 2) && !table_shows(&t, 3) && !table_shows(&t, 4));
}

static void the_sort_mark_is_always_seen(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);

	fill(&rows, "a");
	t.sorted = 2;
	t.descending = true;
	auto_canvas c = {0};
	canvas_init(&c, 3, 60, GLYPHS_BRAILLE);
	table_draw(&t, canvas_area(&c), true);
	assert_non_null(strstr(row_text(&c, 0), " CPU%▼ "));
	canvas_clear(&c);
	c.glyphs = GLYPHS_ASCII;
	t.sorted = 0;
	t.descending = false;
	table_draw(&t, canvas_area(&c), true);
	assert_non_null(strstr(row_text(&c, 0), " NAME^ "));
}

// The first rows stay in view, and the selection where it is, until that is moved.
static void the_first_rows_may_be_shown(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);
	auto_canvas c = {0};

	fill(&rows, "abcdefghij");
	canvas_init(&c, 4, 40, GLYPHS_BRAILLE);
	table_draw(&t, canvas_area(&c), true);
	table_move(&t, MOVE_LAST);
	table_draw(&t, canvas_area(&c), true);
	assert_false(table_selection_hidden(&t));
	table_show_first(&t);
	table_draw(&t, canvas_area(&c), true);
	assert_true(table_selection_hidden(&t));
	assert_non_null(strstr(row_text(&c, 1), "a "));
	assert_string_equal(table_selected(&t), "j");
	table_move(&t, MOVE_UP);
	table_draw(&t, canvas_area(&c), true);
	assert_false(table_selection_hidden(&t));
	assert_string_equal(table_selected(&t), "i");
}

static void the_selection_is_an_id(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);

	fill(&rows, "abcdef");
	assert_true(table_sync(&t));
	assert_string_equal(table_selected(&t), "a");
	assert_int_equal(table_move(&t, MOVE_DOWN), EFFECT_CHANGED);
	table_move(&t, MOVE_DOWN);
	assert_string_equal(table_selected(&t), "c");
	fill(&rows, "fedcba"); // sorted otherwise
	assert_false(table_sync(&t));
	assert_string_equal(table_selected(&t), "c");
	assert_int_equal(table_index(&t), 3);
	fill(&rows, "xc" + 1); // filtered
	assert_false(table_sync(&t));
	assert_int_equal(table_index(&t), 0);
	fill(&rows, "abcdef");
	table_sync(&t);
	fill(&rows, "abdef"); // gone: the row in its place
	assert_true(table_sync(&t));
	assert_string_equal(table_selected(&t), "d");
	fill(&rows, "");
	assert_true(table_sync(&t));
	assert_null(table_selected(&t));
	assert_int_equal(table_index(&t), SIZE_MAX);
	assert_int_equal(table_move(&t, MOVE_LAST), EFFECT_NONE);
	fill(&rows, "ab");
	assert_true(table_sync(&t));
	assert_string_equal(table_selected(&t), "a");
	assert_true(table_select(&t, "b"));
	assert_false(table_select(&t, "zz"));
	assert_string_equal(table_selected(&t), "b");
}

static void moves_stay_inside(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);
	auto_canvas c = {0};

	fill(&rows, "abcdefghij");
	canvas_init(&c, 5, 40, GLYPHS_BRAILLE);
	table_draw(&t, canvas_area(&c), true); // four rows
	assert_int_equal(table_move(&t, MOVE_UP), EFFECT_REDRAW);
	assert_string_equal(table_selected(&t), "a");
	table_move(&t, MOVE_PAGE_DOWN);
	assert_string_equal(table_selected(&t), "d");
	table_move(&t, MOVE_HALF_DOWN);
	assert_string_equal(table_selected(&t), "f");
	table_move(&t, MOVE_LAST);
	assert_string_equal(table_selected(&t), "j");
	table_move(&t, MOVE_DOWN);
	assert_string_equal(table_selected(&t), "j");
	canvas_clear(&c);
	table_draw(&t, canvas_area(&c), true);
	assert_int_equal(find_text(&c, "▌ j"), 4);
	table_move(&t, MOVE_FIRST);
	assert_string_equal(table_selected(&t), "a");
	assert_int_equal(table_move(&t, MOVE_LEFT), EFFECT_NONE);
}

static void a_drifting_selection_may_leave_the_view(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);
	auto_canvas c = {0};

	fill(&rows, "abcdefghij");
	canvas_init(&c, 5, 40, GLYPHS_BRAILLE);
	table_draw(&t, canvas_area(&c), true); // four rows
	t.drifts = true;
	fill(&rows, "jihgfedcba"); // sorted otherwise
	table_draw(&t, canvas_area(&c), true);
	assert_int_equal(table_index(&t), 9);
	assert_true(table_selection_hidden(&t));
	table_show_selected(&t);
	assert_false(table_selection_hidden(&t));
	table_show_first(&t);
	table_draw(&t, canvas_area(&c), true);
	assert_true(table_selection_hidden(&t));
	table_move(&t, MOVE_UP); // a move brings it back
	assert_string_equal(table_selected(&t), "b");
	assert_false(table_selection_hidden(&t));
	t.drifts = false;
	fill(&rows, "abcdefghij");
	table_draw(&t, canvas_area(&c), true);
	assert_false(table_selection_hidden(&t));
}

static void marks_are_ids_too(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);

	fill(&rows, "abcdef");
	table_mark(&t);
	assert_true(table_marked(&t, "a"));
	assert_string_equal(table_selected(&t), "b");
	table_move(&t, MOVE_DOWN);
	table_move(&t, MOVE_DOWN);
	table_mark_range(&t);
	assert_int_equal(t.marks.count, 4);
	table_mark_invert(&t);
	assert_int_equal(t.marks.count, 2);
	assert_true(table_marked(&t, "e") && table_marked(&t, "f"));
	fill(&rows, "fdba");
	table_sync(&t);
	assert_int_equal(t.marks.count, 1);
	assert_true(table_marked(&t, "f"));
	table_mark_none(&t);
	assert_int_equal(t.marks.count, 0);
	assert_false(table_marked(&t, "f"));
}

static void the_mouse_selects_and_sorts(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);
	auto_canvas c = {0};
	int column;

	fill(&rows, "abcdefghij");
	canvas_init(&c, 8, 60, GLYPHS_BRAILLE);
	struct area a = area_sub(canvas_area(&c), 2, 0, 5, -1);
	table_draw(&t, a, true);
	assert_int_equal(table_mouse(&t, (struct key){.code = K_CLICK, .row = 5, .column = 4}, &column), EFFECT_CHANGED);
	assert_string_equal(table_selected(&t), "c");
	assert_int_equal(column, -1);
	assert_int_equal(table_mouse(&t, (struct key){.code = K_CLICK, .row = 2, .column = 35}, &column), EFFECT_REDRAW);
	assert_int_equal(column, 2);
	assert_int_equal(table_mouse(&t, (struct key){.code = K_CLICK, .row = 0, .column = 4}, &column), EFFECT_NONE);
	assert_int_equal(table_mouse(&t, (struct key){.code = K_CLICK, .row = 2, .column = 0}, NULL), EFFECT_NONE);
	table_mouse(&t, (struct key){.code = K_WHEEL_DOWN, .row = 4, .column = 4}, NULL);
	assert_string_equal(table_selected(&t), "f");
}

static void any_size_can_be_drawn(void **state)
{
	struct rows rows = {0};
	auto_table t = open(&rows);

	fill(&rows, "abcdefghij");
	table_move(&t, MOVE_LAST);
	for (int size = 0; size < 900; size++) {
		auto_canvas c = {0};

		canvas_init(&c, 15, 60, GLYPHS_BRAILLE);
		struct area a = area_sub(canvas_area(&c), 0, 0, size / 60, size % 60);
		table_draw(&t, a, size % 2);
		table_mouse(&t, (struct key){.code = K_CLICK, .row = (int16_t)(size / 120), .column = 3}, NULL);
		table_move(&t, (enum move)(size % 10));
		assert_true(canvas_sound(&c));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_go_by_their_priority),
		cmocka_unit_test(the_sort_mark_is_always_seen),
		cmocka_unit_test(the_first_rows_may_be_shown),
		cmocka_unit_test(the_selection_is_an_id),
		cmocka_unit_test(moves_stay_inside),
		cmocka_unit_test(a_drifting_selection_may_leave_the_view),
		cmocka_unit_test(marks_are_ids_too),
		cmocka_unit_test(the_mouse_selects_and_sorts),
		cmocka_unit_test(any_size_can_be_drawn),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
