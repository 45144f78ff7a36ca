// guest/domain_xml and guest/facts: what a recipe becomes, read back; nothing in it can break out of its place;
// libvirt's own schema accepts it.
#include "guest/definition/domain_xml.h"
#include "guest/definition/network_xml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "guest/definition/facts.h"
#include "guest/definition/publish.h"
#include "guest/definition/volume_xml.h"
#include "model/verb.h"
#include "sys/proc.h"

#include "test.h"

static const struct domain_host kvm = {
	.type = "kvm", .arch = "x86_64", .machine = "q35", .emulator = "/usr/bin/qemu-system-x86_64",
	.cpu_mode = "host-passthrough", .cpus = 8, .now = 1767268800000000000,
	.log_directory = "/var/log/libvirt/qemu",
};

// WORDS: name, value, name, value …, NULL.
static void make(struct str *xml, const struct domain_host *host, const char *const words[])
{
	auto_params p = {0};
	struct err e = {0};

	for (; *words; words += 2)
		params_add(&p, words[0], words[1]);
	assert_int_equal(verb_check_params(VERB_CREATE, KIND_GUEST, &p, &e), 0);
	if (domain_xml_make(xml, &p, host, &e) < 0)
		fail_msg("%s", e.text);
}

static void make_and_read(struct domain_facts *f, const struct domain_host *host, const char *const words[])
{
	auto_str xml = {0};
	struct err e = {0};

	make(&xml, host, words);
	str_add(&xml, "");
	auto_free char *with_uuid =
	    mem_printf("%.*s<uuid>00000000-0000-0000-0000-000000000001</uuid>%s",
	               (int)(strstr(xml.text, "<metadata>") - xml.text), xml.text, strstr(xml.text, "<metadata>"));
	if (domain_facts_parse(f, with_uuid, &e) < 0)
		fail_msg("%s in:\n%s", e.text, with_uuid);
}

static void a_recipe_is_read_back(void **state)
{
	struct domain_host host = kvm;
	struct domain_facts f = {0};

	host.disk = "/images/web.qcow2";
	host.disk_format = "qcow2";
	make_and_read(&f, &host,
	              (const char *const[]){"name", "web", "cpus", "3", "memory", "1536M", "network", "bridge:br0", "os",
	                                    "Debian 12", "label", "app=web", "label", "tier=a=b", "iso",
	                                    "/iso/install.iso", NULL});
	assert_string_equal(f.name, "web");
	assert_string_equal(f.type, "kvm");
	assert_string_equal(f.os, "Debian 12");
	assert_string_equal(f.machine, "q35");
	assert_int_equal(f.vcpus, 3);
	assert_int_equal(f.vcpus_max, 8);
	assert_true(f.memory == 1536ull << 20);
	assert_true(f.created == host.now);
	assert_int_equal(f.labels.count, 2);
	assert_string_equal(f.labels.items[1], "tier=a=b");
	assert_int_equal(f.disk_count, 2);
	assert_string_equal(f.disks[0].source, "/images/web.qcow2");
	assert_string_equal(f.disks[0].format, "qcow2");
	assert_string_equal(f.disks[1].device, "cdrom");
	assert_true(f.disks[1].readonly);
	assert_int_equal(f.nic_count, 1);
	assert_string_equal(f.nics[0].source, "br0");
	assert_string_equal(f.serial_log, "/var/log/libvirt/qemu/web-serial.log");
	assert_true(f.line_count == 1 && f.agent && f.balloon && !f.uefi && !f.agent_connected);
	domain_facts_done(&f);
}

// With the address only where a client on the guest's host can connect to it.
static void graphical_consoles_have_an_address_while_they_listen(void **state)
{
	static const struct {
		const char *xml, *text;
	} rows[] = {
		{"<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>", "vnc"},
		{"<graphics type='vnc' port='5901' autoport='yes' listen='127.0.0.1'/>", "vnc://127.0.0.1:5901"},
		{"<graphics type='spice' port='5902' listen='0.0.0.0'/>", "spice://127.0.0.1:5902"},
		{"<graphics type='vnc' port='5903' listen='::'/>", "vnc://[::1]:5903"},
		{"<graphics type='spice'><listen type='none'/></graphics>", "spice"},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *xml = mem_printf("<domain type='kvm'><name>a</name><uuid>1</uuid><devices>%s</devices></domain>",
		                                 rows[i].xml);
		struct domain_facts f = {0};
		struct err e = {0};

		assert_int_equal(domain_facts_parse(&f, xml, &e), 0);
		if (!str_equal(f.graphics, rows[i].text))
			fail_msg("%s: '%s'", rows[i].xml, f.graphics ? f.graphics : "(none)");
		domain_facts_done(&f);
	}
}

static void direct_boot(void **state)
{
	struct domain_host host = kvm;
	struct domain_facts f = {0};
	auto_str xml = {0};

	host.type = "qemu";
	host.cpu_mode = "maximum";
	host.log_directory = NULL;
	make_and_read(&f, &host,
	              (const char *const[]){"name", "k", "kernel", "/boot/vmlinuz", "initrd", "/boot/initrd", "network",
	                                    "none", NULL});
	assert_string_equal(f.kernel, "/boot/vmlinuz");
	assert_int_equal(f.nic_count, 0);
	assert_int_equal(f.disk_count, 0);
	assert_null(f.serial_log);
	domain_facts_done(&f);
	make(&xml, &host, (const char *const[]){"name", "k", "kernel", "/boot/vmlinuz", NULL});
	assert_non_null(strstr(xml.text, "<cmdline>console=ttyS0</cmdline>"));
	assert_non_null(strstr(xml.text, "<cpu mode='maximum'/>"));
}

static void text_cannot_break_out(void **state)
{
	struct domain_host host = kvm;
	struct domain_facts f = {0};

	host.disk = "/a'/><evil b=\"&lt;\".img";
	host.disk_format = "raw";
	make_and_read(&f, &host,
	              (const char *const[]){"name", "x", "os", "</hostel:os><evil/>&amp;", "append",
	                                    "a='b' \"c\" <d> & \x01 e", "kernel", "/k'<>&", "label", "a'=\"b\"<c>", NULL});
	assert_string_equal(f.disks[0].source, host.disk);
	assert_string_equal(f.os, "</hostel:os><evil/>&amp;");
	assert_string_equal(f.kernel, "/k'<>&");
	assert_string_equal(f.labels.items[0], "a'=\"b\"<c>");
	domain_facts_done(&f);
}

static void disks_by_what_they_are(void **state)
{
	static const struct {
		const char *disk;
		bool block, readonly;
		const char *words;
	} rows[] = {
		{"/dev/vg/lv", true, false, "<disk type='block' device='disk'>"},
		{"/dev/shm/a.img", false, false, "<disk type='file' device='disk'>"},
		{"/images/by-name", true, false, "<source dev='/images/by-name'/>"},
		{"/a.dmg", false, true, "<boot order='1'/>\n      <readonly/>"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct domain_host host = kvm;
		auto_str xml = {0};

		host.disk = rows[i].disk;
		host.disk_format = "raw";
		host.disk_is_block = rows[i].block;
		host.disk_is_readonly = rows[i].readonly;
		make(&xml, &host, (const char *const[]){"name", "x", NULL});
		if (!strstr(xml.text, rows[i].words))
			fail_msg("%s: %s", rows[i].disk, xml.text);
	}
}

static void what_does_not_go_together(void **state)
{
	static const char *const wrong[][4] = {
		{"append", "x", "'append' needs 'kernel'", NULL},
		{"initrd", "/x", "'initrd' needs 'kernel'", NULL},
		{"network", "bridge:", "network:NAME", NULL},
		{"network", "wifi", "invalid network 'wifi'", NULL},
		{"cpus", "9999999999", "1 to 4096", NULL},
		{"memory", "5", "at least 1M", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		auto_params p = {0};
		auto_str xml = {0};
		struct err e = {0};

		params_add(&p, "name", "x");
		params_add(&p, wrong[i][0], wrong[i][1]);
		assert_int_equal(domain_xml_make(&xml, &p, &kvm, &e), -EINVAL);
		assert_non_null(strstr(e.text, wrong[i][2]));
	}
}

static void other_xml_is_refused(void **state)
{
	static const char *const wrong[] = {"", "<", "<network><name>x</name><uuid>y</uuid></network>", "<domain/>",
	                                    "<domain><name>x</name>"};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct domain_facts f = {0};
		struct err e = {0};

		assert_int_equal(domain_facts_parse(&f, wrong[i], &e), -EINVAL);
		domain_facts_done(&f);
	}
}

static void what_others_define_is_read(void **state)
{
	static const char xml[] =
		"<domain type='kvm' id='3'><name>other</name><uuid>u</uuid><title>Build box</title>"
		"<metadata><libosinfo:libosinfo "
		"xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'><libosinfo:os "
		"id='http://debian.org/debian/12'/></libosinfo:libosinfo></metadata>"
		"<memory unit='KiB'>4194304</memory><currentMemory unit='KiB'>2097152</currentMemory><vcpu "
		"current='2'>4</vcpu>"
		"<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
		"<devices><disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vda' "
		"bus='virtio'/><shareable/></disk>"
		"<disk type='file' device='disk'><driver type='qcow2'/><source file='/top'/><backingStore "
		"type='file'><format type='qcow2'/><source file='/mid'/>"
		"<backingStore type='file'><source file='/base'/><backingStore/></backingStore></backingStore><target "
		"dev='vdb'/></disk>"
		"<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>"
		"<disk type='file' device='disk'><source file='/unknown'/><target dev='vdc' bus='virtio'/></disk>"
		"<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default' "
		"bridge='virbr0'/><target dev='vnet0'/></interface>"
		"<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' "
		"state='connected'/></channel><memballoon model='none'/></devices>"
		"<seclabel type='dynamic' model='dac'><label>+64055:+64055</label></seclabel><seclabel type='dynamic' "
		"model='apparmor'><label>libvirt-x</label></seclabel></domain>";
	struct domain_facts f = {0};
	struct err e = {0};

	assert_int_equal(domain_facts_parse(&f, xml, &e), 0);
	assert_string_equal(f.os, "debian 12");
	assert_string_equal(f.title, "Build box");
	assert_true(f.memory == 2ull << 30 && f.memory_max == 4ull << 30);
	assert_int_equal(f.vcpus, 2);
	assert_int_equal(f.vcpus_max, 4);
	assert_string_equal(f.disks[0].source, "p/v");
	assert_true(f.disks[0].shareable);
	assert_null(f.disks[2].source);
	assert_null(f.disks[2].format);
	assert_string_equal(f.disks[3].format, "raw");
	assert_string_equal(f.nics[0].source, "default");
	assert_string_equal(f.nics[0].target, "vnet0");
	assert_true(f.uefi && f.agent_connected && !f.balloon && !f.line_count);
	assert_string_equal(f.lsm_label, "libvirt-x");
	domain_facts_done(&f);
}

#define ADDRESS "<address domain='0x0000' bus='0x06' slot='0x12' function='0x5'/>"

static void odd_devices_are_read(void **state)
{
	static const struct {
		const char *device, *wanted; // of the disk or network card, or the whole line
	} rows[] = {
		{"<disk type='nvme'><source type='pci' namespace='1'>" ADDRESS "</source></disk>", "nvme:0000:06:12.5/1"},
		{"<disk type='vhostuser'><source type='unix' path='/run/v.sock'/></disk>", "vhost-user:/run/v.sock"},
		{"<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/></disk>", "/dev/vhost-vdpa-0"},
		{"<disk type='dir'><source dir='/files'/></disk>", "/files"},
		{"<disk type='volume'><source pool='p' volume='v'/></disk>", "p/v"},
		{"<disk type='network'><source protocol='rbd' name='pool/image'><host name='a' port='6789'/><host "
		 "name='b'/></source></disk>",
		 "rbd://a:6789,b/pool/image"},
		{"<disk type='network'><source protocol='nfs' name='/export/x'><host name='a'/></source></disk>",
		 "nfs://a/export/x"},
		{"<disk type='network'><source protocol='nbd'><host transport='unix' socket='/run/n.sock'/></source></disk>",
		 "nbd:///run/n.sock"},
		{"<disk type='network'><source protocol='rbd' name='x'/></disk>", "rbd:///x"},
		{"<disk type='file' device='cdrom'/>", NULL},
		{"<interface type='user'/>", NULL},
		{"<interface type='user'><backend type='passt'/></interface>", "passt"},
		{"<interface type='vhostuser'><source type='unix' path='/run/n.sock' mode='client'/></interface>",
		 "/run/n.sock"},
		{"<interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x00' slot='0x07' "
		 "function='0x0'/></source></interface>",
		 "0000:00:07.0"},
		{"<interface type='direct'><source dev='eth0' mode='bridge'/></interface>", "eth0"},
		{"<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>", "/dev/vhost-vdpa-0"},
		{"<interface type='bridge'><source bridge='ovs'/><virtualport type='openvswitch'/></interface>",
		 "ovs (openvswitch)"},
		{"<interface type='network'><source network='n' portgroup='g'/></interface>", "n (g)"},
		{"<interface type='mcast'><source address='230.0.0.1' port='5558'/></interface>", "230.0.0.1:5558"},
		{"<interface type='ethernet'/>", NULL},
		{"<hostdev mode='subsystem' type='pci'><source>" ADDRESS "</source></hostdev>",
		 "Host device: PCI 0000:06:12.5"},
		{"<hostdev mode='subsystem' type='pci'><driver name='vfio'/><source>" ADDRESS "</source></hostdev>",
		 "Host device: PCI 0000:06:12.5, vfio"},
		{"<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>",
		 "Host device: USB 1234:beef"},
		{"<hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>",
		 "Host device: USB bus 1 device 2"},
		{"<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' target='1' "
		 "unit='2'/></source></hostdev>",
		 "Host device: SCSI scsi_host0 0:1:2"},
		{"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='u-1'/></source></hostdev>",
		 "Host device: mediated u-1, vfio-pci"},
		{"<hostdev mode='capabilities' type='storage'><source><block>/dev/sdb</block></source></hostdev>",
		 "Host device: /dev/sdb"},
		{"<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv'/><target dir='srv'/></filesystem>",
		 "Shared directory: /srv as srv, virtiofs"},
		{"<filesystem type='mount'><source dir='/srv'/><target dir='srv'/><readonly/></filesystem>",
		 "Shared directory: /srv as srv, read-only"},
		{"<filesystem type='ram'><source usage='1024' units='KiB'/><target dir='/m'/></filesystem>",
		 "Shared directory: 1024 as /m, 1024 KiB"},
		{"<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>", "TPM: tpm-crb, emulator, 2.0"},
		{"<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>",
		 "TPM: tpm-tis, passthrough, /dev/tpm0"},
		{"<shmem name='s'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>",
		 "Shared memory: s, ivshmem-plain, 4M"},
		{"<memory model='dimm'><target><size unit='KiB'>524287</size></target></memory>",
		 "Memory device: dimm, 524287 KiB"},
		{"<watchdog model='itco' action='reset'/>", "Watchdog: itco, reset"},
		{"<vsock model='virtio'><cid auto='no' address='3'/></vsock>", "Socket to the host: CID 3"},
		{"<redirdev bus='usb' type='spicevmc'/>", "USB redirection: spicevmc"},
		{"<hostdev/>", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *xml = mem_printf(
		    "<domain type='kvm'><name>n</name><uuid>u</uuid><devices>%s</devices></domain>", rows[i].device);
		struct domain_facts f = {0};
		struct err e = {0};

		assert_int_equal(domain_facts_parse(&f, xml, &e), 0);
		const char *got = f.disk_count      ? f.disks[0].source
		                  : f.nic_count     ? f.nics[0].source
		                  : f.devices.count ? f.devices.items[0]
		                                    : NULL;
		if (!str_equal(got, rows[i].wanted))
			fail_msg("%s: %s, not %s", rows[i].device, got ? got : "nothing",
			         rows[i].wanted ? rows[i].wanted : "nothing");
		domain_facts_done(&f);
	}
}

static void consoles_are_read(void **state)
{
	static const char xml[] =
	    "<domain type='kvm'><name>n</name><uuid>u</uuid><devices><serial type='tcp'><source mode='bind' host='h' "
	    "service='1'/><alias name='serial0'/></serial>"
	    "<serial type='pty'><source path='/dev/pts/4'/><log file='/log'/></serial><console type='tcp'><target "
	    "type='serial' port='0'/></console>"
	    "<console type='pty'><target type='virtio' port='1'/></console><parallel type='file'><source "
	    "path='/p'/></parallel></devices></domain>";
	static const char *const wanted[][3] = {{"serial0", "tcp", "h:1"},
	                                        {"serial1", "pty", "/dev/pts/4"},
	                                        {"console1", "pty", NULL},
	                                        {"parallel0", "file", "/p"}};
	struct domain_facts f = {0};
	struct err e = {0};

	assert_int_equal(domain_facts_parse(&f, xml, &e), 0);
	assert_int_equal(f.line_count, ARRAY_SIZE(wanted));
	assert_string_equal(f.serial_log, "/log");
	for (size_t i = 0; i < f.line_count; i++) {
		assert_string_equal(f.lines[i].alias, wanted[i][0]);
		assert_string_equal(f.lines[i].type, wanted[i][1]);
		assert_true(str_equal(f.lines[i].leads, wanted[i][2]));
	}
	domain_facts_done(&f);
}

// --- published ports ---

static void expect_ports(const struct domain_facts *f, const char *const wanted[])
{
	size_t count = 0;

	for (; wanted[count]; count++)
		if (count >= f->ports.count || !str_equal(f->ports.items[count], wanted[count]))
			fail_msg("port %zu is not %s", count, wanted[count]);
	assert_int_equal(f->ports.count, count);
}

static void publish(struct ports *ports, const char *const texts[])
{
	struct err e = {0};

	for (; *texts; texts++)
		if (ports_parse(ports, *texts, &e) < 0)
			fail_msg("%s", e.text);
}

static void published_ports_are_read_back(void **state)
{
	static const char *const both[] = {"8080:80", "127.0.0.1:5000-5002:6000-6002/udp", "192.0.2.1:90:9", NULL},
	                  *const ipv6[] = {"[::1]:9000-9001:90-91", "0.0.0.0:80:80", NULL};
	static const struct {
		bool passt;
		const char *const *ports, *publisher;
	} rows[] = {{true, both, "passt"}, {true, ipv6, "passt"}, {false, both, "QEMU user network"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct domain_host host = kvm;
		struct domain_facts f = {0};
		struct ports ports = {0};

		publish(&ports, rows[i].ports);
		host.ports = &ports;
		host.passt = rows[i].passt;
		host.mac = "52:54:00:01:02:03";
		make_and_read(&f, &host, (const char *const[]){"name", "web", "kernel", "/k", NULL});
		expect_ports(&f, rows[i].ports);
		assert_string_equal(f.publisher, rows[i].publisher);
		assert_int_equal(f.nic_count, 1);
		assert_string_equal(f.nics[0].type, "user");
		assert_string_equal(f.nics[0].model, "virtio");
		assert_true(rows[i].passt || str_equal(f.nics[0].mac, host.mac));
		domain_facts_done(&f);
		ports_done(&ports);
	}
}

static void ports_that_others_publish_are_read(void **state)
{
	static const struct {
		const char *devices, *arguments, *publisher, *ports[4]; // the last is NULL
		size_t nics;
	} rows[] = {
		{"<interface type='user'><backend type='passt'/><portForward proto='tcp' address='::1'><range start='22'/><range "
		 "start='80' end='82' to='8080'/><range start='81' exclude='yes'/></portForward></interface>", "", "passt",
		 {"[::1]:22:22", "[::1]:80:8080", "[::1]:82:8082"}, 1},
		{"<interface type='user'><portForward proto='udp'/></interface>", "", "passt", {"1-65535:1-65535/udp"}, 1},
		{"<interface type='user'/>", "", NULL, {NULL}, 1},
		{"", "<qemu:arg value='-netdev'/><qemu:arg value='user,id=n0,hostfwd=tcp:127.0.0.1:2222-10.0.2.15:22,"
		     "hostfwd=udp::53-:5353,hostfwd=::1000-:1'/><qemu:arg value='-device'/><qemu:arg value='e1000,mac=52:54:00:00:00:01,"
		     "netdev=n0'/>", "QEMU user network", {"127.0.0.1:2222:22", "53:5353/udp", "1000:1"}, 1},
		{"", "<qemu:arg value='-nic'/><qemu:arg value='user,hostfwd=tcp::8080-:80'/>", "QEMU user network", {"8080:80"}, 0},
		// neither another option, another network, nor nonsense
		{"", "<qemu:arg value='-name'/><qemu:arg value='user,hostfwd=tcp::8080-:80'/>", NULL, {NULL}, 0},
		{"", "<qemu:arg value='-netdev'/><qemu:arg value='tap,id=n0'/><qemu:arg value='-device'/><qemu:arg value='e1000,netdev=n0'/>",
		 NULL, {NULL}, 0},
		{"", "<qemu:arg/><qemu:arg value='-netdev'/><qemu:arg value='user,hostfwd=,hostfwd=-,hostfwd=tcp::-:,hostfwd=tcp:8080-80,"
		     "hostfwd=tcp::99999-:80,hostfwd=tcp:[::1]:80-:80,hostfwd'/><qemu:arg value='-device'/>", NULL, {NULL}, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *xml = mem_printf(
		    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>a</name><uuid>1</uuid><devices>%s"
		    "</devices><qemu:commandline>%s</qemu:commandline></domain>",
		    rows[i].devices, rows[i].arguments);
		struct domain_facts f = {0};
		struct err e = {0};

		assert_int_equal(domain_facts_parse(&f, xml, &e), 0);
		expect_ports(&f, rows[i].ports);
		if (!str_equal(f.publisher, rows[i].publisher) || f.nic_count != rows[i].nics)
			fail_msg("row %zu: %s, %zu cards", i, f.publisher ? f.publisher : "(none)", f.nic_count);
		domain_facts_done(&f);
	}
}

static void ports_that_cannot_be_published(void **state)
{
	static const struct {
		const char *publish, *network, *words;
		bool session;
	} rows[] = {
		{"8080:80", "user", NULL, true},       {"", "default", NULL, false},
		{"8080:80", "user", "qemu:///session", false}, {"8080:80", "none", "no effect with '--network none'", true},
		{"8080:80", "bridge:br0", "--network user", true}, {"x", "user", "invalid port 'x'", true},
		{"[::1]:80:80", "user", "IPv4", true}, {"1000-1500:1000-1500", "user", "at most 500", true}, {"127.0.0.1::80", "user", "127.0.0.1::80", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_params p = {0};
		struct ports ports = {0};
		struct err e = {0};

		params_add(&p, "publish", rows[i].publish);
		params_add(&p, "network", rows[i].network);
		int r = publish_wanted(&p, rows[i].session, &ports, &e);
		r = r < 0 ? r : publish_check_qemu(&ports, &e);
		r = r < 0 ? r : publish_check_chosen(&ports, &e);
		if ((r == 0) != !rows[i].words || (r < 0 && !strstr(e.text, rows[i].words)))
			fail_msg("%s on %s: %d %s", rows[i].publish, rows[i].network, r, e.text);
		ports_done(&ports);
	}
}

static void validate(const struct str *xml, const char *what)
{
	char path[] = "/tmp/hostel-xml-XXXXXX";
	auto_close int fd = mkstemp(path);
	const char *const argv[] = {"virt-xml-validate", path, "domain", NULL};
	struct err e = {0};

	assert_true(fd >= 0 && write(fd, xml->text, xml->length) == (ssize_t)xml->length);
	int r = proc_run(argv, NULL, NULL, 0, &e);
	unlink(path);
	if (r == -ENOENT)
		skip();
	if (r != 0)
		fail_msg("%s: %s\n%s", what, e.text, xml->text);
}

static void the_schema_accepts_it(void **state)
{
	struct domain_host pc = kvm, arm = kvm, seeded = kvm, passt = kvm, qemu = kvm;
	struct ports ports = {0};
	const struct {
		const struct domain_host *host;
		const char *const words[16];
	} rows[] = {
		{&kvm, {"name", "a", "kernel", "/k", "initrd", "/i", "append", "x", "network", "none"}},
		{&kvm, {"name", "b", "iso", "/x.iso", "network", "default", "firmware", "uefi", "graphics", "vnc"}},
		{&pc,
		 {"name", "c", "disk-bus", "ide", "nic", "e1000", "network", "user", "iso", "/x.iso", "graphics", "spice",
		  "cpu-model", "qemu64"}},
		{&arm, {"name", "d", "network", "network:n", "disk-bus", "scsi", "firmware", "uefi", "iso", "/x.iso"}},
		{&seeded,
		 {"name", "e", "label", "a=b", "os", "x", "network", "bridge:br0", "cloud-init", "/u", "disk-bus", "sata"}},
		{&passt, {"name", "f", "kernel", "/k"}},
		{&qemu, {"name", "g", "kernel", "/k", "nic", "e1000"}},
	};

	pc.machine = "pc";
	pc.disk = "/d.img";
	pc.disk_format = "raw";
	arm.arch = "aarch64";
	arm.machine = "virt";
	arm.type = "qemu";
	arm.cpu_mode = "maximum";
	arm.disk = "/dev/vg/lv";
	arm.disk_format = "raw";
	arm.disk_is_block = arm.iso_is_block = arm.disk_is_readonly = true;
	seeded.disk = "/d.qcow2";
	seeded.disk_format = "qcow2";
	seeded.seed = "/s.iso";
	publish(&ports, (const char *const[]){"8080:80", "[::1]:5000-5002:6000-6002/tcp", NULL});
	passt.ports = qemu.ports = &ports;
	passt.passt = true;
	qemu.mac = "52:54:00:01:02:03";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_str xml = {0};

		make(&xml, rows[i].host, rows[i].words);
		validate(&xml, rows[i].words[1]);
	}
	ports_done(&ports);
}

static void networks(void **state)
{
	static const struct {
		const char *words[9], *has, *error; // names and values; a part of the XML, or of the error
	} rows[] = {
		{{"name", "a<b"}, "<name>a&lt;b</name><forward mode='nat'/><domain name='a&lt;b'", NULL},
		{{"name", "a"}, "<ip address='192.168.123.1' prefix='24'><dhcp><range start='192.168.123.128' "
		                "end='192.168.123.254'/></dhcp></ip></network>", NULL},
		{{"name", "a", "subnet", "10.0.0.0/29", "internal", "yes"},
		 "</name><domain name='a' localOnly='yes'/><ip address='10.0.0.1' prefix='29'><dhcp><range start='10.0.0.4' "
		 "end='10.0.0.6'/>", NULL},
		{{"name", "a", "mode", "routed", "subnet6", "fd00:1::/64"},
		 "<forward mode='route'/>", NULL},
		{{"name", "a", "subnet6", "fd00:1::/64"}, "<ip family='ipv6' address='fd00:1::1' prefix='64'/>", NULL},
		{{"name", "a", "mode", "bridge", "device", "br0'"},
		 "<network><name>a</name><forward mode='bridge'/><bridge name='br0&apos;'/></network>", NULL},
		{{"name", "a", "mode", "macvtap", "device", "eth0"},
		 "</name><forward mode='bridge'><interface dev='eth0'/></forward></network>", NULL},
		{{"name", "a", "mode", "macvtap"}, NULL, "needs '--device'"},
		{{"name", "a", "device", "eth0"}, NULL, "has no effect"},
		{{"name", "a", "mode", "bridge", "device", "br0", "subnet", "10.0.0.0/24"}, NULL, "no subnet of its own"},
		{{"name", "a", "subnet", "10.0.0.1/24"}, NULL, "invalid subnet"},
		{{"name", "a", "subnet", "10.0.0.0/30"}, NULL, "invalid subnet"},
		{{"name", "a", "subnet6", "fd00::1/64"}, NULL, "invalid IPv6 subnet"},
		{{"name", "a", "mode", "hub"}, NULL, "invalid mode"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_params p = {0};
		auto_str xml = {0};
		struct err e = {0};

		for (size_t w = 0; rows[i].words[w]; w += 2)
			params_add(&p, rows[i].words[w], rows[i].words[w + 1]);
		assert_int_equal(network_xml_make(&xml, &p, "192.168.123.0/24", &e), rows[i].error ? -EINVAL : 0);
		if (!strstr(rows[i].error ? e.text : str_text(&xml), rows[i].error ? rows[i].error : rows[i].has))
			fail_msg("row %zu: '%s'", i, rows[i].error ? e.text : str_text(&xml));
	}
}

static void volumes_are_read_back(void **state)
{
	static const char path[] = "/p/a&amp;b";
	struct pool_volumes all = {0}, other = {0};
	auto_str xml = {0};

	volume_xml_make(&xml, "a<b", 1 << 20, "qcow2");
	assert_int_equal(pool_volumes_add(&all, "p", str_text(&xml)), 0);
	auto_free char *text = mem_printf("<volume><name>x</name><capacity unit='bytes'>7</capacity><allocation "
	                                  "unit='bytes'>5</allocation><target><path>%s</path><format type='raw'/>"
	                                  "</target><backingStore><path>/base</path></backingStore></volume>", path);
	assert_int_equal(pool_volumes_add(&all, "p", text), 0);
	assert_int_equal(pool_volumes_add(&all, "p", "<volume/>"), -EINVAL);
	assert_int_equal(all.count, 2);
	auto_free char *name = volume_full_name(&all.items[0]);
	assert_string_equal(name, "p/a<b");
	assert_string_equal(all.items[0].format, "qcow2");
	assert_int_equal(all.items[0].capacity, 1 << 20);
	assert_null(all.items[0].backing);
	assert_ptr_equal(pool_volumes_at(&all, "/p/a&b"), &all.items[1]);
	assert_ptr_equal(pool_volumes_find(&all, "p", "x"), &all.items[1]);
	assert_null(pool_volumes_find(&all, "q", "x"));
	assert_string_equal(all.items[1].backing, "/base");
	assert_int_equal(all.items[1].allocation, 5);
	assert_false(pool_volumes_equal(&all, &other));
	assert_true(pool_xml_has_files("<pool type='netfs'/>"));
	assert_false(pool_xml_has_files("<pool type='logical'/>"));
	pool_volumes_done(&all);
	(void)state;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recipe_is_read_back),   cmocka_unit_test(graphical_consoles_have_an_address_while_they_listen), cmocka_unit_test(direct_boot), cmocka_unit_test(networks),
		cmocka_unit_test(text_cannot_break_out),   cmocka_unit_test(what_does_not_go_together),
		cmocka_unit_test(disks_by_what_they_are),
		cmocka_unit_test(other_xml_is_refused),    cmocka_unit_test(what_others_define_is_read),
		cmocka_unit_test(the_schema_accepts_it),   cmocka_unit_test(odd_devices_are_read),
		cmocka_unit_test(consoles_are_read),
		cmocka_unit_test(published_ports_are_read_back), cmocka_unit_test(ports_that_others_publish_are_read),
		cmocka_unit_test(ports_that_cannot_be_published), cmocka_unit_test(volumes_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
