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

#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/address.h"
#include "sys/proc.h"
#include "sys/pty.h"

static const char program[] = "slirp4netns", control[] = "slirp"; // in the place's directory
#define TEXT_OF(NUMBER) #NUMBER
#define MTU_OPTION(NUMBER) "--mtu=" TEXT_OF(NUMBER)
#define TIMEOUT (20 * SECOND)

// --- requests ---

char *slirp_request(const struct slirp_port *p)
{
	auto_free char *address = address_text(p->port.address);

	return mem_printf("{\"execute\": \"add_hostfwd\", \"arguments\": {\"proto\": \"%s\", \"host_addr\": \"%s\", "
	                  "\"host_port\": %u, \"guest_port\": %u}}",
	                  p->port.udp ? "udp" : "tcp", address, p->port.outside, p->to);
}

// Waits until FD is readable or at its end. Returns whether it is.
static bool wait_readable(int fd, int64_t until)
{
	struct pollfd p = {fd, POLLIN, 0};
	int n;

	while ((n = poll(&p, 1, clock_poll_ms(until))) < 0 && errno == EINTR)
		;
	return n > 0;
}

// The whole answer to REQUEST, "" if there is none. Owned.
static char *ask(const char *directory, const char *request)
{
	auto_free char *path = mem_printf("%s/%s", directory, control);
	auto_close int fd = fd_connect(path, NULL);
	int64_t until = clock_mono() + TIMEOUT;
	struct str answer = {0};
	size_t length = strlen(request);
	char part[4096];
	ssize_t n = 1;

	if (fd < 0 || send(fd, request, length, MSG_NOSIGNAL) != (ssize_t)length || shutdown(fd, SHUT_WR) < 0)
		return mem_strdup("");
	while (n > 0 && wait_readable(fd, until) && (n = recv(fd, part, sizeof(part), 0)) > 0)
		str_add_bytes(&answer, part, (size_t)n);
	return str_steal(&answer);
}

static int add_port(const char *directory, const struct slirp_port *p, struct err *e)
{
	auto_free char *request = slirp_request(p), *text = port_text(&p->port), *answer = ask(directory, request);

	if (strstr(answer, "\"return\""))
		return 0;
	auto_free char *shown = str_visible(answer);
	return *answer ? err_msg(e, EADDRINUSE, "cannot publish port %s: '%s' answered '%s'", text, program, shown)
	               : err_msg(e, EIO, "cannot publish port %s: '%s' does not respond", text, program);
}

static void remove_port(const char *directory, json_int_t id)
{
	auto_free char *request =
	    mem_printf("{\"execute\": \"remove_hostfwd\", \"arguments\": {\"id\": %lld}}", (long long)id);

	free(ask(directory, request));
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

// Whether ENTRY of the list of published ports is P.
static bool is_port(const json_t *entry, const struct slirp_port *p)
{
	const char *protocol = json_string_value(json_object_get(entry, "proto"));
	auto_free char *address = address_text(p->port.address);

	return str_equal(protocol, p->port.udp ? "udp" : "tcp") && number(entry, "host_port") == p->port.outside &&
	       number(entry, "guest_port") == p->to &&
	       str_equal(json_string_value(json_object_get(entry, "host_addr")), address);
}

// The published ports, which are in an object "return" according to the manual only. A new reference.
static json_t *list_ports(const char *directory)
{
	auto_free char *answer = ask(directory, "{\"execute\": \"list_hostfwd\"}");
	json_t *object = json_loads(answer, 0, NULL), *inner = json_object_get(object, "return"),
	       *entries = json_incref(json_object_get(inner ? inner : object, "entries"));

	json_decref(object);
	return entries ? entries : json_array();
}

int slirp_publish(const char *directory, const struct slirp_port *ports, size_t count, struct err *e)
{
	json_t *entries = list_ports(directory), *entry;
	auto_free bool *published = mem_array(count + 1, sizeof(*published));
	size_t i, k;
	int r = 0;

	json_array_foreach(entries, i, entry) {
		for (k = 0; k < count && !is_port(entry, &ports[k]); k++)
			;
		if (k < count)
			published[k] = true;
		else
			remove_port(directory, number(entry, "id"));
	}
	json_decref(entries);
	for (k = 0; r == 0 && k < count; k++) {
		struct err ignored;
		if (!published[k])
			r = add_port(directory, &ports[k], ports[k].ours ? e : &ignored);
		r = ports[k].ours ? r : 0;
	}
	return r;
}

// --- starting it ---

static bool is_chatter(const char *line)
{
	static const char *const starts[] = {"WARNING", "sent tapfd", "received tapfd"};
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		found |= str_starts(line, starts[i]);
	return found;
}

// The first error that the program has printed. Owned.
static char *first_error(int log)
{
	char text[1024] = "", *line = text;

	(void)!pread(log, text, sizeof(text) - 1, 0);
	while (is_chatter(line) && strchr(line, '\n'))
		line = strchr(line, '\n') + 1;
	line[strcspn(line, "\n")] = '\0';
	return str_visible(line);
}

// *REFUSED: the program does not know one of its options.
static int wait_until_ready(int ready, int log, bool *refused, struct err *e)
{
	char byte;

	if (wait_readable(ready, clock_mono() + TIMEOUT) && read(ready, &byte, 1) == 1)
		return 0;
	auto_free char *text = first_error(log);
	*refused = strstr(text, "unrecognized option");
	return err_msg(e, EIO, "'%s' failed: %s", program, *text ? text : "no error message");
}

// Its control socket has a relative name: the length of the name is limited.
static int spawn_in(const char *directory, const struct strv *argv, const int fds[3], int ready, struct err *e)
{
	auto_close int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (back < 0 || chdir(directory) < 0)
		return err_set(e, errno, "cannot open '%s'", directory);
	unlink(control);
	int r = (int)proc_spawn((const char *const *)argv->items, fds, ready, true, e);
	return fchdir(back) < 0 && r > 0 ? err_set(e, errno, "cannot return to a directory") : r;
}

// CONFINED: in a mount namespace of its own without the user's files, and with a filter of its system calls.
static int spawn(const struct slirp_place *place, bool confined, int ready, int log, struct err *e)
{
	static const char *const words[] = {"--enable-sandbox", "--enable-seccomp", "--configure", MTU_OPTION(SLIRP_MTU),
	                                    "--disable-host-loopback", "--exit-fd=0", "--ready-fd=3", "--api-socket",
	                                    control};
	auto_strv argv = {0};

	strv_add(&argv, program);
	for (size_t i = confined ? 0 : 2; i < ARRAY_SIZE(words); i++)
		strv_add(&argv, words[i]);
	strv_addf(&argv, "%d", (int)place->process);
	strv_add(&argv, "tap0");
	int r = spawn_in(place->directory, &argv, (const int[3]){place->alive, -1, log}, ready, e);

	if (r == -ENOENT)
		return err_msg(e, ENOENT, "networks of ordinary users need '%s', which is not installed (install %s)", program,
		               program);
	return r;
}

static pid_t launch(const struct slirp_place *place, bool confined, bool *refused, struct err *e)
{
	int ready[2] = {-1, -1};
	auto_close int log = memfd_create("slirp", MFD_CLOEXEC);
	pid_t pid = log < 0 || pipe2(ready, O_CLOEXEC) < 0 ? err_set(e, errno, "cannot create a pipe")
	                                                   : spawn(place, confined, ready[1], log, e);

	auto_close_run(&ready[1]);
	int r = pid < 0 ? pid : wait_until_ready(ready[0], log, refused, e);
	auto_close_run(&ready[0]);
	if (r < 0 && pid > 0)
		proc_end(pid);
	return r < 0 ? r : pid;
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

pid_t slirp_launch(const struct slirp_place *place, struct err *e)
{
	bool refused = false;

	if (check_tun(e) < 0)
		return -e->code;
	pid_t pid = launch(place, true, &refused, e);

	return pid < 0 && refused ? launch(place, false, &refused, e) : pid; // before version 0.4
}

// --- a private network ---

int slirp_start(struct slirp *s, pid_t pid, const struct ports *ports, struct err *e)
{
	int alive[2] = {-1, -1};
	auto_free struct slirp_port *list = mem_array(ports->count + 1, sizeof(*list));

	*s = (struct slirp){.alive = -1};
	if (pipe2(alive, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe");
	int r = slirp_launch(&(struct slirp_place){.directory = ".", .process = pid, .alive = alive[0]}, e);
	auto_close_run(&alive[0]);
	*s = (struct slirp){r < 0 ? 0 : r, alive[1]};
	for (size_t i = 0; i < ports->count; i++)
		list[i] = (struct slirp_port){ports->items[i], ports->items[i].inside, true};
	if (r >= 0)
		r = slirp_publish(".", list, ports->count, e);
	if (r < 0)
		slirp_stop(s);
	return r;
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
