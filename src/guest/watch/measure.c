// Figures of running guests, again and again: one bulk call to libvirt, and this host's /proc and control groups,
// which also answer while libvirt does not.
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/connection.h"
#include "guest/connection/guests.h"
#include "guest/connection/worker.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/id.h"
#include "model/measures.h"
#include "model/sample.h"
#include "stats.h"
#include "sys/cgroup.h"
#include "sys/proc.h"

#define STATS_TIMEOUT (800 * MS) // of one tick
#define ADDRESSES (30 * SECOND)
#define KEPT (10 * SECOND) // how long balloon figures stay valid when libvirt is late
#define INSIDE (2 * SECOND) // between two looks whether there is anything to ask inside

enum {
	PERIOD = 2,     // seconds between two looks of the balloon driver into its guest
	EXPENSIVE_PAUSE = 10, // times as long as it took, when it took too long
};

// Which group of libvirt's figures has which of ours.
static const struct {
	uint32_t metrics;
	unsigned group;
} groups_of[] = {
	{METRIC_BIT(METRIC_CPU), VIR_DOMAIN_STATS_CPU_TOTAL},
	{METRIC_BIT(METRIC_MEMORY) | METRIC_BIT(METRIC_MEMORY_HOST) | METRIC_BIT(METRIC_CACHE) |
	     METRIC_BIT(METRIC_MEMORY_LIMIT),
	 VIR_DOMAIN_STATS_BALLOON},
	{METRIC_BIT(METRIC_NET_RX) | METRIC_BIT(METRIC_NET_TX), VIR_DOMAIN_STATS_INTERFACE},
	{METRIC_BIT(METRIC_READ) | METRIC_BIT(METRIC_WRITE) | METRIC_BIT(METRIC_READ_OPS) |
	     METRIC_BIT(METRIC_WRITE_OPS) | METRIC_BIT(METRIC_SIZE) | METRIC_BIT(METRIC_ALLOCATED),
	 VIR_DOMAIN_STATS_BLOCK},
	{METRIC_BIT(METRIC_STEAL) | METRIC_BIT(METRIC_PIDS), VIR_DOMAIN_STATS_VCPU},
};
static const unsigned expensive = VIR_DOMAIN_STATS_BLOCK | VIR_DOMAIN_STATS_VCPU;

// Which of this host's files has which.
static const struct {
	uint32_t metrics;
	unsigned part;
} parts_of[] = {
	{METRIC_BIT(METRIC_CPU), CGROUP_READ_CPU},
	{METRIC_BIT(METRIC_THROTTLED), CGROUP_READ_THROTTLED},
	{METRIC_BIT(METRIC_PSI_CPU), CGROUP_READ_PSI_CPU},
	{METRIC_BIT(METRIC_PSI_MEMORY), CGROUP_READ_PSI_MEMORY},
	{METRIC_BIT(METRIC_PSI_IO), CGROUP_READ_PSI_IO},
};

// --- in the workers' threads ---

// Without a period a balloon says what its guest was given, not what it uses. Once for each start; a hung guest holds
// this up.
static void set_period(struct guests *g, virDomainPtr domain, const char *uuid)
{
	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find(g, uuid);
	bool wanted = row && row->current && row->active && row->facts.balloon && !row->period_set && !row->paused;
	if (wanted)
		row->period_set = true;
	pthread_mutex_unlock(&g->lock);
	if (wanted)
		vir.DomainSetMemoryStatsPeriod(domain, PERIOD, VIR_DOMAIN_AFFECT_LIVE);
}

static void add_addresses(struct str *out, virDomainPtr domain, unsigned source)
{
	virDomainInterfacePtr *nics = NULL;
	int count = vir.DomainInterfaceAddresses(domain, &nics, source, 0);

	for (int i = 0; i < count; i++) {
		for (unsigned a = 0; a < nics[i]->naddrs; a++) {
			const char *text = nics[i]->addrs[a].addr;
			if (!str_starts(text, "127.") && strcmp(text, "::1") != 0 && !str_starts(text, "fe80:"))
				str_addf(out, "%s%s", out->length ? "," : "", text);
		}
		vir.DomainInterfaceFree(nics[i]);
	}
	free(nics);
}

// What may be asked: which nics it has, and whether its agent is there.
struct asked {
	bool lease, arp, agent;
};

static bool addresses_due(struct guests *g, const char *uuid, struct asked *ask)
{
	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find(g, uuid);
	bool due = row && row->current && row->active && !row->paused && clock_mono() >= row->addresses_at;
	*ask = (struct asked){.agent = due && row->facts.agent_connected};
	for (size_t i = 0; due && i < row->facts.nic_count; i++) {
		ask->lease |= str_equal(row->facts.nics[i].type, "network");
		ask->arp |= !str_equal(row->facts.nics[i].type, "user");
	}
	if (due)
		row->addresses_at = clock_mono() + ADDRESSES;
	pthread_mutex_unlock(&g->lock);
	return due;
}

// The cheapest that knows: a lease of libvirt's own DHCP server, this host's neighbour table, the agent inside.
static void look_for_addresses(struct guests *g, virDomainPtr domain, const char *uuid)
{
	struct asked ask;
	auto_str found = {0};

	if (!addresses_due(g, uuid, &ask))
		return;
	if (ask.lease)
		add_addresses(&found, domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE);
	if (!found.length && ask.arp)
		add_addresses(&found, domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP);
	if (!found.length && ask.agent)
		add_addresses(&found, domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT);
	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find(g, uuid);
	const char *text = found.length ? found.text : NULL;
	if (row && !str_equal(row->addresses, text)) {
		free(row->addresses);
		row->addresses = mem_strdup(text);
		g->changed = true;
		pthread_cond_broadcast(&g->condition);
	}
	pthread_mutex_unlock(&g->lock);
}

// Takes over FIGURES.
static void keep_figures(struct guests *g, struct figures *figures, int count)
{
	int64_t mono = clock_mono();

	for (int i = 0; i < count; i++)
		figures[i].sample.at = mono;
	for (int i = 0; i < count; i++)
		for (size_t d = 0; d < figures[i].device_count; d++)
			figures[i].devices[d].sample.at = mono;
	pthread_mutex_lock(&g->lock);
	figures_free(g->figures, g->figure_count);
	g->figures = figures;
	g->figure_count = (size_t)count;
	g->figures_at = mono;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
}

static int ask_for_stats(virConnectPtr conn, unsigned groups, virDomainStatsRecordPtr **records)
{
	int count = vir.ConnectGetAllDomainStats(
	    conn, groups, records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);

	if (count < 0) // a driver that does not know NOWAIT
		count = vir.ConnectGetAllDomainStats(conn, groups, records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE);
	return count;
}

// The expensive groups ask each QEMU; where there are so many that a tick could not hold it, they come seldom.
static unsigned groups_due(struct guests *g)
{
	pthread_mutex_lock(&g->lock);
	unsigned groups = clock_mono() >= g->expensive_due ? g->groups : g->groups & ~expensive;
	pthread_mutex_unlock(&g->lock);
	return groups | VIR_DOMAIN_STATS_STATE; // none at all would be taken for all
}

static void schedule_expensive(struct guests *g, unsigned groups, int64_t began)
{
	int64_t now = clock_mono();

	if (!(groups & expensive))
		return;
	pthread_mutex_lock(&g->lock);
	g->expensive_due = now - began > STATS_TIMEOUT * 3 / 4 ? now + (now - began) * EXPENSIVE_PAUSE : 0;
	pthread_mutex_unlock(&g->lock);
}

static struct figures *figures_of_records(virDomainStatsRecordPtr *records, int count)
{
	struct figures *figures = mem_array((size_t)count + 1, sizeof(*figures));
	int64_t wall = clock_wall();

	for (int i = 0; i < count; i++) {
		vir.DomainGetUUIDString(records[i]->dom, figures[i].uuid);
		stats_to_sample(&figures[i].sample, records[i]->params, records[i]->nparams, wall);
		figures[i].devices = stats_to_devices(records[i]->params, records[i]->nparams, &figures[i].device_count);
	}
	return figures;
}

static bool is_container(struct guests *g, const char *uuid)
{
	pthread_mutex_lock(&g->lock);
	const struct guest *row = guests_find(g, uuid);
	bool yes = row && str_equal(row->facts.type, "lxc");
	pthread_mutex_unlock(&g->lock);
	return yes;
}

// What every driver has; a driver without bulk statistics gives no more.
static int read_each_info(struct guests *g, virConnectPtr conn)
{
	virDomainPtr *domains = NULL;
	virDomainInfo info;
	int kept = 0, count = vir.ConnectListAllDomains(conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	struct figures *figures = mem_array(count < 0 ? 1 : (size_t)count + 1, sizeof(*figures));

	for (int i = 0; i < count; i++) {
		struct figures *f = &figures[kept];
		if (vir.DomainGetInfo(domains[i], &info) == 0 && vir.DomainGetUUIDString(domains[i], f->uuid) == 0) {
			info_to_sample(&f->sample, &info, is_container(g, f->uuid));
			kept++;
		}
		vir.DomainFree(domains[i]);
	}
	free(domains);
	if (count < 0)
		free(figures);
	else
		keep_figures(g, figures, kept);
	return count;
}

static int read_all_stats(struct guests *g, virConnectPtr conn)
{
	virDomainStatsRecordPtr *records = NULL;
	unsigned groups = groups_due(g);
	int64_t began = clock_mono();
	int count = ask_for_stats(conn, groups, &records);

	if (count < 0)
		return vir_is_unsupported() ? read_each_info(g, conn) : -1;
	schedule_expensive(g, groups, began);
	keep_figures(g, figures_of_records(records, count), count);
	vir.DomainStatsRecordListFree(records);
	return count;
}

// What has to go through the guests themselves, any of which may not answer for a while: apart, so that figures do not
// wait for it.
static void inside_worker(struct guests *g)
{
	virDomainPtr *domains = NULL;
	char uuid[VIR_UUID_STRING_BUFLEN];
	virConnectPtr conn = worker_connection(g, WORKER_INSIDE);

	int count = conn ? vir.ConnectListAllDomains(conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE) : 0;
	for (int i = 0; i < count; i++) {
		vir.DomainGetUUIDString(domains[i], uuid);
		set_period(g, domains[i], uuid);
		look_for_addresses(g, domains[i], uuid);
		vir.DomainFree(domains[i]);
	}
	free(domains);
	pthread_mutex_lock(&g->lock);
	g->inside_due = clock_mono() + INSIDE;
	pthread_mutex_unlock(&g->lock);
}

static void update_figures(struct guests *g, virConnectPtr conn)
{
	if (read_all_stats(g, conn) < 0)
		return;
	pthread_mutex_lock(&g->lock);
	if (!g->closing && clock_mono() >= g->inside_due)
		worker_start(g, WORKER_INSIDE, inside_worker);
	pthread_mutex_unlock(&g->lock);
}

static void stats_worker(struct guests *g)
{
	virConnectPtr conn = worker_connection(g, WORKER_STATS);

	if (conn)
		update_figures(g, conn);
}

// One QEMU that hangs holds up the first look at it, but not those that come after: libvirt then leaves out what it
// cannot have.
static void stats_again_worker(struct guests *g)
{
	virConnectPtr conn = worker_connection(g, WORKER_STATS_AGAIN);

	if (conn)
		update_figures(g, conn);
}

// --- a tick ---

static void add_group(const struct guest *row, uint32_t metrics, struct sample *s)
{
	struct cgroup_figures f;
	unsigned parts = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts_of); i++)
		parts |= metrics & parts_of[i].metrics ? parts_of[i].part : 0;
	if (!row->group || cgroup_reader_read(row->group, parts, &f) < 0)
		return;
	if (f.cpu_ns != CGROUP_MISSING)
		sample_set(s, METRIC_CPU, f.cpu_ns);
	if (f.throttled_ns != CGROUP_MISSING)
		sample_set(s, METRIC_THROTTLED, f.throttled_ns);
	const double pressures[] = {f.psi_cpu, f.psi_memory, f.psi_io};
	for (size_t i = 0; i < ARRAY_SIZE(pressures); i++)
		if (!isnan(pressures[i]))
			sample_set(s, METRIC_PSI_CPU + (enum metric)i, (uint64_t)(pressures[i] * 100));
}

// Balloon figures are updated every few seconds only, so a tick without an answer from libvirt may reuse them.
static void keep_gauges(struct sample *s, const struct sample *last)
{
	static const enum metric kept[] = {METRIC_MEMORY, METRIC_CACHE, METRIC_MEMORY_LIMIT, METRIC_PIDS};

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (sample_has(last, kept[i]))
			sample_set(s, kept[i], last->value[kept[i]]);
}

static void sample_unset(struct sample *s, enum metric m)
{
	s->have &= ~(1u << m);
}

static void add_process(const struct guest *row, uint32_t metrics, struct sample *s)
{
	uint64_t cpu, rss;

	sample_unset(s, METRIC_CPU);
	sample_unset(s, METRIC_MEMORY_HOST);
	if (!proc_is_alive(row->pid, row->pid_started) || proc_usage(row->pid, &cpu, &rss) < 0)
		return;
	s->at = clock_mono();
	sample_set(s, METRIC_MEMORY_HOST, rss);
	if (row->group)
		add_group(row, metrics, s);
	else
		sample_set(s, METRIC_CPU, cpu);
}

// CPU time and host RSS of a guest always come from the same source, whether libvirt answers or not: a counter must
// not jump. When the source changes (its QEMU process was found), the counter is left out once.
static void add_own(struct guest *row, uint32_t metrics, struct sample *s)
{
	int from = row->group ? FROM_GROUP : row->pid ? FROM_PROCESS : FROM_LIBVIRT;

	if (row->pid)
		add_process(row, metrics, s);
	if (!(metrics & METRIC_BIT(METRIC_CPU)))
		return;
	if (row->cpu_from != FROM_NOWHERE && (int)row->cpu_from != from)
		sample_unset(s, METRIC_CPU);
	row->cpu_from = from;
}

static const struct figures *figures_of(const struct guests *g, const char *uuid)
{
	for (size_t i = 0; i < g->figure_count; i++)
		if (strcmp(g->figures[i].uuid, uuid) == 0)
			return &g->figures[i];
	return NULL;
}

// Starts a look at libvirt and waits for it, but not for one that was late before. Returns whether its figures are
// new.
static bool refresh_figures(struct guests *g)
{
	int64_t began = clock_mono(), used = g->figures_used;
	const struct worker *first = &g->workers[WORKER_STATS];
	enum worker_kind kind =
	    first->busy && began - first->since > 2 * STATS_TIMEOUT ? WORKER_STATS_AGAIN : WORKER_STATS;
	bool late = g->workers[kind].busy;

	if (!g->groups || !g->control || g->closing) // the list connects first, and says when that fails
		return false;
	worker_start(g, kind, kind == WORKER_STATS ? stats_worker : stats_again_worker);
	const struct timespec at = clock_timespec(began + STATS_TIMEOUT);
	while (!late && g->workers[kind].busy && g->figures_at <= used)
		if (pthread_cond_timedwait(&g->condition, &g->lock, &at) != 0)
			break;
	bool fresh = g->figures_at > used; // also those of a look that was late
	g->figures_used = g->figures_at;
	if (!fresh && first->busy && !g->silent_since)
		g->silent_since = first->since;
	else if (fresh)
		g->silent_since = 0;
	return fresh;
}

static uint32_t metrics_of(const struct measures *what, const struct guest *row)
{
	auto_free char *id = id_make("libvirt", KIND_GUEST, row->uuid);

	return measures_of(what, KIND_GUEST, id);
}

static unsigned groups_for(uint32_t metrics)
{
	unsigned groups = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups_of); i++)
		groups |= metrics & groups_of[i].metrics ? groups_of[i].group : 0;
	return groups;
}

// The groups of figures that WHAT needs of all guests together.
static unsigned groups_wanted(const struct guests *g, const struct measures *what)
{
	uint32_t metrics = what->of_kind[KIND_GUEST] | what->of_kind[KIND_DISK] | what->of_kind[KIND_INTERFACE];

	for (size_t i = 0; what->ids.count && i < g->count; i++)
		metrics |= metrics_of(what, &g->rows[i]);
	return groups_for(metrics);
}

int guests_sample(struct guests *g, const struct measures *what,
                  void (*each)(void *context, const char *uuid, const struct sample *s), void *context,
                  struct err *e)
{
	(void)e;
	pthread_mutex_lock(&g->lock);
	g->groups = groups_wanted(g, what);
	bool fresh = refresh_figures(g);
	for (size_t i = 0; i < g->count; i++) {
		struct guest *row = &g->rows[i];
		uint32_t metrics = metrics_of(what, row);
		const struct figures *f = row->active ? figures_of(g, row->uuid) : NULL;
		struct sample s = f && fresh ? f->sample : (struct sample){.at = clock_mono()};

		if (f && !fresh && clock_mono() - g->figures_at < KEPT)
			keep_gauges(&s, &f->sample);
		if (row->active)
			add_own(row, metrics, &s);
		s.have &= metrics;
		if (s.have)
			each(context, row->uuid, &s);
	}
	pthread_mutex_unlock(&g->lock);
	return 0;
}

// What a device is called by in its id: the target of a disk, the MAC address of an interface.
static const char *device_name(const struct guest *row, const struct device_figures *d)
{
	for (size_t i = 0; !d->disk && i < row->facts.nic_count; i++)
		if (str_equal(row->facts.nics[i].target, d->name))
			return row->facts.nics[i].mac;
	return d->disk && *d->name ? d->name : NULL;
}

static void report_devices(const struct guest *row, const struct figures *f, const struct measures *what,
                           guests_device *each, void *context)
{
	for (size_t i = 0; i < f->device_count; i++) {
		const char *name = device_name(row, &f->devices[i]);
		enum kind kind = f->devices[i].disk ? KIND_DISK : KIND_INTERFACE;
		struct sample s = f->devices[i].sample;

		s.have &= what->of_kind[kind];
		if (name && s.have)
			each(context, kind, row->uuid, name, &s);
	}
}

void guests_sample_devices(struct guests *g, const struct measures *what, guests_device *each, void *context)
{
	pthread_mutex_lock(&g->lock);
	bool fresh = g->figures_at > g->devices_at;
	g->devices_at = g->figures_at;
	for (size_t i = 0; fresh && i < g->count; i++) {
		const struct figures *f = g->rows[i].active ? figures_of(g, g->rows[i].uuid) : NULL;

		if (f)
			report_devices(&g->rows[i], f, what, each, context);
	}
	pthread_mutex_unlock(&g->lock);
}
