// SPDX-License-Identifier: LGPL-2.1-or-later
// Restores a container with criu. Everything else is like for a new container: its configuration is read, state
// reserved, groups created and limited, with criu in them, and everything is undone after a failure. The root is also
// built like for a new one, in the mount namespace of the child that becomes criu, which uses the bind mounts in it.
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/criu/criu.h"
#include "bunk/criu/images.h"
#include "bunk/criu/message.h"
#include "bunk/groups/groups.h"
#include "bunk/groups/rdt.h"
#include "bunk/make/idmap.h"
#include "bunk/make/init.h"
#include "bunk/make/join.h"
#include "bunk/make/make.h"
#include "bunk/plan/plan.h"
#include "bunk/process/hooks.h"
#include "bunk/process/process.h"
#include "bunk/process/relay.h"
#include "bunk/read/config.h"
#include "bunk/root/mounts.h"
#include "bunk/root/rootfs.h"
#include "bunk/state/state.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/pty.h"
#include "verbs.h"

static const char place_name[] = "root", console_path[] = "/dev/console";

struct restoring {
	const struct bunk_restore *options;
	struct images images;
	struct notes notes;
	struct criu_request request;
	struct criu criu;
	char *program;      // criu's
	char *place;        // where criu's root is mounted: a directory in the state's
	int socket;         // child: criu's end of the socket pair
	int namespaces[2];  // passed to criu, -1: none
	int master;         // of the terminal in the foreground, -1: none
	int terminal;       // its number in the container's devpts, -1: none received
	pid_t pid;          // of the container, once there is one
};

// criu also mounts in its directories, so they must be opened in its own mount namespace. Keeps the descriptor
// numbers, which are passed to criu.
static int open_here(const char *path, int known, struct err *e)
{
	auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat a, b;

	if (fd < 0 || fstat(fd, &a) < 0 || fstat(known, &b) < 0)
		return err_set(e, errno, "cannot open directory '%s' of the checkpoint", path);
	if (a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return err_msg(e, ESTALE, "directory '%s' was replaced", path);
	return dup3(fd, known, O_CLOEXEC) < 0 ? err_set(e, errno, "cannot pass directory '%s' to criu", path) : 0;
}

static int step_images(struct container *c, struct err *e)
{
	const struct images *i = &c->restoring->images;
	int r = open_here(i->path, i->fd, e);

	return r < 0 ? r : open_here(i->work_path, i->work, e);
}

static int step_root(struct container *c, struct err *e)
{
	auto_close int own = open("/proc/self/ns/cgroup", O_RDONLY | O_CLOEXEC);
	bool apart = plan_is_new(&c->plan, CLONE_NEWCGROUP);

	// cgroup mounts show the groups below the cgroup namespace's root, but criu needs paths from the host's root
	if (own < 0 || (apart && unshare(CLONE_NEWCGROUP) < 0))
		return err_set(e, errno, "cannot create a cgroup namespace");
	int r = rootfs_build(c, &c->root_fd, e);
	if (apart && setns(own, CLONE_NEWCGROUP) < 0)
		return err_set(e, errno, "cannot leave the cgroup namespace");
	return r;
}

// criu needs a root that is a mount without others below it: it mounts the container's own file systems itself.
static int step_place(struct container *c, struct err *e)
{
	auto_close int target = open(c->restoring->place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int tree = target < 0 ? -1 : mounts_bind(c->root_fd, "", false, e);

	if (target < 0)
		return err_set(e, errno, "cannot open '%s'", c->restoring->place);
	return tree < 0 ? tree : mounts_place(tree, target, e, c->restoring->place);
}

// The console's terminal does not exist yet: the null device is the placeholder, see replace_console().
static int bind_placeholder_console(int root, struct err *e)
{
	auto_close int null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	auto_close int target = fs_resolve(root, console_path, FS_CREATE | FS_NO_LINKS, e);
	auto_close int tree = target < 0 ? target : mounts_bind(null, "", false, e);

	return tree < 0 ? tree : mounts_place(tree, target, e, console_path);
}

// A mount rather than a link, since criu also uses it from inside the restored root.
static int step_groups(struct container *c, struct err *e)
{
	const char *view = c->restoring->request.options.cgroup_view;
	auto_free char *path = view ? mem_printf("%s/unified", view) : NULL;
	auto_close int tree = view ? mounts_bind(AT_FDCWD, c->groups.layout.unified, true, e) : -1;
	auto_close int target = view ? open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (!view || tree < 0)
		return !view ? 0 : tree;
	return target < 0 ? err_set(e, errno, "cannot open '%s'", path) : mounts_place(tree, target, e, path);
}

static int check_source(int root, const char *path, struct err *e)
{
	auto_close int fd = fs_resolve(root, path, FS_NO_LINKS, NULL);
	struct statx st;

	if (fd >= 0 && statx(fd, "", AT_EMPTY_PATH, 0, &st) == 0 && st.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return 0;
	return err_msg(e, EINVAL, "the saved container has a mount on '%s', but config.json does not", path);
}

static int step_sources(struct container *c, struct err *e)
{
	const struct strv *mounts = &c->restoring->notes.mounts;
	int r = 0;

	for (size_t i = 0; r == 0 && i < mounts->count; i++)
		r = str_equal(mounts->items[i], console_path) ? bind_placeholder_console(c->root_fd, e)
		                                              : check_source(c->root_fd, mounts->items[i], e);
	return r;
}

// criu looks up descriptors of the process that created the socket, so this must be the process that becomes criu.
static int step_socket(struct container *c, struct err *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "cannot create a socket pair");
	c->restoring->socket = pair[1];
	int r = phase_send(c->sync[1], PHASE_READY, 0, NULL);
	if (r == 0)
		r = fd_send(c->sync[1], pair[0], "criu");
	return r < 0 ? err_set(e, -r, "cannot report that the root is ready") : 0;
}

static int step_criu(struct container *c, struct err *e)
{
	struct restoring *r = c->restoring;
	const int kept[] = {r->socket, r->images.fd, r->images.work, r->namespaces[0], r->namespaces[1]};
	char number[16];
	char *argv[] = {r->program, (char[]){"swrk"}, number, NULL};

	snprintf(number, sizeof(number), "%d", r->socket);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (kept[i] >= 0)
			fcntl(kept[i], F_SETFD, 0);
	execve(r->program, argv, environ);
	return err_set(e, errno, "cannot execute '%s'", r->program);
}

static int step_inherit(struct container *c, struct err *e)
{
	return process_inherit(c, e);
}

static const struct step restore_steps[] = {
	{"waiting for the runtime", step_begin},
	{"creating a keyring", step_keyring},
	{"opening the images", step_images},
	{"building the root file system", step_root},
	{"mounting the root for criu", step_place},
	{"mounting the control groups for criu", step_groups},
	{"checking the mounts in it", step_sources},
	{"preparing the process", step_inherit},
	{"reporting that the root is ready", step_socket},
	{"executing criu", step_criu},
};

// --- the parent

static int check_restorable(const struct container *c, const struct bunk_restore *o, struct err *e)
{
	if (!plan_is_new(&c->plan, CLONE_NEWNS))
		return err_msg(e, EOPNOTSUPP,
		               "config.json: linux.namespaces: cannot restore without a new mount namespace");
	if (o->create.preserve_fds)
		return err_msg(e, EOPNOTSUPP, "--preserve-fds: not supported: a restored process keeps its own descriptors");
	for (size_t i = 0; i < c->plan.join_count; i++)
		if (c->plan.joins[i].flag == CLONE_NEWUSER || c->plan.joins[i].flag == CLONE_NEWCGROUP)
			return err_msg(
			    e, EOPNOTSUPP,
			    "config.json: linux.namespaces: criu cannot restore into a %s namespace given by path",
			    plan_namespace_file(c->plan.joins[i].flag));
	if (!c->config.process.terminal && o->create.console_socket)
		return err_msg(e, EINVAL, "--console-socket: config.json's process.terminal is not true");
	if (c->config.process.terminal && o->create.detach && !o->create.console_socket && !o->images.shell_job)
		return err_msg(e, EINVAL, "config.json's process.terminal with --detach needs --console-socket");
	return 0;
}

static void add_inherited(struct criu_options *q, const char *key, int fd)
{
	const struct criu_inherit *items = q->inherit.items;

	for (size_t i = 0; i < q->inherit.count; i++)
		if (str_equal(items[i].key, key))
			return; // 1 and 2 are often the same pipe
	struct criu_inherit *item = message_add(&q->inherit, sizeof(*item));
	item->key = mem_strdup(key);
	item->fd = fd;
}

static int add_namespaces(struct container *c, struct criu_options *q, struct err *e)
{
	size_t count = 0;

	for (size_t i = 0; i < c->plan.join_count; i++) {
		const struct plan_join *j = &c->plan.joins[i];
		const char *key = criu_namespace_key(j->flag);
		int fd = namespace_open(j, e);

		if (fd < 0)
			return fd;
		if (key && count < ARRAY_SIZE(c->restoring->namespaces)) {
			c->restoring->namespaces[count++] = fd;
			add_inherited(q, key, fd);
			continue;
		}
		close(fd);
		struct criu_join *join = message_add(&q->joins, sizeof(*join));
		join->type = mem_strdup(plan_namespace_file(j->flag));
		join->file = mem_strdup(j->path);
	}
	return 0;
}

static int make_request(struct container *c, struct err *e)
{
	struct restoring *r = c->restoring;
	struct criu_options *q = &r->request.options;
	int result = criu_common(q, &r->options->images, &r->images, "restore.log", e);

	r->request.type = CRIU_RESTORE;
	q->root = mem_strdup(r->place);
	q->sibling = true;
	// criu's newer mount engine fails if two volumes are on the same file system of the host (MOVE_MOUNT_SET_GROUP)
	q->compatible_mounts = true;
	q->lsm_profile = mem_strdup(r->options->lsm_profile);
	q->lsm_mount_context = mem_strdup(r->options->lsm_mount_context);
	for (size_t i = 0; i < r->notes.mounts.count; i++)
		strv_addf(&q->external, "mnt[%s]:%s%s", r->notes.mounts.items[i], c->rootfs, r->notes.mounts.items[i]);
	for (size_t i = 0; i < r->notes.descriptors.count; i++)
		if (*r->notes.descriptors.items[i])
			add_inherited(q, r->notes.descriptors.items[i], (int)i);
	if (result == 0 && c->groups.v2 && c->groups.layout.mode == CGROUP_V2)
		result = cgroup_view_make(c->state_fd, NULL, &q->cgroup_view, e);
	return result < 0 ? result : add_namespaces(c, q, e);
}

// Maps the saved container's groups to this one's, in which criu is already (proc_pid_cgroup(5):
// "ID:CONTROLLERS:PATH").
static void map_groups(struct container *c, pid_t pid)
{
	struct criu_options *q = &c->restoring->request.options;
	auto_free char *file = mem_printf("/proc/%d/cgroup", pid);
	auto_free char *text = NULL;
	auto_strv lines = {0};

	if (!c->groups.joined.count) {
		q->cgroups_mode = CRIU_CGROUPS_IGNORE;
		return;
	}
	if (fs_read_file(AT_FDCWD, file, 1 << 20, &text, NULL) > 0)
		strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.count; i++) {
		const char *controllers = strchr(lines.items[i], ':');
		const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
		bool unified = path == controllers + 1;

		if (!path || unified != c->groups.v2)
			continue;
		struct criu_group *group = message_add(&q->groups, sizeof(*group));
		group->controller = unified ? NULL : mem_strndup(controllers + 1, (size_t)(path - controllers - 1));
		group->path = mem_strdup(path + 1);
	}
}

static int give_images(struct container *c, struct err *e)
{
	return plan_has_own(&c->plan, CLONE_NEWUSER)
	           ? images_give(&c->restoring->images, id_maps_outside(&c->config.gids, 0), e)
	           : 0;
}

static int make_mount_point(struct container *c, struct err *e)
{
	auto_free char *path = fs_path_of(c->state_fd);

	if (!path || mkdirat(c->state_fd, place_name, 0700) < 0)
		return err_set(e, errno, "cannot create a directory for the root");
	c->restoring->place = mem_printf("%s/%s", path, place_name);
	return 0;
}

static int clone_child(struct container *c, struct err *e)
{
	pid_t pid = process_clone(c, CLONE_NEWNS);

	if (pid == 0)
		steps_run(c, restore_steps, ARRAY_SIZE(restore_steps));
	close(c->sync[1]);
	c->sync[1] = -1;
	if (pid < 0)
		return err_set(e, -pid, "cannot create criu's process");
	c->pid = c->restoring->criu.pid = pid;
	return 0;
}

static int receive_socket(struct container *c, struct err *e)
{
	char text[16];

	c->restoring->criu.socket = fd_receive(c->sync[0], text, sizeof(text));
	return c->restoring->criu.socket < 0 ? err_set(e, -c->restoring->criu.socket, "cannot receive the socket to criu")
	                                     : 0;
}

static int wait_execution(struct container *c, struct err *e)
{
	return phase_wait_end(c->sync[0], e);
}

static int add_groups(struct container *c, struct err *e)
{
	(void)e;
	map_groups(c, c->pid);
	return 0;
}

static int replace_console(int root, int terminal, struct err *e)
{
	auto_free char *path = mem_printf("/dev/pts/%d", terminal);
	auto_close int dev = fs_resolve(root, "/dev", FS_DIRECTORY | FS_NO_LINKS, e);
	auto_close int peer = dev < 0 ? dev : fs_resolve(root, path, FS_NO_LINKS, e);

	if (peer < 0)
		return peer;
	if (!fs_is_type(peer, DEVPTS_SUPER_MAGIC))
		return err_msg(e, ENXIO, "/dev/pts is not on devpts");
	if (fchdir(dev) < 0 || umount2("console", UMOUNT_NOFOLLOW | MNT_DETACH) < 0)
		return err_set(e, errno, "cannot unmount '%s'", console_path);
	auto_close int target = fs_resolve(dev, "console", FS_NO_LINKS, e);
	auto_close int tree = target < 0 ? target : mounts_bind(peer, "", false, e);
	return tree < 0 ? tree : mounts_place(tree, target, e, console_path);
}

static bool has_console(const struct notes *n)
{
	for (size_t i = 0; i < n->mounts.count; i++)
		if (str_equal(n->mounts.items[i], console_path))
			return true;
	return false;
}

static int finish_mounts(const struct container *c, int space, struct err *e)
{
	const struct restoring *r = c->restoring;

	if (setns(space, CLONE_NEWNS) < 0)
		return err_set(e, errno, "cannot enter the restored mounts");
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int result = root >= 0 && has_console(&r->notes) && r->terminal >= 0 ? replace_console(root, r->terminal, e) : 0;
	return result < 0 ? result : rootfs_protect(c, root, e);
}

// Finishes the container's mounts after criu: binds its terminal over the placeholder, and makes the root read-only,
// in which criu creates a directory for itself. The processes exist but do not run yet, so this does not race.
static int finish_container(const struct container *c, pid_t pid, struct err *e)
{
	auto_free char *path = mem_printf("/proc/%d/ns/mnt", pid);
	auto_close int space = open(path, O_RDONLY | O_CLOEXEC);
	int pair[2];

	if (space < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "cannot enter the restored mounts");
	pid_t helper = fork();
	if (helper == 0) {
		int r = finish_mounts(c, space, e);

		phase_send(pair[1], r < 0 ? PHASE_FAILED : PHASE_READY, 0, r < 0 ? e : NULL);
		_exit(0);
	}
	close(pair[1]);
	int r = helper < 0 ? err_set(e, errno, "cannot create a helper process") : phase_wait(pair[0], PHASE_READY, e);
	close(pair[0]);
	if (helper > 0)
		waitpid(helper, NULL, 0);
	return r;
}

static int place_terminal(struct container *c, int fd, struct err *e)
{
	struct restoring *r = c->restoring;

	if (fd < 0 || ioctl(fd, TIOCGPTN, &r->terminal) < 0)
		return err_msg(e, EPROTO, "criu sent no terminal");
	if (c->console >= 0)
		return fd_send(c->console, fd, "/dev/ptmx") < 0
		           ? err_msg(e, EPIPE, "cannot send the terminal to the console socket")
		           : 0;
	r->master = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return r->master < 0 ? err_set(e, errno, "cannot duplicate the terminal") : 0;
}

// Called when criu waits: see its action scripts.
static int criu_notified(void *context, const char *script, pid_t pid, int fd, struct err *e)
{
	struct container *c = context;
	struct restoring *r = c->restoring;
	int result = 0;

	if (pid > 0)
		r->pid = pid;
	if (str_equal(script, "orphan-pts-master"))
		return place_terminal(c, fd, e);
	if (str_equal(script, "setup-namespaces") && (result = hooks_run(c, HOOK_PRESTART, BUNK_CREATING, pid, e)) == 0)
		result = hooks_run(c, HOOK_CREATE_RUNTIME, BUNK_CREATING, pid, e);
	if (str_equal(script, "post-restore"))
		result = finish_container(c, pid, e);
	return result;
}

static void warn_of_losses(const struct container *c)
{
	if (c->plan.process.caps.ambient && c->b->warn)
		c->b->warn(
		    c->b->context,
		    "process.capabilities.ambient: criu does not restore ambient capabilities: programs that the process "
		    "executes from now on do not get them");
}

static int read_container(struct container *c, struct err *e)
{
	return container_read(c, &c->restoring->options->create, e);
}

static int check_options(struct container *c, struct err *e)
{
	return check_restorable(c, c->restoring->options, e);
}

static int open_images(struct container *c, struct err *e)
{
	return images_open(&c->restoring->images, &c->restoring->options->images, false, e);
}

static int read_notes(struct container *c, struct err *e)
{
	return notes_read(&c->restoring->images, &c->restoring->notes, e);
}

static int find_criu(struct container *c, struct err *e)
{
	c->restoring->program = criu_find(e);
	return c->restoring->program ? 0 : -ENOENT;
}

static int connect_console(struct container *c, struct err *e)
{
	const char *path = c->options->console_socket;

	c->console = path ? fd_connect(path, e) : -1;
	return path && c->console < 0 ? c->console : 0;
}

static int ask_criu(struct container *c, struct err *e)
{
	struct restoring *r = c->restoring;
	struct criu_response answer = {0};
	int result = criu_do(&r->criu, &r->request, &answer, e);

	message_done(&criu_response_message, &answer);
	return result;
}

static int check_result(struct container *c, struct err *e)
{
	const struct restoring *r = c->restoring;

	if (r->pid <= 0)
		return err_msg(e, EPROTO, "criu did not report the restored process");
	if (c->config.process.terminal && r->terminal < 0 && !r->options->images.shell_job)
		return err_msg(e, EINVAL,
		               "config.json's process.terminal is true, but the saved container had no terminal");
	return 0;
}

// All checks that are possible before anything is created.
static const struct step reading_steps[] = {
	{"reading the bundle", read_container},
	{"checking options", check_options},
	{"opening the images", open_images},
	{"reading bunk's notes", read_notes},
	{"looking for criu", find_criu},
	{"connecting to the console socket", connect_console},
};

// Until the child has become criu, and criu is done.
static const struct step restoring_steps[] = {
	{"mapping the ids of mounts", idmap_prepare},
	{"creating control groups", groups_make},
	{"setting limits", step_limits},
	{"delegating the control group", step_give_groups},
	{"making the images readable", give_images},
	{"creating a mount point for the root", make_mount_point},
	{"writing the request", make_request},
	{"connecting parent and child", step_sockets},
	{"cloning the child", clone_child},
	{"requesting a scope from systemd", groups_ask},
	{"joining a resctrl group", rdt_join},
	{"letting the child continue", step_go},
	{"waiting until it is ready", step_hear_ready},
	{"receiving criu's socket", receive_socket},
	{"waiting for criu's execution", wait_execution},
	{"mapping its control groups", add_groups},
	{"asking criu to restore", ask_criu},
};

static int make_processes(struct container *c, struct err *e)
{
	struct restoring *r = c->restoring;
	int result = steps_do(c, restoring_steps, ARRAY_SIZE(restoring_steps), e);

	criu_end(&r->criu, result);
	if (result == 0)
		result = check_result(c, e);
	unlinkat(c->state_fd, place_name, AT_REMOVEDIR);
	cgroup_view_remove(c->state_fd);
	return result < 0 ? result : container_settle(c, r->pid, e);
}

static int restore_container(struct container *c, const struct bunk_restore *o, struct err *e)
{
	struct restoring *r = c->restoring;
	int result = steps_do(c, reading_steps, ARRAY_SIZE(reading_steps), e);

	if (result < 0)
		return result;
	warn_of_losses(c);
	if (!o->create.detach)
		relay_block(c);
	result = container_reserve(c, e);
	if (result < 0)
		return result;
	result = make_processes(c, e);
	auto_close int pidfd = result == 0 ? pidfd_open(r->pid, 0) : -1;
	if (result == 0)
		result = report_pid(c, &o->create, r->pid, e);
	if (result < 0) {
		container_undo(c, r->pid);
		return err_wrap(e, "container '%s'", c->id);
	}
	state_unlock(c);
	return o->create.detach ? 0 : container_wait(c, &o->create, 0, r->pid, pidfd, &r->master, e);
}

static void restoring_done(struct restoring *r)
{
	const int descriptors[] = {r->namespaces[0], r->namespaces[1], r->master};

	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	images_done(&r->images);
	notes_done(&r->notes);
	message_done(&criu_request_message, &r->request);
	free(r->program);
	free(r->place);
}

int bunk_restore(const struct bunk *b, const struct bunk_restore *o, struct err *e)
{
	struct container c;
	struct restoring r = {.options = o,
	                      .images = {.fd = -1, .work = -1},
	                      .socket = -1,
	                      .namespaces = {-1, -1},
	                      .master = -1,
	                      .terminal = -1,
	                      .criu = {.socket = -1,
	                               .images = &r.images,
	                               .log = "restore.log",
	                               .notified = criu_notified,
	                               .context = &c,
	                               .timeout = o->images.timeout}};
	int result = criu_allowed("restore", e);
	sigset_t before;

	criu_block_signals(&before);
	container_init(&c, b, o->create.id);
	c.restoring = &r;
	if (result == 0)
		result = restore_container(&c, o, e);
	restoring_done(&r);
	container_done(&c);
	if (result != -EINTR && (result < 0 || o->create.detach))
		sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}
