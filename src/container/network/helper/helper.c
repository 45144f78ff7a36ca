// The helper of a network, and its keeper: see helper.h.
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/network/record/separate.h"
#include "sys/proc.h"

#define TIMEOUT (20 * SECOND)
enum { STOP_PATIENCE = 2000 }; // ms; normally, a keeper exits at once

// --- the program ---

// The descriptors of the program.
struct ends {
	int ready[2]; // the program writes a byte into this pipe when it has connected the namespace
	int leash[2]; // the program exits when the keeper closes its end of this pipe
	int log;
};
#define ENDS_NONE ((struct ends){{-1, -1}, {-1, -1}, -1})

static int open_ends(struct ends *s, struct err *e)
{
	*s = ENDS_NONE;
	s->log = memfd_create("helper", MFD_CLOEXEC);
	return s->log < 0 || pipe2(s->ready, O_CLOEXEC) < 0 || pipe2(s->leash, O_CLOEXEC) < 0
	           ? err_set(e, errno, "cannot create a pipe")
	           : 0;
}

static void close_ends(struct ends *s)
{
	int *const all[] = {&s->ready[0], &s->ready[1], &s->leash[0], &s->leash[1], &s->log};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		auto_close_run(all[i]);
	*s = ENDS_NONE;
}

// In the child. The descriptors are copied above their final numbers first, since those may be in use.
static _Noreturn void execute(const char *path, const struct strv *argv, const struct ends *s, pid_t keeper)
{
	const int wanted[] = {s->ready[1], -1, s->log, s->leash[0]}; // as descriptors 0 to 3
	int copies[ARRAY_SIZE(wanted)];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(EXIT_FAILURE);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		copies[i] = wanted[i] < 0 ? -1 : fcntl(wanted[i], F_DUPFD_CLOEXEC, (int)ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (copies[i] >= 0)
			dup2(copies[i], (int)i);
	execv(path, argv->items);
	dprintf(s->log, "%s\n", strerror(errno));
	_exit(EXIT_FAILURE);
}

static bool is_chatter(const struct helper_program *p, const char *line)
{
	bool found = !*line || *line == '\n';

	for (const char *const *start = p->chatter; *start; start++)
		found |= str_starts(line, *start);
	return found;
}

// The first error that the program has printed. Owned.
static char *first_error(const struct helper_program *p, int log)
{
	char text[1024] = "", *line = text;

	(void)!pread(log, text, sizeof(text) - 1, 0);
	while (is_chatter(p, line) && strchr(line, '\n'))
		line = strchr(line, '\n') + 1;
	line[strcspn(line, "\n")] = '\0';
	return str_visible(line);
}

// *REFUSED: the program does not support one of the options.
static int wait_until_ready(const struct helper_program *p, const struct ends *s, bool *refused, struct err *e)
{
	struct pollfd ready = {s->ready[0], POLLIN, 0};
	int64_t until = clock_mono() + TIMEOUT;
	char byte;
	int n;

	while ((n = poll(&ready, 1, clock_poll_ms(until))) < 0 && errno == EINTR)
		;
	if (n > 0 && read(s->ready[0], &byte, 1) == 1)
		return 0;
	auto_free char *text = first_error(p, s->log);
	*refused = strstr(text, "unrecognized option");
	return err_msg(e, EIO, "'%s' failed: %s", p->name, *text ? text : "no error message");
}

static pid_t run_program(const struct helper_program *p, pid_t process, bool confined, struct ends *s, bool *refused,
                         struct err *e)
{
	auto_free char *path = proc_find_program(p->name);
	auto_strv argv = {0};
	pid_t self = getpid();

	if (!path || open_ends(s, e) < 0)
		return path ? -e->code : err_msg(e, ENOENT, "'%s' is not installed", p->name);
	strv_add(&argv, p->name);
	p->command(&argv, process, confined);
	pid_t pid = fork();
	if (pid == 0)
		execute(path, &argv, s, self);
	auto_close_run(&s->ready[1]);
	auto_close_run(&s->leash[0]);
	s->ready[1] = s->leash[0] = -1;
	int r = pid < 0 ? err_set(e, errno, "cannot start '%s'", p->name) : wait_until_ready(p, s, refused, e);
	if (r < 0 && pid > 0)
		proc_end(pid);
	if (r < 0)
		close_ends(s);
	return r < 0 ? r : pid;
}

static pid_t start_program(const struct helper_program *p, pid_t process, struct ends *s, struct err *e)
{
	bool refused = false;
	pid_t pid = run_program(p, process, true, s, &refused, e);

	return pid < 0 && refused ? run_program(p, process, false, s, &refused, e) : pid; // slirp4netns before version 0.4
}

// --- the keeper ---

// What the keeper reports to the process that has started it.
struct outcome {
	pid_t program;
	struct err e;
};

// Waits until the program exits or the pipe is closed, and ends the program. Returns whether the pipe was closed.
static bool wait_for_end(pid_t program, int alive)
{
	auto_close int pidfd = pidfd_open(program, 0);
	struct pollfd p[] = {{alive, POLLIN, 0}, {pidfd, POLLIN, 0}};
	int n;

	while ((n = poll(p, 2, -1)) < 0 && errno == EINTR)
		;
	proc_end(program);
	return n > 0 && p[0].revents;
}

static _Noreturn void run_keeper(const struct helper_place *place, const struct helper_program *p, int answer)
{
	struct ends ends;
	struct outcome outcome = {0};

	process_separate((const int[]){place->alive, answer}, 2);
	setsid();
	outcome.program = start_program(p, place->process, &ends, &outcome.e);
	if (write(answer, &outcome, sizeof(outcome)) != sizeof(outcome) || outcome.program < 0)
		_exit(EXIT_FAILURE);
	close(answer);
	if (wait_for_end(outcome.program, place->alive) && place->at_end)
		place->at_end(place->context);
	_exit(EXIT_SUCCESS);
}

static pid_t start_keeper(const struct helper_place *place, const struct helper_program *p, pid_t *program,
                          struct err *e)
{
	struct outcome outcome = {0};
	int answer[2];

	if (pipe2(answer, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe");
	pid_t pid = fork();
	if (pid == 0)
		run_keeper(place, p, answer[1]);
	close(answer[1]);
	ssize_t n = pid < 0 ? -1 : read(answer[0], &outcome, sizeof(outcome));
	close(answer[0]);
	if (n == sizeof(outcome) && outcome.program > 0) {
		if (program)
			*program = outcome.program;
		return pid;
	}
	if (pid > 0)
		proc_end(pid);
	return n == sizeof(outcome) ? err_msg(e, outcome.e.code, "%s", outcome.e.text)
	                            : err_msg(e, EIO, "cannot start '%s'", p->name);
}

static int check_tun(struct err *e)
{
	static const char path[] = "/dev/net/tun";

	if (access(path, R_OK | W_OK) == 0)
		return 0;
	return errno == ENOENT
	           ? err_msg(e, ENODEV, "networks of ordinary users need '%s', which does not exist (modprobe tun)", path)
	           : err_msg(e, EPERM, "networks of ordinary users need '%s', which this user cannot open", path);
}

pid_t helper_launch(const struct helper_place *place, pid_t *program, struct err *e)
{
	const struct helper_program *p = helper_choose(e);

	return !p || check_tun(e) < 0 ? -e->code : start_keeper(place, p, program, e);
}

// --- a private network ---

int helper_start(struct helper *h, pid_t pid, struct err *e)
{
	int alive[2] = {-1, -1};

	*h = (struct helper){.alive = -1};
	if (pipe2(alive, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe");
	int r = helper_launch(&(struct helper_place){.process = pid, .alive = alive[0]}, NULL, e);
	auto_close_run(&alive[0]);
	*h = (struct helper){r < 0 ? 0 : r, alive[1]};
	if (r < 0)
		helper_stop(h);
	return r < 0 ? r : 0;
}

void helper_stop(struct helper *h)
{
	auto_close int keeper = h->pid > 0 ? pidfd_open(h->pid, 0) : -1;
	struct pollfd p = {keeper, POLLIN, 0};

	auto_close_run(&h->alive);
	if (keeper >= 0) // it stops the program before it exits
		poll(&p, 1, STOP_PATIENCE);
	if (h->pid > 0)
		proc_end(h->pid);
	*h = (struct helper){.alive = -1};
}
