// SPDX-License-Identifier: LGPL-2.1-or-later
// The parent's side of a container's making: read, plan, reserve, clone, map, meet the child at its phases, and undo all of it after a failure.
#include "make.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/phase.h"
#include "bunk/container/pid_file.h"
#include "bunk/groups/groups.h"
#include "bunk/groups/limits.h"
#include "bunk/groups/rdt.h"
#include "bunk/plan/plan.h"
#include "bunk/process/hooks.h"
#include "bunk/process/labels.h"
#include "bunk/process/listener.h"
#include "bunk/process/notify.h"
#include "bunk/process/relay.h"
#include "bunk/read/config.h"
#include "bunk/root/source.h"
#include "bunk/state/configure.h"
#include "bunk/state/state.h"
#include "idmap.h"
#include "init.h"
#include "map_ids.h"
#include "net_devices.h"
#include "sys/closing.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/pty.h"
#include "sys/userns.h"

void container_init(struct container *c, const struct bunk *b, const char *id)
{
	*c = (struct container){.b = b, .id = id ? id : "", .state_fd = -1, .states_fd = -1, .sync = {-1, -1}, .interrupt = -1, .reply = -1, .start_socket = -1, .console = -1, .notify = -1,
				.root_fd = -1, .user_joined = -1, .mounts_joined = -1, .pid_file = {.directory = -1}, .join_later = -1, .root_place = -1, .cgroup_joined = -1, .proc = -1, .listener = -1,
				.groups = {.into = -1}};
}

void container_done(struct container *c)
{
	const int descriptors[] = {c->state_fd, c->states_fd, c->sync[0], c->sync[1], c->interrupt, c->start_socket, c->console, c->notify, c->user_joined, c->mounts_joined, c->root_fd, c->proc, c->listener, c->cgroup_joined};

	closing_begin();
	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++)
		closing_add(descriptors[i]);
	for (size_t i = 0; c->trees && i < c->plan.mount_count; i++)
		closing_add(c->trees[i]);
	groups_done(&c->groups);
	closing_end();
	free(c->trees);
	pid_file_done(&c->pid_file);
	for (size_t i = 0; c->addresses && i < c->config.net_devices.count; i++)
		strv_done(&c->addresses[i]);
	free(c->addresses);
	free(c->listener_text);
	free(c->rdt_made);
	plan_done(&c->plan);
	config_done(&c->config);
	bunk_state_done(&c->state);
	free(c->bundle);
	free(c->rootfs);
	free(c->config_text);
	free(c->program);
}

int container_keep(struct container *c, int64_t preserve_fds, struct err *e)
{
	if (preserve_fds < 0)
		return err_msg(e, EINVAL, "--preserve-fds: %lld is less than 0", (long long)preserve_fds);
	for (int64_t i = 0; i < preserve_fds; i++)
		if (i > 1000 || fcntl((int)(3 + i), F_GETFD) < 0)
			return err_msg(e, EBADF, "--preserve-fds %lld: descriptor %lld is not open", (long long)preserve_fds, (long long)(3 + i));
	c->preserve_fds = (unsigned)preserve_fds;
	return 0;
}

static int read_config(struct container *c, const struct bunk_create *o, int bundle, struct err *e)
{
	const char *name = o->config ? o->config : "config.json";
	ssize_t n = fs_read_file(bundle, name, 16 << 20, &c->config_text, e);
	if (n < 0)
		return err_wrap(e, "bundle '%s'", c->bundle);
	return configure_read(c, e);
}

static bool is_joining(const struct plan *plan, int flag)
{
	for (size_t i = 0; i < plan->join_count; i++)
		if (plan->joins[i].flag == flag)
			return true;
	return false;
}

static int read_id(struct container *c, struct err *e)
{
	return state_check_id(c->id, e);
}

static int read_descriptors(struct container *c, struct err *e)
{
	return container_keep(c, c->options->preserve_fds, e);
}

static int read_pid_file(struct container *c, struct err *e)
{
	return pid_file_open(&c->pid_file, c->options->pid_file, e);
}

static int read_bundle(struct container *c, struct err *e)
{
	const char *path = c->options->bundle ? c->options->bundle : ".";

	auto_close int bundle = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	c->bundle = bundle < 0 ? NULL : fs_path_of(bundle);
	return c->bundle ? read_config(c, c->options, bundle, e) : err_set(e, bundle < 0 ? errno : ENOENT, "cannot open bundle '%s'", path);
}

static int read_plan(struct container *c, struct err *e)
{
	int r = notify_plan(c, e);

	if (r == 0)
		r = plan_make(&c->plan, &c->config, e);
	if (r < 0)
		return r;
	configure_warn(c);
	configure_remember(c);
	bool own = plan_has_own(&c->plan, CLONE_NEWUSER);
	c->in_user_namespace = own || !userns_is_initial();
	c->sends_sources = own && plan_is_new(&c->plan, CLONE_NEWNS) && geteuid() == 0;
	return 0;
}

static int read_root(struct container *c, struct err *e)
{
	auto_free char *root = c->config.root_path[0] == '/' ? mem_strdup(c->config.root_path) : mem_printf("%s/%s", c->bundle, c->config.root_path);

	c->rootfs = is_joining(&c->plan, CLONE_NEWNS) ? steal(root) : realpath(root, NULL); // who joins others' mounts means a directory there
	return c->rootfs ? 0 : err_set(e, errno, "config.json: root.path: cannot open '%s'", root);
}

static const struct step reading_steps[] = {
	{"checking the id", read_id},
	{"checking the descriptors to preserve", read_descriptors},
	{"checking the pid file", read_pid_file},
	{"reading the bundle", read_bundle},
	{"planning", read_plan},
	{"looking for the root", read_root},
};

int container_read(struct container *c, const struct bunk_create *o, struct err *e)
{
	c->options = o;
	c->listen_fds = (unsigned)o->listen_fds;
	c->listen_names = o->listen_names;
	c->no_pivot = o->no_pivot;
	c->no_new_keyring = o->no_new_keyring;
	return steps_do(c, reading_steps, ARRAY_SIZE(reading_steps), e);
}

// Until there is a process the state names its maker: a verb that finds the maker gone knows that the making was cut off.
int container_reserve(struct container *c, struct err *e)
{
	struct bunk_state *s = &c->state;
	char now[DATE_TEXT];
	int r = groups_plan(c, e);

	if (r == 0)
		r = state_reserve(c, e);
	if (r < 0)
		return r;
	date_utc_ns(now, clock_wall());
	*s = (struct bunk_state){.id = mem_strdup(c->id), .bundle = mem_strdup(c->bundle), .rootfs = mem_strdup(c->rootfs),
				 .oci_version = mem_strdup(BUNK_OCI_VERSION), .created = mem_strdup(now), .owner = geteuid(),
				 .status = BUNK_CREATING, .pid = getpid()};
	for (size_t i = 0; i < c->config.annotations.count; i++)
		params_add(&s->annotations, c->config.annotations.items[i].name, c->config.annotations.items[i].value);
	proc_start_time(s->pid, &s->pid_started);
	r = notify_make(c, e);
	if (r == 0)
		r = state_save(c, e);
	if (r < 0)
		state_remove(c);
	return r;
}

static int open_start_socket(struct container *c, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/start", c->state_fd);
	c->start_socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (c->start_socket < 0 || bind(c->start_socket, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(c->start_socket, 1) < 0)
		return err_set(e, errno, "cannot make the socket that 'start' uses");
	return 0;
}

int namespace_open(const struct plan_join *j, struct err *e)
{
	auto_close int fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set(e, errno, "linux.namespaces: cannot open '%s'", j->path);
	if (!fs_is_type(fd, NSFS_MAGIC) || ioctl(fd, NS_GET_NSTYPE) != j->flag)
		return err_msg(e, EINVAL, "linux.namespaces: '%s' is not a %s namespace", j->path, plan_namespace_file(j->flag));
	return steal_fd(&fd);
}

static int own_namespace(int flag)
{
	auto_free char *path = mem_printf("/proc/self/ns/%s", plan_namespace_file(flag));

	return open(path, O_RDONLY | O_CLOEXEC);
}

// Namespaces given by path are entered by this process around the clone, so that one clone makes everything else anew.
struct detour {
	int back[16];
	size_t count;
	unsigned joined; // CLONE_NEW…
};

static void detour_end(struct detour *d)
{
	while (d->count > 0) {
		int fd = d->back[--d->count];

		setns(fd, 0);
		close(fd);
	}
}

// The setting of the configuration that would change the namespace of type FLAG; NULL: none. A name that is set already is not a change: engines
// repeat it for containers that share a namespace.
static const char *setting_of(const struct container *c, int flag)
{
	char host[65] = "", domain[65] = "";

	if (c->plan.sysctl_namespaces & (unsigned)flag)
		return "linux.sysctl";
	if (flag != CLONE_NEWUTS || gethostname(host, sizeof(host)) < 0 || getdomainname(domain, sizeof(domain)) < 0)
		return NULL;
	if (c->config.hostname && *c->config.hostname && !str_equal(c->config.hostname, host))
		return "hostname";
	return c->config.domainname && *c->config.domainname && !str_equal(c->config.domainname, domain) ? "domainname" : NULL;
}

// A path may lead to the very namespace of the host, which a setting would change.
static int check_not_own(const struct container *c, const struct plan_join *j, int fd, int own, struct err *e)
{
	const char *setting = fs_is_same(fd, own) ? setting_of(c, j->flag) : NULL;

	return setting ? err_msg(e, EINVAL, "config.json: %s: '%s' is the host's own %s namespace, which would change", setting, j->path, plan_namespace_file(j->flag)) : 0;
}

static int detour_join(struct detour *d, const struct container *c, const struct plan_join *j, struct err *e)
{
	auto_close int fd = namespace_open(j, e);
	int back = fd < 0 || d->count == ARRAY_SIZE(d->back) ? -1 : own_namespace(j->flag);

	if (fd < 0)
		return fd;
	if (back < 0)
		return err_set(e, errno, "cannot remember this process's own namespace");
	d->back[d->count++] = back;
	int r = check_not_own(c, j, fd, back, e);
	if (r == 0 && setns(fd, j->flag) < 0)
		r = err_set(e, errno, "linux.namespaces: cannot join '%s'", j->path);
	if (r == 0)
		d->joined |= (unsigned)j->flag;
	return r;
}

// Joins the namespaces that are not joined yet. LATER: those that this process may not join are skipped; it joins them from inside their user namespace.
static int detour_begin(struct detour *d, const struct container *c, bool later, struct err *e)
{
	const unsigned others = CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_NEWNS; // the helper or the child joins these

	for (size_t i = 0; i < c->plan.join_count; i++) {
		const struct plan_join *j = &c->plan.joins[i];
		int r = (others | d->joined) & (unsigned)j->flag ? 0 : detour_join(d, c, j, e);

		if (r < 0 && !(later && r == -EPERM))
			return r;
	}
	return 0;
}

static unsigned long clone_flags(const struct container *c)
{
	return c->plan.new_namespaces & ~(unsigned long)(CLONE_NEWCGROUP | CLONE_NEWTIME); // these the child makes itself
}

// A user namespace given by path cannot be left again: a helper joins it and makes the child as its own sibling.
static _Noreturn void helper(struct container *c)
{
	struct err e = {0};
	struct detour there = {0};
	// what the host owns can be joined only from outside of the user namespace, what that owns only from inside by an ordinary user
	int r = detour_begin(&there, c, true, &e);

	if (r == 0 && setns(c->user_joined, CLONE_NEWUSER) < 0)
		r = err_set(&e, errno, "linux.namespaces: cannot join the user namespace");
	if (r == 0)
		r = detour_begin(&there, c, false, &e);

	pid_t pid = r < 0 ? r : process_clone(c, clone_flags(c) | CLONE_PARENT);
	if (pid == 0)
		init_run(c);
	if (pid < 0 && !e.code)
		err_set(&e, -pid, "cannot make the container's process");
	phase_send(c->sync[1], pid < 0 ? PHASE_FAILED : PHASE_PID, pid, pid < 0 ? &e : NULL);
	_exit(0);
}

// What the child says next, unless a signal comes first.
static int wait_for_child(const struct container *c, enum phase phase, struct err *e)
{
	int r = relay_interrupted(c, c->sync[0], -1, e);

	return r < 0 ? r : phase_wait(c->sync[0], phase, e);
}

static pid_t clone_by_helper(struct container *c, struct err *e)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_set(e, errno, "cannot make a helper process");
	if (pid == 0)
		helper(c);
	int r = wait_for_child(c, PHASE_PID, e);
	waitpid(pid, NULL, 0);
	return r;
}

static pid_t clone_here(struct container *c, struct err *e)
{
	struct detour d = {0};
	pid_t pid = detour_begin(&d, c, false, e);

	if (pid == 0) {
		pid = process_clone(c, clone_flags(c));
		if (pid == 0)
			init_run(c);
		if (pid < 0)
			err_set(e, -pid, "cannot make the container's process and its namespaces");
		if (pid < 0 && plan_is_new(&c->plan, CLONE_NEWUSER))
			userns_explain(e, false);
		else if (pid == -EPERM && geteuid() != 0)
			err_hint(e, "an ordinary user needs {\"type\": \"user\"} in linux.namespaces, with uidMappings and gidMappings");
	}
	detour_end(&d);
	return pid;
}

// The namespaces given by path that are not entered around the clone.
static int open_joins(struct container *c, struct err *e)
{
	for (size_t i = 0; i < c->plan.join_count; i++) {
		const struct plan_join *j = &c->plan.joins[i];
		// from inside of a cgroup namespace the container's group could not be named: the child joins it, when it is in its groups
		int *fd = j->flag == CLONE_NEWUSER ? &c->user_joined : j->flag == CLONE_NEWNS ? &c->mounts_joined
			  : j->flag == CLONE_NEWCGROUP ? &c->cgroup_joined : NULL;

		if (fd && (*fd = namespace_open(j, e)) < 0)
			return *fd;
	}
	c->join_later = c->cgroup_joined;
	return 0;
}

int step_sockets(struct container *c, struct err *e)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, c->sync) < 0 ? err_set(e, errno, "cannot make a socket pair") : 0;
}

int step_limits(struct container *c, struct err *e)
{
	return limits_apply(c, &c->config.resources, e);
}

int step_give_groups(struct container *c, struct err *e)
{
	(void)e;
	groups_give(c);
	return 0;
}

static int clone_child(struct container *c, struct err *e)
{
	pid_t pid = c->user_joined >= 0 ? clone_by_helper(c, e) : clone_here(c, e);

	close(c->sync[1]);
	c->sync[1] = -1;
	listener_leave(c);
	c->pid = pid > 0 ? pid : 0;
	return pid;
}

static int map_child(struct container *c, struct err *e)
{
	return plan_is_new(&c->plan, CLONE_NEWUSER) ? map_ids(c->pid, &c->config.uids, &c->config.gids, e) : 0;
}

int step_go(struct container *c, struct err *e)
{
	return phase_go(c->sync[0], c->pid, e);
}

static int hear_hooks(struct container *c, struct err *e)
{
	return wait_for_child(c, PHASE_HOOKS, e);
}

int step_prestart_hooks(struct container *c, struct err *e)
{
	return hooks_run(c, HOOK_PRESTART, BUNK_CREATING, c->pid, e);
}

int step_runtime_hooks(struct container *c, struct err *e)
{
	return hooks_run(c, HOOK_CREATE_RUNTIME, BUNK_CREATING, c->pid, e);
}

static const struct step hook_steps[] = {
	{"waiting for its mounts", hear_hooks},
	{"running prestart hooks", step_prestart_hooks},
	{"running createRuntime hooks", step_runtime_hooks},
	{"letting the child continue", step_go},
};

static int run_hooks(struct container *c, struct err *e)
{
	bool any = c->config.hooks[HOOK_PRESTART].count || c->config.hooks[HOOK_CREATE_RUNTIME].count;

	return any ? steps_do(c, hook_steps, ARRAY_SIZE(hook_steps), e) : 0;
}

int step_hear_ready(struct container *c, struct err *e)
{
	return wait_for_child(c, PHASE_READY, e);
}

static int wait_ready(struct container *c, struct err *e)
{
	return c->self_start ? 0 : step_hear_ready(c, e);
}

static int note_process(struct container *c, pid_t pid, struct err *e)
{
	c->state.status = BUNK_CREATED;
	c->state.pid = pid;
	if (proc_start_time(pid, &c->state.pid_started) < 0)
		return err_msg(e, ESRCH, "the container's process ended early");
	if (c->b->debug) {
		auto_free char *text = mem_printf("container '%s': its process is %d, in %s", c->id, pid, c->groups.joined.count ? c->groups.joined.items[0] : "no control group");
		c->b->debug(c->b->context, text);
	}
	return 0;
}

static int settle_child(struct container *c, struct err *e)
{
	int r = c->self_start ? note_process(c, c->pid, e) : container_settle(c, c->pid, e);

	if (r < 0 || !c->self_start)
		return r;
	c->locked = false; // the lock is the child's now
	r = state_save_next(c, e);
	return r < 0 ? r : phase_go(c->sync[0], 0, e);
}

// The parent's side; the child's is in init.c. They meet where the parent lets the child continue and waits for it.
static const struct step creating_steps[] = {
	{"connecting parent and child", step_sockets},
	{"opening namespaces to join", open_joins},
	{"looking for security modules", labels_prepare},
	{"connecting to the seccomp agent", listener_connect},
	{"mapping the ids of mounts", idmap_prepare},
	{"looking at network devices", net_devices_look},
	{"making control groups", groups_make},
	{"setting limits", step_limits},
	{"delegating the control group", step_give_groups},
	{"cloning the child", clone_child},
	{"asking systemd for control groups", groups_ask},
	{"mapping its ids", map_child},
	{"moving network devices", net_devices_move},
	{"joining a resctrl group", rdt_join},
	{"letting the child go", step_go},
	{"opening the sources of its mounts", sources_send},
	{"running hooks", run_hooks},
	{"waiting until it is ready", wait_ready},
	{"saving its state", settle_child},
};

static void close_now(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void container_undo(struct container *c, pid_t pid)
{
	if (pid > 0)
		groups_end_process(&c->groups, pid);
	// when descriptors have run out, that must not keep what is to be removed
	close_now(&c->sync[0]);
	close_now(&c->sync[1]);
	close_now(&c->start_socket);
	close_now(&c->console);
	if (c->state.status == BUNK_CREATING)
		groups_disown(c);
	groups_end(&c->groups, NULL);
	rdt_leave(c);
	hooks_run(c, HOOK_POSTSTOP, BUNK_STOPPED, 0, NULL);
	state_remove(c);
}

int container_settle(struct container *c, pid_t pid, struct err *e)
{
	int r = note_process(c, pid, e);

	return r < 0 ? r : state_save(c, e);
}

void container_explain_end(const struct container *c, struct err *e)
{
	const struct number *limit = &c->config.resources.memory_limit;

	if (!groups_out_of_memory(&c->groups))
		return;
	if (limit->given)
		err_msg(e, ENOMEM, "the kernel killed its process as memory ran out: the memory limit of %lld bytes is too low", (long long)limit->value);
	else
		err_msg(e, ENOMEM, "the kernel killed its process as memory ran out");
}

pid_t container_make(struct container *c, bool start_socket, struct err *e)
{
	int r = container_reserve(c, e);

	if (r < 0)
		return r;
	r = start_socket ? open_start_socket(c, e) : 0;
	if (r == 0)
		r = steps_do(c, creating_steps, ARRAY_SIZE(creating_steps), e);
	if (r < 0) {
		if (c->pid > 0)
			container_explain_end(c, e);
		container_undo(c, c->pid);
		return err_wrap(e, "container '%s'", c->id);
	}
	state_unlock(c);
	return c->pid;
}
