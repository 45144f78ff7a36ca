// SPDX-License-Identifier: LGPL-2.1-or-later
// Plans, creates and joins a container's control groups (cgroup-v1 and cgroup-v2 of the kernel's admin guide).
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "groups.h"
#include "limits.h"
#include "scope.h"
#include "sys/fs.h"
#include "sys/proc.h"

// Controllers that hostel and engines read, or that are needed to freeze and kill; the others are joined only for a
// limit, as each costs up to 0.3 ms.
static const enum cgroup_controller always[] = {CGROUP_CPU,  CGROUP_CPUACCT, CGROUP_MEMORY,
                                                CGROUP_PIDS, CGROUP_BLKIO,   CGROUP_FREEZER};

static bool has_directory(const struct groups *g, const char *directory)
{
	return strv_has(&g->joined, directory);
}

// Other runtimes move containers in these, too, so that they leave the groups of the calling unit. Not required.
static const enum cgroup_controller also[] = {CGROUP_CPUSET, CGROUP_SYSTEMD};

static bool is_optional(const struct groups *g, const char *directory)
{
	bool found = !g->v2 && g->layout.unified && str_starts(directory, g->layout.unified);

	for (size_t i = 0; !g->v2 && i < ARRAY_SIZE(also); i++)
		found |= g->layout.v1[also[i]] && str_starts(directory, g->layout.v1[also[i]]) &&
		         directory[strlen(g->layout.v1[also[i]])] == '/';
	return found;
}

static void plan_unified(struct groups *g, const char *group)
{
	if (g->layout.unified && !g->scope)
		strv_addf(&g->joined, "%s%s%s", g->layout.unified, group[0] == '/' ? "" : "/", group);
}

static void plan_v1(struct groups *g, const char *group, unsigned wanted)
{
	for (size_t i = 0; i < ARRAY_SIZE(also); i++)
		wanted |= g->scope && also[i] == CGROUP_SYSTEMD ? 0 : 1u << also[i]; // systemd places its scopes itself
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		wanted |= 1u << always[i];
	for (int k = 0; k < CGROUP_CONTROLLERS; k++) {
		if (!(wanted & 1u << k) || !g->layout.v1[k])
			continue;
		auto_free char *directory = cgroup_directory(&g->layout, (enum cgroup_controller)k, group);
		if (!directory)
			continue;
		if (k == CGROUP_FREEZER)
			g->freezer = mem_strdup(directory);
		if (!has_directory(g, directory)) // cpu and cpuacct may be one hierarchy
			strv_add(&g->joined, directory);
	}
	plan_unified(g, group);
}

static int check_group(const char *group, struct err *e)
{
	auto_strv parts = {0};

	strv_split(&parts, group, "/");
	bool bad = parts.count == 0 || strchr(group, '\n') || strlen(group) > 3000;
	for (size_t i = 0; i < parts.count; i++)
		bad |= str_equal(parts.items[i], ".") || str_equal(parts.items[i], "..");
	return bad ? err_msg(e, EINVAL,
	                     "config.json: linux.cgroupsPath: '%s' does not name a control group below the root", group)
	           : 0;
}

static bool may_use(const struct groups *g, const char *group)
{
	auto_free char *directory = cgroup_directory(&g->layout, CGROUP_MEMORY, group);
	auto_free char *file = directory ? mem_printf("%s/cgroup.procs", directory) : NULL;

	return file && faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 &&
	       faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) == 0;
}

// The subtree delegated to a caller who cannot write to the root (cgroup-v2.rst "Delegation"): the highest writable
// group above this process, also if an engine has mapped an ordinary user to root. "": the root, for root.
static char *own_subtree(const struct groups *g)
{
	auto_free char *group = g->v2 && !may_use(g, "/") ? cgroup_of_process(&g->layout, getpid(), CGROUP_MEMORY) : NULL;
	char *found = mem_strdup("");

	while (group && *group && may_use(g, group)) {
		char *slash = strrchr(group, '/');

		free(found);
		found = mem_strdup(group);
		if (!slash)
			break;
		*slash = '\0';
	}
	return found;
}

// A relative path starts at the delegated subtree.
static char *group_of(const struct container *c)
{
	const char *path = c->config.cgroups_path;

	if (c->groups.scope)
		return scope_group(&c->groups);
	if (path && path[0] == '/')
		return mem_strdup(path);
	auto_free char *own = own_subtree(&c->groups);
	return path && *path ? mem_printf("%s/%s", own, path) : mem_printf("%s/bunk-%s", own, c->id);
}

int groups_plan(struct container *c, struct err *e)
{
	struct groups *g = &c->groups;

	if (c->b->cgroups == BUNK_CGROUPS_DISABLED)
		return 0;
	int r = cgroup_layout_read(&g->layout, e);
	if (r < 0)
		return r;
	g->v2 = g->layout.mode == CGROUP_V2;
	if (c->b->cgroups == BUNK_CGROUPS_SYSTEMD && (r = scope_name(g, c->config.cgroups_path, c->id, e)) < 0)
		return r;
	auto_free char *group = group_of(c);
	r = check_group(group, e);
	if (r < 0 || (g->scope && g->v2)) // systemd decides the exact path: see groups_ask()
		return r;
	if (!g->v2) {
		plan_v1(g, group, limits_controllers(&c->config.resources));
		return 0;
	}
	auto_free char *directory = cgroup_directory(&g->layout, CGROUP_MEMORY, group);
	if (directory) {
		strv_add(&g->joined, directory);
		g->freezer = mem_strdup(directory);
	}
	return 0;
}

enum { LIST_MAX = 1 << 20 }; // bytes of a list of CPUs or nodes

// A new v1 cpuset is empty and cannot be joined until the values of its parent are copied. The parent may be empty,
// too, if another process has just created it.
static void inherit_cpuset_at(int here)
{
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
	auto_close int above = openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; above >= 0 && i < ARRAY_SIZE(files); i++) {
		auto_free char *text = NULL, *again = NULL;

		if (fs_read_file(above, files[i], LIST_MAX, &text, NULL) < 0)
			return;
		bool is_new = text[strspn(text, "\n")] == '\0' && faccessat(above, "../cpuset.cpus", F_OK, 0) == 0;
		if (is_new)
			inherit_cpuset_at(above);
		if (!is_new || fs_read_file(above, files[i], LIST_MAX, &again, NULL) > 0)
			fs_write_text(here, files[i], is_new ? again : text);
	}
}

static void inherit_cpuset(const char *directory)
{
	auto_close int here = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (here >= 0)
		inherit_cpuset_at(here);
}

// Whether the space-separated WORDS contain NAME.
static bool has_word(const char *words, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = words; n && (at = strstr(at, name)); at += n)
		if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\n' || !at[n]))
			return true;
	return false;
}

static void enable_controller(int fd, const char *offered, const char *enabled, const char *wanted)
{
	if (has_word(offered, wanted + 1) && !has_word(enabled, wanted + 1))
		// one write each: a refused one would fail the others, too
		fs_write_text(fd, "cgroup.subtree_control", wanted);
}

// Skips unavailable controllers: a limit that needs one fails later with its own error.
static void enable_controllers(const char *directory, const char *const *wanted, size_t count)
{
	auto_close int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char offered[512], enabled[512];

	if (fd < 0 || proc_read_file_at(fd, "cgroup.controllers", offered, sizeof(offered)) <= 0 ||
	    proc_read_file_at(fd, "cgroup.subtree_control", enabled, sizeof(enabled)) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		enable_controller(fd, offered, enabled, wanted[i]);
}

// The last ones are enabled only on request: by a limit, or by a file in `unified`.
static void wanted_controllers(const struct resources *r, struct strv *wanted)
{
	static const char *const always_wanted[] = {"+cpu", "+memory", "+pids", "+io", "+cpuset"};
	unsigned mask = limits_controllers(r);

	for (size_t i = 0; i < ARRAY_SIZE(always_wanted); i++)
		strv_add(wanted, always_wanted[i]);
	if (mask & 1u << CGROUP_HUGETLB)
		strv_add(wanted, "+hugetlb");
	if (mask & 1u << CGROUP_RDMA)
		strv_add(wanted, "+rdma");
	for (size_t i = 0; i < r->unified.count; i++)
		strv_addf(wanted, "+%.*s", (int)strcspn(r->unified.items[i].name, "."), r->unified.items[i].name);
}

// Groups above the container's own are marked if bunk makes them, so that they are removed with the last container.
static int make_level(const char *directory, bool v2, bool leaf)
{
	if (mkdir(directory, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (!leaf)
		setxattr(directory, GROUPS_MARK, "1", 1, 0);
	if (!v2 && strstr(directory, "/cpuset"))
		inherit_cpuset(directory);
	return 1;
}

// Creates the missing parents of PATH.
static int make_above(char *path, bool v2)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return -ENOENT;
	*slash = '\0';
	int r = make_level(path, v2, false);
	if (r == -ENOENT && (r = make_above(path, v2)) >= 0)
		r = make_level(path, v2, false);
	*slash = '/';
	return r;
}

struct owner {
	char text[48];
};

// The mark on a container's groups: pid and start time of its creator, which identify the process.
static struct owner creator_of(const struct container *c)
{
	struct owner o;

	snprintf(o.text, sizeof(o.text), "%d.%" PRIu64, c->state.pid, c->state.pid_started);
	return o;
}

static bool is_made_by(const char *directory, const struct owner *o)
{
	struct owner mark = {0};

	return groups_has_mark(directory, mark.text, sizeof(mark.text) - 1) && str_equal(mark.text, o->text);
}

void groups_disown(struct container *c)
{
	const struct owner o = creator_of(c);
	struct groups *g = &c->groups;
	struct strv ours = {0};

	for (size_t i = 0; i < g->joined.count; i++)
		if (is_made_by(g->joined.items[i], &o))
			strv_add(&ours, g->joined.items[i]);
	strv_done(&g->joined);
	g->joined = ours;
	if (g->freezer && !has_directory(g, g->freezer)) {
		free(g->freezer);
		g->freezer = NULL;
	}
}

// Creates DIRECTORY and its missing parents, or uses a free one (groups_check_free()). Retries if a parent is removed
// meanwhile, with another container. Returns 1 if it is new, 0 if it existed, or negative errno.
static int make_group(struct groups *g, const char *directory)
{
	for (int attempt = 0; attempt < 5; attempt++) {
		auto_free char *path = mem_strdup(directory);
		int r = make_level(path, g->v2, true);

		if (r == 0 && (r = groups_check_free(path)) < 0)
			return r;
		g->fresh &= r != 0;
		if (r != -ENOENT)
			return r;
		r = make_above(path, g->v2);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return -ENOENT;
}

// Enables controllers in existing parents, too; failures in another owner's tree are harmless.
static void enable_above(const struct groups *g, const char *directory, const char *const *wanted, size_t count)
{
	auto_free char *path = mem_strdup(directory);
	size_t top = g->layout.unified ? strlen(g->layout.unified) : 0;

	for (char *p = path + top; p && *p; p = strchr(p + 1, '/')) {
		char was = *p;

		*p = '\0';
		enable_controllers(path, wanted, count);
		*p = was;
	}
}

// Hybrid host: enables the controllers on its v2 tree that a limit needs.
static void prepare_beside(const struct groups *g, const struct resources *r)
{
	static const enum cgroup_controller some[] = {CGROUP_HUGETLB, CGROUP_RDMA};
	unsigned asked = limits_controllers(r);

	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		const char *directory = asked & 1u << some[i] ? groups_beside(g, some[i]) : NULL;
		auto_free char *wanted = mem_printf("+%s", cgroup_controller_name(some[i]));

		if (directory)
			enable_above(g, directory, (const char *const[]){wanted}, 1);
	}
}

static void prepare_parents(const struct groups *g, const struct resources *r)
{
	auto_strv wanted = {0};

	if (!g->v2) {
		prepare_beside(g, r);
		return;
	}
	wanted_controllers(r, &wanted);
	for (size_t i = 0; i < g->joined.count; i++)
		enable_above(g, g->joined.items[i], (const char *const *)wanted.items, wanted.count);
}

static int continue_without(struct container *c, int code, const char *directory, struct err *e)
{
	bool may_do_without = code == EACCES || code == EPERM || code == EROFS;

	if (code == EBUSY)
		return err_msg(e, EBUSY, "control group '%s' already has processes (choose another linux.cgroupsPath)",
		               directory);
	if (code == ENOTEMPTY)
		return err_msg(
		    e, ENOTEMPTY,
		    "control group '%s' contains groups that bunk did not create (choose another linux.cgroupsPath)",
		    directory);
	err_set(e, code, "cannot create control group '%s'", directory);
	groups_disown(c);
	groups_remove(&c->groups, NULL);
	groups_stay_outside(&c->groups);
	groups_forget(&c->groups);
	if (may_do_without && !limits_asked(&c->config.resources))
		return 0;
	return may_do_without
	           ? err_hint(
	                 e,
	                 "limits need a control group that is writable for this user: on a v2 host with systemd, one "
	                 "below the user's session; otherwise run as root or without limits")
	           : -code;
}

static void remove_item(struct strv *list, size_t i)
{
	free(list->items[i]);
	// including the terminating NULL
	memmove(&list->items[i], &list->items[i + 1], (list->count - i) * sizeof(*list->items));
	list->count--;
}

static bool is_of_v2(const struct groups *g, const char *directory)
{
	return g->v2 || (g->layout.unified && str_starts(directory, g->layout.unified) &&
	                 directory[strlen(g->layout.unified)] == '/');
}

static int open_in(const char *directory, const char *name)
{
	auto_free char *path = mem_printf("%s/%s", directory, name);

	return open(path, O_WRONLY | O_CLOEXEC);
}

// Opens the files needed to join DIRECTORY. Returns the descriptor to set its mark on, owned by G, or negative errno.
static int open_to_join(struct groups *g, const char *directory)
{
	bool v2 = is_of_v2(g, directory);
	int fd = v2 ? -1 : open_in(directory, "tasks");

	if (!v2 && fd < 0 && errno == ENOENT)
		v2 = true; // exec does not read the layout
	if (v2)
		fd = open_in(directory, "cgroup.procs");
	if (fd < 0)
		return -errno;
	g->procs[g->procs_count++] = fd;
	if (!v2)
		return fd;
	g->into = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g->into_procs = g->procs_count - 1;
	return g->into < 0 ? -errno : g->into;
}

static int make_and_open(struct groups *g, const char *directory, const struct owner *o)
{
	int r = make_group(g, directory), fd = r < 0 ? r : open_to_join(g, directory);

	if (fd < 0 && r > 0)
		rmdir(directory); // not marked yet: no later cleanup would remove it
	if (fd < 0)
		groups_remove_parents(g, directory);
	else
		fsetxattr(fd, GROUPS_MARK, o->text, strlen(o->text), 0); // see groups_disown()
	return fd < 0 ? fd : 0;
}

// Creating the I-th failed with CODE: drops it and all later ones, which were not created.
static int stop_making(struct container *c, size_t i, int code, struct err *e)
{
	struct strv *joined = &c->groups.joined;
	auto_free char *directory = mem_strdup(joined->items[i]);

	while (joined->count > i)
		remove_item(joined, joined->count - 1);
	return continue_without(c, code, directory, e);
}

static int make_groups(struct container *c, const struct owner *o, struct err *e)
{
	struct groups *g = &c->groups;

	g->fresh = true;
	for (size_t i = 0; i < g->joined.count;) {
		int r = make_and_open(g, g->joined.items[i], o);

		if ((r == -EACCES || r == -EPERM || r == -EROFS) && is_optional(g, g->joined.items[i]) &&
		    !(limits_controllers(&c->config.resources) & 1u << CGROUP_CPUSET))
			remove_item(&g->joined, i);
		else if (r < 0)
			return stop_making(c, i, -r, e);
		else
			i++;
	}
	return 0;
}

static bool is_right_below(const char *directory, const char *point, const char *root)
{
	size_t n = point ? strlen(point) : 0;

	return directory && point && root && str_equal(root, "/") && strncmp(directory, point, n) == 0 &&
	       directory[n] == '/' && !strchr(directory + n + 1, '/');
}

// A new group can only be frozen by those above it, and the root of a hierarchy is never frozen.
static bool cannot_be_frozen(const struct groups *g)
{
	const struct cgroup_layout *l = &g->layout;
	const char *last = g->joined.count ? g->joined.items[g->joined.count - 1] : NULL;

	return g->fresh && !g->v2 && is_right_below(g->freezer, l->v1[CGROUP_FREEZER], l->v1_root[CGROUP_FREEZER]) &&
	       (!l->unified || is_right_below(last, l->unified, l->unified_root));
}

int groups_make(struct container *c, struct err *e)
{
	struct groups *g = &c->groups;
	const struct owner o = creator_of(c);

	if (!g->joined.count && !(g->scope && g->v2) && limits_asked(&c->config.resources))
		return err_msg(e, EOPNOTSUPP, "cannot set the limits of linux.resources: %s",
		               c->b->cgroups == BUNK_CGROUPS_DISABLED ? "control groups are disabled"
		                                                      : "no control groups are mounted");
	mode_t mask = umask(0); // the caller's umask must not hide them from the container's users
	int r = make_groups(c, &o, e);
	umask(mask);
	if (r < 0)
		return r;
	prepare_parents(g, &c->config.resources);
	r = cannot_be_frozen(g) ? 0 : groups_check_thawed(g, e); // the child would freeze during its creation
	g->fresh = false;
	return r;
}

int groups_ask(struct container *c, struct err *e)
{
	pid_t pid = c->pid;
	struct groups *g = &c->groups;
	int r = g->scope ? scope_start(c, pid, e) : 0;

	if (r < 0) { // a scope of that name may belong to another container and must not be stopped
		free(g->scope);
		g->scope = NULL;
	}
	if (r < 0 || !g->scope || !g->v2)
		return r;
	auto_free char *group = cgroup_of_process(&g->layout, pid, CGROUP_MEMORY);
	auto_free char *directory = group ? cgroup_directory(&g->layout, CGROUP_MEMORY, group) : NULL;
	if (!directory || !str_ends(directory, g->scope))
		return err_msg(e, EREMOTEIO, "systemd moved the process to '%s' instead of '%s'", group ? group : "?",
		               g->scope);
	strv_add(&g->joined, directory);
	g->freezer = mem_strdup(directory);
	prepare_parents(g, &c->config.resources);
	r = groups_check_thawed(g, e);
	if (r == 0)
		r = limits_apply(c, &c->config.resources, e);
	if (r == 0)
		groups_give(c);
	return r;
}

// config-linux.md "Cgroup ownership": if the cgroup mount is writable, the container's user may create groups.
static bool wants_ownership(const struct container *c)
{
	if (!c->groups.v2 || !plan_is_new(&c->plan, CLONE_NEWCGROUP) || geteuid() != 0)
		return false;
	for (size_t i = 0; i < c->plan.mount_count; i++) {
		const struct plan_mount *m = &c->plan.mounts[i];

		if (m->cgroup && str_equal(m->entry->destination, "/sys/fs/cgroup"))
			return !(m->set & MOUNT_ATTR_RDONLY);
	}
	return false;
}

void groups_give(const struct container *c)
{
	static const char fallback[] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
	uid_t inside = c->config.process.uid,
	      uid = plan_has_own(&c->plan, CLONE_NEWUSER) ? id_maps_outside(&c->config.uids, inside) : inside;
	auto_strv names = {0};
	char text[4096];

	if (!c->groups.joined.count || !wants_ownership(c) || uid == 0)
		return;
	bool listed = proc_read_file("/sys/kernel/cgroup/delegate", text, sizeof(text)) > 0;
	strv_split(&names, listed ? text : fallback, "\n");
	auto_close int fd = open(c->groups.joined.items[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fchown(fd, uid, (gid_t)-1) == 0)
		for (size_t i = 0; i < names.count; i++)
			if (!strchr(names.items[i], '/')) // some files may be missing
				(void)!fchownat(fd, names.items[i], uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW);
}

int groups_open(struct groups *g, const char *below, struct err *e)
{
	for (size_t i = 0; i < g->joined.count; i++) {
		auto_free char *directory = mem_printf("%s%s%s", g->joined.items[i], below ? "/" : "", below ? below : "");
		int fd = open_to_join(g, directory);

		if (fd < 0)
			return err_set(e, -fd, "cannot join control group '%s'", directory);
	}
	return 0;
}

// Writes "0" to "tasks": moving a single thread avoids the lock against all forks that "cgroup.procs" takes, which
// waits for an RCU grace period, some milliseconds per container.
int groups_join(const struct groups *g, struct err *e)
{
	for (size_t i = 0; i < g->procs_count; i++)
		if (!(g->into >= 0 && i == g->into_procs) && write(g->procs[i], "0", 1) != 1)
			return err_set(e, errno, "cannot join control group '%s'", g->joined.items[i]);
	return 0;
}

// The length of the common leading components of A and B.
static size_t common_length(const char *a, const char *b)
{
	size_t found = 0;

	for (size_t i = 0;; i++) {
		if ((!a[i] || a[i] == '/') && (!b[i] || b[i] == '/'))
			found = i;
		if (!a[i] || a[i] != b[i])
			return found;
	}
}

bool groups_may_enter(struct groups *g)
{
	if (!g->v2 || !g->joined.count || cgroup_layout_read(&g->layout, NULL) < 0)
		return true;
	auto_free char *own = cgroup_of_process(&g->layout, getpid(), CGROUP_MEMORY);
	auto_free char *directory = own ? cgroup_directory(&g->layout, CGROUP_MEMORY, own) : NULL;
	if (!directory)
		return true;
	auto_free char *file =
	    mem_printf("%.*s/cgroup.procs", (int)common_length(directory, g->joined.items[0]), directory);
	return faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) == 0;
}
