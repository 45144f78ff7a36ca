// Generates domain XML from a recipe, one function for each part.
#include "domain_xml.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "guest/vir/xpath.h"
#include "model/param.h"
#include "publish.h"

enum {
	// the devices below need up to eight; the rest are for hot-plugging, since PCI Express has no spare slots
	// otherwise
	ROOT_PORTS = 14,
	VCPUS_SPARE = 2,   // vCPUs that can be hot-plugged, as a multiple of the initial number
	BALLOON_PERIOD = 2, // seconds
};

void domain_xml_add_text(struct str *xml, const char *text)
{
	for (const char *s = text; *s; s++)
		switch (*s) {
		case '&':
			str_add(xml, "&amp;");
			break;
		case '<':
			str_add(xml, "&lt;");
			break;
		case '>':
			str_add(xml, "&gt;");
			break;
		case '"':
			str_add(xml, "&quot;");
			break;
		case '\'':
			str_add(xml, "&apos;");
			break;
		default:
			// XML cannot represent other control characters, not even escaped
			if ((unsigned char)*s >= ' ' || *s == '\t')
				str_add_char(xml, *s);
		}
}

// "  <NAME>TEXT</NAME>"; nothing if TEXT is NULL or empty.
static void add_element(struct str *xml, const char *indent, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	str_addf(xml, "%s<%s>", indent, name);
	domain_xml_add_text(xml, text);
	str_addf(xml, "</%s>\n", name);
}

// " NAME='VALUE'"; nothing if VALUE is NULL.
static void add_attribute(struct str *xml, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	str_addf(xml, " %s='", name);
	domain_xml_add_text(xml, value);
	str_add_char(xml, '\'');
}

static const char *recipe_get(const struct params *p, const char *name)
{
	return params_or(p, name, NULL);
}

static bool recipe_is(const struct params *p, const char *name, const char *otherwise, const char *value)
{
	return strcmp(params_or(p, name, otherwise), value) == 0;
}

static bool is_x86(const struct domain_host *host)
{
	return str_equal(host->arch, "x86_64") || str_equal(host->arch, "i686");
}

// On machines with PCI Express, devices are hot-plugged into root ports.
static bool has_pcie(const struct domain_host *host)
{
	return host->machine && (strstr(host->machine, "q35") || str_starts(host->machine, "virt"));
}

static void add_notes(struct str *xml, const struct params *p, const struct domain_host *host)
{
	const char *label;

	str_addf(xml, "  <metadata>\n    <hostel:guest xmlns:hostel='%s'>\n", XML_NAMESPACE);
	if (host->now)
		str_addf(xml, "      <hostel:created>%lld</hostel:created>\n", (long long)host->now);
	add_element(xml, "      ", "hostel:os", recipe_get(p, PARAM_OS));
	for (size_t i = 0; (label = params_get_nth(p, PARAM_LABEL, i)); i++) {
		auto_free char *name = mem_strndup(label, strcspn(label, "="));
		str_add(xml, "      <hostel:label");
		add_attribute(xml, "name", name);
		add_attribute(xml, "value", label + strcspn(label, "=") + 1);
		str_add(xml, "/>\n");
	}
	for (size_t i = 0; i < host->file_count; i++) {
		str_add(xml, "      <hostel:file");
		// the UUID lets a copy of this definition be recognized as another guest, which owns none of these files
		add_attribute(xml, "guest", host->uuid);
		add_attribute(xml, "path", host->files[i].path);
		if (host->files[i].inode)
			str_addf(xml, " inode='%llu'", (unsigned long long)host->files[i].inode);
		str_add(xml, "/>\n");
	}
	str_add(xml, "    </hostel:guest>\n  </metadata>\n");
}

static int add_size(struct str *xml, const struct params *p, const struct domain_host *host, struct err *e)
{
	uint64_t cpus = 0, memory = 0;

	if (str_to_u64(params_or(p, PARAM_CPUS, "2"), &cpus) < 0 || cpus < 1 || cpus > 4096)
		return err_msg(e, EINVAL, "invalid cpus '%s' (1 to 4096)", recipe_get(p, PARAM_CPUS));
	if (units_parse_bytes(params_or(p, PARAM_MEMORY, "2G"), &memory) < 0 || memory < 1 << 20)
		return err_msg(e, EINVAL, "invalid memory '%s' (at least 1M)", recipe_get(p, PARAM_MEMORY));
	uint64_t most = cpus * VCPUS_SPARE > host->cpus ? cpus * VCPUS_SPARE : host->cpus;
	str_addf(xml, "  <memory unit='KiB'>%llu</memory>\n", (unsigned long long)(memory / 1024));
	// other machine types have no CPU hot-plug; beyond 255 CPUs an IOMMU is needed
	if (is_x86(host) && most > cpus && most <= 255)
		str_addf(xml, "  <vcpu current='%llu'>%llu</vcpu>\n", (unsigned long long)cpus, (unsigned long long)most);
	else
		str_addf(xml, "  <vcpu>%llu</vcpu>\n", (unsigned long long)cpus);
	return 0;
}

static int add_boot(struct str *xml, const struct params *p, const struct domain_host *host, struct err *e)
{
	bool direct = recipe_get(p, PARAM_KERNEL) != NULL;

	if (!direct && (recipe_get(p, PARAM_INITRD) || recipe_get(p, PARAM_APPEND)))
		return err_msg(e, EINVAL, "'%s' needs 'kernel'", recipe_get(p, PARAM_INITRD) ? PARAM_INITRD : PARAM_APPEND);
	str_addf(xml, "  <os%s>\n    <type", recipe_is(p, PARAM_FIRMWARE, "bios", "uefi") ? " firmware='efi'" : "");
	add_attribute(xml, "arch", host->arch);
	add_attribute(xml, "machine", host->machine);
	str_add(xml, ">hvm</type>\n");
	add_element(xml, "    ", "kernel", recipe_get(p, PARAM_KERNEL));
	add_element(xml, "    ", "initrd", recipe_get(p, PARAM_INITRD));
	if (direct) // makes the console work without further configuration
		add_element(xml, "    ", "cmdline", params_or(p, PARAM_APPEND, is_x86(host) ? "console=ttyS0" : NULL));
	if (host->seed)
		str_add(xml, "    <smbios mode='sysinfo'/>\n");
	str_add(xml, "  </os>\n");
	if (host->seed) // some distributions look for a seed only if the firmware announces one
		str_add(
		    xml,
		    "  <sysinfo type='smbios'>\n    <system>\n      <entry name='serial'>ds=nocloud</entry>\n    </system>\n"
		    "  </sysinfo>\n");
	return 0;
}

static void add_cpu(struct str *xml, const struct params *p, const struct domain_host *host)
{
	const char *model = recipe_get(p, PARAM_CPU_MODEL);

	if (model) {
		str_add(xml, "  <cpu mode='custom' match='exact'>\n");
		add_element(xml, "    ", "model", model);
		str_add(xml, "  </cpu>\n");
	} else if (str_equal(host->cpu_mode, "host-passthrough")) {
		str_add(xml, "  <cpu mode='host-passthrough' check='none' migratable='on'/>\n");
	} else if (host->cpu_mode) {
		str_addf(xml, "  <cpu mode='%s'/>\n", host->cpu_mode);
	}
}

static void add_features(struct str *xml, const struct domain_host *host)
{
	if (is_x86(host))
		str_add(xml, "  <features>\n    <acpi/>\n    <apic/>\n  </features>\n");
	else if (str_equal(host->arch, "aarch64"))
		str_add(xml, "  <features>\n    <acpi/>\n  </features>\n");
	str_add(xml, "  <clock offset='utc'>\n    <timer name='rtc' tickpolicy='catchup'/>\n");
	if (is_x86(host))
		str_add(xml, "    <timer name='pit' tickpolicy='delay'/>\n    <timer name='hpet' present='no'/>\n");
	str_add(
	    xml,
	    "  </clock>\n  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>restart</on_reboot>\n"
	    "  <on_crash>destroy</on_crash>\n");
	if (is_x86(host)) // a guest that suspends itself looks hung
		str_add(xml, "  <pm>\n    <suspend-to-mem enabled='no'/>\n    <suspend-to-disk enabled='no'/>\n  </pm>\n");
}

// --- devices ---

// "virtio" → "vda"; the prefix depends on the bus.
static const char *disk_target(const char *bus)
{
	return strcmp(bus, "virtio") == 0 ? "vda" : strcmp(bus, "ide") == 0 ? "hda" : "sda";
}

static void add_disk(struct str *xml, const struct params *p, const struct domain_host *host, unsigned *order)
{
	const char *bus = params_or(p, PARAM_DISK_BUS, "virtio");

	if (!host->disk)
		return;
	str_addf(xml, "    <disk type='%s' device='disk'>\n", host->disk_is_block ? "block" : "file");
	str_add(xml, "      <driver name='qemu'");
	add_attribute(xml, "type", host->disk_format);
	str_add(xml, " discard='unmap' detect_zeroes='unmap'/>\n      <source");
	add_attribute(xml, host->disk_is_block ? "dev" : "file", host->disk);
	if (host->disk_secret)
		str_addf(
		    xml,
		    ">\n        <encryption format='luks'><secret type='passphrase' uuid='%s'/></encryption>\n      </source",
		    host->disk_secret);
	else
		str_add(xml, "/");
	str_addf(xml, ">\n      <target dev='%s' bus='%s'/>\n      <boot order='%u'/>\n%s    </disk>\n", disk_target(bus),
	         bus, (*order)++, host->disk_is_readonly ? "      <readonly/>\n" : "");
}

// An optical drive; machine types without SATA get SCSI or IDE.
static void add_cdrom(struct str *xml, const struct domain_host *host, const char *path, bool block, char letter,
                      unsigned *order)
{
	bool ide = host->machine && (strcmp(host->machine, "pc") == 0 || str_starts(host->machine, "pc-i440fx"));
	const char *bus = !is_x86(host) ? "scsi" : ide ? "ide" : "sata";

	if (!path)
		return;
	str_addf(xml, "    <disk type='%s' device='cdrom'>\n      <driver name='qemu' type='raw'/>\n      <source",
	         block ? "block" : "file");
	add_attribute(xml, block ? "dev" : "file", path);
	str_addf(xml, "/>\n      <target dev='%s%c' bus='%s'/>\n      <readonly/>\n", ide ? "hd" : "sd", letter, bus);
	if (order)
		str_addf(xml, "      <boot order='%u'/>\n", (*order)++);
	str_add(xml, "    </disk>\n");
}

static bool publishes(const struct domain_host *host)
{
	return host->ports && host->ports->count;
}

// The card on a user network whose ports QEMU publishes is defined by QEMU's arguments instead.
static int add_nic(struct str *xml, const struct params *p, const struct domain_host *host, struct err *e)
{
	const char *network = params_or(p, PARAM_NETWORK, "user"), *colon = strchr(network, ':');
	const char *type = NULL, *attribute = NULL, *source = colon ? colon + 1 : NULL;

	if (strcmp(network, "none") == 0 || (publishes(host) && !host->passt))
		return 0;
	if (strcmp(network, "user") == 0)
		type = "user";
	else if (strcmp(network, "default") == 0)
		type = attribute = "network", source = "default";
	else if (str_starts(network, "network:") && *source)
		type = attribute = "network";
	else if (str_starts(network, "bridge:") && *source)
		type = attribute = "bridge";
	else
		return err_msg(e, EINVAL,
		               "invalid network '%s' (none, user, default, network:NAME or bridge:NAME)",
		               network);
	str_addf(xml, "    <interface type='%s'>\n", type);
	if (attribute) {
		str_add(xml, "      <source");
		add_attribute(xml, attribute, source);
		str_add(xml, "/>\n");
	}
	if (publishes(host))
		publish_add_passt(xml, host->ports);
	str_addf(xml, "      <model type='%s'/>\n    </interface>\n", params_or(p, PARAM_NIC, "virtio"));
	return 0;
}

char *domain_xml_log_path(const struct params *p, const char *directory)
{
	return mem_printf("%s/%s-serial.log", directory, params_or(p, PARAM_NAME, ""));
}

static void add_serial(struct str *xml, const struct params *p, const struct domain_host *host)
{
	bool logged = host->log_directory && recipe_is(p, PARAM_SERIAL_LOG, "yes", "yes");

	str_add(xml, "    <serial type='pty'>\n");
	if (logged) {
		auto_free char *path = domain_xml_log_path(p, host->log_directory);
		str_add(xml, "      <log");
		add_attribute(xml, "file", path);
		str_add(xml, " append='on'/>\n");
	}
	str_add(
	    xml,
	    "      <target port='0'/>\n    </serial>\n    <console type='pty'>\n      <target type='serial' port='0'/>\n"
	    "    </console>\n");
}

static void add_graphics(struct str *xml, const struct params *p, const struct domain_host *host)
{
	const char *kind = params_or(p, PARAM_GRAPHICS, "none");

	if (strcmp(kind, "none") == 0)
		return;
	str_addf(xml, "    <graphics type='%s' autoport='yes' listen='127.0.0.1'/>\n", kind);
	str_addf(xml, "    <video>\n      <model type='%s'/>\n    </video>\n    <input type='tablet' bus='usb'/>\n",
	         is_x86(host) ? "vga" : "virtio");
}

static void add_ports(struct str *xml, const struct domain_host *host)
{
	if (has_pcie(host))
		str_add(xml, "    <controller type='pci' index='0' model='pcie-root'/>\n");
	for (int i = 0; has_pcie(host) && i < ROOT_PORTS; i++)
		str_add(xml, "    <controller type='pci' model='pcie-root-port'/>\n");
}

static int add_devices(struct str *xml, const struct params *p, const struct domain_host *host, struct err *e)
{
	unsigned order = 1;

	str_add(xml, "  <devices>\n");
	add_element(xml, "    ", "emulator", host->emulator);
	add_ports(xml, host);
	if (str_equal(recipe_get(p, PARAM_DISK_BUS), "scsi"))
		str_add(xml, "    <controller type='scsi' model='virtio-scsi'/>\n");
	// the installer boots after the disk: the firmware falls through to it only while the disk is empty
	add_disk(xml, p, host, &order);
	add_cdrom(xml, host, recipe_get(p, PARAM_ISO), host->iso_is_block, 'c', &order);
	add_cdrom(xml, host, host->seed, false, 'd', NULL);
	int r = add_nic(xml, p, host, e);
	if (r < 0)
		return r;
	add_serial(xml, p, host);
	str_add(
	    xml,
	    "    <channel type='unix'>\n      <target type='virtio' name='org.qemu.guest_agent.0'/>\n    </channel>\n");
	add_graphics(xml, p, host);
	str_addf(
	    xml,
	    "    <memballoon model='virtio' autodeflate='on' freePageReporting='on'>\n      <stats period='%d'/>\n"
	    "    </memballoon>\n",
	    BALLOON_PERIOD);
	str_add(
	    xml,
	    "    <rng model='virtio'>\n      <backend model='random'>/dev/urandom</backend>\n    </rng>\n  </devices>\n");
	return 0;
}

int domain_xml_make(struct str *xml, const struct params *p, const struct domain_host *host, struct err *e)
{
	str_addf(xml, "<domain type='%s'>\n", host->type);
	add_element(xml, "  ", "name", recipe_get(p, PARAM_NAME));
	add_element(xml, "  ", "uuid", host->uuid);
	add_notes(xml, p, host);
	int r = add_size(xml, p, host, e);
	if (r == 0)
		r = add_boot(xml, p, host, e);
	if (r < 0)
		return r;
	add_features(xml, host);
	add_cpu(xml, p, host);
	r = add_devices(xml, p, host, e);
	// libvirt does not know about this card: it gets a slot that libvirt's own devices do not reach
	if (publishes(host) && !host->passt)
		publish_add_qemu(xml, host->ports, params_or(p, PARAM_NIC, "virtio"), host->mac, is_x86(host) ? "0x1c" : NULL);
	str_add(xml, "</domain>\n");
	return r;
}
