// Subordinate ids: see subids.h. Reads /etc/passwd instead of asking the name service, because the monitor is linked
// statically.
#include "subids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"
#include "sys/mountinfo.h"
#include "sys/proc.h"

enum { FILE_MAX = 16 << 20 };
#define REMOVAL_TIMEOUT (600 * SECOND)

static int parse_range(const struct strv *parts, uint32_t *first, uint32_t *count)
{
	uint64_t from, many;

	if (parts->count != 3 || str_to_u64(parts->items[1], &from) < 0 || str_to_u64(parts->items[2], &many) < 0)
		return -EINVAL;
	if (from == 0 || many == 0 || from + many > UINT32_MAX)
		return -ERANGE;
	*first = (uint32_t)from;
	*count = (uint32_t)many;
	return 0;
}

// Finds the user's first range among lines such as "name:100000:65536".
static bool find_range(const char *text, const char *number, const char *name, uint32_t *first, uint32_t *count)
{
	auto_strv lines = {0};

	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.count; i++) {
		auto_strv parts = {0};
		strv_split(&parts, lines.items[i], ":");
		bool own = parts.count > 0 && (str_equal(parts.items[0], number) || (name && str_equal(parts.items[0], name)));
		if (own && parse_range(&parts, first, count) == 0)
			return true;
	}
	return false;
}

bool subids_parse(struct subids *s, const char *subuid, const char *subgid, unsigned uid, const char *name)
{
	auto_free char *number = mem_printf("%u", uid);

	*s = (struct subids){0};
	return find_range(subuid, number, name, &s->uid_first, &s->uid_count) &&
	       find_range(subgid, number, name, &s->gid_first, &s->gid_count);
}

static char *read_text(const char *path)
{
	char *text = NULL;

	return fs_read_file(AT_FDCWD, path, FILE_MAX, &text, NULL) < 0 ? mem_strdup("") : text;
}

// The name of UID in /etc/passwd, or NULL. Owned.
static char *find_user_name(unsigned uid)
{
	auto_free char *passwd = read_text("/etc/passwd");
	auto_free char *number = mem_printf("%u", uid);
	auto_strv lines = {0};

	strv_split(&lines, passwd, "\n");
	for (size_t i = 0; i < lines.count; i++) {
		const char *second = strchr(lines.items[i], ':'), *third = second ? strchr(second + 1, ':') : NULL;
		size_t n = strlen(number);
		if (third && strncmp(third + 1, number, n) == 0 && third[1 + n] == ':')
			return mem_strndup(lines.items[i], (size_t)(second - lines.items[i]));
	}
	return NULL;
}

static bool have_helpers(void)
{
	auto_free char *uids = proc_find_program("newuidmap");
	auto_free char *gids = proc_find_program("newgidmap");

	return uids && gids;
}

bool subids_find(struct subids *s)
{
	if (geteuid() == 0)
		return false;
	auto_free char *subuid = read_text("/etc/subuid");
	auto_free char *subgid = read_text("/etc/subgid");
	auto_free char *name = find_user_name(geteuid());
	return subids_parse(s, subuid, subgid, geteuid(), name) && have_helpers();
}

uint32_t subids_fingerprint(const struct subids *s)
{
	auto_free char *text = mem_printf("%u %u %u %u %u %u", geteuid(), getegid(), s->uid_first, s->uid_count,
	                                  s->gid_first, s->gid_count);

	return str_hash(text);
}

// rm(1) would also empty mounts below PATH; --one-file-system stops only at other file systems.
static int check_mounts(const char *path, struct err *e)
{
	auto_mounts rows = {0};
	int r = mountinfo_read(&rows, AT_FDCWD, "/proc/self/mountinfo", e);

	for (size_t i = 0; r == 0 && i < rows.count; i++)
		if (str_is_within(rows.items[i].point, path))
			r = err_msg(e, EBUSY, "cannot remove '%s': '%s' is a mount point (unmount it first)", path,
			            rows.items[i].point);
	return r;
}

int subids_remove_tree(const char *path, struct err *e)
{
	// util-linux 2.38 or newer maps the ranges of /etc/subuid
	const char *const argv[] = {"unshare", "--user", "--map-root-user",   "--map-auto", "--",
	                            "rm",      "-rf",    "--one-file-system", "--",         path,
	                            NULL};
	int r = check_mounts(path, e);

	if (r == 0)
		r = proc_run(argv, NULL, NULL, REMOVAL_TIMEOUT, e);
	return r > 0 ? -EACCES : r;
}
