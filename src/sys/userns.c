// User namespaces: see sys/userns.h.
#include "sys/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"

enum { INITIAL_INODE = 0xEFFFFFFDu }; // PROC_USER_INIT_INO of the kernel, the same since 3.8

enum { UNKNOWN, NO, YES };
static _Atomic int initial = UNKNOWN, host_root = UNKNOWN;

void userns_forget(void)
{
	initial = host_root = UNKNOWN;
}

bool userns_is_initial(void)
{
	struct stat st;

	if (initial == UNKNOWN)
		initial = stat("/proc/self/ns/user", &st) < 0 || st.st_ino == INITIAL_INODE ? YES : NO;
	return initial == YES;
}

bool userns_is_host_root(void)
{
	if (host_root == UNKNOWN)
		host_root = geteuid() == 0 && userns_is_initial() ? YES : NO;
	return host_root == YES;
}

// How many ids from ID on exist without a gap, according to one line of the map; all of them without /proc, and in the
// initial namespace.
static uint32_t ids_from(const char *path, uint32_t id)
{
	char map[16384]; // 340 lines at most (user_namespaces(7))
	unsigned inside, outside, size;
	int n = 0;

	if (userns_is_initial() || proc_read_file(path, map, sizeof(map)) < 0)
		return UINT32_MAX;
	for (const char *at = map; sscanf(at, "%u %u %u%n", &inside, &outside, &size, &n) == 3; at += n)
		if (id >= inside && id - inside < size)
			return size - (id - inside);
	return 0;
}

bool userns_has_uid(uint32_t id)
{
	return ids_from("/proc/self/uid_map", id) > 0;
}

bool userns_has_gid(uint32_t id)
{
	return ids_from("/proc/self/gid_map", id) > 0;
}

uint32_t userns_last_gid(void)
{
	uint32_t count = ids_from("/proc/self/gid_map", 0);

	return count > INT32_MAX ? INT32_MAX : count ? count - 1 : 0;
}

bool userns_may_set_groups(void)
{
	char text[16];

	return userns_is_initial() || proc_read_file("/proc/self/setgroups", text, sizeof(text)) <= 0 ||
	       !str_starts(text, "deny");
}

int userns_pass_rights(struct err *e)
{
	static const int passed[] = {CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE, CAP_SETUID, CAP_SETGID};
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	int r = (int)syscall(SYS_capget, &header, data);

	data[0].inheritable = data[0].permitted;
	if (r == 0)
		r = (int)syscall(SYS_capset, &header, data);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(passed); i++)
		r = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, passed[i], 0, 0);
	return r < 0 ? err_set(e, errno, "cannot keep capabilities") : 0;
}

uint32_t userns_fingerprint(void)
{
	static const char *const files[] = {"/proc/self/uid_map", "/proc/self/gid_map"};
	auto_str maps = {0};
	char map[16384];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (proc_read_file(files[i], map, sizeof(map)) > 0)
			str_add(&maps, map);
	return str_hash(str_text(&maps));
}

// A row for each known cause: it explains ERRORS if the first word of the setting FILE is VALUE (NULL = any) and, once
// the namespace exists, the AppArmor label begins with LABEL (NULL = any).
static const struct refusal {
	int errors[2];
	const char *file, *value, *label;
	const char *remedy;
} refusals[] = {
	{{EPERM}, "kernel/unprivileged_userns_clone", "0", NULL,
	 "kernel.unprivileged_userns_clone is 0: an administrator can allow user namespaces with 'sysctl -w "
	 "kernel.unprivileged_userns_clone=1'"},
	{{EPERM, EACCES}, "kernel/apparmor_restrict_unprivileged_userns", "1", "unprivileged_userns",
	 "kernel.apparmor_restrict_unprivileged_userns is 1: an "
	 "administrator can install bunk's AppArmor profile (see bunk(1)), or set it to 0"},
	{{ENOSPC}, "user/max_user_namespaces", "0", NULL,
	 "user.max_user_namespaces is 0: an administrator can raise it with 'sysctl -w "
	 "user.max_user_namespaces=65536'"},
	{{ENOSPC}, "user/max_user_namespaces", NULL, NULL,
	 "one of the limits user.max_*_namespaces is reached: an administrator can raise it with sysctl"},
};

static bool refusal_matches(const struct refusal *row, int settings, const char *label, int error, bool made)
{
	char value[32];

	if ((row->errors[0] != error && row->errors[1] != error) ||
	    proc_read_file_at(settings, row->file, value, sizeof(value)) <= 0)
		return false;
	value[strcspn(value, " \t\n")] = '\0';
	return (!row->value || strcmp(value, row->value) == 0) && (!made || (row->label && str_starts(label, row->label)));
}

char *userns_refusal(int settings, const char *label, int error, bool made)
{
	for (size_t i = 0; error > 0 && i < ARRAY_SIZE(refusals); i++)
		if (refusal_matches(&refusals[i], settings, label, error, made))
			return mem_strdup(refusals[i].remedy);
	return NULL;
}

void userns_explain(struct err *e, bool made)
{
	auto_close int settings = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char label[256];

	if (proc_read_file("/proc/self/attr/current", label, sizeof(label)) <= 0)
		label[0] = '\0';
	auto_free char *remedy = settings < 0 ? NULL : userns_refusal(settings, label, e->code, made);
	if (remedy)
		err_hint(e, "%s", remedy);
	else if (e->code == EPERM && !made && !(userns_has_uid(geteuid()) && userns_has_gid(getegid())))
		err_hint(
		    e, "this process's user or group is not mapped in its user namespace: see /proc/self/uid_map and gid_map");
}

// Root of another user namespace, such as rootless engines make, acts for the user whose session the environment
// describes.
bool userns_is_system_root(void)
{
	return userns_is_host_root() || (geteuid() == 0 && !getenv("XDG_RUNTIME_DIR") && access("/run", W_OK) == 0);
}
