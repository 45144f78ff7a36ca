// SPDX-License-Identifier: LGPL-2.1-or-later
// Single mounts with the descriptor-based calls (fsopen(2), open_tree(2), mount_setattr(2), move_mount(2)): see
// mounts.h.
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "overlay.h"
#include "sys/closing.h"
#include "sys/fs.h"

enum { VALUE_MAX = 255 }; // fsconfig(2) accepts no longer values

int mounts_place(int tree, int target, struct err *e, const char *where)
{
	if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
		return 0;
	return err_set(e, errno, "cannot mount on '%s'", where);
}

int mounts_set(int tree, uint64_t set, uint64_t clear, uint64_t propagation, bool below)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear, .propagation = propagation};

	if (!set && !clear && !propagation)
		return 0;
	return mount_setattr(tree, "", AT_EMPTY_PATH | (below ? AT_RECURSIVE : 0), &attr, sizeof(attr)) < 0 ? -errno : 0;
}

// Appends the kernel's error message from the file-system context (fsopen(2)) as " (…)".
static void add_kernel_message(int context, struct err *e)
{
	char text[200];
	ssize_t n = read(context, text, sizeof(text) - 1);

	if (n <= 2)
		return;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	err_hint(e, "%s", text + 2); // skip "e "
}

static int add_option(int context, const char *option)
{
	const char *value = strchr(option, '=');

	if (!value)
		return fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0) < 0 ? -errno : 0;
	if (strlen(value + 1) > VALUE_MAX)
		return -E2BIG;
	auto_free char *name = mem_strndup(option, (size_t)(value - option));
	return fsconfig(context, FSCONFIG_SET_STRING, name, value + 1, 0) < 0 ? -errno : 0;
}

// How overlay interprets commas and backslashes depends on the mount interface and the kernel: see overlay.c.
bool mounts_fit(const struct plan_mount *m)
{
	bool overlay = str_equal(m->entry->type, "overlay");

	if (m->flags || (m->entry->source && strlen(m->entry->source) > VALUE_MAX))
		return false;
	for (size_t i = 0; i < m->data_count; i++)
		if (strlen(m->data[i]) > VALUE_MAX || (overlay && strpbrk(m->data[i], ",\\")))
			return false;
	return true;
}

static bool has_option(const struct plan_mount *m, const char *option)
{
	for (size_t i = 0; i < m->data_count; i++)
		if (str_equal(m->data[i], option))
			return true;
	return false;
}

// In a user namespace overlay must use user.* attributes, since trusted.* are not accessible (overlayfs.rst,
// "userxattr").
static bool wants_userxattr(const struct container *c, const struct plan_mount *m)
{
	bool upper = false;

	for (size_t i = 0; i < m->data_count; i++)
		upper |= str_starts(m->data[i], "upperdir=");
	return str_equal(m->entry->type, "overlay") && upper && c->in_user_namespace && !has_option(m, "userxattr");
}

// linux.mountLabel applies to file systems without labels of their own.
static bool wants_label(const struct container *c, const char *type)
{
	return c->config.mount_label && *c->config.mount_label &&
	       (str_equal(type, "tmpfs") || str_equal(type, "devpts") || str_equal(type, "overlay"));
}

int mounts_change(int target, const struct plan_mount *m, struct err *e)
{
	auto_closing int context = fspick(target, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	int r = context < 0 ? -errno : 0;

	for (size_t i = 0; r == 0 && i < m->data_count; i++)
		r = add_option(context, m->data[i]);
	if (r == 0 && fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		r = -errno;
	if (r < 0) {
		err_set(e, -r, "cannot change the file system on '%s'", m->entry->destination);
		add_kernel_message(context, e);
	}
	return r;
}

int mounts_new(const struct container *c, const struct plan_mount *m, const char *type, struct err *e)
{
	const char *source = m->entry->source && *m->entry->source ? m->entry->source : type;
	auto_closing int context = fsopen(type, FSOPEN_CLOEXEC);
	int r = 0;

	if (context < 0)
		return err_set(e, errno, "cannot open a file system of type '%s'", type);
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		r = -errno;
	for (size_t i = 0; r == 0 && i < m->data_count; i++)
		if ((r = add_option(context, m->data[i])) < 0)
			return err_set(e, -r, "invalid option '%s' of '%s'", m->data[i], type), add_kernel_message(context, e), r;
	if (r == 0 && wants_userxattr(c, m))
		r = add_option(context, "userxattr");
	if (r == 0 && wants_label(c, type) &&
	    fsconfig(context, FSCONFIG_SET_STRING, "context", c->config.mount_label, 0) < 0)
		r = -errno;
	if (r == 0 && fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		r = -errno;
	int fd = r == 0 ? fsmount(context, FSMOUNT_CLOEXEC, (unsigned)m->set) : -1;
	if (fd >= 0)
		return fd;
	r = r < 0 ? r : -errno;
	err_set(e, -r, "cannot mount '%s'", type);
	add_kernel_message(context, e);
	return r;
}

// Opens the new mount on TARGET. TARGET's /proc link leads to the directory below it, so it is opened by path, with a
// check that it is not in TARGET's own mount.
int mounts_top(int target)
{
	auto_free char *path = fs_path_of(target);
	struct statx below, above;

	if (!path)
		return -ENOENT;
	auto_closing int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	// fs_path_of() returned a path without links
	auto_closing int fd = top < 0 ? -errno : fs_resolve(top, path, FS_NO_LINKS, NULL);
	if (fd < 0)
		return fd;
	if (statx(target, "", AT_EMPTY_PATH, STATX_MNT_ID, &below) < 0 ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &above) < 0)
		return -errno;
	return below.stx_mnt_id == above.stx_mnt_id ? -ESTALE : steal_fd(&fd);
}

static int join_options(const struct plan_mount *m, struct str *data, struct err *e)
{
	for (size_t i = 0; i < m->data_count; i++) {
		if (strchr(m->data[i], ','))
			return err_msg(e, EINVAL, "option '%.80s' of '%s': contains a comma, which separates options", m->data[i],
			               m->entry->type);
		str_addf(data, "%s%s", i ? "," : "", m->data[i]);
	}
	return 0;
}

// A directory for links to the layers of an overlay, on a detached tmpfs that is freed with its descriptor.
static int open_links(const struct container *c, struct err *e)
{
	struct mount_entry entry = {.type = "tmpfs", .source = "layers", .destination = "/"};
	const char *data[] = {"mode=700"};
	struct plan_mount m = {.entry = &entry, .data = data, .data_count = ARRAY_SIZE(data)};

	return mounts_new(c, &m, "tmpfs", e);
}

// Formats all options of M for mount(2). Paths in them may be relative to the directory *LINKS.
static int format_options(const struct container *c, const struct plan_mount *m, int *links, struct str *data,
                          struct err *e)
{
	int r = 0;

	if (str_equal(m->entry->type, "overlay"))
		r = (*links = open_links(c, e)) < 0 ? *links : overlay_link(m, *links, data, e);
	else
		r = join_options(m, data, e);
	if (wants_userxattr(c, m))
		str_add(data, ",userxattr");
	if (wants_label(c, m->entry->type))
		str_addf(data, "%scontext=\"%s\"", data->length ? "," : "", c->config.mount_label);
	// the kernel silently truncates options to one page
	if (r >= 0 && data->length >= (size_t)sysconf(_SC_PAGESIZE))
		return err_msg(e, E2BIG, "cannot mount '%s': its options have %zu bytes, the kernel accepts fewer than %ld",
		               m->entry->type, data->length, sysconf(_SC_PAGESIZE));
	return r < 0 ? r : 0;
}

// mount(2) with the directory LINKS (-1: none) as the working directory.
static int mount_text(const struct plan_mount *m, int links, const char *data, const char *on)
{
	const char *source = m->entry->source && *m->entry->source ? m->entry->source : m->entry->type;
	auto_close int back = links < 0 ? -1 : open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (links >= 0 && fchdir(links) < 0)
		return -errno;
	int r = mount(source, on, m->entry->type, m->flags, data) < 0 ? -errno : 0;
	if (links >= 0 && (back < 0 ? chdir("/") : fchdir(back)) < 0 && r == 0)
		r = -errno;
	return r;
}

// For options that are too long for fsconfig (many lower directories): calls mount(2) on the /proc link of TARGET,
// then opens the new mount.
int mounts_long(const struct container *c, const struct plan_mount *m, int target, struct err *e)
{
	auto_str data = {0};
	auto_closing int links = -1;
	char name[40];
	int r = format_options(c, m, &links, &data, e);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", target);
	r = mount_text(m, links, str_text(&data), name);
	if (r < 0)
		return err_set(e, -r, "cannot mount '%s'", m->entry->type);
	int fd = mounts_top(target);
	if (fd < 0)
		return err_set(e, -fd, "cannot open the new mount");
	r = mounts_set(fd, m->set, 0, 0, false);
	return r < 0 ? close(fd), err_set(e, -r, "cannot set mount attributes") : fd;
}

// Converts ATTRIBUTES to flags of mount(2). Returns false if any has no flag. (MS_RDONLY would make the whole file
// system read-only, not only this mount.)
static bool flags_of(uint64_t attributes, unsigned long *flags)
{
	static const struct {
		uint64_t attribute;
		unsigned long flag;
	} rows[] = {
		{MOUNT_ATTR_NOSUID, MS_NOSUID},           {MOUNT_ATTR_NODEV, MS_NODEV},         {MOUNT_ATTR_NOEXEC, MS_NOEXEC},
		{MOUNT_ATTR_STRICTATIME, MS_STRICTATIME}, {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME},
	};

	*flags = 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (attributes & rows[i].attribute) {
			*flags |= rows[i].flag;
			attributes &= ~rows[i].attribute;
		}
	return attributes == 0;
}

bool mounts_at_once(const struct container *c, const struct plan_mount *m, int target)
{
	const char *type = m->entry->type;
	auto_str data = {0};
	unsigned long flags;
	char name[40];

	if (m->readonly_last || !flags_of(m->set, &flags) || m->set_below || m->clear_below || m->propagation ||
	    wants_label(c, type) || wants_userxattr(c, m) || str_equal(type, "overlay") ||
	    join_options(m, &data, NULL) < 0)
		return false;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", target);
	return mount(m->entry->source && *m->entry->source ? m->entry->source : type, name, type, flags,
	             str_text(&data)) == 0;
}

int mounts_bind(int at, const char *source, bool recursive, struct err *e)
{
	int fd = open_tree(at, source,
	                   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*source ? 0 : AT_EMPTY_PATH) |
	                       (recursive ? AT_RECURSIVE : 0));

	return fd >= 0 ? fd : err_set(e, errno, "cannot bind '%s'", source);
}

int mounts_finish(int tree, const struct plan_mount *m, struct err *e)
{
	int r = m->bind ? mounts_set(tree, m->set, m->clear, 0, false) : 0;

	if (r == 0)
		r = mounts_set(tree, m->set_below, m->clear_below, 0, true);
	if (r == 0)
		r = mounts_set(tree, 0, 0, m->propagation, m->propagation_below);
	return r < 0 ? err_set(e, -r, "cannot set attributes of the mount on '%s'", m->entry->destination) : 0;
}
