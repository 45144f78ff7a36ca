// Describes devices as text: the source of a disk or network interface, and all other devices, one table row each.
#include "devices.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "facts.h"
#include "guest/vir/xpath.h"

// "0000:06:12.5" from an address element.
#define PCI(AT) \
	"concat(substring-after(" AT "/@domain, '0x'), ':', substring-after(" AT "/@bus, '0x'), ':', " \
	"substring-after(" AT "/@slot, '0x'), '.', substring-after(" AT "/@function, '0x'))"
// TEXT if CONDITION is true, else "".
#define IF(CONDITION, TEXT) "substring('" TEXT "', 1 div boolean(" CONDITION "))"

struct spelling {
	const char *condition; // XPath, evaluated on the element
	const char *prefix;
	const char *text;
};

// The first row whose condition is true and whose text is not empty. Owned.
static char *first_spelling(struct xml *x, const struct spelling *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_free char *text = xml_has(x, rows[i].condition) ? xml_text(x, rows[i].text) : NULL;
		if (text)
			return mem_printf("%s%s", rows[i].prefix, text);
	}
	return NULL;
}

// --- disks ---

static void add_host_device(struct xml *x, void *context)
{
	struct str *hosts = context;
	auto_free char *name = xml_text(x, "@name | @socket");
	auto_free char *port = xml_text(x, "@port");

	if (name)
		str_addf(hosts, "%s%s%s%s", hosts->length ? "," : "", name, port ? ":" : "", port ? port : "");
}

// "rbd://ceph1:6789,ceph2/pool/image"
static char *network_source(struct xml *x)
{
	auto_free char *protocol = xml_text(x, "source/@protocol");
	auto_free char *name = xml_text(x, "source/@name");
	auto_str hosts = {0};

	xml_each(x, "source/host", add_host_device, &hosts);
	if (!protocol)
		return NULL;
	return mem_printf("%s://%s%s%s", protocol, str_text(&hosts), name && *name != '/' ? "/" : "", name ? name : "");
}

char *disk_source(struct xml *x)
{
	static const struct spelling rows[] = {
		{"self::*[@type = 'nvme' and source/address]", "nvme:",
		 "concat(" PCI("source/address") ", '/', source/@namespace)"},
		{"self::*[@type = 'vhostuser']", "vhost-user:", "source/@path"},
		{"self::*[source/@pool and source/@volume]", "", "concat(source/@pool, '/', source/@volume)"},
		{"source", "", "source/@file | source/@dev | source/@dir"},
	};

	return xml_has(x, "self::*[@type = 'network']") ? network_source(x) : first_spelling(x, rows, ARRAY_SIZE(rows));
}

// --- network cards ---

char *nic_source(struct xml *x)
{
	static const struct spelling rows[] = {
		{"self::*[@type = 'hostdev']", "", PCI("source/address")},
		{"self::*[@type = 'user']", "", "backend/@type"},
		{"source/@portgroup", "", "concat(source/@network, ' (', source/@portgroup, ')')"},
		{"source", "",
		 "source/@network | source/@bridge | source/@dev | source/@path | source/@name | source/@switchid"},
		{"source/@port", "", "concat(source/@address, ':', source/@port)"},
	};
	auto_free char *source = first_spelling(x, rows, ARRAY_SIZE(rows));
	auto_free char *port = xml_text(x, "virtualport/@type");

	return source && port ? mem_printf("%s (%s)", source, port) : steal(source);
}

// --- others ---

enum { MORE = 4 };

static const struct {
	const char *path, *label, *text;
	const char *more[MORE]; // appended after commas if not empty
} others[] = {
	{"devices/hostdev[@type = 'pci']", "Host device", "concat('PCI ', " PCI("source/address") ")", {"driver/@name"}},
	{"devices/hostdev[@type = 'usb' and source/vendor]", "Host device",
	 "concat('USB ', substring-after(source/vendor/@id, '0x'), ':', substring-after(source/product/@id, '0x'))",
	 {NULL}},
	{"devices/hostdev[@type = 'usb' and not(source/vendor)]", "Host device",
	 "concat('USB bus ', source/address/@bus, ' device ', source/address/@device)", {NULL}},
	{"devices/hostdev[@type = 'scsi' and source/adapter]", "Host device",
	 "concat('SCSI ', source/adapter/@name, ' ', source/address/@bus, ':', source/address/@target, ':', "
	 "source/address/@unit)", {NULL}},
	{"devices/hostdev[@type = 'scsi' and not(source/adapter)]", "Host device",
	 "concat('SCSI ', source/@protocol, ' ', source/@name)", {"source/host/@name"}},
	{"devices/hostdev[@type = 'scsi_host']", "Host device", "concat('SCSI ', source/@protocol, ' ', source/@wwpn)",
	 {NULL}},
	{"devices/hostdev[@type = 'mdev']", "Host device", "concat('mediated ', source/address/@uuid)", {"@model"}},
	{"devices/hostdev[@mode = 'capabilities']", "Host device", "source/block | source/char | source/interface",
	 {NULL}},
	{"devices/filesystem", "Shared directory",
	 "concat(source/@dir | source/@file | source/@dev | source/@name | source/@socket | source/@usage | "
	 "source/@volume, ' as ', target/@dir)",
	 {"driver/@type", "concat(source/@usage, ' ', source/@units)", IF("readonly", "read-only")}},
	{"devices/tpm", "TPM", "concat(@model, '')", {"backend/@type", "backend/@version", "backend/device/@path"}},
	{"devices/shmem", "Shared memory", "concat(@name, '')",
	 {"model/@type", "concat(size, size/@unit)", "server/@path"}},
	{"devices/memory", "Memory device", "concat(@model, '')",
	 {"concat(target/size, ' ', target/size/@unit)", "source/path"}},
	{"devices/watchdog", "Watchdog", "concat(@model, '')", {"@action"}},
	{"devices/vsock", "Socket to the host", "concat('CID ', cid/@address)", {NULL}},
	{"devices/redirdev", "USB redirection", "concat(@type, '')", {NULL}},
	{"devices/smartcard", "Smart card", "concat(@mode, '')", {NULL}},
	{"devices/sound", "Sound", "concat(@model, '')", {NULL}},
	{"devices/video", "Video", "concat(model/@type, '')", {NULL}},
	{"devices/panic", "Panic notifier", "concat(@model, '')", {NULL}},
	{"devices/iommu", "IOMMU", "concat(@model, '')", {NULL}},
	{"devices/crypto", "Crypto", "concat(@model, '')", {"backend/@model"}},
	{"devices/input[@type = 'passthrough' or @type = 'evdev']", "Input", "concat(source/@evdev, source/@dev)", {NULL}},
	{"devices/lease", "Lease", "concat(key, '')", {"lockspace"}},
};

struct row {
	struct strv *lines;
	size_t index;
};

static void add_other_device(struct xml *x, void *context)
{
	const struct row *row = context;
	auto_free char *text = xml_text(x, others[row->index].text);
	auto_str line = {0};

	str_addf(&line, "%s: %s", others[row->index].label, text ? text : "yes");
	for (size_t i = 0; i < MORE && others[row->index].more[i]; i++) {
		auto_free char *more = xml_text(x, others[row->index].more[i]);
		if (more && strspn(more, " ") < strlen(more))
			str_addf(&line, ", %s", more);
	}
	strv_add(row->lines, str_text(&line));
}

void devices_list(struct strv *lines, struct xml *x)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		xml_each(x, others[i].path, add_other_device, &(struct row){lines, i});
}

// --- serial ports ---

// What a character device is connected to, by type, and how to reach it without hostel.
static const struct {
	const char *type, *leads, *reach; // XPath; instructions, where '%' stands for LEADS
} characters[] = {
	{"file", "source/@path", "output goes to this file"},
	{"pipe", "source/@path", "read and write this pipe"},
	{"unix", "source/@path", "socat - UNIX-CONNECT:%"},
	{"tcp", "concat(source/@host, ':', source/@service)", "socat - TCP:%"},
	{"udp", "concat(source[@mode = 'connect']/@host, ':', source[@mode = 'connect']/@service)",
	 "listen on this UDP port"},
	{"dev", "source/@path", "connected to this host device"},
	{"null", "''", "output is discarded"},
	{"stdio", "''", "connected to QEMU's standard input and output"},
	{"vc", "''", "shown in QEMU's window"},
	{"spicevmc", "''", "use a SPICE client"},
	{"spiceport", "source/@channel", "use a SPICE client"},
	{"dbus", "source/@channel", "use a D-Bus display client"},
	{"nmdm", "source/@slave", "use the other end of this device"},
	{"pty", "source/@path", NULL},
};

// The first serial port appears twice: as a serial device and as a console.
#define LINES "devices/serial | devices/console[not(target/@type = 'serial' and ../serial)] | devices/parallel"

static void add_line(struct xml *x, void *context)
{
	struct domain_facts *f = context;
	static const struct spelling aliases[] = {
		{"self::serial", "serial", "count(preceding-sibling::serial)"},
		{"self::console", "console", "count(preceding-sibling::console)"},
		{"self::parallel", "parallel", "count(preceding-sibling::parallel)"},
	};
	struct domain_line line = {.type = xml_text(x, "@type"), .alias = xml_text(x, "alias/@name")};

	if (!line.alias) // the name libvirt assigns at start
		line.alias = first_spelling(x, aliases, ARRAY_SIZE(aliases));
	for (size_t i = 0; i < ARRAY_SIZE(characters); i++)
		if (str_equal(characters[i].type, line.type)) {
			line.leads = xml_text(x, characters[i].leads);
			line.reach = characters[i].reach;
		}
	f->lines = mem_resize(f->lines, f->line_count + 1, sizeof(*f->lines));
	f->lines[f->line_count++] = line;
}

void lines_list(struct domain_facts *f, struct xml *x)
{
	xml_each(x, LINES, add_line, f);
}
