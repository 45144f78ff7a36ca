// Connections to libvirt: opening, monitoring, reconnecting.
#include "connection.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/param.h"
#include "events.h"
#include "guest/guests.h"
#include "guest/host/uri.h"
#include "guest/vir/error.h"
#include "guest/vir/loop.h"
#include "guest/vir/vir.h"
#include "guests.h"
#include "sys/userns.h"
#include "worker.h"

enum {
	KEEPALIVE = 2, // seconds between keepalive messages …
	KEEPALIVE_MISSED = 3,    // … and how many may go unanswered
	RECONNECT_SECONDS = 2,     // connect timeout in seconds after the daemon failed to answer
};

// --- opening and closing ---

static void ignore_error(void *context, virErrorPtr error)
{
	(void)context, (void)error;
}

virConnectPtr connection_open(const struct guests *g, const char *uri)
{
	virConnectPtr conn = g->read_only ? vir.ConnectOpenReadOnly(uri) : vir.ConnectOpen(uri);

	if (conn) {
		vir.ConnSetErrorFunc(conn, NULL, ignore_error);
		vir.ConnectSetKeepAlive(conn, KEEPALIVE, KEEPALIVE_MISSED);
	}
	return conn;
}

static void connection_close(virConnectPtr conn, const int ids[EVENTS_MAX])
{
	if (!conn)
		return;
	events_unwatch(conn, ids);
	vir.ConnectClose(conn);
}

// Detaches the control connection, so that no other thread starts a call on it. IDS receives its event ids.
static virConnectPtr control_detach(struct guests *g, int ids[EVENTS_MAX])
{
	pthread_mutex_lock(&g->lock);
	virConnectPtr conn = g->control;
	g->control = NULL;
	memcpy(ids, g->events, sizeof(g->events));
	pthread_mutex_unlock(&g->lock);
	return conn;
}

static void control_attach(struct guests *g, virConnectPtr conn, const int ids[EVENTS_MAX], const struct err *refusal)
{
	pthread_mutex_lock(&g->lock);
	g->control = conn;
	g->refusal = *refusal;
	g->silent_since = 0;
	if (conn)
		memcpy(g->events, ids, sizeof(g->events));
	for (size_t i = 0; i < g->count; i++) // events were missed while disconnected
		g->rows[i].current = false;
	g->changed = true;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
}

// Falls back to the user's session because the system libvirt REFUSED access.
static void fall_back_to_session(struct guests *g, const struct err *refused)
{
	pthread_mutex_lock(&g->lock);
	g->uri = SESSION_URI;
	free(g->refused);
	g->refused = mem_strdup(refused->text);
	pthread_mutex_unlock(&g->lock);
}

// Opens the chosen URI. Falls back to the user's session only if a default URI denies access.
static virConnectPtr open_chosen_uri(struct guests *g, struct err *refusal)
{
	virConnectPtr conn = connection_open(g, g->uri);

	if (conn)
		return conn;
	int r = guest_error(refusal, "cannot connect to libvirt at '%s'", g->uri);
	if (g->choice.by_user || guests_is_session(g) || userns_is_host_root() || r != -EACCES)
		return NULL;
	conn = connection_open(g, SESSION_URI);
	if (conn)
		fall_back_to_session(g, refusal);
	return conn;
}

static void connect_worker(struct guests *g)
{
	int ids[EVENTS_MAX];
	struct err refusal = {0};

	connection_close(control_detach(g, ids), ids);
	atomic_store(&g->lost, NULL);
	virConnectPtr conn = open_chosen_uri(g, &refusal);
	if (conn) {
		events_watch(g, conn, ids);
		refusal = (struct err){0};
	}
	control_attach(g, conn, ids, &refusal);
}

// Waits for the other workers, which use what is closed here.
static void close_worker(struct guests *g)
{
	int ids[EVENTS_MAX];

	pthread_mutex_lock(&g->lock);
	for (int kind = 0; kind < WORKER_CLOSE; kind++)
		while (g->workers[kind].busy)
			pthread_cond_wait(&g->condition, &g->lock);
	pthread_mutex_unlock(&g->lock);
	for (size_t i = 0; i < WORKERS; i++)
		if (g->own[i])
			vir.ConnectClose(g->own[i]);
	for (size_t i = 0; i < POOL; i++)
		if (g->pool[i].conn && !g->pool[i].busy) // otherwise its user closes it
			vir.ConnectClose(g->pool[i].conn);
	connection_close(control_detach(g, ids), ids);
	loop_release();
}

// --- using a connection ---

int guests_no_answer(struct guests *g, struct err *e)
{
	char time[DATE_TEXT];

	date_local(time, DATE_TIME, clock_wall_at(g->silent_since));
	return err_msg(e, ETIMEDOUT,
	               "no answer from libvirt at '%s' since %s (is its daemon stopped? see: systemctl status libvirtd)",
	               g->uri, time);
}

// Saves libvirt's five seconds of retries for a session daemon that is not installed.
static int check_daemon_installed(const struct guests *g, struct err *e)
{
	if (g->choice.by_user || !guests_is_session(g) || session_is_installed() || session_has_something())
		return 0;
	err_msg(e, ENOTCONN, "cannot connect to libvirt at '%s': no libvirt daemon is installed", g->uri);
	return err_hint(e, "install libvirt-daemon-system and qemu-system-x86 to run guests");
}

// The caller holds the lock.
static int connect_and_wait(struct guests *g, struct err *e)
{
	int r = check_daemon_installed(g, e);

	if (r < 0)
		return r;
	if (!g->looped) {
		r = vir_load(e);
		if (r < 0)
			return r;
		loop_acquire();
		g->looped = true;
	}
	if (!worker_start(g, WORKER_CONNECT, connect_worker))
		return err_msg(e, EAGAIN, "cannot start a thread to connect to libvirt (too many processes?)");
	int64_t limit = (g->silent_since ? RECONNECT_SECONDS : CONNECT_SECONDS) * SECOND;
	if (!worker_wait(g, WORKER_CONNECT, clock_mono() + limit)) {
		if (!g->silent_since)
			g->silent_since = g->workers[WORKER_CONNECT].since;
		return guests_no_answer(g, e);
	}
	if (!g->control) {
		if (e)
			*e = g->refusal;
		return g->refusal.code ? -g->refusal.code : -ENOTCONN;
	}
	return 0;
}

static bool control_is_usable(const struct guests *g)
{
	return g->control && !guests_is_lost(g) && vir.ConnectIsAlive(g->control) == 1;
}

int control_ensure(struct guests *g, struct err *e)
{
	if (g->closing)
		return err_msg(e, ECANCELED, "the connection to libvirt is being closed");
	int r = control_is_usable(g) ? 0 : connect_and_wait(g, e);
	return r == 0 && !g->control ? err_msg(e, ENOTCONN, "the connection to libvirt at '%s' was lost", g->uri) : r;
}

// Waits until FLAG is false, at most 10 s. The caller holds the lock.
static int wait_until_idle(struct guests *g, const bool *flag, struct err *e)
{
	int64_t until = clock_mono() + 10 * SECOND;
	const struct timespec at = clock_timespec(until);

	while (*flag)
		if (pthread_cond_timedwait(&g->condition, &g->lock, &at) != 0)
			return err_msg(e, EBUSY, "libvirt at '%s' is busy with other hostel requests", g->uri);
	return 0;
}

int control_begin(struct guests *g, virConnectPtr *conn, struct err *e)
{
	pthread_mutex_lock(&g->lock);
	int r = wait_until_idle(g, &g->control_busy, e);
	g->control_busy = r == 0;
	if (r == 0 && (r = control_ensure(g, e)) < 0)
		g->control_busy = false;
	if (r == 0) {
		*conn = g->control;
		vir.ConnectRef(*conn);
	}
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
	return r;
}

void control_end(struct guests *g, virConnectPtr conn)
{
	vir.ConnectClose(conn);
	pthread_mutex_lock(&g->lock);
	g->control_busy = false;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
}

virConnectPtr worker_connection(struct guests *g, enum worker_kind kind)
{
	virConnectPtr old = g->own[kind]; // used by this worker only

	if (old && vir.ConnectIsAlive(old) == 1)
		return old;
	pthread_mutex_lock(&g->lock);
	bool closing = g->closing;
	pthread_mutex_unlock(&g->lock);
	if (old)
		vir.ConnectClose(old);
	g->own[kind] = closing ? NULL : connection_open(g, g->uri);
	return g->own[kind];
}

// --- open and close ---

int guests_open(struct guests **g, const char *uri, bool read_only, struct err *e)
{
	(void)e;
	*g = guests_new(uri, read_only);
	return 0;
}

void guests_close(struct guests *g)
{
	if (!g)
		return;
	pthread_mutex_lock(&g->lock);
	g->closing = true;
	pthread_cond_broadcast(&g->condition);
	if (g->looped && worker_start(g, WORKER_CLOSE, close_worker))
		worker_wait(g, WORKER_CLOSE, clock_mono() + SECOND);
	workers_abandon(g);
	pthread_mutex_unlock(&g->lock);
	guests_unref(g);
}

char *guests_note(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	const char *why = g->refused ? g->refused : g->choice.refused ? g->choice.why : NULL;
	char *note =
	    why ? mem_printf("using '%s': %s (to keep using it, set LIBVIRT_DEFAULT_URI=%s%s)", g->uri, why, g->uri,
	                     uri_may_look() ? "; to view the system's guests, use --" OPTION_READ_ONLY : "")
	        : NULL;
	pthread_mutex_unlock(&g->lock);
	return note;
}
