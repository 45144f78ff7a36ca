// Paths below a root that is not trusted: both ways of resolving must find the same, and neither may ever lead out.
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"

// Each test has DIRECTORY/root, the root, and DIRECTORY/outside, which must stay untouched.
struct place {
	char directory[64];
	int top, root;
};

static int set_up(void **state)
{
	struct place *p = mem_new(sizeof(*p));

	strcpy(p->directory, "/tmp/test_sys_fs.XXXXXX");
	assert_non_null(mkdtemp(p->directory));
	p->top = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(p->top, "root", 0755), 0);
	assert_int_equal(mkdirat(p->top, "outside", 0755), 0);
	p->root = openat(p->top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(p->root, "a", 0755), 0);
	assert_int_equal(mkdirat(p->root, "a/b", 0755), 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->root);
	close(p->top);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->directory, NULL), 0);
	free(p);
	return 0;
}

static void link_to(const struct place *p, const char *target, const char *name)
{
	assert_int_equal(symlinkat(target, p->root, name), 0);
}

static void file_at(int directory, const char *name)
{
	auto_close int fd = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
}

typedef int resolver(int root_fd, const char *path, unsigned flags, struct err *e);
static resolver *const resolvers[] = {fs_resolve, fs_walk};

static bool same_file(int fd, int directory, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(directory, name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

// PATH leads to WANTED (below the root) by both ways.
static void leads(const struct place *p, const char *path, unsigned flags, const char *wanted)
{
	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++) {
		struct err e = {0};
		auto_close int fd = resolvers[i](p->root, path, flags, &e);

		if (fd < 0)
			fail_msg("way %zu: '%s': %s", i, path, e.text);
		if (!same_file(fd, p->root, wanted))
			fail_msg("way %zu: '%s' is not '%s'", i, path, wanted);
	}
}

static void fails(const struct place *p, const char *path, unsigned flags, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++) {
		struct err e = {0};
		int r = resolvers[i](p->root, path, flags, &e);

		if (r != -code)
			fail_msg("way %zu: '%s' gives %d, not %d", i, path, r, -code);
		assert_non_null(strstr(e.text, path));
	}
}

static void plain_paths(void **state)
{
	const struct place *p = *state;

	leads(p, "a/b", 0, "a/b");
	leads(p, "/a/b", 0, "a/b");
	leads(p, "//a///b//", FS_DIRECTORY, "a/b");
	leads(p, "a/./b/.", 0, "a/b");
	leads(p, "a/b/..", 0, "a");
	leads(p, "", 0, ".");
	leads(p, "/", 0, ".");
	fails(p, "a/none", 0, ENOENT);
	fails(p, "none/b", 0, ENOENT);
}

static void dots_stay_inside(void **state)
{
	const struct place *p = *state;

	leads(p, "..", 0, ".");
	leads(p, "../../../..", 0, ".");
	leads(p, "a/../../../a/b", 0, "a/b");
	fails(p, "../outside", 0, ENOENT);
	fails(p, "a/b/../../../outside", 0, ENOENT);
}

static void links_stay_inside(void **state)
{
	const struct place *p = *state;

	link_to(p, "/", "top");
	link_to(p, "/a", "absolute");
	link_to(p, "a/b", "relative");
	link_to(p, "../../../../../../a", "upwards");
	link_to(p, "../outside", "out");
	link_to(p, "/etc", "host-etc");
	leads(p, "top", 0, ".");
	leads(p, "absolute/b", 0, "a/b");
	leads(p, "relative", 0, "a/b");
	leads(p, "upwards/b", 0, "a/b");
	leads(p, "top/top/absolute/../relative", 0, "a/b");
	fails(p, "out", 0, ENOENT);
	fails(p, "host-etc/passwd", 0, ENOENT);
}

static void links_are_refused_when_asked(void **state)
{
	const struct place *p = *state;

	link_to(p, "a", "link");
	fails(p, "link", FS_NO_LINKS, ELOOP);
	fails(p, "link/b", FS_NO_LINKS, ELOOP);
	leads(p, "a/b", FS_NO_LINKS, "a/b");
}

static void beneath_is_plain(void **state)
{
	static int (*const ways[])(int, const char *, int) = {fs_open_beneath, fs_walk_beneath};
	static const char *const wrong[] = {"",       "/",    "..",     "../outside", "a/../../outside",
	                                    "a/none", "link", "link/b", "self",       "file/x"};
	const struct place *p = *state;
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	link_to(p, "a", "link");
	link_to(p, "/proc/self/fd", "self");
	file_at(p->root, "file");
	file_at(p->root, "a/b/file");
	for (size_t k = 0; k < ARRAY_SIZE(ways); k++) {
		auto_close int fd = ways[k](p->root, "a/b/file", O_WRONLY), fd2 = ways[k](p->root, "file", O_PATH);

		assert_true(same_file(fd, p->root, "a/b/file") && same_file(fd2, p->root, "file"));
		assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
			int r = ways[k](p->root, wrong[i], O_RDONLY), again = ways[k](p->root, wrong[i], O_PATH);

			if ((r >= 0 || again >= 0))
				fail_msg("way %zu: '%s' is opened", k, wrong[i]);
			if (r >= 0)
				close(r);
			if (again >= 0)
				close(again);
		}
		assert_int_equal(ways[k](root, "proc/version", O_RDONLY), -EXDEV); // another mount
	}
}

static void loops_end(void **state)
{
	const struct place *p = *state;

	link_to(p, "two", "one");
	link_to(p, "one", "two");
	link_to(p, "self/x", "self");
	fails(p, "one", 0, ELOOP);
	fails(p, "self", 0, ELOOP);
}

// /proc/self/root and its like are doors, not links: a root may hold a whole procfs.
static void magic_links_are_refused(void **state)
{
	(void)state;
	auto_close int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_true(fs_resolve(proc, "self/root/etc", 0, NULL) < 0);
	assert_true(fs_resolve(proc, "self/cwd", FS_CREATE | FS_DIRECTORY, NULL) < 0);
}

// Their text names a file of the host: directories of that name would be made inside the root.
static void magic_links_name_no_directories(void **state)
{
	const struct place *p = *state;
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
	               before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(fchdir(p->root), 0);
	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++) {
		assert_int_equal(resolvers[i](root, "proc/self/cwd/made", FS_CREATE | FS_DIRECTORY, NULL), -ELOOP);
		assert_int_equal(faccessat(p->root, "made", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	}
	assert_int_equal(fchdir(before), 0);
}

static void kinds_are_checked(void **state)
{
	const struct place *p = *state;

	file_at(p->root, "file");
	fails(p, "file", FS_DIRECTORY, ENOTDIR);
	fails(p, "file/x", 0, ENOTDIR);
	leads(p, "file", 0, "file");
}

static void missing_is_made(void **state)
{
	const struct place *p = *state;
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++) {
		auto_free char *folder = mem_printf("new%zu/x/y", i), *file = mem_printf("new%zu/z/file", i);
		auto_close int a = resolvers[i](p->root, folder, FS_CREATE | FS_DIRECTORY, NULL);
		auto_close int b = resolvers[i](p->root, file, FS_CREATE, NULL);

		assert_true(a >= 0 && b >= 0);
		assert_true(fstatat(p->root, folder, &st, 0) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0755);
		assert_true(fstatat(p->root, file, &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size == 0);
		leads(p, folder, FS_CREATE | FS_DIRECTORY, folder); // once more: it exists
	}
}

static bool is_empty(int directory)
{
	auto_close int fd = openat(directory, "x", O_PATH | O_CLOEXEC);
	struct stat st;

	return fd < 0 && fstat(directory, &st) == 0 && st.st_nlink == 2;
}

// What is made through a link that points outside is made at the same name inside.
static void making_never_leads_out(void **state)
{
	const struct place *p = *state;
	auto_close int outside = openat(p->top, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *absolute = mem_printf("%s/outside", p->directory);

	link_to(p, "../outside", "trap");
	link_to(p, absolute, "trap2");
	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++) {
		auto_close int a = resolvers[i](p->root, "trap/x/y", FS_CREATE | FS_DIRECTORY, NULL);
		auto_close int b = resolvers[i](p->root, "trap2/x", FS_CREATE, NULL);

		(void)a;
		(void)b;
		assert_true(is_empty(outside));
	}
}

static void long_names_and_depths_are_errors(void **state)
{
	const struct place *p = *state;
	auto_str deep = {0};
	char name[300];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(fs_walk(p->root, name, 0, NULL), -ENAMETOOLONG);
	assert_int_equal(fs_resolve(p->root, name, 0, NULL), -ENAMETOOLONG);
	for (int i = 0; i < 400; i++)
		str_add(&deep, "d/");
	assert_int_equal(fs_walk(p->root, str_text(&deep), FS_CREATE | FS_DIRECTORY, NULL), -ENAMETOOLONG);
}

static void no_descriptor_is_lost(void **state)
{
	const struct place *p = *state;
	auto_close int before = open("/dev/null", O_RDONLY | O_CLOEXEC);

	link_to(p, "/a/../a/b/../../none", "winding");
	for (int i = 0; i < 50; i++) {
		fs_walk(p->root, "winding", 0, NULL);
		fs_resolve(p->root, "a/none", FS_NO_LINKS, NULL);
		fs_walk(p->root, "a/b/../../../a/none/x", FS_NO_LINKS, NULL);
	}
	auto_close int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(after, before + 1);
}

static void files_are_replaced_whole(void **state)
{
	const struct place *p = *state;
	auto_free char *text = NULL;
	struct stat st;

	assert_int_equal(fs_replace_file(p->top, "f", 0640, "one", 3, NULL), 0);
	assert_int_equal(fs_replace_file(p->top, "f", 0600, "three", 5, NULL), 0);
	assert_int_equal(fs_read_file(p->top, "f", 5, &text, NULL), 5);
	assert_string_equal(text, "three");
	assert_true(fstatat(p->top, "f", &st, 0) == 0 && (st.st_mode & 0777) == 0600);
	assert_int_equal(mkdirat(p->top, "busy", 0700), 0);
	// and no temporary file remains, or tear_down says so
	assert_true(fs_replace_file(p->top, "busy", 0600, "x", 1, NULL) < 0);
	auto_free char *temporary = mem_printf(".busy.%ld", (long)getpid());
	assert_int_equal(faccessat(p->top, temporary, F_OK, 0), -1);
}

static void a_planted_temporary_link_is_not_followed(void **state)
{
	const struct place *p = *state;
	auto_free char *temporary = mem_printf(".f.%ld", (long)getpid());

	file_at(p->top, "outside/precious");
	assert_int_equal(symlinkat("outside/precious", p->top, temporary), 0);
	struct stat st;
	fs_replace_file(p->top, "f", 0600, "overwritten", 11, NULL);
	assert_int_equal(fstatat(p->top, "outside/precious", &st, 0), 0);
	assert_int_equal(st.st_size, 0);
}

static void reading_has_a_limit(void **state)
{
	const struct place *p = *state;
	struct err e = {0};
	char *text = NULL;

	assert_int_equal(fs_replace_file(p->top, "f", 0600, "12345", 5, NULL), 0);
	assert_int_equal(fs_read_file(p->top, "f", 4, &text, &e), -EFBIG);
	assert_int_equal(fs_read_file(p->top, "none", 4, &text, &e), -ENOENT);
	assert_int_equal(fs_read_file(p->top, "outside", 4, &text, &e), -EINVAL);
	assert_int_equal(mkfifoat(p->top, "pipe", 0600), 0);
	assert_int_equal(fs_read_file(p->top, "pipe", 4, &text, &e), -EINVAL); // at once: there is no writer
	assert_null(text);
}

static void trees_are_removed_without_following(void **state)
{
	const struct place *p = *state;

	file_at(p->top, "outside/kept");
	link_to(p, "../outside", "a/link");
	assert_int_equal(mkdirat(p->root, "a/shut", 0), 0);
	assert_int_equal(fs_remove_tree(p->root, "a", NULL), 0);
	assert_int_equal(faccessat(p->root, "a", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(faccessat(p->top, "outside/kept", F_OK, 0), 0);
	assert_int_equal(fs_remove_tree(p->root, "a", NULL), 0); // a missing one is not an error
}

static void directories_are_made(void **state)
{
	const struct place *p = *state;
	auto_free char *path = mem_printf("%s/x/y/z", p->directory), *bad = mem_printf("%s/file/y", p->directory);

	assert_int_equal(fs_make_directories(path, 0700, NULL), 0);
	assert_int_equal(fs_make_directories(path, 0700, NULL), 0);
	file_at(p->top, "file");
	assert_int_equal(fs_make_directories(bad, 0700, NULL), -ENOTDIR);
}

static void file_system_types(void **state)
{
	(void)state;
	auto_close int proc = open("/proc", O_PATH | O_CLOEXEC);

	assert_true(fs_is_type(proc, PROC_SUPER_MAGIC));
	assert_false(fs_is_type(proc, SYSFS_MAGIC));
	assert_false(fs_is_type(-1, PROC_SUPER_MAGIC));
}

#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)

// Deeper than a process may have descriptors, and deeper than a path may be long.
static void deep_trees_are_removed(void **state)
{
	const struct place *p = *state;
	auto_close int top = openat(p->root, "a/b", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int at = dup(top);

	for (int i = 0; i < 3000; i++) {
		assert_int_equal(mkdirat(at, "directory", 0755), 0);
		int below = openat(at, "directory", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(below >= 0);
		close(at);
		at = below;
	}
	close(at);
	file_at(top, ".deep.1");
	assert_int_equal(fs_remove_tree(p->root, "a", NULL), 0);
	assert_int_equal(faccessat(p->root, "a", F_OK, 0), -1);
}

static void descriptors_say_where_they_lead(void **state)
{
	const struct place *p = *state;
	auto_close int again = -1;
	auto_free char *path = fs_path_of(p->root);
	struct stat a, b;
	int pair[2];

	assert_non_null(path);
	again = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(again >= 0 && fstat(again, &a) == 0 && fstat(p->root, &b) == 0 && a.st_ino == b.st_ino &&
	            a.st_dev == b.st_dev);
	assert_int_equal(pipe(pair), 0);
	assert_null(fs_path_of(pair[0]));
	close(pair[0]);
	close(pair[1]);
	assert_null(fs_path_of(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_paths),
		TEST(dots_stay_inside),
		TEST(links_stay_inside),
		TEST(links_are_refused_when_asked),
		TEST(beneath_is_plain),
		TEST(loops_end),
		TEST(magic_links_are_refused),
		TEST(magic_links_name_no_directories),
		TEST(kinds_are_checked),
		TEST(missing_is_made),
		TEST(making_never_leads_out),
		TEST(long_names_and_depths_are_errors),
		TEST(no_descriptor_is_lost),
		TEST(files_are_replaced_whole),
		TEST(a_planted_temporary_link_is_not_followed),
		TEST(reading_has_a_limit),
		TEST(trees_are_removed_without_following),
		TEST(deep_trees_are_removed),
		TEST(directories_are_made),
		TEST(file_system_types),
		TEST(descriptors_say_where_they_lead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
