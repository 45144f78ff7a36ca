// model/name: what may be called what, and what is said about the rest.
#include "model/name.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "model/workload.h"

#include "test.h"

static void names_are_safe_components(void **state)
{
	static const char *const bad[] = {NULL,   "",    ".",       "..",       "-x", "a/b",
	                                  "a\nb", "a b", ".hidden", "\xc3\xa9", "_x", "a+b"};
	char longest[66];

	for (int kind = NAME_OF_ANY; kind < WORKLOAD_KINDS; kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
			assert_false(name_is_valid(kind, bad[i]));
		memset(longest, 'a', 65);
		longest[65] = '\0';
		assert_false(name_is_valid(kind, longest));
		longest[64] = '\0';
		assert_true(name_is_valid(kind, longest));
		assert_true(name_is_valid(kind, "web-1.example_2"));
		assert_true(name_is_valid(kind, "7"));
	}
}

static void the_error_names_the_rule(void **state)
{
	struct err e = {0};

	for (int kind = NAME_OF_ANY; kind < WORKLOAD_KINDS; kind++) {
		assert_int_equal(name_check(kind, "web", &e), 0);
		assert_int_equal(name_check(kind, "a\033b", &e), -EINVAL);
		assert_string_equal(e.text, "invalid name 'a^[b' (" NAME_RULE ")");
		assert_int_equal(name_check(kind, NULL, &e), -EINVAL);
		assert_non_null(strstr(e.text, "invalid name ''"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_safe_components),
	                                   cmocka_unit_test(the_error_names_the_rule)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
