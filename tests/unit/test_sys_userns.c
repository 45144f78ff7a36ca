// sys/userns: which user namespace this is, which ids it has, and which setting is named when there can be none.
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"
#include "sys/userns.h"

static char top[] = "/tmp/test_sys_userns.XXXXXX";

static int settings_with(const char *file, const char *value)
{
	static const char *const directories[] = {"kernel", "user"};
	int fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		assert_true(mkdirat(fd, directories[i], 0755) == 0 || errno == EEXIST);
	auto_close int made = openat(fd, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(made >= 0 && write(made, value, strlen(value)) == (ssize_t)strlen(value));
	return fd;
}

static void the_setting_is_named(void **state)
{
	static const struct {
		const char *file, *value, *label;
		int error;
		bool made;
		const char *words; // NULL: no setting is to blame
	} rows[] = {
		{"kernel/unprivileged_userns_clone", "0\n", "", EPERM, false, "kernel.unprivileged_userns_clone=1"},
		{"kernel/unprivileged_userns_clone", "1\n", "", EPERM, false, NULL},
		{"kernel/unprivileged_userns_clone", "0\n", "", EINVAL, false, NULL},
		{"kernel/apparmor_restrict_unprivileged_userns", "1\n", "unconfined\n", EACCES, false, "AppArmor profile"},
		{"kernel/apparmor_restrict_unprivileged_userns", "1\n", "unprivileged_userns (enforce)\n", EPERM, true,
		 "AppArmor profile"},
		{"kernel/apparmor_restrict_unprivileged_userns", "1\n", "unprivileged_userns (enforce)\n", EACCES, true,
		 "AppArmor profile"},
		// another reason
		{"kernel/apparmor_restrict_unprivileged_userns", "1\n", "bunk (unconfined)\n", EPERM, true, NULL},
		{"kernel/apparmor_restrict_unprivileged_userns", "0\n", "unconfined\n", EACCES, false, NULL},
		{"user/max_user_namespaces", "0\n", "", ENOSPC, false, "user.max_user_namespaces is 0"},
		{"user/max_user_namespaces", "63432\n", "", ENOSPC, false,
		 "one of the limits user.max_*_namespaces is reached"},
		{"user/max_user_namespaces", "0\n", "", ENOSPC, true, NULL}, // a full disk
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_close int settings = settings_with(rows[i].file, rows[i].value);
		auto_free char *text = userns_refusal(settings, rows[i].label, rows[i].error, rows[i].made);

		if (rows[i].words) {
			assert_non_null(text);
			assert_non_null(strstr(text, rows[i].words));
		} else {
			assert_null(text);
		}
		assert_int_equal(unlinkat(settings, rows[i].file, 0), 0);
	}
}

// What a child says, which ends with what CHECK returns: 0 = right, 77 = there can be no such namespace here.
static int in_child(int (*check)(const char *map), const char *map)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(check(map));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool write_map(const char *path, const char *text)
{
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

// Only from outside can more than the own id be mapped: by a child that stays there, once a byte comes.
static pid_t mapper(const char *map, int line[2])
{
	char uid_map[64], gid_map[64], c;

	if (pipe(line) < 0)
		return -1;
	snprintf(uid_map, sizeof(uid_map), "/proc/%d/uid_map", (int)getpid());
	snprintf(gid_map, sizeof(gid_map), "/proc/%d/gid_map", (int)getpid());
	pid_t pid = fork();
	if (pid == 0)
		_exit(read(line[0], &c, 1) == 1 && write_map(gid_map, map) && write_map(uid_map, map) ? 0 : 1);
	return pid;
}

static bool enter_mapped(const char *map)
{
	int line[2], status;
	pid_t pid = mapper(map, line);

	return pid > 0 && unshare(CLONE_NEWUSER) == 0 && write_map("/proc/self/setgroups", "deny") &&
	       write(line[1], "", 1) == 1 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool enter(const char *map)
{
	char uid[64], gid[64];

	if (map)
		return enter_mapped(map);
	snprintf(uid, sizeof(uid), "0 %u 1\n", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1\n", getegid());
	return unshare(CLONE_NEWUSER) == 0 && write_map("/proc/self/setgroups", "deny") &&
	       write_map("/proc/self/gid_map", gid) && write_map("/proc/self/uid_map", uid);
}

static int is_inside(const char *map)
{
	if (!enter(map))
		return 77;
	userns_forget();
	if (userns_is_initial() || userns_is_host_root() || userns_may_set_groups())
		return 1;
	return userns_has_uid(0) && userns_has_gid(0) && userns_has_uid(7) == (map != NULL) &&
	               userns_has_gid(7) == (map != NULL)
	           ? 0
	           : 2;
}

static int nests(const char *map)
{
	int r = is_inside(map);

	return r ? r : is_inside(map);
}

static void the_inode_tells_which_one(void **state)
{
	uint32_t before = userns_fingerprint();
	int r = in_child(is_inside, NULL);

	if (r == 77)
		skip();
	assert_int_equal(r, 0);
	assert_int_equal(in_child(nests, NULL), 0);
	r = in_child(is_inside, "0 0 4294967295\n"); // as the first one has it; only root may
	assert_true(r == 0 || (r == 77 && geteuid() != 0));
	assert_int_equal(userns_fingerprint(), before);
}

static int remove_top(void **state)
{
	return fs_remove_tree(AT_FDCWD, top, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_setting_is_named),
		cmocka_unit_test(the_inode_tells_which_one),
	};

	if (!mkdtemp(top))
		return 1;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
