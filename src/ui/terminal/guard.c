// See guard.h. Runs in signal handlers of a crashing process: only async-signal-safe calls (man 7 signal-safety) and
// static memory.
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ui/term.h"

// The process's only terminal: handlers cannot reach it otherwise.
static struct {
	atomic_bool armed;
	int fd;
	pid_t owner;
	struct termios modes;
	char text[1024];
	size_t length;
	bool installed;
	_Alignas(16) char stack[64 * 1024];
} guard;

void term_restore(void)
{
	int saved = errno;

	// a forked child shares the terminal but did not open it
	if (atomic_exchange(&guard.armed, false) && guard.owner == getpid()) {
		ssize_t n = write(guard.fd, guard.text, guard.length);

		(void)n;
		tcsetattr(guard.fd, TCSANOW, &guard.modes);
	}
	errno = saved;
}

static void guard_on_signal(int number)
{
	term_restore();
	// SA_RESETHAND has restored the default action: the process ends by the signal
	raise(number);
}

static void guard_install(void)
{
	static const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
	                            SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGSYS, SIGXCPU, SIGXFSZ};
	stack_t stack = {.ss_sp = guard.stack, .ss_size = sizeof(guard.stack)};
	struct sigaction old, action = {.sa_handler = guard_on_signal, .sa_flags = SA_ONSTACK | SA_RESETHAND | SA_NODEFER};

	if (guard.installed)
		return;
	guard.installed = true;
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		if (sigaction(fatal[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(fatal[i], &action, NULL);
	atexit(term_restore);
}

void guard_arm(int fd, const struct termios *modes, const char *text, size_t n)
{
	atomic_store(&guard.armed, false);
	guard.fd = fd;
	guard.owner = getpid();
	guard.modes = *modes;
	guard.length = n < sizeof(guard.text) ? n : sizeof(guard.text);
	memcpy(guard.text, text, guard.length);
	guard_install();
	atomic_store(&guard.armed, true);
}

void guard_disarm(void)
{
	atomic_store(&guard.armed, false);
}
