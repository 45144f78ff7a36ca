// ui/theme and colours: every shipped file, every role at every depth, and files with mistakes.
#include "ui/theme.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "test.h"
#include "ui.h"

static const enum depth depths[] = {DEPTH_NONE, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_RGB};

static void shipped(struct strv *names, struct strv *dirs)
{
	strv_add(dirs, TEST_TOP "/themes");
	theme_list(names, dirs);
	assert_true(names->count >= 10);
}

static void read_shipped(struct theme *t, const char *name, const struct strv *dirs)
{
	auto_free char *path = theme_find(name, dirs);
	struct err e = {0};

	assert_non_null(path);
	if (theme_read(t, path, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(t->name, name);
}

static bool can_show(uint32_t colour, enum depth depth)
{
	uint32_t kind = colour & COLOUR_KIND, value = colour & 0xffffff;

	if (kind == COLOUR_DEFAULT)
		return colour == COLOUR_DEFAULT;
	if (kind == COLOUR_INDEX)
		return value < (depth == DEPTH_8 ? 8u : depth == DEPTH_16 ? 16u : depth == DEPTH_NONE ? 0u : 256u);
	return kind == COLOUR_RGB && depth == DEPTH_RGB;
}

static bool same_look(struct style a, struct style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static void every_role_can_be_shown_at_every_depth(void **state)
{
	auto_strv names = {0}, dirs = {0};

	shipped(&names, &dirs);
	for (size_t i = 0; i < names.count; i++) {
		struct theme t;

		read_shipped(&t, names.items[i], &dirs);
		for (size_t d = 0; d < ARRAY_SIZE(depths); d++)
			for (uint8_t role = 0; role < ROLE_PENS; role++)
				for (uint8_t back = 0; back < ROLE_COUNT; back++) {
					struct style s = theme_style(&t, PEN_ON(role, back), depths[d]);

					assert_true(can_show(s.fg, depths[d]) && can_show(s.bg, depths[d]));
					if (s.fg == s.bg && s.fg != COLOUR_DEFAULT)
						fail_msg("%s: role %d on %s vanishes at depth %d", t.name, role, role_name(back),
						         (int)depths[d]);
				}
	}
}

static void tell_apart(const struct theme *t, const uint8_t *roles, size_t count, enum depth depth)
{
	for (size_t a = 0; a < count; a++)
		for (size_t b = 0; b < a; b++)
			if (same_look(theme_style(t, PEN(roles[a]), depth), theme_style(t, PEN(roles[b]), depth)))
				fail_msg("%s: %s looks like %s at depth %d", t->name, role_name(roles[a]), role_name(roles[b]),
				         (int)depth);
}

// What must never look like plain text, nor like each other, whatever the terminal.
static void selection_marks_and_failures_are_told_apart(void **state)
{
	static const uint8_t distinct[] = {ROLE_TEXT, ROLE_SELECTION, ROLE_MARK};
	auto_strv names = {0}, dirs = {0};

	shipped(&names, &dirs);
	for (size_t i = 0; i < names.count; i++)
		for (size_t d = 0; d < ARRAY_SIZE(depths); d++) {
			struct theme t;

			read_shipped(&t, names.items[i], &dirs);
			tell_apart(&t, distinct, ARRAY_SIZE(distinct), depths[d]);
			struct style text = theme_style(&t, PEN(ROLE_TEXT), depths[d]);
			static const uint8_t loud[] = {ROLE_FAILED, ROLE_WARNING, ROLE_TAB,   ROLE_KEY,
			                               ROLE_MATCH,  ROLE_INPUT,   ROLE_HEADER};
			for (size_t a = 0; a < ARRAY_SIZE(loud); a++)
				if (same_look(text, theme_style(&t, PEN(loud[a]), depths[d])))
					fail_msg("%s: %s looks like text at depth %d", t.name, role_name(loud[a]), (int)depths[d]);
			// a selected row is visible whatever its content
			for (uint8_t role = 0; role < ROLE_COUNT; role++)
				if (role != ROLE_SELECTION && role != ROLE_TAB && role != ROLE_SORTED && role != ROLE_FOOTER &&
				    same_look(theme_style(&t, PEN(role), depths[d]),
				              theme_style(&t, PEN_ON(role, ROLE_SELECTION), depths[d])))
					fail_msg("%s: selected %s looks as if it were not at depth %d", t.name, role_name(role),
					         (int)depths[d]);
		}
}

// Meters and graphs show low, middle and high; with few colours, yellow and green are unreadable on white.
static void the_thirds_of_a_meter_are_told_apart(void **state)
{
	static const uint8_t thirds[] = {ROLE_LOW, ROLE_MID, ROLE_HIGH};
	auto_strv names = {0}, dirs = {0};

	shipped(&names, &dirs);
	for (size_t i = 0; i < names.count; i++)
		for (size_t d = 0; d < ARRAY_SIZE(depths); d++) {
			struct theme t;

			read_shipped(&t, names.items[i], &dirs);
			tell_apart(&t, thirds, ARRAY_SIZE(thirds), depths[d]);
		}
	(void)state;
}

// Bold is bright with 8 colours: a failure in the selected row must not have another background than the row.
static void a_selected_failure_is_as_even_as_its_row(void **state)
{
	auto_strv names = {0}, dirs = {0};

	shipped(&names, &dirs);
	for (size_t i = 0; i < names.count; i++) {
		struct theme t;

		read_shipped(&t, names.items[i], &dirs);
		struct style row = theme_style(&t, PEN_ON(ROLE_TEXT, ROLE_SELECTION), DEPTH_8),
		             failed = theme_style(&t, PEN_ON(ROLE_FAILED, ROLE_SELECTION), DEPTH_8);
		if (row.bg != COLOUR_DEFAULT && row.attrs & ATTR_REVERSE && (failed.attrs ^ row.attrs) & ATTR_BOLD)
			fail_msg("%s: a selected failure is bright", t.name);
	}
	(void)state;
}

// The lines of column headings and of keys have a ground of their own, and the sorted column is lit in its line.
static void the_lines_around_the_list_are_set_off(void **state)
{
	auto_strv names = {0}, dirs = {0};

	shipped(&names, &dirs);
	for (size_t i = 0; i < names.count; i++)
		for (size_t d = 0; d < ARRAY_SIZE(depths); d++) {
			struct theme t;

			read_shipped(&t, names.items[i], &dirs);
			struct style text = theme_style(&t, PEN(ROLE_TEXT), depths[d]),
			             footer = theme_style(&t, PEN(ROLE_FOOTER), depths[d]),
			             key = theme_style(&t, PEN_ON(ROLE_KEY, ROLE_FOOTER), depths[d]),
			             header = theme_style(&t, PEN(ROLE_HEADER), depths[d]),
			             sorted = theme_style(&t, PEN(ROLE_SORTED), depths[d]);
			bool set_off = footer.bg != text.bg || footer.attrs & ATTR_REVERSE;
			bool barred = header.bg != text.bg || header.attrs & (ATTR_REVERSE | ATTR_UNDERLINE);

			if (!set_off || !barred || same_look(sorted, header) || same_look(key, footer) || key.bg != footer.bg ||
			    (key.attrs ^ footer.attrs) & ATTR_REVERSE)
				fail_msg("%s: footer %d, header %d, sorted %d, key %d at depth %d", t.name, set_off, barred,
				         !same_look(sorted, header), !same_look(key, footer), (int)depths[d]);
		}
}

static void a_bar_without_colours_is_even(void **state)
{
	auto_strv names = {0}, dirs = {0};

	shipped(&names, &dirs);
	for (size_t i = 0; i < names.count; i++)
		for (uint8_t role = 0; role < ROLE_PENS; role++) {
			struct theme t;

			read_shipped(&t, names.items[i], &dirs);
			struct style s = theme_style(&t, PEN_ON(role, ROLE_SELECTION), DEPTH_NONE);
			if (!(s.attrs & ATTR_REVERSE) || s.attrs & ATTR_DIM)
				fail_msg("%s: role %d has a background of its own in the selected row", t.name, role);
		}
}

static void the_ramp_leads_from_low_over_mid_to_high(void **state)
{
	struct theme t;
	size_t different[ARRAY_SIZE(depths)] = {0};

	theme_default(&t);
	for (size_t d = 0; d < ARRAY_SIZE(depths); d++) {
		for (int role = ROLE_RAMP + 1; role <= ROLE_RAMP_TOP; role++)
			different[d] += theme_style(&t, PEN((uint8_t)role), depths[d]).fg !=
			                theme_style(&t, PEN((uint8_t)(role - 1)), depths[d]).fg;
		assert_int_equal(theme_style(&t, PEN(ROLE_RAMP), depths[d]).fg, theme_style(&t, PEN(ROLE_LOW), depths[d]).fg);
		assert_int_equal(theme_style(&t, PEN(ROLE_RAMP_TOP), depths[d]).fg,
		                 theme_style(&t, PEN(ROLE_HIGH), depths[d]).fg);
	}
	assert_int_equal(different[0], 0);
	assert_int_equal(different[1], 2);
	assert_int_equal(different[2], 2);
	assert_true(different[3] > 4 && different[4] > 8);
}

static double luminance(uint32_t colour)
{
	uint32_t rgb = colour_rgb(colour);
	double sum = 0;
	static const double weights[] = {0.2126, 0.7152, 0.0722};

	for (int i = 0; i < 3; i++) {
		double c = (double)(rgb >> (16 - 8 * i) & 0xff) / 255;

		sum += weights[i] * (c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

// The contrast of WCAG 2, 1…21; 21 where the foreground is the terminal's own. A background of the terminal's own may
// be black or white.
static double contrast(struct style s)
{
	if (s.fg == COLOUR_DEFAULT)
		return 21;
	if (s.bg == COLOUR_DEFAULT)
		return fmin(contrast((struct style){s.fg, COLOUR_RGB, 0}),
		            contrast((struct style){s.fg, COLOUR_RGB | 0xffffff, 0}));
	double a = luminance(s.fg), b = luminance(s.bg);
	return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

static void what_is_drawn_can_be_read(void **state)
{
	auto_strv names = {0}, dirs = {0};

	shipped(&names, &dirs);
	for (size_t i = 0; i < names.count; i++)
		for (size_t d = 0; d < ARRAY_SIZE(depths); d++) {
			struct theme t;

			read_shipped(&t, names.items[i], &dirs);
			for (uint8_t role = 0; role < ROLE_COUNT; role++)
				for (int selected = 0; selected < 3; selected++) {
					static const uint8_t backs[] = {ROLE_TEXT, ROLE_SELECTION, ROLE_FOOTER};
					struct style s = theme_style(&t, PEN_ON(role, backs[selected]), depths[d]);
					double least = depths[d] < DEPTH_256 ? 2 : selected ? 2.5 : role == ROLE_BORDER ? 2 : 3;

					// one colour cannot contrast with both; with few colours there are no others
					if (s.bg == COLOUR_DEFAULT)
						least = depths[d] < DEPTH_256 ? 0 : 1.3;
					if (contrast(s) < least)
						fail_msg("%s: %s %s has a contrast of only %.1f at depth %d", t.name,
						         selected ? role_name(backs[selected]) : "", role_name(role), contrast(s), (int)depths[d]);
				}
		}
}

static void names_are_listed_and_found(void **state)
{
	auto_strv names = {0}, dirs = {0}, nowhere = {0};

	shipped(&names, &dirs);
	strv_add(&dirs, TEST_TOP "/themes");
	strv_add(&dirs, "/nonexistent");
	size_t count = names.count;
	auto_strv again = {0};
	theme_list(&again, &dirs);
	assert_int_equal(again.count, count);
	for (size_t i = 1; i < count; i++)
		assert_true(strcmp(names.items[i - 1], names.items[i]) < 0);
	assert_null(theme_find("no-such-theme", &dirs));
	assert_null(theme_find("dark", &nowhere));
	auto_free char *path = theme_find(TEST_TOP "/themes/nord.theme", &nowhere);
	assert_non_null(path);
	theme_list(&nowhere, &nowhere);
}

static void the_default_is_the_file(void **state)
{
	auto_strv names = {0}, dirs = {0};
	struct theme file, built_in;

	shipped(&names, &dirs);
	read_shipped(&file, "dark", &dirs);
	theme_default(&built_in);
	for (int role = 0; role < ROLE_COUNT; role++)
		assert_true(same_look(file.roles[role], built_in.roles[role]));
	for (int role = 0; role < ROLE_COUNT; role++)
		assert_int_equal(role_find(role_name((enum role)role)), role);
	assert_int_equal(role_find("blurple"), -1);
	assert_null(role_name(ROLE_COUNT));
}

static void mistakes_name_file_and_line(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"[roles]\nmark = blurple\n", "t:2: roles.mark: "},
		{"[roles]\n\nmrak = red\n", "t:3: roles.mrak: "},
		{"[roles]\nmark = red on\n", "t:2: roles.mark: missing colour after 'on'"},
		{"[roles]\nmark = red on blue on green\n", "t:2: roles.mark: unexpected colour 'green'"},
		{"[roles]\nmark = red green\n", "t:2: roles.mark: unexpected colour 'green'"},
		{"[roles]\nmark = #12345\n", "t:2: roles.mark: "},
		{"[roles]\nmark = 256\n", "t:2: roles.mark: "},
		{"[palette]\nmine = #zzzzzz\n", "t:2: palette.mine: invalid colour '#zzzzzz'"},
		{"[theme]\ncolour = red\n", "t:2: theme.colour: unknown setting"},
		{"nonsense\n", "t:1: "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct theme t = {.name = "before"};
		struct err e = {0};

		assert_true(theme_read_text(&t, "t", rows[i].text, &e) < 0);
		if (!str_starts(e.text, rows[i].message))
			fail_msg("row %zu: %s", i, e.text);
		assert_string_equal(t.name, "before");
	}
	struct theme t;
	struct err e = {0};
	assert_int_equal(theme_read(&t, "/nonexistent/x.theme", &e), -ENOENT);
}

static void a_palette_names_colours(void **state)
{
	struct theme t;
	struct err e = {0};

	assert_int_equal(
	    theme_read_text(&t, "dir/mine.theme",
	                    "[palette]\nsea = #102030\n[roles]\ntext = default\nmark = sea on - bold underline\n", &e),
	    0);
	assert_string_equal(t.name, "mine");
	assert_int_equal(t.roles[ROLE_MARK].fg, COLOUR_RGB | 0x102030);
	assert_int_equal(t.roles[ROLE_MARK].bg, COLOUR_UNSET);
	assert_int_equal(t.roles[ROLE_MARK].attrs, ATTR_BOLD | ATTR_UNDERLINE);
}

static void colours_come_down_to_the_nearest(void **state)
{
	static const struct {
		uint32_t colour;
		enum depth depth;
		uint32_t reduced;
	} rows[] = {
		{COLOUR_RGB | 0xff0000, DEPTH_256, COLOUR_INDEX | 196},
		{COLOUR_RGB | 0xff0000, DEPTH_16, COLOUR_INDEX | 9},
		{COLOUR_RGB | 0xff0000, DEPTH_8, COLOUR_INDEX | 1},
		{COLOUR_RGB | 0x6fcf7f, DEPTH_8, COLOUR_INDEX | 2}, // a soft green is green, not white
		{COLOUR_RGB | 0x808080, DEPTH_256, COLOUR_INDEX | 244},
		{COLOUR_RGB | 0xffffff, DEPTH_16, COLOUR_INDEX | 15},
		{COLOUR_RGB | 0x101010, DEPTH_8, COLOUR_INDEX | 0},
		{COLOUR_INDEX | 9, DEPTH_8, COLOUR_INDEX | 1},
		{COLOUR_INDEX | 196, DEPTH_8, COLOUR_INDEX | 1},
		{COLOUR_INDEX | 196, DEPTH_256, COLOUR_INDEX | 196},
		{COLOUR_RGB | 0x123456, DEPTH_RGB, COLOUR_RGB | 0x123456},
		{COLOUR_RGB | 0x123456, DEPTH_NONE, COLOUR_DEFAULT},
		{COLOUR_UNSET, DEPTH_RGB, COLOUR_DEFAULT},
		{COLOUR_DEFAULT, DEPTH_8, COLOUR_DEFAULT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(colour_reduce(rows[i].colour, rows[i].depth), rows[i].reduced);
	uint32_t colour;
	static const char *const wrong[] = {
	    "", "#", "#12345g", "-1", "1x", "bright-", "bright-mauve", "Red", "99999999999999999999"};
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(colour_parse(wrong[i], &colour), -EINVAL);
	assert_int_equal(colour_parse("bright-blue", &colour), 0);
	assert_int_equal(colour, COLOUR_INDEX | 12);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_can_be_shown_at_every_depth),
		cmocka_unit_test(selection_marks_and_failures_are_told_apart),
		cmocka_unit_test(the_thirds_of_a_meter_are_told_apart),
		cmocka_unit_test(a_selected_failure_is_as_even_as_its_row),
		cmocka_unit_test(the_lines_around_the_list_are_set_off),
		cmocka_unit_test(a_bar_without_colours_is_even),
		cmocka_unit_test(the_ramp_leads_from_low_over_mid_to_high),
		cmocka_unit_test(what_is_drawn_can_be_read),
		cmocka_unit_test(names_are_listed_and_found),
		cmocka_unit_test(the_default_is_the_file),
		cmocka_unit_test(mistakes_name_file_and_line),
		cmocka_unit_test(a_palette_names_colours),
		cmocka_unit_test(colours_come_down_to_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
