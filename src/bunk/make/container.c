// SPDX-License-Identifier: LGPL-2.1-or-later
// Prepares a container for one verb: reads its bundle, plans, reserves its state.
#include "make.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/phase.h"
#include "bunk/container/pid_file.h"
#include "bunk/groups/groups.h"
#include "bunk/plan/plan.h"
#include "bunk/process/notify.h"
#include "bunk/read/config.h"
#include "bunk/state/configure.h"
#include "bunk/state/state.h"
#include "sys/closing.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/userns.h"

void container_init(struct container *c, const struct bunk *b, const char *id)
{
	*c = (struct container){.b = b,
	                        .id = id ? id : "",
	                        .state_fd = -1,
	                        .states_fd = -1,
	                        .sync = {-1, -1},
	                        .interrupt = -1,
	                        .reply = -1,
	                        .start_socket = -1,
	                        .console = -1,
	                        .notify = -1,
	                        .root_fd = -1,
	                        .user_joined = -1,
	                        .mounts_joined = -1,
	                        .pid_file = {.directory = -1},
	                        .join_later = -1,
	                        .root_place = -1,
	                        .cgroup_joined = -1,
	                        .proc = -1,
	                        .listener = -1,
	                        .groups = {.into = -1}};
}

void container_done(struct container *c)
{
	const int descriptors[] = {c->state_fd,     c->states_fd, c->sync[0],  c->sync[1],      c->interrupt,
	                           c->start_socket, c->console,   c->notify,   c->user_joined,  c->mounts_joined,
	                           c->root_fd,      c->proc,      c->listener, c->cgroup_joined};

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
		return err_msg(e, EINVAL, "--preserve-fds: invalid number %lld (must not be negative)",
		               (long long)preserve_fds);
	for (int64_t i = 0; i < preserve_fds; i++)
		if (i > 1000 || fcntl((int)(3 + i), F_GETFD) < 0)
			return err_msg(e, EBADF, "--preserve-fds %lld: descriptor %lld is not open", (long long)preserve_fds,
			               (long long)(3 + i));
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
	return c->bundle ? read_config(c, c->options, bundle, e)
	                 : err_set(e, bundle < 0 ? errno : ENOENT, "cannot open bundle '%s'", path);
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
	auto_free char *root = c->config.root_path[0] == '/' ? mem_strdup(c->config.root_path)
	                                                     : mem_printf("%s/%s", c->bundle, c->config.root_path);

	// if a mount namespace is joined, the path is resolved there
	c->rootfs = is_joining(&c->plan, CLONE_NEWNS) ? steal(root) : realpath(root, NULL);
	return c->rootfs ? 0 : err_set(e, errno, "config.json: root.path: cannot open '%s'", root);
}

static const struct step reading_steps[] = {
	{"checking the id", read_id},
	{"checking the descriptors to preserve", read_descriptors},
	{"checking the pid file", read_pid_file},
	{"reading the bundle", read_bundle},
	{"planning", read_plan},
	{"opening the root", read_root},
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

// Until the container has a process, the state has the pid of its creator: if that has exited, the creation was
// interrupted.
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
