// The network of the container in its monitor: see monitor.h.
#include <stdlib.h>

#include "base/mem.h"
#include "monitor.h"

// An error is noted once, not with each attempt.
static void note_network(struct monitor *m, bool restored, const char *text)
{
	if (!restored && str_equal(m->network_error, text))
		return;
	free(m->network_error);
	m->network_error = restored ? NULL : mem_strdup(text);
	monitor_note(m, restored ? JOURNAL_RESTORED : JOURNAL_NETWORK, -1, text);
}

// Traffic stops while the process that passes it on is missing, so another one replaces it.
static void reconnect_network(struct monitor *m)
{
	struct err e;

	m->hold.slirp.pid = 0; // reaped
	if (!m->ended && m->state.phase == RUN_RUNNING && network_reconnect(&m->hold, m->state.pid, &e) < 0)
		note_network(m, false, e.text);
}

bool monitor_restore_network(struct monitor *m, pid_t pid, int status)
{
	bool ours = pid == m->hold.slirp.pid || pid == m->watch.repair;
	auto_free char *text = NULL;

	if (pid == m->hold.slirp.pid)
		reconnect_network(m);
	int r = network_watch_ended(&m->watch, pid, status, &text);
	if (r != 0)
		note_network(m, r > 0, text);
	return ours;
}
