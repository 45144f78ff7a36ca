// Forwarding published ports: see forwarder.h.
#include "forwarder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/record/separate.h"
#include "relay.h"
#include "sys/proc.h"

// --- the process ---

static void keep_sockets(const struct forwarder *f, const struct port_claims *claims, int ready)
{
	auto_free int *fds = mem_array(claims->count + 3, sizeof(*fds));
	size_t count = 0;

	fds[count++] = f->user;
	fds[count++] = f->net;
	fds[count++] = ready;
	for (size_t i = 0; i < claims->count; i++)
		fds[count++] = claims->items[i].fd;
	process_separate(fds, count);
}

static int drop_privileges(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	return syscall(SYS_capset, &header, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int enter_namespaces(const struct forwarder *f, pid_t parent, struct err *e)
{
	struct rlimit files;

	if (setns(f->user, CLONE_NEWUSER) < 0 || setns(f->net, CLONE_NEWNET) < 0)
		return err_set(e, errno, "cannot enter the container's network");
	int r = drop_privileges();
	prctl(PR_SET_PDEATHSIG, SIGKILL); // after the change of credentials, which clears it
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return r < 0 ? err_set(e, -r, "cannot drop privileges") : 0;
}

static void serve_relay(const struct forwarder *f, struct relay *relay)
{
	struct pollfd p = {relay_fd(relay), POLLIN, 0};

	poll(&p, 1, -1);
	relay_lead(relay, __atomic_load_n(f->to, __ATOMIC_RELAXED));
	relay_serve(relay);
}

// Writes an error, with code 0 for none, to READY.
static _Noreturn void run_forwarder(const struct forwarder *f, const struct port_claims *claims, pid_t parent,
                                    int ready)
{
	struct relay *relay = NULL;
	struct err e = {0};

	keep_sockets(f, claims, ready);
	int r = enter_namespaces(f, parent, &e);
	if (r == 0)
		r = relay_new(&relay, claims, *f->to, true, &e);
	if (write(ready, &e, sizeof(e)) != sizeof(e) || r < 0)
		_exit(EXIT_FAILURE);
	close(ready);
	for (;;)
		serve_relay(f, relay);
}

// --- the monitor ---

static int start_process(struct forwarder *f, const struct port_claims *claims, struct err *e)
{
	pid_t self = getpid();
	struct err failure;
	int ready[2];

	if (pipe2(ready, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe");
	f->pid = fork();
	if (f->pid == 0)
		run_forwarder(f, claims, self, ready[1]);
	close(ready[1]);
	ssize_t n = f->pid < 0 ? -1 : read(ready[0], &failure, sizeof(failure));
	close(ready[0]);
	if (n == sizeof(failure) && !failure.code)
		return 0;
	if (f->pid > 0)
		proc_end(f->pid);
	f->pid = 0;
	return n == sizeof(failure) ? err_msg(e, failure.code, "%s", failure.text)
	                            : err_msg(e, EIO, "cannot forward the published ports");
}

static int open_all(struct forwarder *f, uint32_t to, int user, int net, struct err *e)
{
	f->user = fcntl(user, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	f->net = fcntl(net, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	void *shared = mmap(NULL, sizeof(*f->to), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared != MAP_FAILED)
		f->to = shared;
	if (f->user < 0 || f->net < 0 || !f->to)
		return err_set(e, errno, "cannot forward the published ports");
	*f->to = to;
	return 0;
}

int forwarder_start(struct forwarder *f, const struct port_claims *claims, uint32_t to, int user, int net,
                    struct err *e)
{
	*f = FORWARDER_NONE;
	if (!claims->count)
		return 0;
	int r = open_all(f, to, user, net, e);
	if (r == 0)
		r = start_process(f, claims, e);
	if (r < 0)
		forwarder_stop(f);
	return r;
}

int forwarder_restart(struct forwarder *f, const struct port_claims *claims, struct err *e)
{
	f->pid = 0;
	return start_process(f, claims, e);
}

void forwarder_lead(const struct forwarder *f, uint32_t to)
{
	if (f->to)
		__atomic_store_n(f->to, to, __ATOMIC_RELAXED);
}

void forwarder_stop(struct forwarder *f)
{
	if (f->pid > 0)
		proc_end(f->pid);
	if (f->to)
		munmap(f->to, sizeof(*f->to));
	auto_close_run(&f->user);
	auto_close_run(&f->net);
	*f = FORWARDER_NONE;
}
