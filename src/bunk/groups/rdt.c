// SPDX-License-Identifier: LGPL-2.1-or-later
// linux.intelRdt: shares of caches and memory bandwidth, through groups of the resctrl file system (config-linux.md
// "IntelRdt"; resctrl.rst of the kernel).
#include "rdt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "sys/fs.h"

enum { RDTGROUP_SUPER_MAGIC_ = 0x7655821, SCHEMATA_MAX = 1 << 20 };

static bool has_text(const char *text)
{
	return text && *text;
}

static bool has_schema(const struct rdt_config *r)
{
	return has_text(r->l3_schema) || has_text(r->bandwidth_schema) || r->schemata.count;
}

static int check_config(const struct rdt_config *r, struct err *e)
{
	if (has_text(r->clos_id) && (strchr(r->clos_id, '/') || str_equal(r->clos_id, ".") || str_equal(r->clos_id, "..")))
		return err_msg(e, EINVAL, "linux.intelRdt.closID: invalid name '%s' (no '/', '.' or '..')", r->clos_id);
	if (has_text(r->bandwidth_schema) &&
	    (!str_starts(r->bandwidth_schema, "MB:") || strchr(r->bandwidth_schema, '\n')))
		return err_msg(e, EINVAL, "linux.intelRdt.memBwSchema: invalid value '%s' (one line that begins with MB:)",
		               r->bandwidth_schema);
	return 0;
}

// All lines in the order in which they are written: memBwSchema replaces MB: lines of l3CacheSchema; schemata is last.
static void wanted_lines(const struct rdt_config *r, struct strv *lines)
{
	auto_strv l3 = {0};

	strv_split(&l3, r->l3_schema ? r->l3_schema : "", "\n");
	for (size_t i = 0; i < l3.count; i++)
		if (!has_text(r->bandwidth_schema) || !str_starts(l3.items[i], "MB:"))
			strv_add(lines, l3.items[i]);
	if (has_text(r->bandwidth_schema))
		strv_add(lines, r->bandwidth_schema);
	for (size_t i = 0; i < r->schemata.count; i++)
		strv_split(lines, r->schemata.items[i], "\n");
}

// The value of DOMAIN in a list like "0=7ff;1=7ff"; -1 if it is missing. Bandwidth is decimal, masks are hexadecimal.
static long value_of(const char *list, const char *domain, size_t n, int base)
{
	auto_strv parts = {0};

	strv_split(&parts, list, "; \n");
	for (size_t i = 0; i < parts.count; i++)
		if (strncmp(parts.items[i], domain, n) == 0 && parts.items[i][n] == '=')
			return strtol(parts.items[i] + n + 1, NULL, base);
	return -1;
}

// Whether the kernel's schemata TEXT contain each value of LINE.
static bool is_shown(const char *text, const char *line)
{
	size_t name = strcspn(line, ":");
	auto_strv shown = {0}, parts = {0};
	const char *list = NULL;

	strv_split(&shown, text, "\n");
	for (size_t i = 0; i < shown.count && line[name]; i++) {
		const char *start = shown.items[i] + strspn(shown.items[i], " ");
		if (strncmp(start, line, name + 1) == 0)
			list = start + name + 1;
	}
	int base = strncmp(line, "MB", 2) == 0 ? 10 : 16;
	strv_split(&parts, list ? line + name + 1 : "", "; ");
	for (size_t i = 0; i < parts.count; i++) {
		size_t n = strcspn(parts.items[i], "=");
		if (!parts.items[i][n] ||
		    value_of(list, parts.items[i], n, base) != strtol(parts.items[i] + n + 1, NULL, base))
			return false;
	}
	return list;
}

static int compare_schemata(int group, const struct strv *lines, const char *name, struct err *e)
{
	auto_free char *text = NULL;

	if (fs_read_file(group, "schemata", SCHEMATA_MAX, &text, NULL) < 0)
		return err_msg(e, EIO, "linux.intelRdt: cannot read the schemata of '%s'", name);
	for (size_t i = 0; i < lines->count; i++)
		if (!is_shown(text, lines->items[i]))
			return err_msg(e, EINVAL, "linux.intelRdt: group '%s' already exists with other shares than '%s'", name,
			               lines->items[i]);
	return 0;
}

static int write_lines(int group, const struct strv *lines, struct err *e)
{
	for (size_t i = 0; i < lines->count; i++) {
		auto_free char *line = mem_printf("%s\n", lines->items[i]);
		int r = fs_write_text(group, "schemata", line);

		if (r < 0)
			return err_set(e, -r, "linux.intelRdt: cannot write '%s' to schemata", lines->items[i]);
	}
	return 0;
}

static int add_task(int group, const char *file, pid_t pid, struct err *e)
{
	auto_free char *text = mem_printf("%d", pid);
	int r = fs_write_text(group, file, text);

	return r < 0 ? err_set(e, -r, "linux.intelRdt: cannot add the process to '%s'", file) : 0;
}

static int make_monitor_group(int group, const char *id, pid_t pid, struct err *e)
{
	auto_free char *directory = mem_printf("mon_groups/%s", id);
	auto_free char *tasks = mem_printf("mon_groups/%s/tasks", id);
	int r = fs_make_directory(group, directory, 0755);

	if (r < 0 && r != -EEXIST)
		return err_set(e, -r, "linux.intelRdt.enableMonitoring: cannot create '%s'", directory);
	return add_task(group, tasks, pid, e);
}

static int open_group(int root, const char *name, struct err *e)
{
	int group = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return group < 0 ? err_set(e, errno, "linux.intelRdt.closID: cannot open group '%s'", name) : group;
}

int rdt_change(int root, const struct rdt_config *r, const char *id, struct err *e)
{
	auto_strv lines = {0};
	int result = check_config(r, e);

	if (result < 0)
		return result;
	wanted_lines(r, &lines);
	auto_close int group = open_group(root, has_text(r->clos_id) ? r->clos_id : id, e);
	return group < 0 ? group : write_lines(group, &lines, e);
}

int rdt_assign(int root, const struct rdt_config *r, const char *id, pid_t pid, char **made, struct err *e)
{
	bool own = !has_text(r->clos_id);
	const char *name = own ? id : r->clos_id;
	auto_strv lines = {0};
	int result = check_config(r, e);

	if (result < 0)
		return result;
	wanted_lines(r, &lines);
	bool is_new = (own || has_schema(r)) && fs_make_directory(root, name, 0755) == 0;
	auto_close int group = open_group(root, name, e);
	if (group < 0)
		return group;
	if (is_new && own)
		*made = mem_strdup(name);
	result = is_new || own ? write_lines(group, &lines, e) : compare_schemata(group, &lines, name, e);
	if (result == 0)
		result = add_task(group, "tasks", pid, e);
	if (result == 0 && r->enable_monitoring)
		result = make_monitor_group(group, id, pid, e);
	if (result == 0 && r->enable_monitoring && !*made)
		*made = mem_printf("%s/mon_groups/%s", name, id);
	return result;
}

static int rdt_open(struct err *e)
{
	auto_close int root = open("/sys/fs/resctrl", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0 || !fs_is_type(root, RDTGROUP_SUPER_MAGIC_))
		return err_msg(e, EOPNOTSUPP,
		               "config.json: linux.intelRdt: no resctrl file system mounted on /sys/fs/resctrl");
	return steal_fd(&root);
}

int rdt_join(struct container *c, struct err *e)
{
	pid_t pid = c->pid;
	auto_close int root = c->config.rdt.given ? rdt_open(e) : -1;

	if (!c->config.rdt.given)
		return 0;
	return root < 0 ? root : rdt_assign(root, &c->config.rdt, c->id, pid, &c->rdt_made, e);
}

int rdt_update(const struct container *c, const char *l3_schema, const char *bandwidth_schema, struct err *e)
{
	struct rdt_config r = {
	    .clos_id = c->config.rdt.clos_id, .l3_schema = l3_schema, .bandwidth_schema = bandwidth_schema};

	if (!c->config.rdt.given)
		return err_msg(
		    e, EINVAL,
		    "the container was created without linux.intelRdt: cannot change shares of caches and memory bandwidth");
	auto_close int root = rdt_open(e);
	return root < 0 ? root : rdt_change(root, &r, c->id, e);
}

void rdt_leave(struct container *c)
{
	auto_close int root = c->rdt_made ? rdt_open(NULL) : -1;

	if (root >= 0)
		unlinkat(root, c->rdt_made, AT_REMOVEDIR); // with its monitoring groups
}
