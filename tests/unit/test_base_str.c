// base/str: buffers, lists, pairs, names, natural order, and making foreign text visible.
#include "base/fold.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

#include "test.h"

static void texts_are_cut_between_characters(void **state)
{
	char fits[] = "abcdef", cut[] = "abcdefg", wide[] = "äöüß€";

	(void)state;
	assert_false(str_cut(fits, 6));
	assert_string_equal(fits, "abcdef");
	assert_true(str_cut(cut, 6));
	assert_string_equal(cut, "abc…");
	assert_true(str_cut(wide, 8)); // 11 bytes; the third character does not fit whole
	assert_string_equal(wide, "äö…");
}

static void letters_are_found_in_either_case(void **state)
{
	static const struct {
		const char *text, *part, *found;
		size_t length;
	} rows[] = {
		{"Café ÉTÉ", "café", "Café ÉTÉ", 5}, {"Café ÉTÉ", "été", "ÉTÉ", 5}, {"Straße", "STRASSE", "Straße", 7},
		{"STRASSE", "straße", "STRASSE", 7}, {"ẞ", "ss", "ẞ", 3}, {"ΟΔΟΣ οδός", "οδοσ", "ΟΔΟΣ οδός", 8},
		{"λόγος", "ΛΌΓΟΣ", "λόγος", 10}, {"ИМЯ", "имя", "ИМЯ", 6}, {"Ёлка", "ёЛКА", "Ёлка", 8},
		{"TITLE", "title", "TITLE", 5}, {"İstanbul", "istanbul", "İstanbul", 9}, {"\u212a9", "k9", "\u212a9", 4},
		{"ＡＢＣ", "ｂ", "ＢＣ", 3},               {"a\xff" "b", "\xff", "\xff" "b", 1},     {"日本語", "本", "本語", 3},
		{"Ÿ", "ÿ", "Ÿ", 2},                        {"ǅx ĀĂ", "āă", "ĀĂ", 4},                 {"Ĺ", "ĺ", "Ĺ", 2},
		{"ı", "i", NULL, 0},                       {"cafe", "café", NULL, 0},               {"é", "\xc3", NULL, 0},
		{"x", "", "x", 0},                         {"", "x", NULL, 0},                      {"\xe9", "é", NULL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t length = 99;
		const char *found = fold_find(rows[i].text, rows[i].part, &length);

		if (!str_equal(found, rows[i].found) || length != rows[i].length)
			fail_msg("'%s' in '%s': '%s' of %zu bytes", rows[i].part, rows[i].text, found ? found : "nothing", length);
	}
}

static void seven_bits_keep_texts_apart(void **state)
{
	static const char *const texts[] = {"café", "cafè", "cafe", "caf\xe9", "日本", "日木", "caf?"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
			auto_str a = {0}, b = {0};

			str_add_ascii(&a, texts[i], strlen(texts[i]));
			str_add_ascii(&b, texts[k], strlen(texts[k]));
			assert_int_equal(strcmp(str_text(&a), str_text(&b)) == 0, i == k);
			for (size_t at = 0; at < a.length; at++)
				assert_true((unsigned char)a.text[at] < 0x80);
		}
}

static void buffer_grows_and_stays_terminated(void **state)
{
	auto_str s = {0};

	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i);
	assert_int_equal(strlen(s.text), s.length);
	assert_true(str_ends(s.text, "998,999,"));
	str_clear(&s);
	assert_string_equal(str_text(&s), "");
}

static void list_splits_without_empty_pieces(void **state)
{
	auto_strv v = {0};

	strv_split(&v, ",a,,b c,", ", ");
	assert_int_equal(v.count, 3);
	assert_string_equal(v.items[2], "c");
	assert_null(v.items[3]);
	assert_true(strv_has(&v, "b") && !strv_has(&v, "b c") && !strv_has(&v, ""));
}

static void paths_are_within_directories(void **state)
{
	assert_true(str_is_within("/etc/apt", "/etc") && str_is_within("/etc", "/etc") && str_is_within("/etc", "/") &&
	            str_is_within("/", "/"));
	assert_true(!str_is_within("/etcetera", "/etc") && !str_is_within("/", "/etc") && !str_is_within("/et", "/etc"));
}

static void params_keep_order_and_repeats(void **state)
{
	auto_params p = {0};

	params_add(&p, "env", "A=1");
	params_add(&p, "env", "B=2");
	params_set(&p, "name", "web");
	params_set(&p, "name", "db");
	assert_string_equal(params_get_nth(&p, "env", 1), "B=2");
	assert_null(params_get_nth(&p, "env", 2));
	assert_string_equal(params_get(&p, "name"), "db");
	assert_string_equal(params_or(&p, "none", "x"), "x");
}

static void names_sort_as_people_count(void **state)
{
	assert_true(str_natural_compare("web-2", "web-10") < 0);
	assert_true(str_natural_compare("web-010", "web-9") > 0);
	assert_true(str_natural_compare("a", "B") < 0);
	assert_int_equal(str_natural_compare("web-1", "web-1"), 0);
	assert_true(str_natural_compare("web-1", "web-01") != 0);
}

static void words_are_quoted_for_a_shell(void **state)
{
	static const char *const words[][2] = {{"web-1", "web-1"},
	                                       {"a/b:c,d=e@f%g+h.i_j", "a/b:c,d=e@f%g+h.i_j"},
	                                       {"", "''"},
	                                       {"a b", "'a b'"},
	                                       {"it's", "'it'\\''s'"},
	                                       {"$HOME", "'$HOME'"},
	                                       {"-x", "-x"}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		auto_str s = {0};
		str_add_quoted(&s, words[i][0]);
		assert_string_equal(str_text(&s), words[i][1]);
	}
}

static void text_is_made_of_characters(void **state)
{
	assert_true(str_is_made_of("a1", STR_LETTERS, STR_LETTERS STR_DIGITS, 2));
	assert_false(str_is_made_of("a12", STR_LETTERS, STR_LETTERS STR_DIGITS, 2));
	assert_false(str_is_made_of("1a", STR_LETTERS, STR_LETTERS STR_DIGITS, 2));
	assert_false(str_is_made_of("a-", STR_LETTERS, STR_LETTERS STR_DIGITS, 2));
	assert_false(str_is_made_of("", STR_LETTERS, STR_LETTERS, 2));
}

static void foreign_text_becomes_harmless(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"plain", "plain"},
		{"\x1b[31mred", "^[[31mred"},
		{"a\nb\tc\x7f", "a^Jb^Ic^?"},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"\xc2\x9b" "31m", "\\x9b31m"},        // C1 CSI
		{"\xe2\x80\xae" "cod", "\\u{202e}cod"}, // right-to-left override
		{"a\xc2\xad" "b", "a\\u{ad}b"},         // soft hyphen
		{"\xe3\x85\xa4", "\\u{3164}"},         // a filler that shows nothing
		{"\xf3\xa0\x81\xa1", "\\u{e0061}"},    // a tag
		{"\xef\xbf\xba", "\\u{fffa}"},         // interlinear annotation
		{"\xff\xc0\xaf", "\\xff\\xc0\\xaf"},   // invalid and overlong
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},   // surrogate
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *shown = str_visible(rows[i].in);
		assert_string_equal(shown, rows[i].out);
	}
}

static void lines_and_json_become_harmless(void **state)
{
	static const char text[] = "a\tb\n\x1b[31m\xc2\x9b\n";
	auto_str lines = {0}, json = {0};

	str_add_lines(&lines, text, sizeof(text) - 1);
	assert_string_equal(str_text(&lines), "a\tb\n^[[31m\\x9b\n");
	str_add_json(&json, "{\n  \"n\": \"\\u001b\xc2\x9b" "0\xe2\x80\xae\x7f\xc3\xa9\xf3\xa0\x81\xa1\"\n}");
	assert_string_equal(str_text(&json), "{\n  \"n\": \"\\u001b\\u009b0\\u202e\\u007f\xc3\xa9\\udb40\\udc61\"\n}");
}

static void code_points_round_trip(void **state)
{
	static const uint32_t cps[] = {0, 'a', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
	char bytes[4];

	for (size_t i = 0; i < ARRAY_SIZE(cps); i++) {
		uint32_t back;
		size_t n = str_encode(cps[i], bytes);

		assert_int_equal(str_decode(bytes, n, &back), n);
		assert_int_equal(back, cps[i]);
		assert_int_equal(str_decode(bytes, n - 1, &back), 0);
	}
}

static void numbers_are_parsed_strictly(void **state)
{
	uint64_t u;
	int64_t i;

	assert_int_equal(str_to_u64("18446744073709551615", &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(str_to_u64("18446744073709551616", &u), -ERANGE);
	assert_int_equal(str_to_u64("-1", &u), -EINVAL);
	assert_int_equal(str_to_u64(" 1", &u), -EINVAL);
	assert_int_equal(str_to_u64("1x", &u), -EINVAL);
	assert_int_equal(str_to_u64("", &u), -EINVAL);
	assert_int_equal(str_to_i64("-9223372036854775808", &i), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(str_to_i64("-9223372036854775809", &i), -ERANGE);
	assert_int_equal(str_to_i64("--1", &i), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_cut_between_characters),
		cmocka_unit_test(letters_are_found_in_either_case),
		cmocka_unit_test(seven_bits_keep_texts_apart), cmocka_unit_test(buffer_grows_and_stays_terminated), cmocka_unit_test(list_splits_without_empty_pieces),
		cmocka_unit_test(paths_are_within_directories),
		cmocka_unit_test(params_keep_order_and_repeats),     cmocka_unit_test(names_sort_as_people_count),
		cmocka_unit_test(words_are_quoted_for_a_shell), cmocka_unit_test(text_is_made_of_characters),         cmocka_unit_test(foreign_text_becomes_harmless),
		cmocka_unit_test(lines_and_json_become_harmless),
		cmocka_unit_test(code_points_round_trip),            cmocka_unit_test(numbers_are_parsed_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
