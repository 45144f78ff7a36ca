// ui/field, ui/form, ui/menu, ui/dialog: what is typed, chosen and asked.
#include "ui/field.h"

#include <errno.h>

#include "ui/dialog.h"
#include "ui/form.h"
#include "ui/menu.h"

#include "test.h"
#include "ui.h"

static void type(struct field *f, const char *text)
{
	while (*text) {
		uint32_t cp;

		text += str_decode(text, strlen(text), &cp);
		field_handle(f, key_of(cp));
	}
}

static void auto_field_run(struct field *f)
{
	field_done(f);
}
#define auto_field AUTO(field) struct field

static void every_letter_types(void **state)
{
	auto_field f = {0};

	type(&f, "qjkGX?/: 漢e\xcc\x81");
	assert_string_equal(field_text(&f), "qjkGX?/: 漢e\xcc\x81");
	field_handle(&f, key_of(K_BACKSPACE)); // the whole character, with its mark
	assert_string_equal(field_text(&f), "qjkGX?/: 漢");
	field_handle(&f, key_of(K_LEFT));
	field_handle(&f, key_of(K_BACKSPACE));
	assert_string_equal(field_text(&f), "qjkGX?/:漢");
	field_handle(&f, key_of(K_DELETE));
	assert_string_equal(field_text(&f), "qjkGX?/:");
	assert_int_equal(field_handle(&f, key_of(K_ENTER)), EFFECT_ACCEPT);
	assert_int_equal(field_handle(&f, key_of(K_ESC)), EFFECT_CANCEL);
	assert_int_equal(field_handle(&f, key_of(K_F1)), EFFECT_NONE);
}

static void words_are_moved_over_and_cut(void **state)
{
	auto_field f = {0};

	type(&f, "start web-1 now");
	field_handle(&f, key_of(K_CTRL | 'w'));
	assert_string_equal(field_text(&f), "start web-1 ");
	field_handle(&f, key_of(K_ALT | 'b'));
	field_handle(&f, key_of(K_CTRL | 'k'));
	assert_string_equal(field_text(&f), "start ");
	field_handle(&f, key_of(K_HOME));
	field_handle(&f, key_of(K_ALT | 'd'));
	assert_string_equal(field_text(&f), " ");
	type(&f, "x");
	field_handle(&f, key_of(K_CTRL | 'u'));
	assert_string_equal(field_text(&f), " ");
	field_handle(&f, key_of(K_CTRL | 'e'));
	field_handle(&f, key_of(K_CTRL | 'u'));
	assert_string_equal(field_text(&f), "");
	static const uint32_t harmless[] = {K_BACKSPACE,  K_DELETE,    K_LEFT, K_RIGHT, K_CTRL | 'w',
	                                    K_CTRL | 'k', K_ALT | 'f', K_UP,   K_DOWN,  K_TAB};
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		field_handle(&f, key_of(harmless[i]));
	assert_string_equal(field_text(&f), "");
}

static void nothing_hidden_gets_in(void **state)
{
	auto_field f = {0};

	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		field_set(&f, hostile[i]);
		for (const char *p = field_text(&f); *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
	field_set(&f, "a\xc2\x9b" "31mb");
	assert_string_equal(field_text(&f), "a31mb");
	field_set(&f, "");
	field_handle(&f, pasted('\n'));
	field_handle(&f, pasted(0x9b));
	field_handle(&f, pasted('D'));
	assert_string_equal(field_text(&f), "D");
}

static void the_history_keeps_the_draft(void **state)
{
	auto_field f = {0};

	field_remember(&f, "first");
	field_remember(&f, "second");
	field_remember(&f, "second");
	field_remember(&f, "");
	assert_int_equal(f.history.count, 2);
	type(&f, "draft");
	field_handle(&f, key_of(K_UP));
	assert_string_equal(field_text(&f), "second");
	field_handle(&f, key_of(K_UP));
	field_handle(&f, key_of(K_UP));
	assert_string_equal(field_text(&f), "first");
	field_handle(&f, key_of(K_DOWN));
	field_handle(&f, key_of(K_DOWN));
	assert_string_equal(field_text(&f), "draft");
	field_handle(&f, key_of(K_UP));
	field_set(&f, ""); // opened anew: the history begins at its end again
	field_handle(&f, key_of(K_UP));
	assert_string_equal(field_text(&f), "second");
	for (int i = 0; i < 300; i++) {
		auto_free char *line = mem_printf("line %d", i);

		field_remember(&f, line);
	}
	assert_int_equal(f.history.count, 200);
	assert_string_equal(f.history.items[199], "line 299");
	assert_string_equal(f.history.items[0], "line 100");
}

static void offer(void *context, const char *text, size_t cursor, size_t *from, struct strv *out)
{
	static const char *const words[] = {"sort", "start", "state", "stop", "überall"};

	(void)context;
	while (*from > 0 && text[*from - 1] != ' ')
		--*from;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strncmp(words[i], text + *from, cursor - *from) == 0)
			strv_add(out, words[i]);
}

static void completion_goes_as_far_as_it_is_sure(void **state)
{
	auto_field f = {.complete = offer};

	type(&f, "x st");
	assert_int_equal(field_handle(&f, key_of(K_TAB)), EFFECT_REDRAW);
	assert_int_equal(field_candidates(&f)->count, 3);
	field_handle(&f, key_of(K_TAB));
	assert_string_equal(field_text(&f), "x start");
	field_handle(&f, key_of(K_TAB | K_SHIFT));
	assert_string_equal(field_text(&f), "x stop");
	type(&f, " so");
	assert_int_equal(field_candidates(&f)->count, 0);
	assert_int_equal(field_handle(&f, key_of(K_TAB)), EFFECT_CHANGED);
	assert_string_equal(field_text(&f), "x stop sort");
	type(&f, "zz");
	assert_int_equal(field_handle(&f, key_of(K_TAB)), EFFECT_NONE);
	field_set(&f, "s");
	field_handle(&f, key_of(K_TAB));
	assert_string_equal(field_text(&f), "s");
	field_set(&f, "sta");
	assert_int_equal(field_handle(&f, key_of(K_TAB)), EFFECT_REDRAW);
}

static void the_cursor_is_always_seen(void **state)
{
	auto_field f = {0};

	type(&f, "a long line 漢字漢字漢字 with wide characters in it");
	for (int columns = 1; columns < 30; columns++)
		for (int key = 0; key < 60; key++) {
			auto_canvas c = {0};

			canvas_init(&c, 1, columns, GLYPHS_BRAILLE);
			field_draw(&f, canvas_area(&c), PEN(ROLE_INPUT), true);
			assert_true(canvas_sound(&c));
			assert_int_equal(c.cursor_row, 0);
			assert_true(c.cursor_column >= 0 && c.cursor_column < columns);
			field_handle(&f, key_of(key < 50 ? K_LEFT : K_END));
		}
	f.secret = true;
	auto_canvas c = {0};
	canvas_init(&c, 1, 80, GLYPHS_ASCII);
	field_draw(&f, canvas_area(&c), PEN(ROLE_INPUT), true);
	assert_string_equal(row_text(&c, 0), "*********************************************");
}

static void a_huge_paste_is_bounded(void **state)
{
	auto_field f = {0};
	auto_canvas c = {0};

	canvas_init(&c, 1, 20, GLYPHS_BRAILLE);
	for (int i = 0; i < 100000; i++)
		field_handle(&f, pasted('a' + (uint32_t)i % 26));
	assert_true(f.text.length <= FIELD_MAX);
	for (int i = 0; i < 100; i++)
		field_draw(&f, canvas_area(&c), PEN(ROLE_INPUT), true);
	assert_int_equal(c.cursor_column, 19);
}

static bool is_guest(const struct form *form)
{
	return strcmp(form_get(form, "kind"), "guest") == 0;
}

static const char *const kinds[] = {"container", "guest", NULL};
static const struct form_row form_rows[] = {
	{.name = "name", .label = "Name", .required = true, .help = "letters and digits"},
	{.name = "kind", .label = "Kind", .kind = FORM_CHOICE, .choices = kinds},
	{.name = "disk", .label = "Disk", .shown = is_guest, .required = true},
	{.name = "memory", .label = "Memory", .initial = "512M"},
	{.name = "start", .label = "Start now", .kind = FORM_FLAG, .initial = "yes"},
};

static int check_form(void *context, const struct form *form, const char *name, const char *value, struct err *e)
{
	(void)context, (void)form;
	return strcmp(name, "memory") == 0 && value[0] == '-' ? err_msg(e, EINVAL, "invalid size '%s'", value) : 0;
}

static struct form *open_form(void)
{
	return form_new("Create", "Create", form_rows, ARRAY_SIZE(form_rows), check_form, NULL);
}

static enum effect form_type(struct form *f, const char *text)
{
	enum effect effect = EFFECT_NONE;

	for (; *text; text++)
		effect = form_handle(f, key_of((unsigned char)*text));
	return effect;
}

static void auto_form_run(struct form **f)
{
	form_free(*f);
}
#define auto_form AUTO(form) struct form

static void a_form_is_accepted_only_when_right(void **state)
{
	auto_form *f = open_form();
	auto_canvas c = {0};

	canvas_init(&c, 24, 80, GLYPHS_BRAILLE);
	assert_int_equal(form_handle(f, key_of(K_F1 + 9)), EFFECT_REDRAW);
	form_draw(f, canvas_area(&c));
	assert_true(find_text(&c, "is required") >= 0);
	form_type(f, "web");
	form_handle(f, key_of(K_TAB));
	form_handle(f, key_of(K_RIGHT));
	assert_string_equal(form_get(f, "kind"), "guest");
	assert_int_equal(form_handle(f, key_of(K_F1 + 9)), EFFECT_REDRAW); // now a disk is needed
	form_type(f, "/d.img");
	form_handle(f, key_of(K_DOWN));
	form_handle(f, key_of(K_CTRL | 'u'));
	form_type(f, "-1");
	assert_int_equal(form_handle(f, key_of(K_F1 + 9)), EFFECT_REDRAW);
	canvas_clear(&c);
	form_draw(f, canvas_area(&c));
	assert_true(find_text(&c, "invalid size '-1'") >= 0);
	form_handle(f, key_of(K_CTRL | 'u'));
	form_type(f, "1G");
	assert_int_equal(form_handle(f, key_of(K_F1 + 9)), EFFECT_ACCEPT);
	auto_params values = {0};
	form_values(f, &values);
	assert_string_equal(params_get(&values, "disk"), "/d.img");
	assert_string_equal(params_get(&values, "start"), "yes");
	while (strcmp(form_get(f, "kind"), "guest") == 0) { // hidden rows are not given out
		form_handle(f, key_of(K_TAB));
		form_handle(f, key_of(K_RIGHT));
	}
	auto_params without = {0};
	form_values(f, &without);
	assert_null(params_get(&without, "disk"));
}

static void enter_walks_to_the_end(void **state)
{
	auto_form *f = open_form();

	form_type(f, "web");
	for (int i = 0; i < 3; i++)
		assert_int_equal(form_handle(f, key_of(K_ENTER)), EFFECT_REDRAW);
	assert_int_equal(form_handle(f, key_of(K_SPACE)), EFFECT_CHANGED);
	assert_string_equal(form_get(f, "start"), "no");
	form_fail(f, "disk", "it is hidden");
	form_fail(f, NULL, "the whole is wrong");
	assert_int_equal(form_handle(f, key_of(K_ENTER)), EFFECT_ACCEPT);
	assert_int_equal(form_handle(f, key_of(K_ESC)), EFFECT_CANCEL);
}

static void the_focus_is_seen_at_any_size(void **state)
{
	auto_form *f = open_form();

	form_handle(f, key_of(K_DOWN));
	form_handle(f, key_of(K_RIGHT));
	form_handle(f, key_of(K_UP));
	assert_string_equal(form_get(f, "kind"), "guest");
	for (int rows = 1; rows < 12; rows++)
		for (int columns = 1; columns < 80; columns += 13)
			for (int step = 0; step < 7; step++) {
				auto_canvas c = {0};

				canvas_init(&c, rows, columns, GLYPHS_BRAILLE);
				form_handle(f, key_of(K_DOWN));
				form_draw(f, canvas_area(&c));
				assert_true(canvas_sound(&c));
				if (rows < 6 || columns < 50)
					continue;
				bool seen = false;
				for (int row = 0; row < rows; row++)
					for (int column = 0; column < columns; column++) {
						const struct pen *pen = &canvas_cell(&c, row, column)->pen;

						// the label of a field, or the button
						seen = seen || (pen->role == ROLE_TITLE && row > 0 && row < rows - 3) ||
						       pen->back == ROLE_SELECTION;
					}
				assert_true(seen);
			}
}

static struct menu *open_menu(void)
{
	struct menu *m = menu_new("web-1");

	menu_add_heading(m, "Stop");
	menu_add(m, 't', "Stop", "hostel stop -- web-1", NULL, 10);
	menu_add(m, 'k', "Kill", NULL, NULL, 11);
	menu_add(m, 'r', "Resume", "hostel resume -- web-1", "it is not paused", 12);
	menu_add_heading(m, NULL);
	menu_add(m, K_NONE, "Describe", NULL, NULL, 13);
	return m;
}

static void auto_menu_run(struct menu **m)
{
	menu_free(*m);
}
#define auto_menu AUTO(menu) struct menu

static void a_menu_picks_what_can_be_picked(void **state)
{
	auto_menu *m = open_menu();
	auto_canvas c = {0};

	canvas_init(&c, 24, 80, GLYPHS_BRAILLE);
	menu_draw(m, canvas_area(&c));
	assert_true(find_text(&c, "it is not paused") >= 0);
	assert_true(find_text(&c, "hostel stop -- web-1") >= 0);
	assert_true(find_text(&c, "hostel resume") < 0);
	assert_int_equal(menu_handle(m, key_of('r')), EFFECT_REDRAW);
	assert_int_equal(menu_handle(m, key_of(K_ENTER)), EFFECT_REDRAW);
	assert_int_equal(menu_handle(m, key_of(K_DOWN)), EFFECT_REDRAW); // over the rule
	assert_int_equal(menu_handle(m, key_of(K_ENTER)), EFFECT_ACCEPT);
	assert_int_equal(menu_picked(m), 13);
	assert_int_equal(menu_handle(m, key_of('k')), EFFECT_ACCEPT); // its key before the move
	assert_int_equal(menu_picked(m), 11);
	assert_int_equal(menu_handle(m, key_of(K_HOME)), EFFECT_REDRAW);
	assert_int_equal(menu_picked(m), 10);
	assert_int_equal(menu_handle(m, key_of('z')), EFFECT_NONE);
	assert_int_equal(menu_handle(m, pasted('t')), EFFECT_NONE);
	assert_int_equal(menu_handle(m, key_of('q')), EFFECT_CANCEL);
}

static void a_menu_is_narrowed_by_typing(void **state)
{
	auto_menu *m = open_menu();
	auto_canvas c = {0};

	canvas_init(&c, 24, 80, GLYPHS_BRAILLE);
	menu_handle(m, key_of('/'));
	for (const char *p = "tkq desc"; *p; p++)
		menu_handle(m, key_of((unsigned char)*p));
	menu_draw(m, canvas_area(&c));
	assert_int_equal(menu_picked(m), -1);
	assert_int_equal(menu_handle(m, key_of(K_ENTER)), EFFECT_REDRAW);
	menu_handle(m, key_of(K_CTRL | 'u'));
	menu_handle(m, key_of('D'));
	menu_handle(m, key_of('E'));
	assert_int_equal(menu_picked(m), 13);
	assert_int_equal(menu_handle(m, key_of(K_ESC)), EFFECT_REDRAW);
	assert_int_equal(menu_handle(m, key_of(K_ESC)), EFFECT_CANCEL);
}

static void a_click_picks_an_entry(void **state)
{
	auto_menu *m = open_menu();
	auto_canvas c = {0};

	canvas_init(&c, 24, 80, GLYPHS_BRAILLE);
	menu_draw(m, canvas_area(&c));
	int row = find_text(&c, "Kill");
	assert_int_equal(menu_handle(m, (struct key){.code = K_CLICK, .row = (int16_t)row, .column = 40}), EFFECT_ACCEPT);
	assert_int_equal(menu_picked(m), 11);
	assert_int_equal(menu_handle(m, (struct key){.code = K_CLICK}), EFFECT_NONE);
}

static void menus_of_any_size(void **state)
{
	auto_menu *m = open_menu(), *empty = menu_new("nothing"), *headings = menu_new("only");

	menu_add_heading(headings, "one");
	for (int i = 0; i < 400; i++) {
		auto_canvas c = {0};
		struct menu *all[] = {m, empty, headings};

		canvas_init(&c, 1 + i / 40, 1 + i % 40, GLYPHS_BRAILLE);
		for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
			menu_draw(all[k], canvas_area(&c));
			menu_handle(all[k], key_of((uint32_t)(K_UP + i % 10)));
		}
		assert_true(canvas_sound(&c));
	}
	assert_int_equal(menu_handle(empty, key_of(K_ENTER)), EFFECT_REDRAW);
	assert_int_equal(menu_picked(empty), -1);
	assert_int_equal(menu_handle(headings, key_of(K_ENTER)), EFFECT_REDRAW);
}

static void a_long_menu_shows_its_first_heading_again(void **state)
{
	auto_menu *m = open_menu();
	auto_canvas c = {0};

	canvas_init(&c, 5, 60, GLYPHS_BRAILLE);
	menu_handle(m, key_of(K_END));
	menu_draw(m, canvas_area(&c));
	assert_true(find_text(&c, "↑") >= 0);
	menu_handle(m, key_of(K_HOME));
	canvas_clear(&c);
	menu_draw(m, canvas_area(&c));
	assert_int_equal(find_text(&c, "│ Stop"), 1);
	assert_true(find_text(&c, "↑") < 0);
}

static void auto_dialog_run(struct dialog **d)
{
	dialog_free(*d);
}
#define auto_dialog AUTO(dialog) struct dialog

static void only_y_says_yes(void **state)
{
	auto_dialog *d = dialog_confirm("Stop web-1?", "It gets SIGTERM.");
	static const uint32_t no[] = {'n', 'N', 'q', K_ESC, K_ENTER},
	                      nothing[] = {K_SPACE, 'd', 'D', K_DELETE, K_TAB, K_F1, 'j', K_CTRL | 'y'};

	assert_int_equal(dialog_handle(d, key_of('y')), EFFECT_ACCEPT);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_int_equal(dialog_handle(d, key_of(no[i])), EFFECT_CANCEL);
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
		assert_int_equal(dialog_handle(d, key_of(nothing[i])), EFFECT_NONE);
	assert_int_equal(dialog_handle(d, pasted('y')), EFFECT_NONE);
}

static void a_name_must_be_typed_whole(void **state)
{
	auto_dialog *d = dialog_typed("Delete db?", "Its disk goes too.", "db");

	assert_int_equal(dialog_handle(d, key_of(K_ENTER)), EFFECT_REDRAW);
	dialog_handle(d, key_of('y'));
	assert_int_equal(dialog_handle(d, key_of(K_ENTER)), EFFECT_REDRAW);
	dialog_handle(d, key_of(K_BACKSPACE));
	dialog_handle(d, key_of('d'));
	assert_int_equal(dialog_handle(d, key_of(K_ENTER)), EFFECT_REDRAW);
	dialog_handle(d, key_of('b'));
	assert_int_equal(dialog_handle(d, key_of(K_ENTER)), EFFECT_ACCEPT);
	assert_int_equal(dialog_handle(d, key_of(K_ESC)), EFFECT_CANCEL);
}

static void questions_of_any_size(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct dialog *all[] = {dialog_confirm(hostile[i], hostile[i]),
		                        dialog_typed(hostile[i], hostile[i], hostile[i]), dialog_confirm(hostile[i], NULL)};

		for (int size = 0; size < 80; size++)
			for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
				auto_canvas c = {0};

				canvas_init(&c, 1 + size / 8, 1 + size % 8 * 11, GLYPHS_BRAILLE);
				dialog_draw(all[k], canvas_area(&c));
				assert_true(canvas_sound(&c));
			}
		for (size_t k = 0; k < ARRAY_SIZE(all); k++)
			dialog_free(all[k]);
	}
	auto_dialog *d = dialog_confirm("Delete web-1?", "one\ntwo\nthree\nfour\nfive\nsix");
	auto_canvas c = {0};
	canvas_init(&c, 7, 40, GLYPHS_BRAILLE);
	dialog_draw(d, canvas_area(&c));
	assert_true(find_text(&c, "y Yes") >= 0); // the keys are seen before the end of the text
	assert_true(find_text(&c, "…") >= 0);
	assert_int_equal(dialog_handle(d, key_of('y')), EFFECT_ACCEPT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_letter_types),
		cmocka_unit_test(words_are_moved_over_and_cut),
		cmocka_unit_test(nothing_hidden_gets_in),
		cmocka_unit_test(the_history_keeps_the_draft),
		cmocka_unit_test(completion_goes_as_far_as_it_is_sure),
		cmocka_unit_test(the_cursor_is_always_seen),
		cmocka_unit_test(a_huge_paste_is_bounded),
		cmocka_unit_test(a_form_is_accepted_only_when_right),
		cmocka_unit_test(enter_walks_to_the_end),
		cmocka_unit_test(the_focus_is_seen_at_any_size),
		cmocka_unit_test(a_menu_picks_what_can_be_picked),
		cmocka_unit_test(a_menu_is_narrowed_by_typing),
		cmocka_unit_test(a_click_picks_an_entry),
		cmocka_unit_test(menus_of_any_size),
		cmocka_unit_test(a_long_menu_shows_its_first_heading_again),
		cmocka_unit_test(only_y_says_yes),
		cmocka_unit_test(a_name_must_be_typed_whole),
		cmocka_unit_test(questions_of_any_size),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
