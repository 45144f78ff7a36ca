// The memory of compiled filters: finding a profile in a configuration's text, and that only what was remembered
// whole, for just this profile and by this user, is taken.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/filter/cache.h"
#include "bunk/filter/filter.h"
#include "bunk/read/reader.h"
#include "sys/fs.h"
#include "test.h"

static void check_found(const char *text, const char *wanted)
{
	struct profile p = filter_find(text, strlen(text));

	if (!wanted) {
		assert_int_equal(p.size, 0);
		return;
	}
	assert_int_equal(p.size, strlen(wanted));
	assert_memory_equal(p.text, wanted, p.size);
}

static void a_profile_is_found_in_a_configuration(void **state)
{
	(void)state;
	check_found("{\"linux\": {\"seccomp\": {\"a\": [1, {}]}}}", "{\"a\": [1, {}]}");
	check_found(
	    " {\"x\":[{\"linux\":1}],\"y\":-1.5e3 , \"z\":true,\n\t\"linux\" : {\"n\": \"}\\\"{\", \"seccomp\":{}}}",
	    "{}");
	check_found("{\"linux\": {\"seccomp\": {\"a\": \"}\\\\\"}, \"b\": 2}}", "{\"a\": \"}\\\\\"}");
	check_found("{\"seccomp\": {}, \"linux\": {}}", NULL);
	check_found("{\"linux\": {\"seccomp\": null}}", NULL);
	check_found("{\"linux\": {\"seccomp\": [{}]}}", NULL);
	check_found("{\"a\": {\"linux\": {\"seccomp\": {}}}}", NULL);
	check_found("{\"linux\": [\"seccomp\", {}]}", NULL);
}

static void what_is_no_json_is_not_found(void **state)
{
	static const char whole[] = "{\"a\": [1, \"x\\\"\"], \"linux\": {\"b\": {}, \"seccomp\": {\"c\": [\"]\"]}}}";

	(void)state;
	for (size_t n = 0; n + 3 < sizeof(whole); n++) { // every text that is cut short
		auto_free char *part = mem_strndup(whole, n);
		struct profile p = filter_find(part, n);

		assert_true(p.size == 0 && n < strlen(whole) - 1);
	}
	check_found("", NULL);
	check_found("[]", NULL);
	check_found("{\"linux\" {}}", NULL);
	check_found("{\"linux\": }", NULL);
	// JSON's parser has refused the rest before anything was remembered
	check_found("{\"linux\": {\"seccomp\": {]}}}", "{]");
}

struct memory {
	char path[64];
	int root;
	struct filter filter, again;
	struct pool *pool;
};

static const char profile_text[] = "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}";
static const struct profile profile = {profile_text, sizeof(profile_text) - 1};
static struct sock_filter program[] = {{.code = 6, .k = 0x7fff0000}, {.code = 6, .k = 0x50001}};

static int set_up(void **state)
{
	static struct memory m;

	m = (struct memory){.path = "/tmp/test-filter-XXXXXX",
	                    .filter.program = {.len = ARRAY_SIZE(program), .filter = program},
	                    .filter.flags = 5};
	if (!mkdtemp(m.path) || (m.root = open(m.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	filter_remember(&m.filter, m.root, profile);
	*state = &m;
	return 0;
}

static int tear_down(void **state)
{
	struct memory *m = *state;

	pool_done(&m->pool);
	close(m->root);
	return fs_remove_tree(AT_FDCWD, m->path, NULL);
}

// The one file in which the program is.
static void file_of(const struct memory *m, char *path, size_t size)
{
	auto_free char *command = mem_printf("echo %s/.filters/*", m->path);
	FILE *f = popen(command, "r");

	assert_non_null(f);
	assert_non_null(fgets(path, (int)size, f));
	path[strcspn(path, "\n")] = '\0';
	pclose(f);
	assert_null(strchr(path, ' '));
}

static void a_program_is_remembered(void **state)
{
	struct memory *m = *state;

	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, profile), 0);
	assert_int_equal(m->again.program.len, ARRAY_SIZE(program));
	assert_memory_equal(m->again.program.filter, program, sizeof(program));
	assert_int_equal(m->again.flags, 5);
}

static void another_profile_has_no_program(void **state)
{
	struct memory *m = *state;
	struct profile shorter = {profile_text, profile.size - 1};

	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, shorter), -ENOENT);
	assert_int_equal(m->again.program.len, 0);
}

// Under the name of another profile's: what counts is the text, not the name.
static void the_text_is_compared(void **state)
{
	struct memory *m = *state;
	char path[128], other[128];
	struct profile shorter = {profile_text, profile.size - 1};

	file_of(m, path, sizeof(path));
	filter_remember(&m->filter, m->root, shorter);
	unlink(path);
	file_of(m, other, sizeof(other));
	assert_int_equal(rename(other, path), 0);
	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, profile), -ENOENT);
}

static void a_damaged_file_is_none(void **state)
{
	struct memory *m = *state;
	char path[128];
	struct stat st;

	file_of(m, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	for (off_t at = 0; at < st.st_size; at++) { // every byte of it
		int fd = open(path, O_RDWR | O_CLOEXEC);
		unsigned char byte;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		int r = filter_recall(&m->again, &m->pool, m->root, profile);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		close(fd);
		if (r != -ENOENT)
			fail_msg("byte %lld is not watched", (long long)at);
	}
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, profile), -ENOENT);
}

static void what_others_may_write_is_not_trusted(void **state)
{
	struct memory *m = *state;
	char path[128];

	file_of(m, path, sizeof(path));
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, profile), -ENOENT);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(fchmodat(m->root, ".filters", 0777, 0), 0);
	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, profile), -ENOENT);
	assert_int_equal(fchmodat(m->root, ".filters", 0700, 0), 0);
	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, profile), 0);
}

static void a_link_is_not_followed(void **state)
{
	struct memory *m = *state;
	char path[128];
	auto_free char *moved = mem_printf("%s/moved", m->path);

	file_of(m, path, sizeof(path));
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(symlink(moved, path), 0);
	assert_int_equal(filter_recall(&m->again, &m->pool, m->root, profile), -ENOENT);
}

static void not_more_than_some_are_remembered(void **state)
{
	struct memory *m = *state;
	char text[200][16];
	size_t kept = 0;

	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		snprintf(text[i], sizeof(text[i]), "{%zu}", i);
		filter_remember(&m->filter, m->root, (struct profile){text[i], strlen(text[i])});
	}
	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		kept += filter_recall(&m->again, &m->pool, m->root, (struct profile){text[i], strlen(text[i])}) == 0;
	assert_in_range(kept, 1, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_found_in_a_configuration),
		cmocka_unit_test(what_is_no_json_is_not_found),
		cmocka_unit_test_setup_teardown(a_program_is_remembered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_profile_has_no_program, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_text_is_compared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_others_may_write_is_not_trusted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_link_is_not_followed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_more_than_some_are_remembered, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
