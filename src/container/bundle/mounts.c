// The mounts of a container, and the paths in them that are masked or read-only: see sections.h.
#include "sections.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "bundle.h"
#include "container/store/image.h"
#include "container/store/record.h"
#include "container/store/volume.h"
#include "document.h"
#include "host.h"
#include "model/param.h"
#include "mount_spec.h"
#include "network_files.h"
#include "sys/userns.h"

enum { ALWAYS, IF_HOST_IMAGE, IF_SCRATCH }; // IF_SCRATCH: image "host", or a read-only root

static const struct mount_row {
	int when;
	const char *destination, *type, *options;
	const char *user_options; // without root rights on the host, NULL = the same
} mounts[] = {
	{ALWAYS, "/proc", "proc", "nosuid,noexec,nodev", NULL},
	{ALWAYS, "/dev", "tmpfs", "nosuid,strictatime,mode=755,size=64k", NULL},
	{ALWAYS, "/dev/pts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5",
	 "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"},
	{ALWAYS, "/dev/shm", "tmpfs", "nosuid,noexec,nodev,mode=1777,size=64m", NULL},
	{ALWAYS, "/dev/mqueue", "mqueue", "nosuid,noexec,nodev", NULL},
	{ALWAYS, "/sys", "sysfs", "nosuid,noexec,nodev,ro", NULL},
	{ALWAYS, "/sys/fs/cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro", NULL},
	{IF_SCRATCH, "/tmp", "tmpfs", "nosuid,nodev,mode=1777", NULL},
	{IF_SCRATCH, "/run", "tmpfs", "nosuid,nodev,mode=755", NULL},
	{IF_HOST_IMAGE, "/run/lock", "tmpfs", "nosuid,noexec,nodev,mode=1777,size=5m", NULL}, // target of /var/lock
	{IF_SCRATCH, "/var/tmp", "tmpfs", "nosuid,nodev,mode=1777", NULL},
	{IF_HOST_IMAGE, "/root", "tmpfs", "nosuid,nodev,mode=700", NULL}, // users' files on the host stay private
	{IF_HOST_IMAGE, "/home", "tmpfs", "nosuid,nodev,mode=755", NULL},
};

static bool mount_applies(const struct mount_row *m, const struct record *r)
{
	bool host = image_is_host(&r->image);

	return m->when == ALWAYS || (m->when == IF_HOST_IMAGE && host) ||
	       (m->when == IF_SCRATCH && (host || record_has(r, PARAM_READ_ONLY_ROOT)));
}

static json_t *mount_of(const char *destination, const char *type, const char *source, const char *options)
{
	auto_strv words = {0};

	strv_split(&words, options, ",");
	return json_pack("{s:s, s:s, s:s, s:o}", "destination", destination, "type", type, "source", source, "options",
	                 document_list(&words));
}

// Some distributions' kernels enable both. A writable layer then depends on the layers below it, and cannot become a
// layer of an image (commit).
static const char *const whole_options[] = {"redirect_dir=off", "metacopy=off"};

// The root: the image's layers below a writable one, mounted by the runtime in the container's mount namespace. In
// overlay options ':' separates layers and ',' options.
static json_t *root_mount(const struct record *r, const char *directory)
{
	auto_str lower = {0};
	json_t *options = json_array();
	auto_free char *escaped = str_escape(directory, ":,\\");
	auto_free char *upper = mem_printf("upperdir=%s/upper", escaped);
	auto_free char *work = mem_printf("workdir=%s/work", escaped);

	for (size_t i = 0; i < r->image.lowers.count; i++) {
		auto_free char *path = str_escape(r->image.lowers.items[i], ":,\\");
		str_addf(&lower, "%s%s", i ? ":" : "lowerdir=", path);
	}
	json_array_append_new(options, json_string(str_text(&lower)));
	json_array_append_new(options, json_string(upper));
	json_array_append_new(options, json_string(work));
	if (r->userxattr || !userns_is_host_root())
		json_array_append_new(options, json_string("userxattr"));
	for (size_t i = 0; r->whole && !r->userxattr && userns_is_host_root() && i < ARRAY_SIZE(whole_options); i++)
		json_array_append_new(options, json_string(whole_options[i]));
	return json_pack("{s:s, s:s, s:s, s:o}", "destination", "/", "type", "overlay", "source", "overlay", "options",
	                 options);
}

void bundle_places(const struct record *r, struct strv *places)
{
	auto_mount_specs mounts_of_it = {0};
	struct err ignored;

	if (mount_specs_of(&mounts_of_it, r, &ignored) < 0)
		return; // reported by bundle_make()
	for (size_t i = 0; i < mounts_of_it.count; i++)
		strv_take(places, host_place(mounts_of_it.items[i].target));
}

// For the image "host": the container's own directory is the root; mounted in it are the visible parts of the host,
// with the container's changes.
static void add_host(json_t *list, const struct record *r, const char *directory)
{
	auto_free char *upper = mem_printf("%s/upper", directory);
	auto_strv places = {0};
	size_t count;

	bundle_places(r, &places);
	struct host_mount *rows = host_mounts(directory, &places, &count);

	json_array_append_new(list, mount_of("/", "bind", upper, "bind,rprivate"));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "destination", rows[i].at, "type", "overlay",
		                                      "source", "overlay", "options", document_list(&rows[i].options)));
	host_mounts_free(rows, count);
}

// Whether a volume hides what is mounted on AT.
static bool is_covered(const char *at, const struct strv *places)
{
	for (size_t i = 0; i < places->count; i++)
		if (str_is_within(at, places->items[i]))
			return true;
	return false;
}

// Remounts read-only last: volumes inside need their mount points first.
static void seal_host(json_t *list, const struct record *r, const char *directory)
{
	auto_strv places = {0};
	size_t count;

	bundle_places(r, &places);
	struct host_mount *rows = host_mounts(directory, &places, &count);
	for (size_t i = 0; i < count; i++)
		if ((rows[i].seal || record_has(r, PARAM_READ_ONLY_ROOT)) && !is_covered(rows[i].at, &places))
			json_array_append_new(list, mount_of(rows[i].at, "none", "none", "bind,remount,ro"));
	host_mounts_free(rows, count);
}

// Mounted before the volumes: a volume on /etc or on one of these files takes precedence.
static void add_network_files(json_t *list, const struct record *r, const char *directory)
{
	const char *name;

	for (size_t i = 0; (name = network_file(i)); i++) {
		auto_free char *source = mem_printf("%s/etc/%s", directory, name), *at = mem_printf("/etc/%s", name);

		json_array_append_new(list,
		                      mount_of(at, "bind", source,
		                               record_has(r, PARAM_READ_ONLY_ROOT) ? "bind,rprivate,nosuid,nodev,noexec,ro"
		                                                                   : "bind,rprivate,nosuid,nodev,noexec"));
	}
}

// The source of the mount: the directory of a volume, a path of the host, or a new file system. Owned.
static char *source_of(const struct mount_spec *m, const char *store_path)
{
	return m->type == MOUNT_VOLUME ? volume_data_path(store_path, m->source)
	       : m->type == MOUNT_BIND ? mem_strdup(m->source)
	                               : mem_strdup("tmpfs");
}

static int add_mount(json_t *list, const struct mount_spec *m, const char *store_path, struct err *e)
{
	auto_free char *source = source_of(m, store_path);
	auto_strv options = {0};

	if (m->type == MOUNT_VOLUME && access(source, F_OK) < 0)
		return err_set(e, errno, "volume '%s'", m->source);
	if (m->type == MOUNT_BIND && access(source, F_OK) < 0)
		return err_set(e, errno, "volume '%s:%s': '%s'", m->source, m->target, source);
	mount_spec_options(m, &options);
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "destination", m->target, "type",
	                                      m->type == MOUNT_TMPFS ? "tmpfs" : "bind", "source", source, "options",
	                                      document_list(&options)));
	return 0;
}

// A mount requested for the container replaces this one.
static void add_usual(json_t *list, const struct mount_row *m, const struct record *r, const struct mount_specs *own)
{
	const char *options = !userns_is_host_root() && m->user_options ? m->user_options : m->options;
	const char *shm = params_get(&r->params, PARAM_SHM_SIZE);
	uint64_t bytes = 0;

	if (mount_specs_find(own, m->destination))
		return;
	// mounting sysfs requires privileges over its network namespace, which an unprivileged user lacks for the
	// host's: bind the existing one instead
	if (!userns_is_host_root() && network_is_hosts(r) && str_equal(m->type, "sysfs")) {
		json_array_append_new(list, mount_of("/sys", "bind", "/sys", "rbind,nosuid,noexec,nodev,ro"));
		return;
	}
	bool sized = shm && str_equal(m->destination, "/dev/shm") && units_parse_bytes(shm, &bytes) == 0;
	auto_free char *larger = sized ? mem_printf("%s,size=%" PRIu64, options, bytes) : NULL; // the last one counts
	json_array_append_new(list, mount_of(m->destination, m->type, m->type, larger ? larger : options));
}

static int add_mounts(json_t *list, const struct record *r, const char *directory, const char *store_path,
                      const struct mount_specs *own, struct err *e)
{
	int result = 0;

	if (image_is_host(&r->image))
		add_host(list, r, directory);
	else
		json_array_append_new(list, root_mount(r, directory));
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++)
		if (mount_applies(&mounts[i], r))
			add_usual(list, &mounts[i], r, own);
	add_network_files(list, r, directory);
	for (size_t i = 0; result == 0 && i < own->count; i++)
		result = add_mount(list, &own->items[i], store_path, e);
	if (image_is_host(&r->image))
		seal_host(list, r, directory);
	return result;
}

json_t *mounts_section(const struct record *r, const char *directory, const char *store_path, struct err *e)
{
	auto_mount_specs own = {0};
	json_t *list = json_array();

	if (mount_specs_of(&own, r, e) == 0 && add_mounts(list, r, directory, store_path, &own, e) == 0)
		return list;
	json_decref(list);
	return NULL;
}

// The mounts inside decide which propagation the root needs (mount_namespaces(7)).
const char *mounts_propagation(const struct record *r)
{
	auto_mount_specs own = {0};
	const char *found = NULL;
	struct err ignored;

	mount_specs_of(&own, r, &ignored);
	for (size_t i = 0; i < own.count; i++) {
		const char *p = own.items[i].propagation;
		if (p && str_ends(p, "shared"))
			return "rshared";
		if (p && str_ends(p, "slave"))
			found = "rslave";
	}
	return found;
}

static const char *const masked[] = {
	"/proc/acpi",        "/proc/asound",      "/proc/interrupts", "/proc/kcore",   "/proc/keys",
	"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list",  "/proc/timer_stats", "/sys/firmware",    "/sys/fs/selinux", "/sys/devices/virtual/powercap",
};
static const char *const masked_of_host[] = {"/usr/local/etc"}; // in visible directories (host_list.c)
static const char *const read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

json_t *mounts_read_only(void)
{
	return DOCUMENT_TEXTS(read_only);
}

json_t *mounts_masked(const struct record *r, const char *store_path)
{
	json_t *list = DOCUMENT_TEXTS(masked);

	for (size_t i = 0; image_is_host(&r->image) && i < ARRAY_SIZE(masked_of_host); i++)
		json_array_append_new(list, json_string(masked_of_host[i]));
	if (image_is_host(&r->image))
		json_array_append_new(list, json_string(store_path));
	return list;
}
