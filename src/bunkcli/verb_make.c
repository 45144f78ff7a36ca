// Verbs that create or save processes: create, run, exec, checkpoint, restore.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "base/units.h"
#include "call.h"
#include "log.h"
#include "sys/proc.h"

// The number of sockets that a service manager passed to this process (sd_listen_fds(3)), for the container.
static int64_t listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t number, fds;

	if (!pid || !count || str_to_u64(pid, &number) < 0 || number != (uint64_t)getpid() || str_to_u64(count, &fds) < 0)
		return 0;
	return fds <= INT16_MAX ? (int64_t)fds : 0;
}

static struct bunk_create create_options_of(const struct call *c)
{
	const struct options *o = &c->o;
	int64_t sockets = listen_fds();

	return (struct bunk_create){.id = c->argv[0],
	                            .bundle = o->bundle,
	                            .config = o->config,
	                            .console_socket = o->console_socket,
	                            .pid_file = o->pid_file,
	                            .pidfd_socket = o->pidfd_socket,
	                            .preserve_fds = sockets + o->preserve_fds,
	                            .listen_fds = sockets,
	                            .listen_names = getenv("LISTEN_FDNAMES"),
	                            .no_pivot = o->no_pivot,
	                            .no_new_keyring = o->no_new_keyring,
	                            .detach = o->detach,
	                            .keep = o->keep};
}

// Called before a verb starts processes.
static int guard_program(struct call *c)
{
	proc_note_ignored_signals();
	return bunk_guard_self(c->all, &c->e);
}

int do_create(struct call *c)
{
	struct bunk_create options = create_options_of(c);
	int r = guard_program(c);

	return r < 0 ? r : bunk_create(&c->b, &options, &c->e);
}

int do_run(struct call *c)
{
	struct bunk_create options = create_options_of(c);
	int r = guard_program(c);

	return r < 0 ? r : bunk_run(&c->b, &options, &c->e);
}

int do_exec(struct call *c)
{
	const struct options *o = &c->o;
	struct bunk_exec x = {.id = c->argv[0],
	                      .process = o->process,
	                      .args = c->argc > 1 ? c->argv + 1 : NULL,
	                      .cwd = o->cwd,
	                      .user = o->user,
	                      .env = o->env,
	                      .caps = o->caps,
	                      .groups = o->groups,
	                      .console_socket = o->console_socket,
	                      .pid_file = o->pid_file,
	                      .pidfd_socket = o->pidfd_socket,
	                      .apparmor = o->apparmor,
	                      .label = o->label,
	                      .cgroup = o->cgroup,
	                      .preserve_fds = o->preserve_fds,
	                      .tty = o->tty,
	                      .detach = o->detach,
	                      .no_new_privs = o->no_new_privs,
	                      .ignore_paused = o->ignore_paused};
	int r = guard_program(c);

	if (r < 0)
		return r;
	log_keep(&c->o);
	return bunk_exec(&c->b, &x, &c->e);
}

// --lazy-pages and --status-fd are not supported: lazy pages need a server process that outlives this one, whose exit
// kills the container, and nothing would supervise it.
static int images_of(const struct options *o, struct bunk_images *images, struct err *e)
{
	*images = (struct bunk_images){.path = o->image_path,
	                               .work = o->work_path,
	                               .cgroups_mode = o->cgroups_mode,
	                               .empty_ns = o->empty_ns,
	                               .tcp_established = o->tcp_established,
	                               .ext_unix_sk = o->ext_unix_sk,
	                               .shell_job = o->shell_job,
	                               .file_locks = o->file_locks,
	                               .auto_dedup = o->auto_dedup};
	if (o->timeout && units_parse_duration(o->timeout, &images->timeout) < 0)
		return err_msg(e, EINVAL, "--timeout: invalid time '%s' (for example 30s or 5m)", o->timeout);
	if (o->timeout && images->timeout <= 0)
		images->timeout = -1;
	if (o->lazy_pages || o->status_fd)
		return err_msg(e, EOPNOTSUPP, "--%s: not supported (memory is always saved and restored completely)",
		               o->lazy_pages ? "lazy-pages" : "status-fd");
	return 0;
}

int do_checkpoint(struct call *c)
{
	const struct options *o = &c->o;
	struct bunk_checkpoint x = {.id = c->argv[0],
	                            .parent = o->parent_path,
	                            .page_server = o->page_server,
	                            .leave_running = o->leave_running,
	                            .pre_dump = o->pre_dump};
	int r = images_of(o, &x.images, &c->e);

	if (r == 0)
		r = bunk_checkpoint(&c->b, &x, &c->e);
	c->interrupted = r == -EINTR;
	return r;
}

int do_restore(struct call *c)
{
	struct bunk_restore x = {
	    .create = create_options_of(c), .lsm_profile = c->o.lsm_profile, .lsm_mount_context = c->o.lsm_mount_context};
	int r = images_of(&c->o, &x.images, &c->e);

	if (r == 0)
		r = guard_program(c);
	if (r == 0)
		r = bunk_restore(&c->b, &x, &c->e);
	c->interrupted = r == -EINTR;
	return r;
}
