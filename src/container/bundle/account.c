// Users of an image: see account.h. The image is untrusted: symbolic links cannot leave it, and the size of its files
// is limited.
#include "account.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/store/stack.h"
#include "container/store/subids.h"
#include "sys/fs.h"
#include "sys/userns.h"

enum { FILE_MAX = 16 << 20, GROUPS_MAX = 65536 }; // bytes; the kernel's NGROUPS_MAX

void account_done(struct account *a)
{
	if (!a)
		return;
	free(a->home);
	free(a->groups);
	*a = (struct account){0};
}

// Reads FILE as the container would see it, "" if it does not exist. Only regular files are opened.
static int read_account_file(const struct strv *roots, const char *file, char **text, struct err *e)
{
	auto_close int found = stack_resolve(roots, file, 0, NULL);

	if (found == -ENOENT || found == -ENOTDIR) {
		*text = mem_strdup("");
		return 0;
	}
	auto_close int fd = found < 0 ? err_set(e, -found, "cannot open '%s'", file) : fs_reopen_regular(found, file, e);
	ssize_t n = fd < 0 ? fd : fs_read_open(fd, file, FILE_MAX, text, e);
	return n < 0 ? err_wrap(e, "cannot look up the image's users") : 0;
}

static int parse_id(const char *text, uint32_t *id)
{
	uint64_t value;

	if (!text || str_to_u64(text, &value) < 0 || value >= UINT32_MAX)
		return -EINVAL;
	*id = (uint32_t)value;
	return 0;
}

// The field INDEX of a colon-separated LINE, owned.
static char *field_of(const char *line, int index)
{
	for (; index > 0 && line; index--) {
		line = strpbrk(line, ":\n");
		line = line && *line == ':' ? line + 1 : NULL;
	}
	return line ? mem_strndup(line, strcspn(line, ":\n")) : NULL;
}

// The line of TEXT whose field INDEX is VALUE, or NULL.
static const char *find_line(const char *text, int index, const char *value)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		auto_free char *found = field_of(line, index);
		if (str_equal(found, value))
			return line;
	}
	return NULL;
}

static int parse_user(struct account *a, const char *passwd, const char *user, char **name, struct err *e)
{
	bool number = parse_id(user, &a->uid) == 0;
	// names may consist of digits
	const char *named = find_line(passwd, 0, user), *line = named || !number ? named : find_line(passwd, 2, user);

	if (!line && !number)
		return err_msg(e, ENOENT, "no user '%s' in the image's etc/passwd", user);
	auto_free char *uid = line ? field_of(line, 2) : NULL;
	auto_free char *gid = line ? field_of(line, 3) : NULL;
	if (line && (parse_id(uid, &a->uid) < 0 || parse_id(gid, &a->gid) < 0))
		return err_msg(e, EINVAL, "invalid entry of user '%s' in the image's etc/passwd", user);
	a->home = line ? field_of(line, 5) : NULL;
	*name = line ? field_of(line, 0) : NULL;
	return 0;
}

static int parse_group(struct account *a, const char *groups, const char *group, struct err *e)
{
	const char *line = find_line(groups, 0, group);
	auto_free char *gid = line ? field_of(line, 2) : NULL;
	return parse_id(gid ? gid : group, &a->gid) < 0
	           ? err_msg(e, ENOENT, "no group '%s' in the image's etc/group", group)
	           : 0;
}

static int add_group(struct account *a, gid_t gid, struct err *e)
{
	if (a->group_count == GROUPS_MAX)
		return err_msg(e, E2BIG, "the user is in more than %d groups in the image's etc/group, the kernel's limit",
		               GROUPS_MAX);
	if ((a->group_count & (a->group_count - 1)) == 0) // grows at 0, 1, 2, 4, …
		a->groups = mem_resize(a->groups, a->group_count ? 2 * a->group_count : 1, sizeof(*a->groups));
	a->groups[a->group_count++] = gid;
	return 0;
}

static bool is_member(const char *line, const char *name)
{
	auto_free char *members = field_of(line, 3);
	auto_strv words = {0};

	strv_split(&words, members ? members : "", ",");
	return strv_has(&words, name);
}

// Adds all groups that list NAME as a member.
static int add_memberships(struct account *a, const char *groups, const char *name, struct err *e)
{
	int r = 0;

	for (const char *line = groups; r == 0 && name && *line; line += strcspn(line, "\n"), line += *line == '\n') {
		auto_free char *text = field_of(line, 2);
		uint32_t gid;
		if (is_member(line, name) && parse_id(text, &gid) == 0 && gid != a->gid)
			r = add_group(a, gid, e);
	}
	return r;
}

static int find_account(struct account *a, const struct strv *roots, const char *passwd, const char *who,
                        struct err *e)
{
	auto_free char *groups = NULL;
	auto_free char *user = mem_strndup(who, strcspn(who, ":"));
	const char *colon = strchr(who, ':'), *group = colon && colon[1] ? colon : NULL; // "1000:" is "1000"
	auto_free char *name = NULL;
	int r = parse_user(a, passwd, *user ? user : "0", &name, e);

	if (r == 0 && (group || name))
		r = read_account_file(roots, "etc/group", &groups, e);
	if (r == 0 && group)
		r = parse_group(a, groups, group + 1, e);
	if (r == 0)
		// also as a supplementary group, so that a process cannot drop it by changing its group
		r = add_group(a, a->gid, e);
	return r < 0 || group ? r : add_memberships(a, groups, name, e);
}

int account_find(struct account *a, const struct strv *roots, const char *who, struct err *e)
{
	auto_free char *passwd = NULL;

	*a = (struct account){0};
	int r = read_account_file(roots, "etc/passwd", &passwd, e);
	if (r == 0)
		r = find_account(a, roots, passwd, who, e);
	if (r < 0)
		account_done(a);
	return r;
}

int account_add_group(struct account *a, const struct strv *roots, const char *group, struct err *e)
{
	auto_free char *groups = NULL;
	struct account found = {0};
	int r = read_account_file(roots, "etc/group", &groups, e);

	r = r < 0 ? r : parse_group(&found, groups, group, e);
	return r < 0 ? r : add_group(a, found.gid, e);
}

// An unprivileged user's container has root and the user's subordinate ids.
static int keep_subordinate(struct account *a, const char *who, struct err *e)
{
	struct subids s;

	if (subids_find(&s)) {
		if (a->uid <= s.uid_count && a->gid <= s.gid_count)
			return 0;
		return err_msg(
		    e, EPERM,
		    "user '%s': %u:%u cannot be mapped, as you have %u subordinate ids (see /etc/subuid and /etc/subgid)", who,
		    a->uid, a->gid, s.uid_count);
	}
	if (a->uid || a->gid)
		return err_msg(
		    e, EPERM,
		    "user '%s': without subordinate ids only root exists inside, mapped to you (leave 'user' empty, or ask "
		    "an administrator "
		    "for subordinate ids: usermod --add-subuids, package uidmap)",
		    who);
	a->group_count = 0; // no other id is mapped
	return 0;
}

int account_keep_mapped(struct account *a, const char *who, struct err *e)
{
	size_t kept = 0;

	if (geteuid() != 0)
		return keep_subordinate(a, who, e);
	if (!userns_has_uid(a->uid) || !userns_has_gid(a->gid))
		return err_msg(e, EPERM,
		               "user '%s': %u:%u is not mapped in this user namespace (see /proc/self/uid_map and gid_map)",
		               who, a->uid, a->gid);
	for (size_t i = 0; userns_may_set_groups() && i < a->group_count; i++)
		if (userns_has_gid(a->groups[i]))
			a->groups[kept++] = a->groups[i];
	a->group_count = kept;
	return 0;
}
