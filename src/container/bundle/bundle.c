// The default OCI configuration of a container: see bundle.h.
#include "bundle.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "account.h"
#include "base/mem.h"
#include "base/units.h"
#include "model/param.h"
#include "container/store/image.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "container/store/subids.h"
#include "container/store/volume.h"
#include "device_spec.h"
#include "host.h"
#include "mount_spec.h"
#include "network_files.h"
#include "settings.h"
#include "sys/userns.h"

// microseconds (the kernel's minimum quota is 1 ms); tasks; bytes
enum { CPU_PERIOD = 100000, CPU_QUOTA_LEAST = 1000, PIDS_DEFAULT = 4096, MEMORY_LEAST = 1 << 20 };

// An unprivileged user's container needs a user namespace of its own.
static bool is_unprivileged(void)
{
	return geteuid() != 0;
}

// Whether this process lacks root rights on the host; root in a user namespace does, too.
static bool is_restricted(void)
{
	return !userns_is_host_root();
}

static json_t *strings_of(const char *const *items, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(items[i]));
	return list;
}
#define TEXTS(A) strings_of(A, ARRAY_SIZE(A))

static json_t *list_of(const struct strv *v)
{
	return strings_of((const char *const *)v->items, v->count);
}

char *bundle_cgroup(const char *name, const char *store_path)
{
	if (store_is_usual(store_path))
		return mem_printf("/hostel/%s", name);
	return mem_printf("/hostel/%s@%08x", name, str_hash(store_path)); // '@' is not valid in names
}

char *bundle_cgroup_of(const struct cgroup_layout *layout, const char *name, pid_t pid)
{
	auto_free char *wanted = mem_printf("/hostel/%s", name);
	auto_free char *group = cgroup_of_process(layout, pid, CGROUP_MEMORY);
	const char *at = group ? strrchr(group, '@') : NULL;
	auto_free char *plain = group ? mem_strndup(group, at ? (size_t)(at - group) : strlen(group)) : NULL;

	return plain && str_ends(plain, wanted) ? steal(group) : NULL; // perhaps below a delegated group
}

// --- mounts ---

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
	                 list_of(&words));
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
	if (r->userxattr || is_restricted())
		json_array_append_new(options, json_string("userxattr"));
	for (size_t i = 0; r->whole && !r->userxattr && !is_restricted() && i < ARRAY_SIZE(whole_options); i++)
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
		                                      "source", "overlay", "options", list_of(&rows[i].options)));
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
	                                      list_of(&options)));
	return 0;
}

// A mount requested for the container replaces this one.
static void add_usual(json_t *list, const struct mount_row *m, const struct record *r, const struct mount_specs *own)
{
	const char *options = is_restricted() && m->user_options ? m->user_options : m->options;
	const char *shm = params_get(&r->params, PARAM_SHM_SIZE);
	uint64_t bytes = 0;

	if (mount_specs_find(own, m->destination))
		return;
	// mounting sysfs requires privileges over its network namespace, which an unprivileged user lacks for the
	// host's: bind the existing one instead
	if (is_restricted() && network_is_hosts(r) && str_equal(m->type, "sysfs")) {
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

static json_t *mount_list(const struct record *r, const char *directory, const char *store_path, struct err *e)
{
	auto_mount_specs own = {0};
	json_t *list = json_array();

	if (mount_specs_of(&own, r, e) == 0 && add_mounts(list, r, directory, store_path, &own, e) == 0)
		return list;
	json_decref(list);
	return NULL;
}

// Propagation of the root: as much as the mounts in it need (mount_namespaces(7)). NULL = none.
static const char *propagation_of(const struct record *r)
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

static json_t *masked_list(const struct record *r, const char *store_path)
{
	json_t *list = TEXTS(masked);

	for (size_t i = 0; image_is_host(&r->image) && i < ARRAY_SIZE(masked_of_host); i++)
		json_array_append_new(list, json_string(masked_of_host[i]));
	if (image_is_host(&r->image))
		json_array_append_new(list, json_string(store_path));
	return list;
}

// --- privileges and limits ---

static const char *const capabilities[] = {
	"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",       "CAP_NET_BIND_SERVICE",
	"CAP_SETFCAP", "CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
};

// "chown", "cap_chown" → "CAP_CHOWN"
static char *capability_name(const char *text)
{
	char *name = mem_printf("%s%s", strncasecmp(text, "cap_", 4) == 0 ? "" : "CAP_", text);

	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return name;
}

static bool lists_capability(const struct record *r, const char *parameter, const char *capability)
{
	const char *value;

	for (size_t i = 0; (value = params_get_nth(&r->params, parameter, i)); i++) {
		auto_free char *name = capability_name(value);
		if (strcmp(name, capability) == 0 || strcmp(name, "CAP_ALL") == 0)
			return true;
	}
	return false;
}

static json_t *capability_list(const struct record *r)
{
	json_t *list = json_array();
	const char *value;

	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (!lists_capability(r, PARAM_CAP_DROP, capabilities[i]))
			json_array_append_new(list, json_string(capabilities[i]));
	for (size_t i = 0; (value = params_get_nth(&r->params, PARAM_CAP_ADD, i)); i++) {
		auto_free char *name = capability_name(value);
		json_array_append_new(list, json_string(name));
	}
	return list;
}

static json_t *namespace_list(const struct record *r)
{
	static const char *const types[] = {"pid", "mount", "ipc", "uts", "cgroup"};
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		json_array_append_new(list, json_pack("{s:s}", "type", types[i]));
	if (!network_is_hosts(r))
		json_array_append_new(list, json_pack("{s:s, s:s*}", "type", "network", "path", r->join.path));
	if (is_unprivileged())
		json_array_append_new(list, json_pack("{s:s}", "type", "user"));
	return list;
}

uint64_t bundle_memory(const struct record *r)
{
	const char *text = params_get(&r->params, PARAM_MEMORY);
	uint64_t bytes = 0;

	return text && units_parse_bytes(text, &bytes) == 0 ? bytes : 0;
}

int bundle_check_memory(const struct record *r, struct err *e)
{
	uint64_t memory = bundle_memory(r);

	if (!memory || memory >= MEMORY_LEAST)
		return 0;
	return err_msg(e, EINVAL, "memory limit '%s' is too low (a container needs at least 1M)",
	               params_get(&r->params, PARAM_MEMORY));
}

double bundle_cpus(const struct record *r)
{
	const char *text = params_get(&r->params, PARAM_CPUS);
	double cpus = 0;

	return text && units_parse_cpus(text, &cpus) == 0 ? cpus : 0;
}

// The number of tasks is always limited where possible: a fork bomb is the easiest way to take down a host.
static json_t *resources_of(const struct record *r)
{
	json_t *object = json_object();
	uint64_t memory = bundle_memory(r), pids = is_restricted() ? 0 : PIDS_DEFAULT;
	double cpus = bundle_cpus(r);

	if (params_get(&r->params, PARAM_PIDS))
		str_to_u64(params_get(&r->params, PARAM_PIDS), &pids);
	if (memory)
		json_object_set_new(object, "memory", json_pack("{s:I}", "limit", (json_int_t)memory));
	if (cpus > 0)
		json_object_set_new(object, "cpu",
		                    json_pack("{s:I, s:i}", "quota", (json_int_t)fmax(cpus * CPU_PERIOD, CPU_QUOTA_LEAST),
		                              "period", CPU_PERIOD));
	settings_limit(r, object);
	if (pids)
		json_object_set_new(object, "pids", json_pack("{s:I}", "limit", (json_int_t)pids));
	return object;
}

// An update keeps limits that it does not mention, so a removed limit (0) becomes -1.
static void add_removed_limits(const struct record *r, json_t *object)
{
	static const struct {
		const char *parameter, *controller, *key;
	} limits[] = {
		{"memory", "memory", "limit"},
		{"cpus", "cpu", "quota"},
		{"pids", "pids", "limit"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (str_equal(params_get(&r->params, limits[i].parameter), "0"))
			json_object_set_new(object, limits[i].controller, json_pack("{s:i}", limits[i].key, -1));
}

char *bundle_resources(const struct record *r)
{
	json_t *object = resources_of(r);
	add_removed_limits(r, object);
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	return text;
}

static json_t *id_mapping(uint32_t inside, uint32_t outside, uint32_t size)
{
	return json_pack("{s:I, s:I, s:I}", "containerID", (json_int_t)inside, "hostID", (json_int_t)outside, "size",
	                 (json_int_t)size);
}

// Root inside is the user; higher ids are the user's subordinate ids, if any.
static json_t *id_mappings(uint32_t own, uint32_t first, uint32_t count)
{
	json_t *list = json_array();

	json_array_append_new(list, id_mapping(0, own, 1));
	if (count)
		json_array_append_new(list, id_mapping(1, first, count));
	return list;
}

// Whether the sysctls of sysctls_of() exist and are writable: in another engine's container /proc/sys is read-only.
static bool has_sysctls(void)
{
	struct statvfs fs;

	return statvfs("/proc/sys/net/ipv4/ip_unprivileged_port_start", &fs) == 0 && !(fs.f_flag & ST_RDONLY) &&
	       access("/proc/sys/net/ipv4/ping_group_range", F_OK) == 0;
}

// In a private network every user may bind low ports and ping, as with other engines. LAST_GID is the highest group id
// that exists inside.
static json_t *sysctls_of(const struct record *r, uint32_t last_gid)
{
	auto_free char *groups = mem_printf("0 %" PRIu32, last_gid);

	bool own = r->join.own || !(network_is_hosts(r) || r->join.path);

	if (!own || !has_sysctls())
		return json_object();
	return json_pack("{s:s, s:s}", "net.ipv4.ip_unprivileged_port_start", "0", "net.ipv4.ping_group_range", groups);
}

static json_t *linux_section(const struct record *r, const char *store_path)
{
	auto_free char *group = bundle_cgroup(record_id(r), store_path);
	json_t *resources = resources_of(r);
	uint32_t last_gid = userns_last_gid();
	json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:s}", "namespaces", namespace_list(r), "maskedPaths",
	                           masked_list(r, store_path), "readonlyPaths", TEXTS(read_only), "seccomp",
	                           bundle_seccomp(), "cgroupsPath", group);

	if (!is_restricted())
		json_object_set_new(resources, "devices", json_pack("[{s:b, s:s}]", "allow", 0, "access", "rwm"));
	json_object_set_new(object, "resources", resources);
	if (is_unprivileged()) {
		struct subids s = {0};
		subids_find(&s);
		json_object_set_new(object, "uidMappings", id_mappings(geteuid(), s.uid_first, s.uid_count));
		json_object_set_new(object, "gidMappings", id_mappings(getegid(), s.gid_first, s.gid_count));
		last_gid = s.gid_count;
	}
	json_object_set_new(object, "sysctl", sysctls_of(r, last_gid));
	if (propagation_of(r))
		json_object_set_new(object, "rootfsPropagation", json_string(propagation_of(r)));
	return object;
}

// --- the process ---

// The requested command, else the image's (image-spec config.md: Entrypoint and Cmd).
static void arguments_of(const struct record *r, struct strv *args)
{
	const char *word;

	const char *entrypoint = params_get(&r->params, PARAM_ENTRYPOINT);

	if (entrypoint && *entrypoint)
		strv_add(args, entrypoint);
	for (size_t i = 0; !entrypoint && i < r->image.entrypoint.count; i++)
		strv_add(args, r->image.entrypoint.items[i]);
	if (params_get(&r->params, PARAM_COMMAND))
		for (size_t i = 0; (word = params_get_nth(&r->params, PARAM_COMMAND, i)); i++)
			strv_add(args, word);
	else if (!entrypoint)
		for (size_t i = 0; i < r->image.cmd.count; i++)
			strv_add(args, r->image.cmd.items[i]);
	if (args->count == 0 && record_has(r, PARAM_TTY))
		strv_add(args, "/bin/sh");
}

char *bundle_command(const struct record *r)
{
	auto_strv args = {0};
	auto_str text = {0};

	arguments_of(r, &args);
	for (size_t i = 0; i < args.count; i++)
		str_addf(&text, "%s%s", i ? " " : "", args.items[i]);
	return text.length ? str_steal(&text) : NULL;
}

// Later settings override earlier ones: defaults, the image, the parameters.
static void set_variable(struct strv *env, const char *variable)
{
	size_t n = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < env->count; i++)
		if (strncmp(env->items[i], variable, n) == 0) {
			free(env->items[i]);
			env->items[i] = mem_strdup(variable);
			return;
		}
	strv_add(env, variable);
}

static bool is_variable(const char *text, const char *name)
{
	size_t n = strlen(name);

	return strncmp(text, name, n) == 0 && text[n] == '=';
}

bool bundle_sets(const struct record *r, const char *name)
{
	const char *variable;

	for (size_t i = 0; i < r->image.env.count; i++)
		if (is_variable(r->image.env.items[i], name))
			return true;
	for (size_t i = 0; (variable = params_get_nth(&r->params, PARAM_ENV, i)); i++)
		if (is_variable(variable, name))
			return true;
	return false;
}

static json_t *environment_of(const struct record *r, const char *home)
{
	auto_strv env = {0};
	auto_free char *home_variable = mem_printf("HOME=%s", home && *home ? home : "/");
	auto_free char *host_variable = mem_printf("HOSTNAME=%s", network_host_name(r));
	const char *variable;

	set_variable(&env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	set_variable(&env, home_variable);
	set_variable(&env, host_variable);
	set_variable(&env, "container=hostel");
	if (record_has(r, PARAM_TTY))
		set_variable(&env, "TERM=xterm-256color");
	if (image_is_host(&r->image))
		set_variable(&env, "LANG=C.UTF-8");
	for (size_t i = 0; i < r->image.env.count; i++)
		set_variable(&env, r->image.env.items[i]);
	for (size_t i = 0; (variable = params_get_nth(&r->params, PARAM_ENV, i)); i++)
		set_variable(&env, variable);
	return list_of(&env);
}

static json_t *user_section(const struct account *a)
{
	json_t *groups = json_array();

	for (size_t i = 0; i < a->group_count; i++)
		json_array_append_new(groups, json_integer((json_int_t)a->groups[i]));
	return json_pack("{s:I, s:I, s:o}", "uid", (json_int_t)a->uid, "gid", (json_int_t)a->gid, "additionalGids",
	                 groups);
}

static int find_account(struct account *a, const struct record *r, const char *directory, struct err *e)
{
	auto_strv roots = {0};
	const char *who = params_or(&r->params, PARAM_USER, r->image.user && *r->image.user ? r->image.user : "0:0");

	strv_addf(&roots, "%s/upper", directory);
	for (size_t i = 0; i < r->image.lowers.count; i++)
		strv_add(&roots, r->image.lowers.items[i]);
	int result = account_find(a, &roots, who, e);
	const char *group;
	for (size_t i = 0; result == 0 && (group = params_get_nth(&r->params, PARAM_GROUP_ADD, i)); i++)
		result = account_add_group(a, &roots, group, e);
	if (result == 0 && (result = account_keep_mapped(a, who, e)) < 0)
		account_done(a);
	return result;
}

int bundle_user(const struct record *r, uid_t *uid, gid_t *gid, struct err *e)
{
	struct account a;
	int result = find_account(&a, r, "/nonexistent", e);

	if (result < 0)
		return result;
	*uid = a.uid;
	*gid = a.gid;
	account_done(&a);
	return 0;
}

// The size of its terminal until a client sends another; NULL without a terminal.
static json_t *console_size(const struct record *r)
{
	return record_has(r, PARAM_TTY) ? json_pack("{s:i, s:i}", "height", 24, "width", 80) : NULL;
}

static json_t *process_section(const struct record *r, const struct account *a, struct err *e)
{
	auto_strv args = {0};
	json_t *caps = capability_list(r);
	const char *directory =
	    params_or(&r->params, PARAM_WORKDIR, r->image.workdir && *r->image.workdir ? r->image.workdir : "/");

	arguments_of(r, &args);
	if (args.count == 0) {
		json_decref(caps);
		err_msg(e, EINVAL, "image '%s' has no default command (specify a command)", r->image.reference);
		return NULL;
	}
	return json_pack("{s:b, s:o*, s:o, s:o, s:o, s:s, s:{s:O, s:O, s:o}, s:b}", "terminal", record_has(r, PARAM_TTY),
	                 "consoleSize", console_size(r), "user", user_section(a), "args", list_of(&args), "env",
	                 environment_of(r, a->home), "cwd", directory, "capabilities", "bounding", caps, "effective", caps,
	                 "permitted", caps, "noNewPrivileges", 1);
}

char *bundle_make(const struct record *r, const char *directory, const char *store_path, struct err *e)
{
	struct account account;

	if (bundle_check_memory(r, e) < 0 || settings_check_limits(r, e) < 0 ||
	    find_account(&account, r, directory, e) < 0)
		return NULL;
	json_t *run = process_section(r, &account, e);
	json_t *list = run ? mount_list(r, directory, store_path, e) : NULL;
	json_t *limits = list ? linux_section(r, store_path) : NULL;
	account_done(&account);
	if (!list || device_specs_add(r, is_restricted(), list, limits, e) < 0) {
		json_decref(run);
		json_decref(list);
		json_decref(limits);
		return NULL;
	}
	json_t *document = json_pack("{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion", "1.2.0", "process", run,
	                             "root", "path", "root", "readonly", record_has(r, PARAM_READ_ONLY_ROOT), "hostname",
	                             network_host_name(r), "mounts", list, "linux", limits);
	int applied = document ? settings_apply(r, store_path, document, e) : 0;
	char *text = document && applied == 0 ? json_dumps(document, JSON_INDENT(1)) : NULL;
	json_decref(document);
	if (!text && applied == 0)
		err_msg(e, EINVAL, "container '%s': invalid UTF-8 in a parameter", r->name);
	return text;
}
