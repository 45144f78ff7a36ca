// Users of an image: see container/account.h. The image is hostile: links in it stay in it, and its files are limited in size.
#include "container/account.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"

enum { FILE_MAX = 1 << 20 };

void account_done(struct account *a)
{
	if (!a)
		return;
	free(a->home);
	*a = (struct account){0};
}

// The uppermost FILE of the stack, "" when there is none.
static char *read_file(const struct strv *roots, const char *file)
{
	for (size_t i = 0; i < roots->count; i++) {
		auto_close int root = open(roots->items[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		auto_close int found = root < 0 ? -1 : fs_resolve(root, file, 0, NULL);
		auto_free char *path = mem_printf("/proc/self/fd/%d", found);
		char *text = NULL;
		if (found >= 0 && fs_read_file(AT_FDCWD, path, FILE_MAX, &text, NULL) >= 0)
			return text;
	}
	return mem_strdup("");
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
static char *field(const char *line, int index)
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
		auto_free char *found = field(line, index);
		if (str_equal(found, value))
			return line;
	}
	return NULL;
}

static int take_user(struct account *a, const char *passwd, const char *user, char **name, struct err *e)
{
	bool number = parse_id(user, &a->uid) == 0;
	const char *line = find_line(passwd, number ? 2 : 0, user);

	if (!line && !number)
		return err_msg(e, ENOENT, "the image has no user '%s' (its etc/passwd)", user);
	auto_free char *uid = line ? field(line, 2) : NULL;
	auto_free char *gid = line ? field(line, 3) : NULL;
	if (line && (parse_id(uid, &a->uid) < 0 || parse_id(gid, &a->gid) < 0))
		return err_msg(e, EINVAL, "the image's etc/passwd is damaged at user '%s'", user);
	a->home = line ? field(line, 5) : NULL;
	*name = line ? field(line, 0) : NULL;
	return 0;
}

static int take_group(struct account *a, const char *groups, const char *group, struct err *e)
{
	if (parse_id(group, &a->gid) == 0)
		return 0;
	const char *line = find_line(groups, 0, group);
	auto_free char *gid = line ? field(line, 2) : NULL;
	return parse_id(gid, &a->gid) < 0 ? err_msg(e, ENOENT, "the image has no group '%s' (its etc/group)", group) : 0;
}

// All groups that list NAME as a member.
static void take_memberships(struct account *a, const char *groups, const char *name)
{
	for (const char *line = groups; name && *line; line += strcspn(line, "\n"), line += *line == '\n') {
		auto_free char *members = field(line, 3);
		auto_free char *gid = field(line, 2);
		auto_strv words = {0};
		strv_split(&words, members ? members : "", ",");
		for (size_t i = 0; i < words.count && a->group_count < ARRAY_SIZE(a->groups); i++)
			if (str_equal(words.items[i], name) && parse_id(gid, &a->groups[a->group_count]) == 0 && a->groups[a->group_count] != a->gid)
				a->group_count++;
	}
}

int account_find(struct account *a, const struct strv *roots, const char *who, struct err *e)
{
	auto_free char *passwd = read_file(roots, "etc/passwd");
	auto_free char *groups = read_file(roots, "etc/group");
	auto_free char *user = mem_strndup(who, strcspn(who, ":"));
	const char *group = strchr(who, ':');
	auto_free char *name = NULL;

	*a = (struct account){0};
	int r = take_user(a, passwd, *user ? user : "0", &name, e);
	if (r == 0 && group)
		r = take_group(a, groups, group + 1, e);
	a->groups[a->group_count++] = a->gid; // also as a supplementary one: a process that changes its group does not get rid of it
	if (r == 0 && !group)
		take_memberships(a, groups, name);
	if (r < 0)
		account_done(a);
	return r;
}
