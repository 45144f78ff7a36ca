// Lists the guests of a connection and waits for changes: see guest/guests.h.
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/connection.h"
#include "guest/connection/guests.h"
#include "guest/definition/facts.h"
#include "guest/definition/state.h"
#include "guest/guests.h"
#include "guest/host/qemu.h"
#include "guest/host/uri.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/id.h"
#include "model/inventory.h"
#include "model/workload.h"
#include "items.h"
#include "processes.h"
#include "stats.h"
#include "volumes.h"

// --- listing ---

// The domains with one property, fetched in a single call for all domains.
struct property {
	virDomainPtr *domains;
	int count; // -1: the driver cannot filter by it
	int (*ask)(virDomainPtr domain); // for a single domain: 1 = yes
};

static int is_managed_saved(virDomainPtr domain)
{
	return vir.DomainHasManagedSaveImage(domain, 0);
}

static int is_autostarted(virDomainPtr domain)
{
	int yes = 0;

	return vir.DomainGetAutostart(domain, &yes) == 0 ? yes : -1;
}

static void property_get(struct property *q, virConnectPtr conn, unsigned flag, int (*ask)(virDomainPtr))
{
	*q = (struct property){.ask = ask};
	q->count = vir.ConnectListAllDomains(conn, &q->domains, flag);
}

static bool property_has(const struct property *q, virDomainPtr domain)
{
	unsigned char uuid[VIR_UUID_BUFLEN], each[VIR_UUID_BUFLEN];

	if (q->count < 0)
		return q->ask(domain) == 1;
	if (vir.DomainGetUUID(domain, uuid) < 0)
		return false;
	for (int i = 0; i < q->count; i++)
		if (vir.DomainGetUUID(q->domains[i], each) == 0 && memcmp(each, uuid, sizeof(each)) == 0)
			return true;
	return false;
}

static void domains_free(virDomainPtr *domains, int count)
{
	for (int i = 0; i < count; i++)
		vir.DomainFree(domains[i]);
	free(domains);
}

struct listed {
	virDomainPtr domain; // owned by the records or the domains
	int state, reason;
};

struct listing {
	virDomainStatsRecordPtr *records;
	virDomainPtr *domains; // for drivers without bulk statistics
	struct listed *items;
	int count;
	struct property active, persistent, autostart, saved;
	struct attachable networks; // of the guests' interfaces
};

static void listing_add_record(struct listed *item, const virDomainStatsRecord *record)
{
	item->domain = record->dom;
	stats_state(record->params, record->nparams, &item->state, &item->reason);
}

static void listing_add_domain(struct listed *item, virDomainPtr domain)
{
	virDomainInfo info;

	*item = (struct listed){domain, -1, -1};
	if (vir.DomainGetState(domain, &item->state, &item->reason, 0) < 0 && vir.DomainGetInfo(domain, &info) == 0)
		item->state = info.state;
}

// One call for all domains, or one per domain if the driver has no bulk statistics (lxc, esx, vbox, …).
static int list_domains(struct listing *l, virConnectPtr conn)
{
	l->count = vir.ConnectGetAllDomainStats(conn, VIR_DOMAIN_STATS_STATE, &l->records, 0);
	if (l->count < 0 && vir_is_unsupported())
		l->count = vir.ConnectListAllDomains(conn, &l->domains, 0);
	if (l->count < 0)
		return -1;
	l->items = mem_array((size_t)l->count + 1, sizeof(*l->items));
	for (int i = 0; i < l->count; i++)
		if (l->records)
			listing_add_record(&l->items[i], l->records[i]);
		else
			listing_add_domain(&l->items[i], l->domains[i]);
	return 0;
}

static int listing_get(struct listing *l, virConnectPtr conn, const char *uri, struct err *e)
{
	if (list_domains(l, conn) < 0)
		return guest_error(e, "cannot list the guests at '%s'", uri);
	property_get(&l->active, conn, VIR_CONNECT_LIST_DOMAINS_ACTIVE, vir.DomainIsActive);
	property_get(&l->persistent, conn, VIR_CONNECT_LIST_DOMAINS_PERSISTENT, vir.DomainIsPersistent);
	property_get(&l->autostart, conn, VIR_CONNECT_LIST_DOMAINS_AUTOSTART, is_autostarted);
	property_get(&l->saved, conn, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, is_managed_saved);
	return 0;
}

static void listing_done(struct listing *l)
{
	struct property *const qualities[] = {&l->active, &l->persistent, &l->autostart, &l->saved};

	if (l->records)
		vir.DomainStatsRecordListFree(l->records);
	domains_free(l->domains, l->domains ? l->count : 0);
	for (size_t i = 0; i < ARRAY_SIZE(qualities); i++)
		domains_free(qualities[i]->domains, qualities[i]->count);
	attachable_done(&l->networks);
	free(l->items);
}

// Reads the XML of a changed guest. An event that arrives meanwhile marks it as stale again.
static void update_facts(struct guests *g, virDomainPtr domain, const char *uuid)
{
	struct domain_facts facts = {0};
	struct err ignored;

	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find_or_add(g, uuid);
	bool known = row->current;
	row->current = true;
	pthread_mutex_unlock(&g->lock);
	if (known)
		return;
	char *xml = vir.DomainGetXMLDesc(domain, 0);
	bool read = xml && domain_facts_parse(&facts, xml, &ignored) == 0;
	free(xml);
	pthread_mutex_lock(&g->lock);
	row = guests_find(g, uuid);
	if (row && read) {
		domain_facts_done(&row->facts);
		row->facts = facts;
		facts = (struct domain_facts){0};
	} else if (row) {
		row->current = false;
	}
	pthread_mutex_unlock(&g->lock);
	domain_facts_done(&facts);
}

// Not derived from the state: a crashed guest may be preserved in memory, and a suspended one still has its QEMU.
static bool listed_is_active(const struct listing *l, const struct listed *item)
{
	int on = l->active.count < 0 ? vir.DomainIsActive(item->domain) : property_has(&l->active, item->domain);

	return on < 0 ? item->state != VIR_DOMAIN_SHUTOFF && item->state != VIR_DOMAIN_CRASHED : on;
}

// A start or stop invalidates the facts even if no event arrived.
static void update_state(struct guests *g, const char *uuid, int state, bool active)
{
	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find_or_add(g, uuid);

	if (row->active != active) {
		row->current = row->period_set = row->stopping = false;
		row->cpu_from = FROM_NOWHERE;
		row->addresses_at = 0;
		free(row->addresses);
		row->addresses = NULL;
	}
	row->seen = true;
	row->active = active;
	row->paused = state == VIR_DOMAIN_PAUSED || state == VIR_DOMAIN_CRASHED || state == VIR_DOMAIN_PMSUSPENDED;
	pthread_mutex_unlock(&g->lock);
}

// Adds the name of the libvirt network or host bridge of NIC.
static void add_network(const struct domain_nic *nic, struct strv *names)
{
	bool named = str_equal(nic->type, "network") || str_equal(nic->type, "bridge");

	if (named && nic->source && !strv_has(names, nic->source))
		strv_add(names, nic->source);
}

static void workload_fill(const struct guest *row, const struct attachable *networks, struct workload *w)
{
	const struct domain_facts *f = &row->facts;

	w->kind = KIND_GUEST;
	id_fill(&w->item, "libvirt", row->uuid, f->name);
	w->image = mem_strdup(f->os ? f->os : f->title);
	w->created = f->created;
	w->exit_code = w->last_exit_code = w->restarts = -1; // libvirt records none of these
	w->cpus = f->vcpus;
	w->memory_limit = f->memory;
	w->addresses = mem_strdup(row->addresses);
	strv_copy(&w->labels, &f->labels);
	for (size_t i = 0; i < f->nic_count; i++) {
		attachable_add(networks, &f->nics[i], &w->uses);
		add_network(&f->nics[i], &w->networks);
	}
	w->graphics = mem_strdup(f->graphics);
	w->start_ms = row->start_ms;
	if (row->active) {
		strv_copy(&w->ports, &f->ports);
		w->publisher = mem_strdup(f->publisher);
		w->pid = row->pid;
		w->started = row->started;
		process_posture(row, &w->posture);
	} else {
		w->finished = row->finished;
	}
	if (row->pid && qemu_is_stopped(row->pid))
		w->trouble = mem_strdup("QEMU is stopped by SIGSTOP: continue it with kill -CONT, or force the guest off");
}

static void update_row(struct guests *g, const struct listing *l, const struct listed *item)
{
	char uuid[VIR_UUID_STRING_BUFLEN];

	vir.DomainGetUUIDString(item->domain, uuid);
	update_state(g, uuid, item->state, listed_is_active(l, item));
	update_facts(g, item->domain, uuid);
}

static void list_row(struct guests *g, const struct listing *l, const struct listed *item, struct inventory *inv)
{
	char uuid[VIR_UUID_STRING_BUFLEN];
	bool saved = property_has(&l->saved, item->domain), persistent = property_has(&l->persistent, item->domain),
	     autostart = property_has(&l->autostart, item->domain);
	struct workload w = {0};

	vir.DomainGetUUIDString(item->domain, uuid);
	pthread_mutex_lock(&g->lock);
	const struct guest *row = guests_find(g, uuid);
	if (row && row->facts.name) {
		workload_fill(row, &l->networks, &w);
		w.state = row->stopping && row->active ? STATE_STOPPING : guest_state(item->state, item->reason, row->active);
		w.active = row->active;
		if (w.state == STATE_OFF && saved)
			w.state = STATE_SUSPENDED;
		const char *why = guest_reason(item->state, item->reason);
		w.reason = w.state == STATE_CRASHED && row->active ? mem_printf("%s, kept in memory", why) : mem_strdup(why);
		w.persistent = persistent;
		w.autostart = autostart;
	}
	pthread_mutex_unlock(&g->lock);
	if (w.id) // otherwise it was deleted meanwhile
		inventory_upsert(inv, &w);
}

static void begin_list(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	g->changed = false;
	for (size_t i = 0; i < g->count; i++)
		g->rows[i].seen = false;
	pthread_mutex_unlock(&g->lock);
}

static void end_list(struct guests *g)
{
	size_t kept = 0;

	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count; i++)
		if (g->rows[i].seen)
			g->rows[kept++] = g->rows[i];
		else
			guest_done(&g->rows[i]);
	g->count = kept;
	processes_find(g);
	pthread_mutex_unlock(&g->lock);
}

static bool is_connected(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	bool connected = g->control != NULL;
	pthread_mutex_unlock(&g->lock);
	return connected;
}

// If the daemon hung before the connection was lost, the hang is the better explanation.
static int explain_failure(struct guests *g, int r, struct err *e)
{
	pthread_mutex_lock(&g->lock);
	if (g->silent_since)
		r = guests_no_answer(g, e);
	pthread_mutex_unlock(&g->lock);
	return r;
}

// Returns R, or -ENOPKG if libvirt does not answer and this host has no guests that it could list.
static int explain_not_connected(const struct guests *g, int r, struct err *e)
{
	bool absent = !g->choice.by_user && (r == -ENOTCONN || r == -EOPNOTSUPP);

	if (!absent || (guests_is_session(g) ? session_has_something() : system_has_something()))
		return r;
	if (e)
		e->code = ENOPKG;
	return -ENOPKG;
}

int guests_list(struct guests *g, struct inventory *inv, struct err *e)
{
	struct listing l = {0};
	virConnectPtr conn;

	if (g->lazy && !is_connected(g) && !session_has_something())
		return 0;
	int r = control_begin(g, &conn, e);
	if (r < 0)
		return explain_not_connected(g, r, e);
	begin_list(g);
	r = listing_get(&l, conn, g->uri, e);
	for (int i = 0; r == 0 && i < l.count; i++)
		update_row(g, &l, &l.items[i]);
	if (r == 0)
		end_list(g);
	if (r == 0)
		attachable_read(&l.networks, g, conn);
	for (int i = 0; r == 0 && i < l.count; i++)
		list_row(g, &l, &l.items[i], inv);
	if (r == 0)
		items_list(g, conn, &l.networks, inv);
	if (r == 0)
		volume_items_list(g, inv);
	listing_done(&l);
	control_end(g, conn);
	return r < 0 ? explain_failure(g, r, e) : 0;
}

// --- changes ---

#define LATE (2 * SECOND)

static bool daemon_is_late(const struct guests *g)
{
	return g->silent_since && clock_mono() - g->silent_since > LATE;
}

int guests_wait(struct guests *g, int64_t timeout, struct err *e)
{
	int64_t until = clock_mono() + timeout;
	const struct timespec at = clock_timespec(until);
	int r = 0;

	pthread_mutex_lock(&g->lock);
	while (!g->changed && !g->woken && !guests_is_lost(g))
		if (pthread_cond_timedwait(&g->condition, &g->lock, &at) != 0)
			break;
	if (guests_is_lost(g))
		r = err_msg(e, ENOTCONN, "the connection to libvirt at '%s' was lost", g->uri);
	else if (g->changed)
		r = 1;
	else if (daemon_is_late(g))
		r = 1; // listing again shows whether the daemon hangs or a single guest
	g->changed = g->woken = false;
	pthread_mutex_unlock(&g->lock);
	if (r == 0 && g->lazy && !is_connected(g) && session_has_something())
		r = 1;
	return r;
}

void guests_wake(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	g->woken = true;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
}
