// guest/stats, state, process, caps: what libvirt and the kernel say, as hostel means it.
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/sample.h"

#include "guest/definition/caps.h"
#include "guest/definition/state.h"
#include "guest/host/qemu.h"
#include "guest/watch/stats.h"

#include "test.h"

struct list {
	virTypedParameter items[64];
	int count;
};

static void add(struct list *l, const char *name, unsigned long long value)
{
	virTypedParameter *p = &l->items[l->count++];

	*p = (virTypedParameter){.type = VIR_TYPED_PARAM_ULLONG, .value.ul = value};
	strncpy(p->field, name, sizeof(p->field) - 1);
}

static void counters_are_summed(void **state)
{
	struct list l = {0};
	struct sample s = {0};

	add(&l, "cpu.time", 5000);
	add(&l, "vcpu.current", 2);
	add(&l, "vcpu.maximum", 4);
	add(&l, "vcpu.0.delay", 7);
	add(&l, "vcpu.1.delay", 8);
	add(&l, "net.count", 2);
	add(&l, "net.0.rx.bytes", 10);
	add(&l, "net.1.rx.bytes", 20);
	add(&l, "net.0.rx.pkts", 99);
	add(&l, "net.10.tx.bytes", 3);
	add(&l, "block.count", 1);
	add(&l, "block.0.rd.bytes", 100);
	add(&l, "block.0.wr.reqs", 4);
	add(&l, "balloon.rss", 300);
	stats_to_sample(&s, l.items, l.count, 0);
	assert_true(s.value[METRIC_CPU] == 5000);
	assert_true(s.value[METRIC_PIDS] == 2);
	assert_true(s.value[METRIC_STEAL] == 15);
	assert_true(s.value[METRIC_NET_RX] == 30);
	assert_true(s.value[METRIC_NET_TX] == 3);
	assert_true(s.value[METRIC_READ] == 100);
	assert_true(s.value[METRIC_WRITE_OPS] == 4);
	assert_true(s.value[METRIC_MEMORY_HOST] == 300 * 1024);
	assert_false(sample_has(&s, METRIC_MEMORY));
	assert_false(sample_has(&s, METRIC_WRITE));
}

static void each_device_has_its_own(void **state)
{
	struct list l = {0};
	struct sample all = {0};
	size_t count;

	add(&l, "block.count", 2);
	add(&l, "block.0.rd.bytes", 100);
	add(&l, "block.1.rd.bytes", 7);
	add(&l, "block.1.wr.reqs", 4);
	add(&l, "net.0.tx.bytes", 3);
	add(&l, "cpu.time", 5000);
	add(&l, "block.0.capacity", 4096);
	add(&l, "block.0.allocation", 512);
	l.items[l.count] =
	    (virTypedParameter){.field = "block.1.name", .type = VIR_TYPED_PARAM_STRING, .value.s = (char *)"vdb"};
	l.items[l.count + 1] =
	    (virTypedParameter){.field = "net.0.name", .type = VIR_TYPED_PARAM_STRING, .value.s = (char *)"vnet0"};
	auto_free struct device_figures *devices = stats_to_devices(l.items, l.count + 2, &count);
	assert_int_equal(count, 3);
	assert_true(devices[0].disk && devices[0].sample.value[METRIC_READ] == 100);
	assert_true(devices[0].sample.value[METRIC_SIZE] == 4096 && devices[0].sample.value[METRIC_ALLOCATED] == 512);
	assert_false(sample_has(&devices[1].sample, METRIC_SIZE));
	stats_to_sample(&all, l.items, l.count, 0);
	assert_false(sample_has(&all, METRIC_SIZE)); // of a guest, sizes of disks are not added up
	assert_string_equal(devices[1].name, "vdb");
	assert_true(devices[1].sample.value[METRIC_READ] == 7 && devices[1].sample.value[METRIC_WRITE_OPS] == 4);
	assert_false(sample_has(&devices[1].sample, METRIC_WRITE));
	assert_string_equal(devices[2].name, "vnet0");
	assert_true(!devices[2].disk && devices[2].sample.value[METRIC_NET_TX] == 3);
	assert_false(sample_has(&devices[2].sample, METRIC_CPU));
}

static void what_is_not_told_is_missing(void **state)
{
	struct list l = {0};
	struct sample s = {0};

	stats_to_sample(&s, l.items, 0, 0);
	assert_int_equal(s.have, 0);
	add(&l, "net.count", 1); // user-mode networks have no figures
	add(&l, "block.count", 0);
	l.items[l.count++] = (virTypedParameter){.field = "cpu.time", .type = VIR_TYPED_PARAM_LLONG, .value.l = -1};
	l.items[l.count++] = (virTypedParameter){.field = "vcpu.current", .type = VIR_TYPED_PARAM_STRING};
	stats_to_sample(&s, l.items, l.count, 0);
	assert_false(sample_has(&s, METRIC_NET_RX) || sample_has(&s, METRIC_CPU) || sample_has(&s, METRIC_PIDS));
	assert_true(sample_has(&s, METRIC_READ) && s.value[METRIC_READ] == 0);
}

static void memory_inside_only_while_it_is_fresh(void **state)
{
	static const struct {
		unsigned long long updated;
		bool shown;
	} rows[] = {{0, false}, {1000, true}, {975, true}, {969, false}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct list l = {0};
		struct sample s = {0};

		add(&l, "balloon.current", 4000);
		add(&l, "balloon.available", 3000);
		add(&l, "balloon.unused", 100);
		add(&l, "balloon.usable", 1000);
		add(&l, "balloon.disk_caches", 50);
		add(&l, "balloon.last-update", rows[i].updated);
		stats_to_sample(&s, l.items, l.count, 1000 * SECOND);
		assert_true(s.value[METRIC_MEMORY_LIMIT] == 4000 * 1024);
		assert_true(sample_has(&s, METRIC_MEMORY) == rows[i].shown);
		assert_true(sample_has(&s, METRIC_CACHE) == rows[i].shown);
		assert_true(!rows[i].shown || s.value[METRIC_MEMORY] == 2000 * 1024);
	}
}

// "unused" counts the cache as used: alone it would be another figure under the same name.
static void memory_inside_is_one_figure(void **state)
{
	struct list l = {0};
	struct sample s = {0};

	add(&l, "balloon.available", 3000);
	add(&l, "balloon.unused", 100);
	add(&l, "balloon.rss", 9000);
	add(&l, "balloon.last-update", 1000);
	stats_to_sample(&s, l.items, l.count, 1000 * SECOND);
	assert_false(sample_has(&s, METRIC_MEMORY));
	assert_true(s.value[METRIC_MEMORY_HOST] == 9000 * 1024);
	add(&l, "balloon.disk_caches", 900);
	s = (struct sample){0};
	stats_to_sample(&s, l.items, l.count, 1000 * SECOND);
	assert_true(sample_has(&s, METRIC_MEMORY) && s.value[METRIC_MEMORY] == 2000 * 1024);
}

static void every_state_means_something(void **state)
{
	for (int s = VIR_DOMAIN_RUNNING; s <= VIR_DOMAIN_PMSUSPENDED; s++)
		for (int reason = 0; reason < 20; reason++)
			for (int active = 0; active < 2; active++)
				assert_int_not_equal(guest_state(s, reason, active), STATE_UNKNOWN);
	// whether it is active counts, whatever its state is called
	assert_int_equal(guest_state(VIR_DOMAIN_NOSTATE, 0, true), STATE_RUNNING);
	assert_int_equal(guest_state(VIR_DOMAIN_NOSTATE, 0, false), STATE_OFF);
	assert_int_equal(guest_state(-1, -1, true), STATE_RUNNING);
	assert_int_equal(guest_state(VIR_DOMAIN_PAUSED, 0, false), STATE_OFF);
	assert_int_equal(guest_state(VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_PANICKED, true), STATE_CRASHED);
	assert_int_equal(guest_state(VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_CRASHED, false), STATE_CRASHED);
	assert_int_equal(guest_state(VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SAVED, false), STATE_SUSPENDED);
	assert_int_equal(guest_state(VIR_DOMAIN_SHUTDOWN, 0, true), STATE_STOPPING);
	assert_string_equal(guest_reason(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR), "disk I/O error");
	assert_null(guest_reason(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED));
}

static void state_in_a_record(void **state)
{
	static const virTypedParameter record[] = {
		{.field = "state.state", .type = VIR_TYPED_PARAM_INT, .value.i = VIR_DOMAIN_PAUSED},
		{.field = "state.reason", .type = VIR_TYPED_PARAM_INT, .value.i = VIR_DOMAIN_PAUSED_USER},
	};
	int s, reason;

	stats_state(record, 2, &s, &reason);
	assert_int_equal(s, VIR_DOMAIN_PAUSED);
	assert_int_equal(reason, VIR_DOMAIN_PAUSED_USER);
	stats_state(record, 0, &s, &reason);
	assert_int_equal(s, -1);
}

static void groups_that_libvirt_made(void **state)
{
	static const struct {
		const char *group, *own;
	} rows[] = {
		{"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator",
		 "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope"},
		{"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope", "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope"},
		{"/machine/qemu-1-web.libvirt-qemu/emulator", "/machine/qemu-1-web.libvirt-qemu"},
		{"/user.slice/user-1000.slice/session-1.scope", NULL},
		{"/", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *own = qemu_own_group(rows[i].group);

		if (rows[i].own)
			assert_string_equal(own, rows[i].own);
		else
			assert_null(own);
	}
}

static void what_a_host_offers(void **state)
{
	static const char xml[] =
	    "<domainCapabilities><path>/usr/bin/qemu</path><domain>kvm</domain><machine>pc-q35-7.2</machine><arch>x86_64</arch><vcpu max='288'/>"
	    "<os supported='yes'><enum name='firmware'><value>efi</value></enum></os>"
	    "<cpu><mode name='host-passthrough' supported='yes'/><mode name='maximum' "
	    "supported='no'/></cpu></domainCapabilities>";
	struct caps c = {0};

	assert_int_equal(caps_parse(&c, xml, NULL), 0);
	assert_string_equal(c.machine, "pc-q35-7.2");
	assert_int_equal(c.cpus_max, 288);
	assert_true(c.uefi && c.passthrough && !c.maximum && !c.passt);
	caps_done(&c);
	assert_true(caps_parse(&c, "<other/>", NULL) < 0);
	assert_int_equal(caps_parse(&c, "<domainCapabilities><devices><interface supported='yes'><enum name='backendType'>"
	                                "<value>default</value><value>passt</value></enum></interface></devices></domainCapabilities>",
	                            NULL), 0);
	assert_true(c.passt);
	caps_done(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_summed), cmocka_unit_test(each_device_has_its_own),      cmocka_unit_test(what_is_not_told_is_missing), cmocka_unit_test(memory_inside_only_while_it_is_fresh),
		cmocka_unit_test(memory_inside_is_one_figure), cmocka_unit_test(every_state_means_something), cmocka_unit_test(state_in_a_record),        cmocka_unit_test(groups_that_libvirt_made),
		cmocka_unit_test(what_a_host_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
