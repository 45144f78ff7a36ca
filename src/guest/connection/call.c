// Requests to libvirt, each on a connection of its own, and the guest they concern.
#include "call.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "connection.h"
#include "guest/definition/facts.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guests.h"

// --- connection pool ---

// An idle slot, preferably one with a connection; NULL if all are busy. The caller holds the lock.
static struct pool_slot *pool_find_idle(struct guests *g)
{
	struct pool_slot *best = NULL;

	for (size_t i = 0; i < POOL; i++)
		if (!g->pool[i].busy && (!best || (!best->conn && g->pool[i].conn)))
			best = &g->pool[i];
	return best;
}

static struct pool_slot *pool_reserve(struct guests *g, struct err *e)
{
	int64_t until = clock_mono() + 10 * SECOND;
	const struct timespec at = clock_timespec(until);
	struct pool_slot *slot;

	while (!(slot = pool_find_idle(g)))
		if (pthread_cond_timedwait(&g->condition, &g->lock, &at) != 0) {
			err_msg(e, EBUSY, "libvirt at '%s' is busy with %d other hostel requests", g->uri, POOL);
			return NULL;
		}
	slot->busy = true;
	return slot;
}

static void pool_release(struct guests *g, struct pool_slot *slot)
{
	pthread_mutex_lock(&g->lock);
	virConnectPtr useless = g->closing || (slot->conn && vir.ConnectIsAlive(slot->conn) != 1) ? slot->conn : NULL;
	if (useless)
		slot->conn = NULL;
	slot->busy = false;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
	if (useless)
		vir.ConnectClose(useless);
}

int pool_begin(struct guests *g, struct pool_slot **slot, struct err *e)
{
	pthread_mutex_lock(&g->lock);
	int r = control_ensure(g, e); // bounded, and reports the cause
	if (r == 0 && g->silent_since && clock_mono() - g->silent_since > CONNECT_SECONDS * SECOND)
		r = guests_no_answer(g, e);
	*slot = r == 0 ? pool_reserve(g, e) : NULL;
	pthread_mutex_unlock(&g->lock);
	if (!*slot)
		return r < 0 ? r : -EBUSY;
	virConnectPtr old = (*slot)->conn; // no other thread uses a busy slot
	if (old && vir.ConnectIsAlive(old) == 1)
		return 0;
	(*slot)->conn = connection_open(g, g->uri);
	r = (*slot)->conn ? 0 : guest_error(e, "cannot connect to libvirt at '%s'", g->uri);
	if (old)
		vir.ConnectClose(old);
	if (r < 0)
		pool_release(g, *slot);
	return r;
}

void pool_end(struct guests *g, struct pool_slot *slot)
{
	pool_release(g, slot);
}

// --- one guest ---

int call_begin(struct call *c, struct guests *g, const char *uuid, struct err *e)
{
	*c = (struct call){0};
	int r = pool_begin(g, &c->slot, e);
	if (r < 0)
		return r;
	c->conn = c->slot->conn;
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
		r = guest_error(e, "cannot look up guest '%s'", name);
	guests_touch(g, uuid);
	call_end(g, c);
	return r;
}

void call_end(struct guests *g, struct call *c)
{
	if (c->domain)
		vir.DomainFree(c->domain);
	if (c->slot)
		pool_end(g, c->slot);
	free(c->name);
	*c = (struct call){0};
}

int domain_read_facts(virDomainPtr domain, unsigned flags, struct domain_facts *f, char **xml, struct err *e)
{
	auto_free char *name = mem_strdup(vir.DomainGetName(domain)); // first, because it resets libvirt's last error
	char *text = vir.DomainGetXMLDesc(domain, flags);
	int r = text ? domain_facts_parse(f, text, e) : guest_error(e, "cannot read the definition of guest '%s'", name);

	if (xml)
		*xml = text;
	else
		free(text);
	return r;
}
