// SPDX-License-Identifier: LGPL-2.1-or-later
// Hooks: host programs that the configuration runs at points of the lifecycle (config.md "POSIX-platform Hooks").
// They get the state on standard input, the bundle as working directory, and no other descriptors of bunk.
#include "hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/read/config.h"
#include "process.h"
#include "sys/proc.h"

static char **as_vector(const struct texts *texts, const char *first)
{
	char **vector = mem_array(texts->count + 2, sizeof(*vector));
	size_t n = 0;

	if (!texts->count && first)
		vector[n++] = (char *)(uintptr_t)first;
	for (size_t i = 0; i < texts->count; i++)
		vector[n++] = (char *)(uintptr_t)texts->items[i];
	return vector;
}

// The state in a memfd rather than a pipe: writing it does not block if the hook does not read.
static int state_input(const struct container *c, enum bunk_status status, pid_t pid)
{
	struct bunk_state shown = c->state;
	int fd = memfd_create("state", MFD_CLOEXEC);

	shown.status = status;
	shown.pid = pid;
	auto_free char *text = bunk_state_json(&shown, false);
	if (fd >= 0 && (write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		return close(fd), -1;
	return fd;
}

// A hook without `env` gets the runtime's environment; one that runs inside the container, that of its process.
static const struct texts *environment_of(const struct container *c, enum hook_kind kind, const struct hook *hook)
{
	return hook->env.items ? &hook->env : kind == HOOK_START_CONTAINER ? &c->config.process.env : NULL;
}

// A hook inside the container has no more privileges than its process. It gets no seccomp agent: calls that the
// filter passes to one fail.
static void confine_hook(const struct container *c)
{
	struct err e = {0};

	if (process_confine(c, &e) >= 0)
		return;
	(void)!write(2, e.text, strlen(e.text));
	_exit(126);
}

static _Noreturn void become_hook(const struct container *c, enum hook_kind kind, const struct hook *hook, int input,
                                  int output)
{
	const struct texts *given = environment_of(c, kind, hook);
	auto_free char **args = as_vector(&hook->args, hook->path);
	auto_free char **vector = given ? as_vector(given, NULL) : NULL;
	char **env = vector ? vector : environ;

	proc_reset_signals(); // must not inherit signals that bunk ignores
	if (kind != HOOK_START_CONTAINER && c->bundle)
		(void)!chdir(c->bundle); // may be deleted before poststop
	if (dup2(input, 0) == 0 && dup2(output, 2) == 2) {
		close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
		if (kind == HOOK_START_CONTAINER)
			confine_hook(c);
		execve(hook->path, args, env);
	}
	_exit(errno == ENOENT ? 127 : 126);
}

// Waits until the hook has exited, its timeout (-ETIMEDOUT), or a signal interrupts the creation (-EINTR).
static int watch_hook(const struct container *c, int fd, const struct hook *hook)
{
	int64_t deadline = clock_mono() + hook->timeout.value * SECOND;
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = c->interrupt, .events = POLLIN}};

	for (;;) {
		int n = poll(fds, ARRAY_SIZE(fds), hook->timeout.given ? clock_poll_ms(deadline) : -1);

		if (n > 0)
			return fds[0].revents ? 0 : -EINTR;
		if (n == 0 && clock_mono() >= deadline)
			return -ETIMEDOUT;
	}
}

static int wait_hook(const struct container *c, pid_t pid, const struct hook *hook, int *status)
{
	auto_close int fd = pidfd_open(pid, 0);
	int r = fd >= 0 && (hook->timeout.given || c->interrupt >= 0) ? watch_hook(c, fd, hook) : 0;

	if (r < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return r;
}

enum { QUOTED = 400 }; // bytes of a hook's standard error that are quoted in the error

// Copies the hook's OUTPUT to stderr, and its end without trailing newlines to QUOTE. Processes that the hook left
// running cannot write any more to OUTPUT, which would stay in memory.
static void forward_output(int output, char quote[QUOTED])
{
	char buffer[4096];
	ssize_t n;
	off_t size = lseek(output, 0, SEEK_END);

	fcntl(output, F_ADD_SEALS, F_SEAL_GROW);
	for (off_t at = 0; (n = pread(output, buffer, sizeof(buffer), at)) > 0; at += n)
		(void)!write(2, buffer, (size_t)n);
	n = pread(output, quote, QUOTED - 1, size > QUOTED - 1 ? size - (QUOTED - 1) : 0);
	while (n > 0 && (quote[n - 1] == '\n' || quote[n - 1] == '\0'))
		n--;
	quote[n > 0 ? n : 0] = '\0';
}

static int run_hook(const struct container *c, enum hook_kind kind, size_t i, int input, struct err *e)
{
	const struct hook *hook = &c->config.hooks[kind].items[i];
	const char *where = config_hook_name(kind);
	auto_close int output = memfd_create("hook", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char quote[QUOTED];
	int status = 0;

	if (output < 0)
		return err_set(e, errno, "hooks.%s[%zu]: cannot capture its standard error", where, i);
	if (lseek(input, 0, SEEK_SET) < 0)
		return err_set(e, errno, "hooks.%s[%zu]: cannot pass the state", where, i);
	pid_t pid = fork();
	if (pid < 0)
		return err_set(e, errno, "hooks.%s[%zu]: cannot start '%s'", where, i, hook->path);
	if (pid == 0)
		become_hook(c, kind, hook, input, output);
	int r = wait_hook(c, pid, hook, &status);
	forward_output(output, quote);
	const char *mark = *quote ? ": " : "";
	if (r == -ETIMEDOUT)
		return err_msg(e, ETIMEDOUT, "hooks.%s[%zu]: '%s' timed out after %lld s", where, i, hook->path,
		               (long long)hook->timeout.value);
	if (r == -EINTR)
		return err_msg(e, EINTR, "hooks.%s[%zu]: '%s' was interrupted by a signal", where, i, hook->path);
	if (r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (r == 0 && WIFSIGNALED(status))
		return err_msg(e, EIO, "hooks.%s[%zu]: '%s' was killed by signal %d%s%s", where, i, hook->path,
		               WTERMSIG(status), mark, quote);
	return err_msg(e, EIO, "hooks.%s[%zu]: '%s' failed with exit status %d%s%s", where, i, hook->path,
	               WEXITSTATUS(status), mark, quote);
}

// runtime.md "Lifecycle": the first failure stops the list, except for poststop, where all hooks run and failures are
// only logged as warnings.
int hooks_run(const struct container *c, enum hook_kind kind, enum bunk_status status, pid_t pid, struct err *e)
{
	size_t count = c->config.hooks[kind].count;
	auto_close int input = count ? state_input(c, status, pid == HOOKS_SELF ? getpid() : pid) : -1;
	int r = 0;

	if (count && input < 0)
		return err_set(e, errno, "hooks.%s: cannot pass the state", config_hook_name(kind));
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct err late = {0};

		r = run_hook(c, kind, i, input, kind == HOOK_POSTSTOP ? &late : e);
		if (kind != HOOK_POSTSTOP)
			continue;
		if (r < 0 && c->b->warn)
			c->b->warn(c->b->context, late.text);
		r = 0;
	}
	return r;
}
