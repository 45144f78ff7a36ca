// SPDX-License-Identifier: LGPL-2.1-or-later
// A small init: see reaper.h. It runs confined like the program: the filter is loaded and the ids are changed before.
#include "reaper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "bunk/plan/caps.h"

bool reaper_is_wanted(const struct container *c)
{
	for (size_t i = 0; i < c->config.annotations.count; i++)
		if (str_equal(c->config.annotations.items[i].name, "bunk.init"))
			return str_equal(c->config.annotations.items[i].value, "1");
	return false;
}

// Returns the exit status of PROGRAM if it has exited, else -1.
static int reap_children(pid_t program)
{
	int status, found = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == program)
			found = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return found;
}

static _Noreturn void serve(pid_t program, const sigset_t *signals)
{
	for (int status = -1;;) {
		int number = sigwaitinfo(signals, NULL);

		if (number == SIGCHLD)
			status = reap_children(program);
		else if (number > 0)
			kill(program, number);
		if (status >= 0)
			_exit(status);
	}
}

// Signals from the terminal are for the program's processes only: they are a separate process group, in the
// foreground.
static void take_terminal(void)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpid());
	signal(SIGTTOU, SIG_DFL);
}

// Root in the container may read this process's memory (/proc/1/environ), which execve(2) does not replace: the
// environment is that of the runtime's caller, and may hold secrets.
static void forget_environment(void)
{
	for (char **variable = environ; *variable; variable++)
		explicit_bzero(*variable, strlen(*variable));
}

int reaper_split(struct err *e)
{
	sigset_t all, before;

	forget_environment();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); // where it is not the first process of its namespace
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid < 0)
		return err_set(e, errno, "cannot create the process of the program");
	if (pid == 0) {
		take_terminal();
		sigprocmask(SIG_SETMASK, &before, NULL);
		return 0;
	}
	close_range(STDERR_FILENO + 1, ~0U, 0); // the runtime knows by the end of its socket that the program was executed
	if (geteuid() != 0)
		caps_drop(); // like execve(2); the init needs none for its own processes
	prctl(PR_SET_NAME, "init", 0, 0, 0);
	serve(pid, &all);
}
