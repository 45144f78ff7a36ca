// Libraries found at run time: all of a table or nothing of it, and what is said when they are not there.
#include <errno.h>
#include <stddef.h>

#include <string.h>

#include "base/mem.h"
#include "sys/library.h"
#include "test.h"

static struct maths {
	double (*cos)(double);
	double (*hypot)(double, double);
} maths;

static const struct library_function functions[] = {{"cos", offsetof(struct maths, cos)},
                                                    {"hypot", offsetof(struct maths, hypot)}};
static const struct library_function wrong[] = {{"cos", offsetof(struct maths, cos)},
                                                {"no_such_function", offsetof(struct maths, hypot)}};

static void is_found(void **state)
{
	static struct library l = {.files = {"libm.so.6"},
	                           .functions = functions,
	                           .count = ARRAY_SIZE(functions),
	                           .table = &maths,
	                           .purpose = "x"};
	struct err e = {0};

	assert_null(library_symbol(&l, "sin")); // not open yet
	assert_int_equal(library_load(&l, &e), 0);
	assert_true(maths.hypot(3, 4) == 5);
	assert_non_null(library_symbol(&l, "sin"));
	assert_null(library_symbol(&l, "no_such_function"));
	assert_int_equal(library_load(&l, &e), 0);
}

static void check_missing(struct library *l, const char *word)
{
	for (int i = 0; i < 2; i++) { // also the second time
		struct err e = {0};

		assert_int_equal(library_load(l, &e), -EOPNOTSUPP);
		assert_non_null(strstr(e.text, word));
		assert_non_null(strstr(e.text, "(to count, install libnone)"));
	}
}

static void is_missing(void **state)
{
	static struct library file = {.files = {"libnone.so.7"}, .purpose = "to count, install libnone"};
	static struct library second = {.files = {"libm.so.6", "libnone.so.7"}, .purpose = "to count, install libnone"};
	static struct library function = {.files = {"libm.so.6"},
	                                  .functions = wrong,
	                                  .count = ARRAY_SIZE(wrong),
	                                  .table = &maths,
	                                  .purpose = "to count, install libnone"};

	check_missing(&file, "libnone.so.7");
	check_missing(&second, "libnone.so.7");
	check_missing(&function, "no_such_function");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(is_found), cmocka_unit_test(is_missing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
