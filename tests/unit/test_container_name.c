// container: names of images in registries.
#include "container/image/name.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

#include "test.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void names_are_made_whole(void **state)
{
	static const struct {
		const char *name, *whole;
	} names[] = {
		{"nginx", "docker.io/library/nginx:latest"},
		{"nginx:1.27", "docker.io/library/nginx:1.27"},
		{"team/app", "docker.io/team/app:latest"},
		{"docker.io/nginx", "docker.io/library/nginx:latest"},
		{"index.docker.io/team/app:2", "docker.io/team/app:2"},
		{"quay.io/team/app", "quay.io/team/app:latest"},
		{"localhost/app", "localhost/app:latest"},
		{"localhost:5000/app:2", "localhost:5000/app:2"},
		{"Host/app", "Host/app:latest"},
		{"[::1]:5000/app", "[::1]:5000/app:latest"},
		{"example.com/a/b/c_d/e__f/g--h:V1.0_x-y", "example.com/a/b/c_d/e__f/g--h:V1.0_x-y"},
		{"nginx@" DIGEST, "docker.io/library/nginx@" DIGEST},
		{"quay.io/app:1@" DIGEST, "quay.io/app@" DIGEST},
	};
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(image_name_check(names[i].name, &e), 0);
		auto_free char *whole = image_name_canonical(names[i].name);
		assert_string_equal(whole, names[i].whole);
		auto_free char *again = image_name_canonical(whole);
		assert_string_equal(again, whole);
	}
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", ":", "@", "/", "Nginx", "nginx:", "nginx:-x", "nginx:a b", "a//b", "/a", "a/", "a..b", "a___b", "-a", "a-",
		"nginx@", "nginx@sha256:12", "nginx@md5:12", "host:port/app", "host:/app", "ho_st.x/app", "[::1/app", "a\033b",
		"example.com/App", "--help", "a?b", "nginx:1@" DIGEST "x", "example.com:80:81/app",
	};
	char longest[257];
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (image_name_check(wrong[i], &e) != -EINVAL)
			fail_msg("'%s' is taken for a name", wrong[i]);
	memset(longest, 'a', 256);
	longest[256] = '\0';
	assert_int_equal(image_name_check(longest, &e), -EINVAL);
	longest[255] = '\0';
	assert_int_equal(image_name_check(longest, &e), 0);
}

static void names_have_parts(void **state)
{
	assert_string_equal(image_name_tag("localhost:5000/app:2"), "2");
	assert_null(image_name_tag("localhost:5000/app"));
	assert_null(image_name_tag("app@" DIGEST));
	assert_true(image_name_has_domain("localhost:5000/app"));
	assert_false(image_name_has_domain("team/app"));
	assert_int_equal(image_name_repository("localhost:5000/app:2"), strlen("localhost:5000/app"));
	assert_int_equal(image_name_repository("app@" DIGEST), strlen("app"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_made_whole),
	                                   cmocka_unit_test(what_is_no_name_is_refused),
	                                   cmocka_unit_test(names_have_parts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
