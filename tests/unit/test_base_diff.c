// base/diff: what two texts differ by.
#include "base/diff.h"

#include "test.h"

static const struct {
	const char *old, *new, *difference;
} cases[] = {
	{"a\nb\n", "a\nb\n", ""},
	{"", "a\n", "@@ line 1 @@\n+a\n"},
	{"a\n", "", "@@ line 1 @@\n-a\n"},
	{"a\nb\nc\n", "a\nx\nc\n", "@@ line 1 @@\n a\n-b\n+x\n c\n"},
	{"1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n7\n", "@@ line 3 @@\n 3\n 4\n 5\n-6\n+7\n"},
	{"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n",
	 "@@ line 1 @@\n-a\n+x\n 1\n 2\n 3\n@@ line 6 @@\n 5\n 6\n 7\n-b\n+y\n"},
	{"a\nb\nc\nd\n", "b\nc\nx\nd\n", "@@ line 1 @@\n-a\n b\n c\n+x\n d\n"},
	{"no end", "no end\n", ""},
};

static void lines_that_differ_are_shown_with_those_around(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_str out = {0};

		diff_add(&out, cases[i].old, cases[i].new);
		assert_string_equal(str_text(&out), cases[i].difference);
	}
}

// Nothing in common, and more than a table would hold.
static void large_texts_are_replaced(void **state)
{
	auto_str old = {0}, new = {0}, out = {0};

	for (int i = 0; i < 20000; i++) {
		str_addf(&old, "%d\n", i);
		str_addf(&new, "x%d\n", i);
	}
	diff_add(&out, str_text(&old), str_text(&new));
	assert_true(str_starts(str_text(&out), "@@ line 1 @@\n-0\n-1\n"));
	assert_true(str_ends(str_text(&out), "+x19998\n+x19999\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_differ_are_shown_with_those_around),
		cmocka_unit_test(large_texts_are_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
