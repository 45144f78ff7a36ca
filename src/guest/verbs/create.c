// Creates a guest from a recipe: host capabilities, disk, definition, start. Undoes everything on failure.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "delete.h"
#include "ports.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/definition/caps.h"
#include "guest/definition/domain_xml.h"
#include "guest/definition/facts.h"
#include "guest/definition/publish.h"
#include "guest/guests.h"
#include "guest/host/directory.h"
#include "guest/storage/inspect.h"
#include "guest/storage/make.h"
#include "guest/storage/pool.h"
#include "guest/storage/seed.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/id.h"
#include "model/job.h"
#include "model/param.h"
#include "model/ports.h"
#include "sys/fs.h"
#include "sys/proc.h"

// Everything created so far.
struct creation {
	struct caps caps;
	const char *type; // "kvm" or "qemu"
	char *arch, *machine;
	struct ports ports;
	bool passt;       // publishes them
	char mac[3 * 6];  // of the card whose ports QEMU itself publishes
	char *disk;       // created here, or from the recipe
	char *seed;
	struct disk kind; // properties of disk
	bool disk_is_new, pool_is_new;
	char *log_directory;
	char *log; // serial log, NULL if a file of that name existed before
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct domain_file files[3];
	size_t file_count;
	virDomainPtr domain;
};

// --- checks, before anything is created ---

static int check_files(const struct guests *g, const struct params *p, struct err *e)
{
	static const struct {
		const char *name;
		bool block;
	} files[] = {{PARAM_DISK, true},
	             {PARAM_ISO, true},
	             {PARAM_KERNEL, false},
	             {PARAM_INITRD, false},
	             {PARAM_CLOUD_INIT, false}};
	const char *iso = params_or(p, PARAM_ISO, NULL);

	for (size_t i = 0; g->local && i < ARRAY_SIZE(files); i++) {
		const char *path = params_or(p, files[i].name, NULL);
		int r = path ? storage_check_file(files[i].name, path, files[i].block, e) : 0;
		if (r < 0)
			return r;
	}
	return iso ? storage_check_optical(g, iso, e) : 0;
}

static int check_sources(const struct params *p, struct err *e)
{
	if (params_or(p, PARAM_DISK, NULL) && params_or(p, PARAM_NEW_DISK, NULL))
		return err_msg(e, EINVAL, "'disk' and 'new-disk' cannot be combined: a guest boots from one disk");
	if (!params_or(p, PARAM_DISK, NULL) && !params_or(p, PARAM_NEW_DISK, NULL) && !params_or(p, PARAM_ISO, NULL) &&
	    !params_or(p, PARAM_KERNEL, NULL))
		return err_msg(e, EINVAL, "a guest needs something to boot from: 'disk', 'iso' (with 'new-disk') or 'kernel'");
	return 0;
}

static int check_name(virConnectPtr conn, const char *name, struct err *e)
{
	virDomainPtr domain = vir.DomainLookupByName(conn, name);

	if (!domain)
		return 0;
	vir.DomainFree(domain);
	return err_msg(e, EEXIST, "guest '%s' already exists", name);
}

// --- the host ---

static const struct {
	const char *arch, *machine;
} machines[] = {
	{"x86_64", "q35"}, {"i686", "q35"}, {"aarch64", "virt"}, {"armv7l", "virt"}, {"riscv64", "virt"}, {"ppc64",
	 "pseries"}, {"s390x", "s390-ccw-virtio"},
};

static const char *usual_machine(const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (strcmp(machines[i].arch, arch) == 0)
			return machines[i].machine;
	return NULL;
}

static char *host_arch(virConnectPtr conn)
{
	virNodeInfo node;
	struct utsname u;

	if (vir.NodeGetInfo(conn, &node) == 0)
		return mem_strndup(node.model, sizeof(node.model));
	return mem_strdup(uname(&u) == 0 ? u.machine : "x86_64");
}

static bool read_caps(struct creation *m, virConnectPtr conn, const char *type)
{
	char *xml = vir.ConnectGetDomainCapabilities(conn, NULL, m->arch, m->machine, type, 0);
	bool good = xml && caps_parse(&m->caps, xml, NULL) == 0;

	free(xml);
	if (good)
		m->type = type;
	return good;
}

// libvirt reports KVM whenever /dev/kvm can be opened, but on some hosts it cannot create a VM.
static bool kvm_works(const struct guests *g)
{
	return !g->local || access("/dev/kvm", R_OK | W_OK) == 0;
}

static int choose_host(struct creation *m, const struct guests *g, virConnectPtr conn, const struct params *p,
                       struct err *e)
{
	const char *accel = params_or(p, PARAM_ACCEL, "auto"), *machine = params_or(p, PARAM_MACHINE, NULL);
	auto_free char *native = host_arch(conn);

	m->arch = mem_strdup(params_or(p, PARAM_ARCH, native));
	m->machine = mem_strdup(machine ? machine : usual_machine(m->arch));
	if (strcmp(accel, "emulated") != 0 && kvm_works(g) && read_caps(m, conn, "kvm"))
		return 0;
	if (strcmp(accel, "kvm") == 0)
		return err_msg(e, EOPNOTSUPP,
		               "this host has no KVM for %s guests (is virtualization enabled in its firmware? --" PARAM_ACCEL
		               " emulated works, slowly)",
		               m->arch);
	if (read_caps(m, conn, "qemu"))
		return 0;
	if (vir_is_unsupported())
		return err_msg(e, EOPNOTSUPP,
		               "cannot create guests through '%s': not a QEMU connection (use --" OPTION_ENGINE
		               " libvirt:qemu:///system or libvirt:qemu:///session)",
		               g->uri);
	return guest_error(e, "guests of architecture '%s'%s%s%s cannot run here", m->arch,
	                   m->machine ? " with machine '" : "", m->machine ? m->machine : "", m->machine ? "'" : "");
}

static int check_host(const struct creation *m, const struct params *p, struct err *e)
{
	uint64_t cpus = 0;

	if (str_equal(params_get(p, PARAM_FIRMWARE), "uefi") && !m->caps.uefi)
		return err_msg(e, EOPNOTSUPP, "this host has no UEFI firmware for guests (install ovmf)");
	if (str_to_u64(params_or(p, PARAM_CPUS, "2"), &cpus) == 0 && m->caps.cpus_max && cpus > m->caps.cpus_max)
		return err_msg(e, EINVAL, "invalid cpus '%llu' (machine '%s' supports at most %u here)",
		               (unsigned long long)cpus, m->machine, m->caps.cpus_max);
	return 0;
}

// --- published ports ---

static bool has_passt(const struct creation *m, const struct guests *g)
{
	auto_free char *program = g->local && m->caps.passt ? proc_find_program("passt") : NULL;

	return program;
}

// With QEMU's own prefix.
static void choose_mac(struct creation *m)
{
	unsigned char b[3] = {0};

	if (getrandom(b, sizeof(b), 0) == sizeof(b))
		snprintf(m->mac, sizeof(m->mac), "52:54:00:%02x:%02x:%02x", b[0], b[1], b[2]);
}

static int choose_publisher(struct creation *m, const struct guests *g, virConnectPtr conn, struct err *e)
{
	m->passt = has_passt(m, g);
	choose_mac(m);
	int r = m->passt ? 0 : publish_check_qemu(&m->ports, e);

	r = r < 0 ? r : guest_check_ports(g, conn, &m->ports, e); // also chooses free ones
	return r < 0 ? r : publish_check_chosen(&m->ports, e);
}

// --- creation ---

static void note_compressed(const char *path, const struct job *job)
{
	auto_free char *text = mem_printf(
	    "'%s' is a compressed VMDK image: the guest cannot overwrite what is in it (convert it: qemu-img convert -O "
	    "qcow2 FILE NEW.qcow2)",
	    path);

	job_note(job, text);
}

static int make_disk(struct creation *m, struct guests *g, virConnectPtr conn, const struct params *p,
                     const struct job *job, struct err *e)
{
	const char *disk = params_or(p, PARAM_DISK, NULL);
	int r = 0;

	if (disk) {
		m->disk = mem_strdup(disk);
		r = storage_inspect(conn, g, p, disk, &m->kind, e);
		if (r == 0 && m->kind.compressed)
			note_compressed(disk, job);
	} else if (params_or(p, PARAM_NEW_DISK, NULL)) {
		job_report(job, 0.2, "creating disk");
		m->kind.format = storage_new_format(p);
		r = storage_make(conn, g, p, job, &m->disk, &m->pool_is_new, e);
		m->disk_is_new = r == 0;
	}
	if (r == 0 && params_or(p, PARAM_CLOUD_INIT, NULL))
		r = storage_make_seed(g, p, job, &m->seed, e);
	return r;
}

static void record_new_file(struct creation *m, char *path)
{
	struct stat st;

	if (path)
		m->files[m->file_count++] = (struct domain_file){path, stat(path, &st) == 0 ? st.st_ino : 0};
}

static void choose_uuid(struct creation *m)
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return;
	snprintf(m->uuid, sizeof(m->uuid), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
	         b[1], b[2], b[3], b[4], b[5], (b[6] & 0x0f) | 0x40, b[7], (b[8] & 0x3f) | 0x80, b[9], b[10], b[11], b[12],
	         b[13], b[14], b[15]); // RFC 9562, version 4
}

// Records the files created for it in its metadata, so that deleting it can prove ownership.
static void record_files(struct creation *m, const struct guests *g, const struct params *p)
{
	if (!g->local || !*m->uuid)
		return;
	record_new_file(m, m->disk_is_new ? m->disk : NULL);
	record_new_file(m, m->seed);
	if (m->log_directory && str_equal(params_or(p, PARAM_SERIAL_LOG, "yes"), "yes"))
		record_new_file(m, m->log);
}

static int define_new(struct creation *m, const struct guests *g, virConnectPtr conn, const struct params *p,
                      const struct job *job, struct err *e)
{
	auto_str xml = {0};
	virNodeInfo node = {0};
	bool kvm = strcmp(m->type, "kvm") == 0;

	vir.NodeGetInfo(conn, &node);
	const struct domain_host host = {
		.type = m->type,
		.arch = m->arch,
		.machine = m->machine,
		.emulator = m->caps.emulator,
		.cpu_mode = kvm && m->caps.passthrough ? "host-passthrough" : m->caps.maximum ? "maximum" : NULL,
		.cpus = node.cpus,
		.now = clock_wall(),
		.disk = m->disk,
		.disk_format = m->kind.format,
		.disk_is_block = m->kind.block,
		.disk_is_readonly = m->kind.readonly,
		.disk_secret = *m->kind.secret ? m->kind.secret : NULL,
		.iso_is_block = storage_is_block(g, params_or(p, PARAM_ISO, "")),
		.seed = m->seed,
		.ports = &m->ports,
		.passt = m->passt,
		.mac = m->mac,
		.log_directory = m->log_directory,
		.uuid = *m->uuid ? m->uuid : NULL,
		.files = m->files,
		.file_count = m->file_count,
	};
	auto_free char *id = *m->uuid ? id_make("libvirt", KIND_GUEST, m->uuid) : NULL;
	int r = domain_xml_make(&xml, p, &host, e);
	if (r < 0)
		return r;
	if (id)
		job_creates(job, id);
	m->domain = vir.DomainDefineXMLFlags(conn, str_text(&xml), VIR_DOMAIN_DEFINE_VALIDATE);
	return m->domain ? 0 : guest_error(e, "cannot define guest '%s'", params_or(p, PARAM_NAME, ""));
}

static int start_new(struct guests *g, struct creation *m, const struct params *p, const struct job *job,
                     struct err *e)
{
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct guest *row;

	if (str_equal(params_get(p, PARAM_AUTOSTART), "yes") && vir.DomainSetAutostart(m->domain, 1) < 0)
		return guest_error(e, "cannot enable autostart of guest '%s'", params_or(p, PARAM_NAME, ""));
	if (!str_equal(params_get(p, PARAM_START), "yes"))
		return 0;
	job_report(job, 0.6, "starting");
	int64_t began = clock_mono();
	if (vir.DomainCreate(m->domain) < 0)
		return guest_error(e, "cannot start guest '%s'", params_or(p, PARAM_NAME, ""));
	vir.DomainGetUUIDString(m->domain, uuid);
	pthread_mutex_lock(&g->lock);
	row = guests_find_or_add(g, uuid);
	row->start_ms = (double)(clock_mono() - began) / MS;
	pthread_mutex_unlock(&g->lock);
	return 0;
}

static void creation_undo(struct creation *m, struct guests *g, virConnectPtr conn)
{
	if (m->domain) {
		vir.DomainDestroy(m->domain);
		guest_discard(g, conn, m->domain);
	}
	if (m->domain && m->log)
		unlink(m->log);
	if (m->disk_is_new)
		storage_discard(conn, m->disk, m->pool_is_new, g->local);
	if (m->seed)
		unlink(m->seed);
}

static void creation_done(struct creation *m)
{
	caps_done(&m->caps);
	ports_done(&m->ports);
	free(m->arch);
	free(m->machine);
	free(m->disk);
	free(m->seed);
	free(m->log_directory);
	free(m->log);
	if (m->domain)
		vir.DomainFree(m->domain);
}

static int create_guest(struct guests *g, struct creation *m, virConnectPtr conn, const struct params *p,
                        const struct job *job, struct err *e)
{
	int r = check_sources(p, e);

	r = r < 0 ? r : publish_wanted(p, guests_is_session(g), &m->ports, e);
	r = r < 0 ? r : check_files(g, p, e);
	r = r < 0 ? r : check_name(conn, params_or(p, PARAM_NAME, ""), e);
	r = r < 0 ? r : choose_host(m, g, conn, p, e);
	r = r < 0 ? r : check_host(m, p, e);
	r = r < 0 || !m->ports.count ? r : choose_publisher(m, g, conn, e);
	m->log_directory = g->local ? directory_of(DIRECTORY_LOG, guests_is_session(g)) : NULL;
	// libvirt creates this directory on its first write; if that fails, the start reports it
	if (m->log_directory)
		fs_make_directories(m->log_directory, 0700, NULL);
	m->log = m->log_directory ? domain_xml_log_path(p, m->log_directory) : NULL;
	if (m->log && access(m->log, F_OK) == 0)
		free(steal(m->log));
	r = r < 0 ? r : make_disk(m, g, conn, p, job, e);
	choose_uuid(m);
	if (r == 0)
		record_files(m, g, p);
	if (r == 0 && job_is_cancelled(job))
		r = err_msg(e, ECANCELED, "guest '%s' was not made: cancelled", params_or(p, PARAM_NAME, ""));
	r = r < 0 ? r : define_new(m, g, conn, p, job, e);
	r = r < 0 ? r : start_new(g, m, p, job, e);
	if (r == 0 && job_is_cancelled(job))
		r = err_msg(e, ECANCELED, "guest '%s' was not made: cancelled", params_or(p, PARAM_NAME, ""));
	return r;
}

int guests_create(struct guests *g, const struct params *p, const struct job *job, char **uuid, struct err *e)
{
	struct creation m = {0};
	char text[VIR_UUID_STRING_BUFLEN];
	struct pool_slot *slot;
	int r = pool_begin(g, &slot, e);

	if (r < 0)
		return r;
	r = create_guest(g, &m, slot->conn, p, job, e);
	if (r < 0)
		creation_undo(&m, g, slot->conn);
	else if (vir.DomainGetUUIDString(m.domain, text) == 0)
		*uuid = mem_strdup(text);
	creation_done(&m);
	pool_end(g, slot);
	guests_touch(g, NULL);
	return r;
}
