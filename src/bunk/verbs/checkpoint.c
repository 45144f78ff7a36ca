// SPDX-License-Identifier: LGPL-2.1-or-later
// Saves a container's processes with criu. After a failure the container is unchanged.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/criu/criu.h"
#include "bunk/criu/host_env.h"
#include "bunk/criu/images.h"
#include "bunk/criu/message.h"
#include "bunk/groups/groups.h"
#include "bunk/make/make.h"
#include "bunk/plan/plan.h"
#include "bunk/state/state.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "verbs.h"

enum { PATIENCE = 10000 }; // milliseconds to wait for the exit of the saved processes

// Rejects containers that could not be restored, before anything is changed.
static int check_restorable(const struct container *c, struct err *e)
{
	if (!plan_is_new(&c->plan, CLONE_NEWNS))
		return err_msg(e, EOPNOTSUPP, "linux.namespaces: cannot save a container without its own mount namespace");
	if (c->plan.filter.notify)
		return err_msg(e, EOPNOTSUPP, "linux.seccomp: cannot save a filter with an agent (SCMP_ACT_NOTIFY)");
	if (c->config.net_devices.count)
		return err_msg(e, EOPNOTSUPP, "linux.netDevices: cannot save moved network devices");
	for (size_t i = 0; i < c->plan.join_count; i++)
		if (c->plan.joins[i].flag == CLONE_NEWUSER || c->plan.joins[i].flag == CLONE_NEWCGROUP)
			return err_msg(e, EOPNOTSUPP,
			               "linux.namespaces: criu cannot save a container in a %s namespace given by path",
			               plan_namespace_file(c->plan.joins[i].flag));
	return 0;
}

static pid_t parent_of(pid_t pid)
{
	auto_free char *path = mem_printf("/proc/%d/stat", pid);
	char text[512];
	const char *name_end = proc_read_file(path, text, sizeof(text)) > 0 ? strrchr(text, ')') : NULL;

	return name_end && strlen(name_end) > 4 ? (pid_t)atoi(name_end + 4) : 0; // ") S PPID"
}

static bool descends_from(pid_t pid, pid_t from)
{
	while (pid > 1 && pid != from)
		pid = parent_of(pid);
	return pid == from;
}

// criu saves only the first process and its descendants. Processes started by exec would not be saved, but killed.
static int check_strangers(const struct container *c, struct err *e)
{
	auto_free pid_t *pids = NULL;
	size_t count = 0;
	int r = groups_pids(&c->groups, &pids, &count, e);

	for (size_t i = 0; r == 0 && i < count; i++)
		if (!descends_from(pids[i], c->state.pid) && parent_of(pids[i]) > 0)
			r = err_msg(
			    e, EBUSY,
			    "cannot save process %d, which was started by exec (stop it first)",
			    pids[i]);
	return r;
}

static int load_container(struct container *c, struct err *e)
{
	enum bunk_status now = state_now(c);

	if (now != BUNK_RUNNING && now != BUNK_PAUSED)
		return err_msg(e, EINVAL, "it is %s (only a running or paused container can be saved)", bunk_status_name(now));
	int r = state_load_config(c, e);
	if (r == 0)
		r = plan_make(&c->plan, &c->config, e);
	if (r == 0)
		r = check_restorable(c, e);
	return r < 0 ? r : check_strangers(c, e);
}

static int set_page_server(struct criu_page_server *server, const char *text, struct err *e)
{
	const char *colon = strrchr(text, ':');
	uint64_t port = 0;

	if (!colon || colon == text || str_to_u64(colon + 1, &port) < 0 || port < 1 || port > 65535)
		return err_msg(e, EINVAL, "--page-server: invalid address '%s' (ADDRESS:PORT)", text);
	server->address = mem_strndup(text, (size_t)(colon - text));
	server->port = (int32_t)port;
	return 0;
}

static int show_groups(const struct container *c, char **view, struct err *e)
{
	struct cgroup_layout layout = {0};
	int r = cgroup_layout_read(&layout, e);

	if (r == 0 && layout.mode == CGROUP_V2)
		r = cgroup_view_make(c->state_fd, layout.unified, view, e);
	cgroup_layout_done(&layout);
	return r;
}

static int make_request(struct criu_request *q, const struct container *c, const struct bunk_checkpoint *o,
                        const struct images *i, struct err *e)
{
	struct notes notes = {0};
	int r = criu_common(&q->options, &o->images, i, "dump.log", e);

	q->type = o->pre_dump ? CRIU_SINGLE_PRE_DUMP : CRIU_DUMP;
	q->options.pid = c->state.pid;
	q->options.root = mem_strdup(c->rootfs);
	q->options.freezer = mem_strdup(c->groups.freezer);
	q->options.leave_running = o->leave_running;
	q->options.force_irmap = true;
	q->options.parent = mem_strdup(o->parent);
	q->options.track_memory = o->pre_dump || o->parent;
	if (!c->groups.joined.count)
		q->options.cgroups_mode = CRIU_CGROUPS_IGNORE;
	if (r == 0 && o->page_server)
		r = set_page_server(&q->options.page_server, o->page_server, e);
	if (r == 0)
		r = show_groups(c, &q->options.cgroup_view, e);
	if (r == 0)
		r = host_env_find(c, &notes, &q->options.external, e);
	if (r == 0 && !o->pre_dump)
		r = notes_write(i, &notes, e);
	notes_done(&notes);
	return r;
}

// criu has killed the processes: waits until the first one has exited.
static int wait_gone(int pidfd, struct err *e)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, PATIENCE) > 0 ? 0 : err_msg(e, ETIMEDOUT, "it is saved, but its processes do not exit");
}

static int dump_container(struct container *c, const struct bunk_checkpoint *o, const struct images *i, struct err *e)
{
	struct criu criu = {.socket = -1, .images = i, .log = "dump.log", .timeout = o->images.timeout};
	struct criu_request request = {0};
	struct criu_response answer = {0};
	bool paused = state_now(c) == BUNK_PAUSED, stays = o->leave_running || o->pre_dump;
	auto_close int pidfd = container_pidfd(c);
	int r = pidfd < 0 ? err_msg(e, ESRCH, "it is not running") : make_request(&request, c, o, i, e);

	if (r == 0)
		r = criu_start(&criu, e);
	bool began = r == 0;
	if (began)
		r = criu_do(&criu, &request, &answer, e);
	criu_end(&criu, r);
	cgroup_view_remove(c->state_fd);
	message_done(&criu_request_message, &request);
	message_done(&criu_response_message, &answer);
	if ((r < 0 || stays) && c->groups.freezer)
		groups_freeze(&c->groups, paused, NULL); // if criu was killed, it may have left the container frozen
	if (r < 0 && began && !o->pre_dump)
		notes_remove(i);
	return r < 0 || stays ? r : wait_gone(pidfd, e);
}

static int checkpoint_container(struct container *c, const struct bunk_checkpoint *o, struct err *e)
{
	struct images images = {.fd = -1, .work = -1};
	int r = load_container(c, e);

	if (r == 0)
		r = images_open(&images, &o->images, true, e);
	if (r == 0)
		r = dump_container(c, o, &images, e);
	images_done(&images);
	return r < 0 ? err_wrap(e, "container '%s'", c->id) : 0;
}

int bunk_checkpoint(const struct bunk *b, const struct bunk_checkpoint *o, struct err *e)
{
	struct container c;
	int r = criu_allowed("checkpoint", e);
	sigset_t before;

	criu_block_signals(&before);
	container_init(&c, b, o->id);
	if (r == 0)
		r = state_open(&c, STATE_LOCK, e);
	if (r == 0)
		r = checkpoint_container(&c, o, e);
	container_done(&c);
	if (r != -EINTR)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
