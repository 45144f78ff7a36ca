// Requests to libvirt, each on a connection of its own, and the guest that one is about.
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

// --- a pool of connections ---

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
	int r = control_ensure(g, e); // bounded, and it says what is wrong
	if (r == 0 && g->silent_since && clock_mono() - g->silent_since > CONNECT_SECONDS * SECOND)
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

// --- one guest ---

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
