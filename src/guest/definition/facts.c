// Parses domain XML: each part of struct domain_facts has its own function.
#include "facts.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "devices.h"
#include "publish.h"
#include "guest/vir/xpath.h"

// libvirt treats a disk without a format as raw and never probes it, since the guest could have written any header.
static char *disk_format(struct xml *x)
{
	char *format = xml_text(x, "driver/@type");

	return format || !xml_has(x, "source[@file or @dev]") ? format : mem_strdup("raw");
}

static void read_disk(struct xml *x, void *context)
{
	struct domain_facts *f = context;

	f->disks = mem_resize(f->disks, f->disk_count + 1, sizeof(*f->disks));
	f->disks[f->disk_count++] = (struct domain_disk){
		.target = xml_text(x, "target/@dev"),
		.bus = xml_text(x, "target/@bus"),
		.device = xml_text(x, "@device"),
		.type = xml_text(x, "@type"),
		.source = disk_source(x),
		.format = disk_format(x),
		.readonly = xml_has(x, "readonly"),
		.pool = xml_text(x, "source/@pool"),
		.volume = xml_text(x, "source/@volume"),
		.shareable = xml_has(x, "shareable | transient[@shareBacking='yes']"),
	};
}

static void read_nic(struct xml *x, void *context)
{
	struct domain_facts *f = context;

	f->nics = mem_resize(f->nics, f->nic_count + 1, sizeof(*f->nics));
	f->nics[f->nic_count++] = (struct domain_nic){
		.type = xml_text(x, "@type"),
		.source = nic_source(x),
		.mac = xml_text(x, "mac/@address"),
		.model = xml_text(x, "model/@type"),
		.target = xml_text(x, "target/@dev"),
	};
}

static void read_label(struct xml *x, void *context)
{
	struct domain_facts *f = context;
	auto_free char *name = xml_text(x, "@name");
	auto_free char *value = xml_text(x, "@value");

	if (name)
		strv_addf(&f->labels, "%s=%s", name, value ? value : "");
}

static void read_file(struct xml *x, void *context)
{
	struct domain_facts *f = context;
	auto_free char *owner = xml_text(x, "@guest");

	if (!str_equal(owner, f->uuid) || !xml_has(x, "@path"))
		return;
	f->files = mem_resize(f->files, f->file_count + 1, sizeof(*f->files));
	f->files[f->file_count++] = (struct domain_file){xml_text(x, "@path"), xml_number(x, "@inode")};
}

// An element's memory size in bytes. Without a unit attribute libvirt means KiB, and it always writes KiB.
static uint64_t memory_of(struct xml *x, const char *expression)
{
	return xml_number(x, expression) * 1024;
}

// "http://debian.org/debian/12" → "debian 12": libosinfo ids end in the name and version.
static char *short_os(const char *id)
{
	auto_strv parts = {0};

	strv_split(&parts, id, "/");
	if (parts.count < 2)
		return mem_strdup(id);
	return mem_printf("%s %s", parts.items[parts.count - 2], parts.items[parts.count - 1]);
}

static void read_notes(struct domain_facts *f, struct xml *x)
{
	f->os = xml_text(x, "metadata/hostel:guest/hostel:os");
	f->created = (int64_t)xml_number(x, "metadata/hostel:guest/hostel:created");
	xml_each(x, "metadata/hostel:guest/hostel:label", read_label, f);
	xml_each(x, "metadata/hostel:guest/hostel:file", read_file, f);
	auto_free char *osinfo = f->os ? NULL : xml_text(x, "metadata/libosinfo:libosinfo/libosinfo:os/@id");
	if (osinfo)
		f->os = short_os(osinfo);
}

// Where a client on this host connects: any address includes the loopback one.
static const char *reachable_address(const char *listen)
{
	static const char *const any[] = {"0.0.0.0", "::"};

	for (size_t i = 0; i < ARRAY_SIZE(any); i++)
		if (str_equal(listen, any[i]))
			return i ? "::1" : "127.0.0.1";
	return listen;
}

static char *read_graphics(struct xml *x)
{
	auto_free char *type = xml_text(x, "devices/graphics[1]/@type"),
	               *listen = xml_text(x, "devices/graphics[1][@port > 0]/@listen"),
	               *port = xml_text(x, "devices/graphics[1]/@port");
	const char *address = reachable_address(listen);

	if (!type || !port || !address)
		return type ? mem_strdup(type) : NULL;
	return mem_printf(strchr(address, ':') ? "%s://[%s]:%s" : "%s://%s:%s", type, address, port);
}

static void read_facts(struct domain_facts *f, struct xml *x)
{
	f->type = xml_text(x, "@type");
	f->name = xml_text(x, "name");
	f->uuid = xml_text(x, "uuid");
	f->title = xml_text(x, "title");
	f->arch = xml_text(x, "os/type/@arch");
	f->machine = xml_text(x, "os/type/@machine");
	f->kernel = xml_text(x, "os/kernel");
	f->full = xml_has(x, "os/type[. = 'hvm']");
	f->uefi = xml_has(x, "os/loader[@type='pflash'] | os[@firmware='efi']");
	f->vcpus_max = (unsigned)xml_number(x, "vcpu");
	f->vcpus = xml_has(x, "vcpu/@current") ? (unsigned)xml_number(x, "vcpu/@current") : f->vcpus_max;
	f->memory_max = memory_of(x, "memory");
	f->memory_slots_max = memory_of(x, "maxMemory");
	f->numa_cells = (unsigned)xml_number(x, "count(cpu/numa/cell)");
	f->hugepages = xml_has(x, "memoryBacking/hugepages");
	f->memory = xml_has(x, "currentMemory") ? memory_of(x, "currentMemory") : f->memory_max;
	f->serial_log = xml_text(
	    x, "(devices/serial/log/@file | devices/serial[@type='file']/source/@path | devices/console/log/@file)[1]");
	f->agent = xml_has(x, "devices/channel/target[@name='org.qemu.guest_agent.0']");
	f->agent_connected = xml_has(x, "devices/channel/target[@name='org.qemu.guest_agent.0'][@state='connected']");
	f->balloon = xml_has(x, "devices/memballoon[@model!='none']");
	f->graphics = read_graphics(x);
	f->lsm_model = xml_text(x, "seclabel[@model!='dac']/@model");
	f->lsm_label = xml_text(x, "seclabel[@model!='dac']/label");
	read_notes(f, x);
	xml_each(x, "devices/disk", read_disk, f);
	xml_each(x, "devices/interface", read_nic, f);
	publish_read(f, x);
	lines_list(f, x);
	devices_list(&f->devices, x);
}

int domain_facts_parse(struct domain_facts *f, const char *xml, struct err *e)
{
	struct xml *x = xml_read(xml, "domain");

	if (x)
		read_facts(f, x);
	xml_free(x);
	return f->name && f->uuid ? 0 : err_msg(e, EINVAL, "not the XML of a domain with a name and a UUID");
}

static void disk_done(struct domain_disk *d)
{
	free(d->target);
	free(d->bus);
	free(d->device);
	free(d->type);
	free(d->source);
	free(d->format);
	free(d->pool);
	free(d->volume);
}

static void nic_done(struct domain_nic *n)
{
	free(n->type);
	free(n->source);
	free(n->mac);
	free(n->model);
	free(n->target);
}

static void line_done(struct domain_line *l)
{
	free(l->alias);
	free(l->type);
	free(l->leads);
}

void domain_facts_done(struct domain_facts *f)
{
	if (!f)
		return;
	char *const texts[] = {f->name,    f->uuid,   f->type,       f->title,     f->os,        f->arch,
	                       f->machine, f->kernel, f->serial_log, f->lsm_model, f->lsm_label, f->graphics};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < f->disk_count; i++)
		disk_done(&f->disks[i]);
	for (size_t i = 0; i < f->nic_count; i++)
		nic_done(&f->nics[i]);
	for (size_t i = 0; i < f->file_count; i++)
		free(f->files[i].path);
	for (size_t i = 0; i < f->line_count; i++)
		line_done(&f->lines[i]);
	free(f->lines);
	strv_done(&f->devices);
	free(f->files);
	free(f->disks);
	free(f->nics);
	strv_done(&f->labels);
	strv_done(&f->ports);
	*f = (struct domain_facts){0};
}
