// slirp4netns: see slirp.h.
#include "slirp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"
#include "sys/pty.h"

static const char program[] = "slirp4netns", control[] = "slirp"; // in the container's directory
#define TIMEOUT (20 * SECOND)

char *slirp_request(const struct port *p)
{
	auto_free char *address = address_text(p->address);

	return mem_printf("{\"execute\": \"add_hostfwd\", \"arguments\": {\"proto\": \"%s\", \"host_addr\": \"%s\", "
	                  "\"host_port\": %u, \"guest_port\": %u}}",
	                  p->udp ? "udp" : "tcp", address, p->outside, p->inside);
}

// Waits until FD is readable or at its end. Returns whether it is.
static bool wait_readable(int fd)
{
	int64_t until = clock_mono() + TIMEOUT;
	struct pollfd p = {fd, POLLIN, 0};
	int n;

	while ((n = poll(&p, 1, clock_poll_ms(until))) < 0 && errno == EINTR)
		;
	return n > 0;
}

static int add_port(const struct port *p, struct err *e)
{
	auto_free char *request = slirp_request(p), *text = port_text(p);
	auto_close int fd = fd_connect(control, NULL);
	char answer[1024] = "";
	size_t length = strlen(request);

	if (fd < 0 || send(fd, request, length, MSG_NOSIGNAL) != (ssize_t)length || shutdown(fd, SHUT_WR) < 0)
		return err_msg(e, EIO, "cannot publish port %s: '%s' does not respond", text, program);
	ssize_t n = wait_readable(fd) ? recv(fd, answer, sizeof(answer) - 1, 0) : 0;
	answer[n > 0 ? n : 0] = '\0';
	if (strstr(answer, "\"return\""))
		return 0;
	auto_free char *shown = str_visible(answer);
	return err_msg(e, EADDRINUSE, "cannot publish port %s: '%s' answered '%s'", text, program, shown);
}

// What the program has said, as one line, without warnings. Owned.
static char *last_words(int log)
{
	char text[1024] = "", *line = text;

	(void)!pread(log, text, sizeof(text) - 1, 0);
	while (str_starts(line, "WARNING") && strchr(line, '\n'))
		line = strchr(line, '\n') + 1;
	line[strcspn(line, "\n")] = '\0';
	return str_visible(line);
}

// *REFUSED: the program does not know one of its options.
static int wait_until_ready(int ready, int log, bool *refused, struct err *e)
{
	char byte;

	if (wait_readable(ready) && read(ready, &byte, 1) == 1)
		return 0;
	auto_free char *text = last_words(log);
	*refused = strstr(text, "unrecognized option");
	return err_msg(e, EIO, "'%s' failed: %s", program, *text ? text : "no error message");
}

// CONFINED: in a mount namespace of its own without the user's files, and with a filter of its system calls.
static int spawn(struct slirp *s, pid_t target, bool confined, int ready, int alive, int log, struct err *e)
{
	static const char *const words[] = {"--enable-sandbox", "--enable-seccomp", "--configure", "--mtu=65520",
	                                    "--disable-host-loopback", "--exit-fd=0", "--ready-fd=3", "--api-socket",
	                                    control};
	auto_strv argv = {0};

	strv_add(&argv, program);
	for (size_t i = confined ? 0 : 2; i < ARRAY_SIZE(words); i++)
		strv_add(&argv, words[i]);
	strv_addf(&argv, "%d", (int)target);
	strv_add(&argv, "tap0");
	int r = (int)proc_spawn((const char *const *)argv.items, (const int[3]){alive, -1, log}, ready, true, e);

	if (r == -ENOENT)
		return err_msg(e, ENOENT, "networks of ordinary users need '%s', which is not installed (install %s)", program,
		               program);
	s->pid = r < 0 ? 0 : (pid_t)r;
	return r < 0 ? r : 0;
}

static int start(struct slirp *s, pid_t pid, const struct ports *ports, bool confined, bool *refused, struct err *e)
{
	int ready[2] = {-1, -1}, alive[2] = {-1, -1};
	auto_close int log = memfd_create("slirp", MFD_CLOEXEC);

	*s = (struct slirp){.alive = -1};
	unlink(control);
	int r = log < 0 || pipe2(ready, O_CLOEXEC) < 0 || pipe2(alive, O_CLOEXEC) < 0
	            ? err_set(e, errno, "cannot create a pipe")
	            : spawn(s, pid, confined, ready[1], alive[0], log, e);
	auto_close_run(&ready[1]);
	auto_close_run(&alive[0]);
	s->alive = alive[1];
	if (r == 0)
		r = wait_until_ready(ready[0], log, refused, e);
	auto_close_run(&ready[0]);
	for (size_t i = 0; r == 0 && i < ports->count; i++)
		r = add_port(&ports->items[i], e);
	if (r < 0)
		slirp_stop(s);
	return r;
}

int slirp_start(struct slirp *s, pid_t pid, const struct ports *ports, struct err *e)
{
	bool refused = false;
	int r = start(s, pid, ports, true, &refused, e);

	return r < 0 && refused ? start(s, pid, ports, false, &refused, e) : r; // before version 0.4
}

void slirp_stop(struct slirp *s)
{
	if (s->alive >= 0)
		unlink(control);
	auto_close_run(&s->alive);
	if (s->pid > 0)
		proc_end(s->pid);
	*s = (struct slirp){.alive = -1};
}
