// The network of the container in its monitor: see monitor.h.
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "monitor.h"
#include "sys/proc.h"
#include "sys/pty.h"

// An error is written once, not at each attempt.
static void note_network(struct monitor *m, bool restored, const char *text)
{
	if (!restored && str_equal(m->network_error, text))
		return;
	free(m->network_error);
	m->network_error = restored ? NULL : mem_strdup(text);
	monitor_note(m, restored ? JOURNAL_RESTORED : JOURNAL_NETWORK, -1, text);
}

void monitor_note_network(struct monitor *m, const char *error)
{
	note_network(m, false, error);
}

void monitor_leave_network(struct monitor *m)
{
	struct err e = {0};

	m->on_networks = network_leave(m->store, m->record.name, &e) < 0;
	if (m->on_networks)
		note_network(m, false, e.text);
}

// --- a private network ---

// In a child, since starting the helper can take long. The child sends the helper's pid with the pipe that keeps it
// alive, or an error; when the child exits, the monitor becomes the helper's parent (PR_SET_CHILD_SUBREAPER).
static _Noreturn void connect_and_exit(struct monitor *m, int line)
{
	struct err e = {0};
	int r = network_reconnect(&m->hold, m->state.pid, &e);
	auto_free char *pid = mem_printf("%d", (int)m->hold.helper.pid);

	if (r == 0)
		r = fd_send(line, m->hold.helper.alive, pid);
	else
		send(line, e.text, strlen(e.text), MSG_NOSIGNAL);
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

// The helper carries all traffic to the outside: if it ends, it is started again.
static void start_reconnecting(struct monitor *m)
{
	int ends[2];

	network_release_helper(&m->hold);
	if (m->ended || m->state.phase != RUN_RUNNING || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0)
		connect_and_exit(m, ends[1]);
	close(ends[1]);
	m->connecting = (struct connecting){pid > 0 ? pid : 0, ends[0]};
	if (pid < 0)
		monitor_stop_connecting(m);
}

static void finish_reconnecting(struct monitor *m, int status)
{
	char text[ERR_TEXT_MAX] = "";
	uint64_t pid = 0;

	int alive = status == 0 ? fd_receive(m->connecting.line, text, sizeof(text)) : -1;
	ssize_t n = status == 0 ? 0 : recv(m->connecting.line, text, sizeof(text) - 1, MSG_DONTWAIT);
	m->connecting.pid = 0;
	monitor_stop_connecting(m);
	if (alive >= 0 && str_to_u64(text, &pid) == 0)
		m->hold.helper = (struct helper){(pid_t)pid, alive};
	else
		note_network(m, false, n > 0 ? text : "cannot connect the container's network again");
}

void monitor_stop_connecting(struct monitor *m)
{
	if (m->connecting.pid)
		proc_end(m->connecting.pid);
	auto_close_run(&m->connecting.line);
	m->connecting = CONNECTING_NONE;
}

// --- published ports ---

static void forward_again(struct monitor *m)
{
	struct err e = {0};

	if (network_forward_again(&m->hold, &e) < 0)
		note_network(m, false, e.text);
}

// --- all networks ---

bool monitor_restore_network(struct monitor *m, pid_t pid, int status)
{
	bool ours = pid == m->hold.helper.pid || pid == m->connecting.pid || pid == m->watch.repair ||
	            pid == m->hold.forwarder.pid;
	auto_free char *text = NULL;

	if (pid == m->hold.helper.pid)
		start_reconnecting(m);
	else if (pid == m->connecting.pid)
		finish_reconnecting(m, status);
	else if (pid == m->hold.forwarder.pid)
		forward_again(m);
	int r = network_watch_ended(&m->watch, pid, status, &text);
	if (r != 0)
		note_network(m, r > 0, text);
	return ours;
}
