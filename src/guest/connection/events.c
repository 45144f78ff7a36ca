// libvirt event callbacks. Each only records what changed.
#include "events.h"

#include "base/clock.h"
#include "base/mem.h"
#include "guest/vir/vir.h"
#include "guests.h"

static void touch_domain(struct guests *g, virDomainPtr domain)
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
	touch_domain(g, domain);
	return 0;
}

static void on_generic(virConnectPtr conn, virDomainPtr domain, void *context)
{
	(void)conn;
	touch_domain(context, domain);
}

static void on_device(virConnectPtr conn, virDomainPtr domain, const char *alias, void *context)
{
	(void)conn, (void)alias;
	touch_domain(context, domain);
}

static void on_balloon(virConnectPtr conn, virDomainPtr domain, unsigned long long actual, void *context)
{
	(void)conn, (void)actual;
	touch_domain(context, domain);
}

static void on_metadata(virConnectPtr conn, virDomainPtr domain, int type, const char *uri, void *context)
{
	(void)conn, (void)type, (void)uri;
	touch_domain(context, domain);
}

static void on_agent(virConnectPtr conn, virDomainPtr domain, int state, int reason, void *context)
{
	(void)conn, (void)state, (void)reason;
	touch_domain(context, domain);
}

static void on_block_job(virConnectPtr conn, virDomainPtr domain, const char *disk, int type, int status,
                         void *context)
{
	(void)conn, (void)disk, (void)type, (void)status;
	touch_domain(context, domain);
}

static void on_job(virConnectPtr conn, virDomainPtr domain, virTypedParameterPtr params, int count, void *context)
{
	(void)conn, (void)params, (void)count;
	touch_domain(context, domain);
}

static void on_reason(virConnectPtr conn, virDomainPtr domain, int reason, void *context)
{
	(void)conn, (void)reason;
	touch_domain(context, domain);
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

// Does not take our lock: libvirt calls this with one of its own locks held, which other threads acquire while holding
// ours. A waiter that misses the broadcast checks again within a second.
static void on_close(virConnectPtr conn, int reason, void *context)
{
	struct guests *g = context;

	(void)reason;
	atomic_store(&g->lost, conn);
	pthread_cond_broadcast(&g->condition);
}

// Every registered callback holds a reference.
static void release_guests(void *context)
{
	guests_unref(context);
}

// Events that the driver does not support are skipped: the agent's listing every half minute covers them.
void events_watch(struct guests *g, virConnectPtr conn, int ids[EVENTS_MAX])
{
	// holds no reference, because some drivers never release it; events_unwatch() unregisters first
	vir.ConnectRegisterCloseCallback(conn, on_close, g, NULL);
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		guests_ref(g);
		ids[i] = vir.ConnectDomainEventRegisterAny(conn, NULL, watched[i].id, watched[i].call, g, release_guests);
		if (ids[i] < 0)
			release_guests(g);
	}
}

void events_unwatch(virConnectPtr conn, const int ids[EVENTS_MAX])
{
	for (size_t i = 0; i < EVENTS_MAX; i++)
		if (ids[i] >= 0)
			vir.ConnectDomainEventDeregisterAny(conn, ids[i]);
	vir.ConnectUnregisterCloseCallback(conn, on_close);
}
