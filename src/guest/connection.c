// The connections to libvirt: opened, watched, lost and found again; and the events that come over them. Must not know what is
// asked over them.
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "parts.h"
#include "sys/userns.h"

enum {
	KEEPALIVE = 2, // seconds between two signs of life …
	MISSED = 3,    // … of which so many may be missing
	PATIENCE = 4,  // seconds for opening: a session's daemon starts by itself, the first time slowly …
	AGAIN = 2,     // … and when it did not answer before
};

// --- events: note what changed, and nothing else ---

static void note_domain(struct guests *g, virDomainPtr domain)
{
	char uuid[VIR_UUID_STRING_BUFLEN];

	guests_touch(g, vir.DomainGetUUIDString(domain, uuid) == 0 ? uuid : NULL);
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr domain, int event, int detail, void *context)
{
	struct guests *g = context;
	char uuid[VIR_UUID_STRING_BUFLEN];

	(void)conn, (void)detail;
	if (event == VIR_DOMAIN_EVENT_STOPPED && vir.DomainGetUUIDString(domain, uuid) == 0) {
		pthread_mutex_lock(&g->lock);
		struct guest *row = guests_find(g, uuid);
		if (row)
			row->finished = clock_wall();
		pthread_mutex_unlock(&g->lock);
	}
	note_domain(g, domain);
	return 0;
}

static void on_generic(virConnectPtr conn, virDomainPtr domain, void *context)
{
	(void)conn;
	note_domain(context, domain);
}

static void on_device(virConnectPtr conn, virDomainPtr domain, const char *alias, void *context)
{
	(void)conn, (void)alias;
	note_domain(context, domain);
}

static void on_balloon(virConnectPtr conn, virDomainPtr domain, unsigned long long actual, void *context)
{
	(void)conn, (void)actual;
	note_domain(context, domain);
}

static void on_metadata(virConnectPtr conn, virDomainPtr domain, int type, const char *uri, void *context)
{
	(void)conn, (void)type, (void)uri;
	note_domain(context, domain);
}

static void on_agent(virConnectPtr conn, virDomainPtr domain, int state, int reason, void *context)
{
	(void)conn, (void)state, (void)reason;
	note_domain(context, domain);
}

static void on_block_job(virConnectPtr conn, virDomainPtr domain, const char *disk, int type, int status, void *context)
{
	(void)conn, (void)disk, (void)type, (void)status;
	note_domain(context, domain);
}

static void on_job(virConnectPtr conn, virDomainPtr domain, virTypedParameterPtr params, int count, void *context)
{
	(void)conn, (void)params, (void)count;
	note_domain(context, domain);
}

static void on_reason(virConnectPtr conn, virDomainPtr domain, int reason, void *context)
{
	(void)conn, (void)reason;
	note_domain(context, domain);
}

static const struct {
	int id;
	virConnectDomainEventGenericCallback call;
} watched[] = {
	{VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle)},
	{VIR_DOMAIN_EVENT_ID_REBOOT, on_generic},
	{VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_balloon)},
	{VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
	{VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
	{VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata)},
	{VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_agent)},
	{VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, VIR_DOMAIN_EVENT_CALLBACK(on_block_job)},
	{VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, VIR_DOMAIN_EVENT_CALLBACK(on_job)},
	{VIR_DOMAIN_EVENT_ID_PMSUSPEND, VIR_DOMAIN_EVENT_CALLBACK(on_reason)},
	{VIR_DOMAIN_EVENT_ID_PMWAKEUP, VIR_DOMAIN_EVENT_CALLBACK(on_reason)},
	{VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, on_generic},
};
_Static_assert(ARRAY_SIZE(watched) == EVENTS_MAX, "one registration for each watched event");

// Called with a lock of libvirt's held that others want while they hold ours: so without ours. Who just misses the news looks again within a second.
static void on_close(virConnectPtr conn, int reason, void *context)
{
	struct guests *g = context;

	(void)reason;
	atomic_store(&g->lost, conn);
	pthread_cond_broadcast(&g->news);
}

bool guests_is_lost(const struct guests *g)
{
	return g->control && atomic_load(&g->lost) == g->control;
}

// The callbacks hold the guests as long as they are registered.
static void let_go(void *context)
{
	guests_unref(context);
}

// What a driver does not know how to tell is left out: the agent's half-minute list finds it.
static void watch(struct guests *g, virConnectPtr conn, int ids[EVENTS_MAX])
{
	vir.ConnectRegisterCloseCallback(conn, on_close, g, NULL); // holds nothing: some drivers take it and never let go; unwatch() comes first
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		guests_ref(g);
		ids[i] = vir.ConnectDomainEventRegisterAny(conn, NULL, watched[i].id, watched[i].call, g, let_go);
		if (ids[i] < 0)
			let_go(g);
	}
}

static void unwatch(virConnectPtr conn, const int ids[EVENTS_MAX])
{
	for (size_t i = 0; i < EVENTS_MAX; i++)
		if (ids[i] >= 0)
			vir.ConnectDomainEventDeregisterAny(conn, ids[i]);
	vir.ConnectUnregisterCloseCallback(conn, on_close);
}

// --- opening and closing ---

static void be_silent(void *context, virErrorPtr error)
{
	(void)context, (void)error;
}

virConnectPtr connection_open(const struct guests *g, const char *uri)
{
	virConnectPtr conn = g->read_only ? vir.ConnectOpenReadOnly(uri) : vir.ConnectOpen(uri);

	if (conn) {
		vir.ConnSetErrorFunc(conn, NULL, be_silent);
		vir.ConnectSetKeepAlive(conn, KEEPALIVE, MISSED);
	}
	return conn;
}

static void drop(virConnectPtr conn, const int ids[EVENTS_MAX])
{
	if (!conn)
		return;
	unwatch(conn, ids);
	vir.ConnectClose(conn);
}

// Takes the control connection out, so that no other thread begins a call on it. Its event ids go to IDS.
static virConnectPtr take_control(struct guests *g, int ids[EVENTS_MAX])
{
	pthread_mutex_lock(&g->lock);
	virConnectPtr conn = g->control;
	g->control = NULL;
	memcpy(ids, g->events, sizeof(g->events));
	pthread_mutex_unlock(&g->lock);
	return conn;
}

static void give_control(struct guests *g, virConnectPtr conn, const int ids[EVENTS_MAX], const struct err *refusal)
{
	pthread_mutex_lock(&g->lock);
	g->control = conn;
	g->refusal = *refusal;
	g->silent_since = 0;
	if (conn)
		memcpy(g->events, ids, sizeof(g->events));
	for (size_t i = 0; i < g->count; i++) // whatever happened meanwhile was not heard
		g->rows[i].known = false;
	g->changed = true;
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
}

// Falls back to the user's session because the system libvirt REFUSED access.
static void take_session(struct guests *g, const struct err *refused)
{
	pthread_mutex_lock(&g->lock);
	g->uri = SESSION_URI;
	free(g->refused);
	g->refused = mem_strdup(refused->text);
	pthread_mutex_unlock(&g->lock);
}

// Opens the chosen URI. Only a default that refuses access is replaced by the user's session.
static virConnectPtr open_chosen(struct guests *g, struct err *refusal)
{
	virConnectPtr conn = connection_open(g, g->uri);

	if (conn)
		return conn;
	int r = guest_error(refusal, "cannot connect to libvirt at '%s'", g->uri);
	if (g->choice.by_user || guests_is_session(g) || userns_is_host_root() || r != -EACCES)
		return NULL;
	conn = connection_open(g, SESSION_URI);
	if (conn)
		take_session(g, refusal);
	return conn;
}

static void connect_worker(struct guests *g)
{
	int ids[EVENTS_MAX];
	struct err refusal = {0};

	drop(take_control(g, ids), ids);
	atomic_store(&g->lost, NULL);
	virConnectPtr conn = open_chosen(g, &refusal);
	if (conn) {
		watch(g, conn, ids);
		refusal = (struct err){0};
	}
	give_control(g, conn, ids, &refusal);
}

// After the other workers, which use what is closed here.
void close_worker(struct guests *g)
{
	int ids[EVENTS_MAX];

	pthread_mutex_lock(&g->lock);
	for (int kind = 0; kind < WORKER_CLOSE; kind++)
		while (g->workers[kind].busy)
			pthread_cond_wait(&g->news, &g->lock);
	pthread_mutex_unlock(&g->lock);
	for (size_t i = 0; i < WORKERS; i++)
		if (g->own[i])
			vir.ConnectClose(g->own[i]);
	for (size_t i = 0; i < POOL; i++)
		if (g->pool[i].conn && !g->pool[i].busy) // else its user closes it
			vir.ConnectClose(g->pool[i].conn);
	drop(take_control(g, ids), ids);
	loop_release();
}

// --- using one ---

int guests_no_answer(struct guests *g, struct err *e)
{
	char time[DATE_TEXT];

	date_local(time, DATE_TIME, clock_wall_at(g->silent_since));
	return err_msg(e, ETIMEDOUT, "no answer from libvirt at '%s' since %s (is its daemon stopped? see: systemctl status libvirtd)", g->uri, time);
}

// libvirt tries for five seconds to reach a session daemon that is not installed.
static int check_installed(const struct guests *g, struct err *e)
{
	if (g->choice.by_user || !guests_is_session(g) || session_is_installed() || session_has_something())
		return 0;
	err_msg(e, ENOTCONN, "cannot connect to libvirt at '%s': no libvirt daemon is installed", g->uri);
	return err_hint(e, "install libvirt-daemon-system and qemu-system-x86 to run guests");
}

// The lock is held.
static int connect_locked(struct guests *g, struct err *e)
{
	int r = check_installed(g, e);

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
		return err_msg(e, EAGAIN, "no thread could be started to connect to libvirt (too many processes?)");
	if (!worker_wait(g, WORKER_CONNECT, clock_mono() + (g->silent_since ? AGAIN : PATIENCE) * SECOND)) {
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

static bool is_usable(const struct guests *g)
{
	return g->control && !guests_is_lost(g) && vir.ConnectIsAlive(g->control) == 1;
}

// Sees to it that there is a control connection. The lock is held.
static int ensure_control(struct guests *g, struct err *e)
{
	if (g->closing)
		return err_msg(e, ECANCELED, "the connection to libvirt is being closed");
	int r = is_usable(g) ? 0 : connect_locked(g, e);
	return r == 0 && !g->control ? err_msg(e, ENOTCONN, "the connection to libvirt at '%s' was lost", g->uri) : r;
}

// Waits until FLAG is false, at most 10 s. The lock is held.
static int wait_idle(struct guests *g, const bool *flag, struct err *e)
{
	int64_t until = clock_mono() + 10 * SECOND;
	const struct timespec at = clock_timespec(until);

	while (*flag)
		if (pthread_cond_timedwait(&g->news, &g->lock, &at) != 0)
			return err_msg(e, EBUSY, "libvirt at '%s' is busy with other requests of hostel's", g->uri);
	return 0;
}

int control_begin(struct guests *g, virConnectPtr *conn, struct err *e)
{
	pthread_mutex_lock(&g->lock);
	int r = wait_idle(g, &g->control_busy, e);
	g->control_busy = r == 0;
	if (r == 0 && (r = ensure_control(g, e)) < 0)
		g->control_busy = false;
	if (r == 0) {
		*conn = g->control;
		vir.ConnectRef(*conn);
	}
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
	return r;
}

void control_end(struct guests *g, virConnectPtr conn)
{
	vir.ConnectClose(conn);
	pthread_mutex_lock(&g->lock);
	g->control_busy = false;
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
}

// The first idle place, with a connection if there is one; NULL when all are at work. The lock is held.
static struct pooled *find_idle(struct guests *g)
{
	struct pooled *best = NULL;

	for (size_t i = 0; i < POOL; i++)
		if (!g->pool[i].busy && (!best || (!best->conn && g->pool[i].conn)))
			best = &g->pool[i];
	return best;
}

static struct pooled *take_place(struct guests *g, struct err *e)
{
	int64_t until = clock_mono() + 10 * SECOND;
	const struct timespec at = clock_timespec(until);
	struct pooled *place;

	while (!(place = find_idle(g)))
		if (pthread_cond_timedwait(&g->news, &g->lock, &at) != 0) {
			err_msg(e, EBUSY, "libvirt at '%s' is busy with %d other requests of hostel's", g->uri, POOL);
			return NULL;
		}
	place->busy = true;
	return place;
}

static void leave_place(struct guests *g, struct pooled *place)
{
	pthread_mutex_lock(&g->lock);
	virConnectPtr useless = g->closing || (place->conn && vir.ConnectIsAlive(place->conn) != 1) ? place->conn : NULL;
	if (useless)
		place->conn = NULL;
	place->busy = false;
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
	if (useless)
		vir.ConnectClose(useless);
}

int pool_begin(struct guests *g, struct pooled **place, struct err *e)
{
	pthread_mutex_lock(&g->lock);
	int r = ensure_control(g, e); // bounded, and it says what is wrong
	if (r == 0 && g->silent_since && clock_mono() - g->silent_since > PATIENCE * SECOND)
		r = guests_no_answer(g, e);
	*place = r == 0 ? take_place(g, e) : NULL;
	pthread_mutex_unlock(&g->lock);
	if (!*place)
		return r < 0 ? r : -EBUSY;
	virConnectPtr old = (*place)->conn; // ours alone while busy
	if (old && vir.ConnectIsAlive(old) == 1)
		return 0;
	(*place)->conn = connection_open(g, g->uri);
	r = (*place)->conn ? 0 : guest_error(e, "cannot connect to libvirt at '%s'", g->uri);
	if (old)
		vir.ConnectClose(old);
	if (r < 0)
		leave_place(g, *place);
	return r;
}

void pool_end(struct guests *g, struct pooled *place)
{
	leave_place(g, place);
}

virConnectPtr worker_connection(struct guests *g, enum worker_kind kind)
{
	virConnectPtr old = g->own[kind]; // of this worker alone

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

int call_begin(struct call *c, struct guests *g, const char *uuid, struct err *e)
{
	*c = (struct call){0};
	int r = pool_begin(g, &c->place, e);
	if (r < 0)
		return r;
	c->conn = c->place->conn;
	c->domain = vir.DomainLookupByUUIDString(c->conn, uuid);
	if (c->domain) {
		c->name = mem_strdup(vir.DomainGetName(c->domain));
		return 0;
	}
	const virError *error = vir.GetLastError();
	auto_free char *name = guests_name(g, uuid);
	if (error && (error->code == VIR_ERR_NO_DOMAIN || error->code == VIR_ERR_INVALID_ARG))
		r = err_msg(e, ENOENT, "guest '%s' no longer exists", name);
	else
		r = guest_error(e, "guest '%s'", name);
	guests_touch(g, uuid);
	call_end(g, c);
	return r;
}

void call_end(struct guests *g, struct call *c)
{
	if (c->domain)
		vir.DomainFree(c->domain);
	if (c->place)
		pool_end(g, c->place);
	free(c->name);
	*c = (struct call){0};
}
