// guest/guests on libvirt's own test driver, which runs in this process: listing, events, verbs, and many threads at
// once.
#include "guest/guests.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "guest/connection/guests.h"
#include "guest/storage/make.h"
#include "guest/verbs/ports.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/network.h"
#include "model/verb.h"

#include "test.h"

#ifdef __SANITIZE_THREAD__
// GLib and libvirt are not built for the sanitizer, which cannot see how their own threads agree (futexes, lock-free
// counters).
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:libglib-2.0.so\nrace:libvirt.so\nmutex:libvirt.so\n";
}
#endif

static struct guests *open_for(const char *uri, bool read_only)
{
	struct guests *g = NULL;
	struct err e = {0};

	assert_int_equal(guests_open(&g, uri, read_only, &e), 0);
	return g;
}

static struct guests *open_guests(const char *uri)
{
	return open_for(uri, false);
}

static void list(struct guests *g, struct inventory *inv)
{
	struct err e = {0};

	inventory_begin(inv, NULL);
	if (guests_list(g, inv, &e) < 0)
		fail_msg("%s", e.text);
	inventory_end(inv);
}

// The one guest that test:///default begins with; owned copy of its UUID.
static char *test_uuid(struct guests *g)
{
	struct inventory *inv = inventory_new();

	list(g, inv);
	const struct workload *w = inventory_lookup(inv, "test", -1, NULL);
	assert_non_null(w);
	char *uuid = mem_strdup(strrchr(w->id, '/') + 1);
	inventory_free(inv);
	return uuid;
}

static enum item_state state_of(struct guests *g)
{
	struct inventory *inv = inventory_new();

	list(g, inv);
	const struct workload *w = inventory_lookup(inv, "test", -1, NULL);
	enum item_state state = w ? w->state : STATE_UNKNOWN;
	inventory_free(inv);
	return state;
}

static void act(struct guests *g, const char *uuid, enum verb verb)
{
	struct err e = {0};

	if (guests_act(g, uuid, verb, NULL, NULL, &e) < 0)
		fail_msg("%s", e.text);
}

static void a_guest_is_listed(void **state)
{
	struct guests *g = open_guests("test:///default");
	struct inventory *inv = inventory_new();

	list(g, inv);
	assert_int_equal(inventory_count(inv), 1);
	const struct workload *w = inventory_at(inv, 0);
	assert_string_equal(w->name, "test");
	assert_string_equal(w->engine, "libvirt");
	assert_int_equal(w->kind, KIND_GUEST);
	assert_int_equal(w->state, STATE_RUNNING);
	assert_true(w->cpus == 2 && w->memory_limit == 2ull << 30 && w->persistent);
	inventory_free(inv);
	guests_close(g);
}

static const struct item *item_called(const struct inventory *inv, enum kind kind, const char *name)
{
	for (size_t i = 0; i < inventory_item_count(inv); i++)
		if (inventory_item_at(inv, i)->kind == kind && (!name || strcmp(inventory_item_at(inv, i)->name, name) == 0))
			return inventory_item_at(inv, i);
	return NULL;
}

static void its_networks_and_devices_are_items(void **state)
{
	struct guests *g = open_guests("test:///default");
	struct inventory *inv = inventory_new();

	list(g, inv);
	const struct network *net = (const struct network *)item_called(inv, KIND_NETWORK, "default");
	assert_non_null(net);
	assert_int_equal(net->state, STATE_ACTIVE);
	assert_string_equal(net->bridge, "virbr0");
	assert_string_equal(net->addresses, "192.168.122.1/24");
	assert_true(str_starts(net->id, "local/libvirt/network/"));
	const struct item *one = item_called(inv, KIND_INTERFACE, NULL), *disk = item_called(inv, KIND_DISK, NULL);
	if (one) { // newer drivers give their guest some
		const struct workload *owner = inventory_find(inv, one->owner);
		assert_non_null(owner);
		assert_int_equal(owner->uses.count, 1);
		assert_string_equal(owner->uses.items[0], net->id);
		assert_string_equal(((const struct workload *)owner)->networks.items[0], "default");
		assert_true(strv_equal(&one->uses, &owner->uses));
	}
	if (disk)
		assert_non_null(inventory_find(inv, disk->owner));
	inventory_want(inv, KIND_BIT_ANY, 0); // workloads only
	list(g, inv);
	assert_int_equal(inventory_item_count(inv), 1);
	inventory_free(inv);
	guests_close(g);
}

static void a_new_guest_can_have_the_networks_and_pools_of_the_host(void **state)
{
	struct guests *g = open_guests("test:///default");
	auto_strv networks = {0}, pools = {0}, none = {0};
	struct err e = {0};

	assert_int_equal(guests_choices(g, "network", &networks, &e), 0);
	assert_int_equal(networks.count, 1);
	assert_string_equal(networks.items[0], "network:default");
	assert_int_equal(guests_choices(g, "pool", &pools, &e), 0);
	assert_int_equal(pools.count, 1);
	assert_string_equal(pools.items[0], "default-pool");
	assert_int_equal(guests_choices(g, "memory", &none, &e), 0);
	assert_int_equal(none.count, 0);
	guests_close(g);
}

static void verbs_change_its_state(void **state)
{
	static const struct {
		enum verb verb;
		enum item_state then;
	} steps[] = {
		{VERB_PAUSE, STATE_PAUSED}, {VERB_RESUME, STATE_RUNNING}, {VERB_KILL, STATE_OFF},
		{VERB_START, STATE_RUNNING}, {VERB_STOP, STATE_OFF}, {VERB_START, STATE_RUNNING}, {VERB_RESTART,
		 STATE_RUNNING},
	};
	struct guests *g = open_guests("test:///default");
	auto_free char *uuid = test_uuid(g);

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		act(g, uuid, steps[i].verb);
		assert_int_equal(state_of(g), steps[i].then);
	}
	guests_close(g);
}

static void refusals_name_the_guest_and_the_remedy(void **state)
{
	static const struct {
		enum verb verb;
		const char *name, *value, *says;
		int code;
	} rows[] = {
		{VERB_START, NULL, NULL, "'test' is already running", EBUSY},
		{VERB_DELETE, NULL, NULL, "'test' is running: stop it first, or force", EBUSY},
		{VERB_RENAME, "to", "other", "'test' is running: stop it", EBUSY},
		{VERB_RENAME, "to", "a/b", "invalid name 'a/b'", EINVAL},
		{VERB_KILL, "signal", "HUP", "cannot send signal 'HUP'", EOPNOTSUPP},
		{VERB_SET, "pids", "5", "'pids' of a guest cannot be changed", EINVAL},
		{VERB_SET, "memory", "lots", "invalid value 'lots' for 'memory' (a size", EINVAL},
		{VERB_SET, "cpus", "0.5", "whole number", EINVAL},
		{VERB_STOP, "timeout", "soon", "invalid duration 'soon'", EINVAL},
	};
	struct guests *g = open_guests("test:///default");
	auto_free char *uuid = test_uuid(g);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_params p = {0};
		struct err e = {0};

		if (rows[i].name)
			params_add(&p, rows[i].name, rows[i].value);
		assert_int_equal(guests_act(g, uuid, rows[i].verb, &p, NULL, &e), -rows[i].code);
		if (!strstr(e.text, rows[i].says))
			fail_msg("'%s' does not say '%s'", e.text, rows[i].says);
	}
	assert_int_equal(state_of(g), STATE_RUNNING);
	guests_close(g);
}

// Guests in every state that the test driver can begin with. What counts is whether it is active, not what the state
// is called.
static void every_state_and_its_verbs(void **state)
{
	static const struct {
		const char *name;
		int run_state;
		enum item_state is;
		bool active;
		const char *start; // why it cannot be started; NULL: it can
	} rows[] = {
		{"runs", VIR_DOMAIN_RUNNING, STATE_RUNNING, true, "is already running"}, {"waits", VIR_DOMAIN_BLOCKED,
		 STATE_RUNNING, true, "is already running"},
		{"halts", VIR_DOMAIN_PAUSED, STATE_PAUSED, true, "is paused: resume"}, {"ends", VIR_DOMAIN_SHUTDOWN,
		 STATE_STOPPING, true, "is already running"},
		{"crashed", VIR_DOMAIN_CRASHED, STATE_CRASHED, true, "crashed and is still in memory: kill it"},
		{"sleeps", VIR_DOMAIN_PMSUSPENDED, STATE_SUSPENDED, true, "is asleep and is still in memory: resume it"},
		{"off", VIR_DOMAIN_SHUTOFF, STATE_OFF, false, NULL},
	};
	char path[] = "/tmp/test-guests-XXXXXX.xml";
	int fd = mkstemps(path, 4);
	auto_free char *uri = mem_printf("test://%s", path);

	dprintf(fd, "<node>");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		dprintf(
		    fd,
		    "<domain type='test' "
		    "xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>%s</name><uuid>00000000-0000-0000-0000-00000000000%zu</uuid><memory>65536</memory><os><type>hvm</type></os>"
		    "<test:runstate>%d</test:runstate></domain>",
		    rows[i].name, i, rows[i].run_state);
	dprintf(fd, "</node>");
	close(fd);
	struct guests *g = open_guests(uri);
	struct inventory *inv = inventory_new();
	list(g, inv);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct workload *w = inventory_lookup(inv, rows[i].name, -1, NULL);
		struct err e = {0};

		assert_non_null(w);
		assert_int_equal(w->state, rows[i].is);
		assert_int_equal(w->active, rows[i].active);
		assert_true(w->state != STATE_CRASHED || str_equal(w->reason, "crashed, kept in memory"));
		assert_true((verb_refusal(VERB_KILL, w) == NULL) == rows[i].active &&
		            (verb_refusal(VERB_STOP, w) == NULL) == rows[i].active);
		assert_true((verb_refusal(VERB_START, w) == NULL) == !rows[i].active);
		const char *uuid = strrchr(w->id, '/') + 1;
		assert_int_equal(guests_act(g, uuid, VERB_START, NULL, NULL, &e), rows[i].start ? -EBUSY : 0);
		if (rows[i].start && !strstr(e.text, rows[i].start))
			fail_msg("'%s' does not say '%s'", e.text, rows[i].start);
		if (rows[i].is == STATE_CRASHED) // it hears nothing, and is kept for a look at its memory
			assert_true(guests_act(g, uuid, VERB_STOP, NULL, NULL, &e) == -EIO &&
			            strstr(e.text, "crashed and cannot shut down"));
		assert_int_equal(guests_act(g, uuid, VERB_KILL, NULL, NULL, &e), 0);
		assert_int_equal(guests_act(g, uuid, VERB_START, NULL, NULL, &e), 0);
	}
	inventory_free(inv);
	guests_close(g);
	unlink(path);
}

// What libvirt refuses is told with its own reason, whatever was asked after the refusal. Here it refuses because the
// connection is one for reading.
static void a_refusal_keeps_its_reason(void **state)
{
	struct guests *g = open_for("test:///default", true);
	auto_free char *uuid = test_uuid(g);

	for (enum verb v = VERB_START; v <= VERB_SET; v++) {
		auto_params p = {0};
		struct err e = {0};

		if (!guests_do(v))
			continue;
		if (v == VERB_STOP || v == VERB_RESTART)
			params_add(&p, "timeout", "1");
		else
			params_add(&p,
			           v == VERB_RENAME ? "to"
			           : v == VERB_SET  ? "autostart"
			                            : "force",
			           v == VERB_RENAME ? "other" : "yes");
		int r = guests_act(g, uuid, v, &p, NULL, &e);
		if (v == VERB_START || v == VERB_RENAME) // refused by ourselves: it runs
			continue;
		assert_true(r < 0);
		if (!strstr(e.text, "read only access"))
			fail_msg("%s: '%s'", verb_info(v)->name, e.text);
	}
	assert_int_equal(state_of(g), STATE_RUNNING);
	auto_str xml = {0};
	auto_str details = {0};
	struct err e = {0};
	assert_int_equal(guests_read_config(g, uuid, &xml, &e), 0);
	assert_int_equal(guests_read_details(g, uuid, &details, &e), 0);
	assert_non_null(strstr(str_text(&details), "Connection: test:///default, read-only (set by --engine)\n"));
	assert_null(guests_note(g));
	guests_close(g);
}

static void one_that_is_gone(void **state)
{
	struct guests *g = open_guests("test:///default");
	auto_str text = {0};
	struct err e = {0};

	assert_int_equal(guests_act(g, "00000000-0000-0000-0000-00000000dead", VERB_START, NULL, NULL, &e), -ENOENT);
	assert_non_null(strstr(e.text, "no longer exists"));
	assert_int_equal(guests_read_config(g, "no uuid at all", &text, &e), -ENOENT);
	guests_close(g);
}

static void texts(void **state)
{
	struct guests *g = open_guests("test:///default");
	auto_free char *uuid = test_uuid(g);
	auto_str xml = {0};
	auto_str details = {0};
	auto_str none = {0};
	struct err e = {0};

	assert_int_equal(guests_read_config(g, uuid, &xml, &e), 0);
	assert_non_null(strstr(str_text(&xml), "<name>test</name>"));
	assert_int_equal(guests_read_details(g, uuid, &details, &e), 0);
	assert_non_null(strstr(str_text(&details), "Name: test\n"));
	assert_int_equal(guests_read_log_tail(g, uuid, &none, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.text, "has no serial log"));
	assert_int_equal(guests_read_processes(g, uuid, &none, &e), -EOPNOTSUPP);
	guests_close(g);
}

static void a_connection_that_cannot_be(void **state)
{
	struct guests *g = open_guests("test:///no/such/file.xml");
	struct inventory *inv = inventory_new();
	struct err e = {0};

	for (int i = 0; i < 3; i++) {
		inventory_begin(inv, NULL);
		assert_true(guests_list(g, inv, &e) < 0);
		inventory_abort(inv);
		assert_non_null(strstr(e.text, "cannot connect to libvirt at 'test:///no/such/file.xml'"));
	}
	inventory_free(inv);
	guests_close(g);
}

static void closing_unopened(void **state)
{
	guests_close(open_guests("test:///default"));
	guests_close(NULL);
}

static void *wait_for_change(void *argument)
{
	struct err e = {0};

	return (void *)(intptr_t)guests_wait(argument, 20 * SECOND, &e);
}

static void events_end_a_wait(void **state)
{
	struct guests *g = open_guests("test:///default"), *other = open_guests("test:///default");
	auto_free char *uuid = test_uuid(g);
	pthread_t thread;
	struct err e = {0};
	void *result;

	while (guests_wait(g, 1, &e) > 0)
		;
	pthread_create(&thread, NULL, wait_for_change, g);
	act(other, uuid, VERB_PAUSE); // another client, over another connection
	pthread_join(thread, &result);
	assert_int_equal((intptr_t)result, 1);
	act(other, uuid, VERB_RESUME);
	guests_close(other);
	guests_close(g);
}

static void wake_ends_a_wait(void **state)
{
	struct guests *g = open_guests("test:///default");
	auto_free char *uuid = test_uuid(g);
	pthread_t thread;
	struct err e = {0};
	void *result;
	int64_t began = clock_mono();

	while (guests_wait(g, 1, &e) > 0)
		;
	pthread_create(&thread, NULL, wait_for_change, g);
	guests_wake(g);
	pthread_join(thread, &result);
	assert_int_equal((intptr_t)result, 0);
	assert_true(clock_mono() - began < 10 * SECOND);
	guests_close(g);
}

static const struct measures everything = {{[0 ... KINDS - 1] = METRICS_ALL}, {0}, 0};

static void ignore(void *context, const char *id, const struct sample *s)
{
	(void)context, (void)id, (void)s;
}

struct caller {
	struct guests *guests;
	const char *uuid;
	int kind;
};

static void *work(void *argument)
{
	const struct caller *w = argument;
	struct inventory *inv = inventory_new();
	struct err e = {0};

	for (int i = 0; i < 40; i++) {
		auto_str text = {0};

		switch (w->kind) {
		case 0:
			inventory_begin(inv, NULL);
			guests_list(w->guests, inv, &e);
			inventory_end(inv);
			break;
		case 1:
			guests_sample(w->guests, &everything, ignore, NULL, &e);
			break;
		case 2:
			guests_act(w->guests, w->uuid, i % 2 ? VERB_RESUME : VERB_PAUSE, NULL, NULL, &e);
			break;
		case 3:
			guests_read_details(w->guests, w->uuid, &text, &e);
			break;
		default:
			guests_wait(w->guests, SECOND / 100, &e);
		}
	}
	inventory_free(inv);
	return NULL;
}

static void many_threads(void **state)
{
	struct guests *g = open_guests("test:///default");
	auto_free char *uuid = test_uuid(g);
	struct caller callers[10];
	pthread_t threads[ARRAY_SIZE(callers)];

	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		callers[i] = (struct caller){g, uuid, (int)i % 5};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &callers[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		pthread_join(threads[i], NULL);
	assert_int_not_equal(state_of(g), STATE_UNKNOWN);
	guests_close(g);
}

// Last: it takes the guest away.
static void deleting(void **state)
{
	struct guests *g = open_guests("test:///default");
	auto_free char *uuid = test_uuid(g);
	struct inventory *inv = inventory_new();
	auto_params force = {0};
	struct err e = {0};

	params_add(&force, "force", "yes");
	if (guests_act(g, uuid, VERB_DELETE, &force, NULL, &e) < 0)
		fail_msg("%s", e.text);
	list(g, inv);
	assert_int_equal(inventory_count(inv), 0);
	assert_int_equal(guests_act(g, uuid, VERB_DELETE, &force, NULL, &e), -ENOENT);
	inventory_free(inv);
	guests_close(g);
}

static struct vir whole;

// The test driver neither finds pools by their directory nor builds one.
static virStoragePoolPtr pool_of_path(virConnectPtr conn, const char *path)
{
	(void)path;
	return vir.StoragePoolLookupByName(conn, "hostel-far-away");
}

static virStoragePoolPtr create_without_building(virConnectPtr conn, const char *xml, unsigned flags)
{
	(void)flags;
	return whole.StoragePoolCreateXML(conn, xml, 0);
}

static void a_failed_disk_leaves_no_new_pool(void **state)
{
	static const struct {
		const char *format;
		bool made, discarded, left;
	} rows[] = {
		{"unheard-of", false, false, false},
		{"raw", true, true, false}, // as when the guest cannot be defined
		{"raw", true, false, true},
		{"unheard-of", false, false, true},
		{"raw", true, true, true}, // in a pool that was there before
	};
	struct guests *g = open_guests("test:///default");

	assert_int_equal(vir_load(NULL), 0);
	whole = vir;
	vir.StoragePoolLookupByTargetPath = pool_of_path;
	vir.StoragePoolCreateXML = create_without_building;
	virConnectPtr conn = vir.ConnectOpen("test:///default");
	g->local = false; // so that the directory is another host's
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_params p = {0};
		auto_free char *path = NULL;
		struct err e = {0};
		bool pool_is_new = false;
		auto_free char *name = mem_printf("web%zu", i);

		params_add(&p, "name", name);
		params_add(&p, "directory", "/far/away");
		params_add(&p, "new-disk", "1M");
		params_add(&p, "disk-format", rows[i].format);
		assert_int_equal(storage_make(conn, g, &p, NULL, &path, &pool_is_new, &e) == 0, rows[i].made);
		if (path && rows[i].discarded)
			storage_discard(conn, path, pool_is_new, g->local);
		virStoragePoolPtr pool = pool_of_path(conn, NULL);
		assert_int_equal(pool != NULL, rows[i].left);
		if (pool)
			vir.StoragePoolFree(pool);
	}
	vir.ConnectClose(conn);
	vir = whole;
	guests_close(g);
}

// As a driver without it does: libvirt's own error of a function that the test driver does not have.
static int no_bulk_statistics(virConnectPtr conn, unsigned groups, virDomainStatsRecordPtr **records, unsigned flags)
{
	(void)groups, (void)records, (void)flags;
	int (*filters)(virConnectPtr);
	void *address = vir_symbol("virConnectNumOfNWFilters");

	memcpy(&filters, &address, sizeof(filters));
	return filters(conn);
}

static int no_filter(virConnectPtr conn, virDomainPtr **domains, unsigned flags)
{
	return flags & ~(unsigned)VIR_CONNECT_LIST_DOMAINS_ACTIVE ? no_bulk_statistics(conn, 0, NULL, 0)
	                                                          : whole.ConnectListAllDomains(conn, domains, flags);
}

static void keep_sample(void *context, const char *id, const struct sample *s)
{
	(void)id;
	*(struct sample *)context = *s;
}

static void drivers_that_have_less(void **state)
{
	assert_int_equal(vir_load(NULL), 0);
	whole = vir;
	vir.ConnectGetAllDomainStats = no_bulk_statistics;
	vir.ConnectListAllDomains = no_filter;
	struct guests *g = open_guests("test:///default");
	struct inventory *inv = inventory_new();
	struct sample s = {0};

	list(g, inv);
	const struct workload *w = inventory_lookup(inv, "test", -1, NULL);
	assert_non_null(w);
	assert_int_equal(w->state, STATE_RUNNING);
	assert_true(w->active && w->persistent && !w->autostart && w->cpus == 2);
	assert_true(guests_sample(g, &everything, keep_sample, &s, NULL) == 0);
	assert_true(sample_has(&s, METRIC_CPU) && sample_has(&s, METRIC_PIDS) && s.value[METRIC_PIDS] == 2);
	assert_true(sample_has(&s, METRIC_MEMORY_LIMIT) && s.value[METRIC_MEMORY_LIMIT] == 2ull << 30);
	act(g, strrchr(w->id, '/') + 1, VERB_PAUSE);
	assert_int_equal(state_of(g), STATE_PAUSED);
	inventory_free(inv);
	guests_close(g);
	vir = whole;
}

// A guest whose ports passt publishes, which the test driver does not know.
static char *domain_with_port(virDomainPtr domain, unsigned flags)
{
	(void)domain, (void)flags;
	return mem_strdup("<domain type='test'><name>test</name><uuid>1</uuid><devices><interface type='user'><portForward "
	                  "proto='tcp'><range start='8080' to='80'/></portForward></interface></devices></domain>");
}

static int all_in_use(struct ports *ports, struct err *e)
{
	return err_msg(e, EADDRINUSE, "%u is in use", ports->items[0].outside);
}

static int choose_9000(struct ports *ports, struct err *e)
{
	(void)e;
	ports->items[0].outside = 9000;
	return 0;
}

static void the_guest_that_has_a_port_is_named(void **state)
{
	static const struct {
		const char *port, *error;
		int (*check)(struct ports *ports, struct err *e);
		uint16_t outside;
		bool far;
	} rows[] = {
		{"8080:22", "cannot publish port 8080:22: 8080 is in use by guest 'test'", all_in_use, 8080, false},
		{"8080:22/udp", "8080 is in use", all_in_use, 8080, false},
		{"8081:22", "8081 is in use", all_in_use, 8081, false},
		{"22", NULL, choose_9000, 9000, false},
		{"8080:22", NULL, all_in_use, 8080, true}, // on another host, unknown
		{"8080:22", NULL, NULL, 8080, false},
	};
	struct guests *g = open_guests("test:///default");

	assert_int_equal(vir_load(NULL), 0);
	whole = vir;
	vir.DomainGetXMLDesc = domain_with_port;
	virConnectPtr conn = vir.ConnectOpen("test:///default");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ports ports = {0};
		struct err e = {0};

		g->local = !rows[i].far;
		guests_set_port_check(g, rows[i].check);
		assert_int_equal(ports_parse(&ports, rows[i].port, &e), 0);
		assert_int_equal(guest_check_ports(g, conn, &ports, &e), rows[i].error ? -EADDRINUSE : 0);
		assert_string_equal(e.text, rows[i].error ? rows[i].error : "");
		assert_int_equal(ports.items[0].outside, rows[i].outside);
		ports_done(&ports);
	}
	vir.ConnectClose(conn);
	vir = whole;
	guests_close(g);
}

static virError failure;

static virErrorPtr last_error(void)
{
	return &failure;
}

#define CLOSED "internal error: qemu unexpectedly closed the monitor: 2026-11-27T20:51:05.600415Z qemu-system-x86_64: "
#define PASST "internal error: Child process (passt --one-off --socket /s --tcp-ports 80) unexpected exit status 1: "
#define EXITED "process exited while connecting to monitor: 2026-11-27T20:51:05.600415Z qemu-system-x86_64: "
#define CLOSED_11 "internal error: QEMU unexpectedly closed the monitor (vm='g'): 2026-11-27T20:51:05.600415Z qemu-system-x86_64: "

static void errors_have_remedies(void **state)
{
	static const struct {
		const char *said, *shown, *hint;
		int number;
	} rows[] = {
		{CLOSED "-blockdev {\"driver\":\"qcow2\"}: Failed to get \"write\" lock; Is another process using the image "
		 "[/a]?",
		 "x: QEMU: Failed to get \"write\" lock; Is", "a disk of its own", EBUSY},
		{EXITED "-blockdev {\"a\":{\"b\":1}}: Failed to get \"write\" lock", "x: QEMU: Failed to get \"write\" lock",
		 "a disk of its own", EBUSY},
		{CLOSED_11 "-blockdev {\"a\":{\"b\":1}}: Failed to get shared \"write\" lock", "x: QEMU: Failed to get shared",
		 "a disk of its own", EBUSY},
		{CLOSED "Could not open '/s': Permission denied", "x: QEMU: Could not open '/s'", "namei -l", EACCES},
		{"Cannot access storage file '/a.iso': No such file or directory", "'/a.iso'", "virsh edit", ENOENT},
		{"Cannot access storage file '/a' (as uid:64055, gid:64055): Permission denied", "'/a'",
		 "the user QEMU runs as", EACCES},
		{"Cannot access backing file '/b' of storage file '/t' (as uid:1, gid:1): No such file or directory", "'/b'",
		 "qemu-img rebase", ENOENT},
		{CLOSED "-blockdev {}: Image is not in qcow2 format", "x: QEMU: Image is not", "wrong format", EINVAL},
		{"internal error: process exited while connecting to monitor: qemu: could not open kernel file '/k': No such "
		 "file or directory",
		 "'/k'", "<kernel>", ENOENT},
		{"operation failed: unable to find any master var store for loader: /o.fd", "/o.fd", "ovmf", ENOENT},
		{"Unable to find any firmware to satisfy 'efi'", "'efi'", "--firmware bios", ENOENT},
		{"Requested operation is not valid: network 'lab' is not active", "network 'lab'", "hostel network start lab)",
		 EBUSY},
		{"Network not found: no network with matching name 'lab'", "'lab'", "hostel network ls", ENOENT},
		{"Cannot get interface MTU on 'br9': No such device", "'br9'", "no bridge br9:", ENODEV},
		{"Unable to get index for interface eth9: No such device", "eth9", "ip link", ENODEV},
		{"Requested operation is not valid: storage pool 'p' is not active", "'p'", "virsh pool-start p)", EBUSY},
		{"Storage pool not found: no storage pool with matching name 'p'", "'p'", "virsh pool-list", ENOENT},
		{"no connection driver available for network:///session", "network:///session",
		 "libvirt-daemon-driver-network", EOPNOTSUPP},
		{"no connection driver available for storage:///system", "storage:///system", "libvirt-daemon-driver-storage",
		 EOPNOTSUPP},
		{"no connection driver available for lxc:///system", "lxc:///system", "libvirt-daemon-driver-lxc", EOPNOTSUPP},
		{"Failed to connect socket to '/run/libvirt/virtnetworkd-sock': No such file or directory",
		 "virtnetworkd-sock", "virtnetworkd.socket", ENOTCONN},
		{"Failed to connect socket to '/run/libvirt/virtstoraged-sock': No such file or directory",
		 "virtstoraged-sock", "virtstoraged.socket", ENOTCONN},
		{"Failed to connect socket to '/run/libvirt/virtqemud-sock': No such file or directory", "virtqemud-sock",
		 "virtqemud.socket", ENOTCONN},
		{"this function is not supported by the connection driver: virStoragePoolLookupByName", "virStorage",
		 "libvirt-daemon-driver-storage", EOPNOTSUPP},
		{"invalid argument: the machine 'foo' is not supported by emulator '/q'", "'foo'", "-machine help",
		 EOPNOTSUPP},
		{"unsupported configuration: unable to find any emulator to serve 'aarch64' architecture", "'aarch64'",
		 "install the emulator", ENOENT},
		{"unsupported configuration: IDE controllers are unsupported for this QEMU binary or machine type", "IDE",
		 "--disk-bus sata", EOPNOTSUPP},
		{"Unknown CPU model Nonsense", "Nonsense", "virsh cpu-models", EINVAL},
		{"unsupported configuration: Emulator '/q' does not support virt type 'kvm'", "'kvm'", "--accel emulated",
		 EOPNOTSUPP},
		{"unsupported configuration: Emulator '/q' does not support machine type 'pc-9'", "'pc-9'", "machine types",
		 EOPNOTSUPP},
		{"Cannot check QEMU binary /none: No such file or directory", "/none", "install the emulator", ENOENT},
		{CLOSED "cannot set up guest memory 'pc.ram': Cannot allocate memory", "x: QEMU: cannot set up",
		 "too little free memory", ENOMEM},
		{"internal error: Failed to reserve port 5999", "x: Failed to reserve port 5999", "autoport", EADDRINUSE},
		{CLOSED "-chardev socket,port=1: Failed to find an available port: Address already in use",
		 "x: QEMU: -chardev socket,port=1", "choose another", EADDRINUSE},
		{CLOSED "-netdev user,id=published,hostfwd=tcp::80-:80: Could not set up host forwarding rule 'tcp::80-:80'",
		 "host forwarding rule", "hostel edit web)", EADDRINUSE},
		{PASST "Failed to bind port 80 (Address already in use) for option '-t 80'", "x: passt: Failed to bind",
		 "hostel edit web)", EADDRINUSE},
		{PASST "UNIX domain socket bound at /s\nCouldn't create user namespace: Operation not permitted",
		 "x: passt: UNIX", "user.max_user_namespaces", EPERM},
		{PASST "Failed to remount /: Permission denied", "x: passt: Failed", "AppArmor or SELinux", EPERM},
		{"internal error: Could not start 'passt'. exitstatus: 1", "passt", "AppArmor or SELinux", EPERM},
		{"Cannot find 'passt' in path: No such file or directory", "passt", "(install passt)", ENOENT},
		{"Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or directory", "libvirt-sock",
		 "libvirt's daemon is not running", ENOTCONN},
		{"nothing known", "x: nothing known", NULL, EIO},
		{"Cannot access storage file '/a.iso': No such file or directory", "'/a.iso'", "virsh edit web)", ENOENT},
	};

	assert_int_equal(vir_load(NULL), 0);
	whole = vir;
	vir.GetLastError = last_error;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = {0};

		failure = (virError){.code = VIR_ERR_INTERNAL_ERROR, .message = (char *)rows[i].said};
		guest_error(&e, "cannot start guest 'web': x");
		if (!strstr(e.text, rows[i].shown) || (rows[i].hint && !strstr(e.text, rows[i].hint)) ||
		    e.code != rows[i].number || (!rows[i].hint && strchr(e.text, '(')))
			fail_msg("'%s' (%d)", e.text, e.code);
	}
	vir = whole;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_disk_leaves_no_new_pool), cmocka_unit_test(drivers_that_have_less), cmocka_unit_test(errors_have_remedies),
		cmocka_unit_test(the_guest_that_has_a_port_is_named),
		cmocka_unit_test(a_guest_is_listed), cmocka_unit_test(its_networks_and_devices_are_items),
		cmocka_unit_test(a_new_guest_can_have_the_networks_and_pools_of_the_host),
		cmocka_unit_test(verbs_change_its_state),
		cmocka_unit_test(refusals_name_the_guest_and_the_remedy),
		cmocka_unit_test(every_state_and_its_verbs), cmocka_unit_test(a_refusal_keeps_its_reason),
		cmocka_unit_test(one_that_is_gone),      cmocka_unit_test(texts),
		cmocka_unit_test(a_connection_that_cannot_be), cmocka_unit_test(closing_unopened),
		cmocka_unit_test(events_end_a_wait),     cmocka_unit_test(wake_ends_a_wait),
		cmocka_unit_test(many_threads),          cmocka_unit_test(deleting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
