// The Linux part of the configuration: namespaces, ids, sysctls: see sections.h.
#include "sections.h"

#include <inttypes.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "bundle.h"
#include "container/store/record.h"
#include "container/store/subids.h"
#include "network_files.h"
#include "sys/userns.h"

// An unprivileged user's container needs a user namespace of its own.
static bool is_unprivileged(void)
{
	return geteuid() != 0;
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

json_t *linux_section(const struct record *r, const char *store_path)
{
	auto_free char *group = bundle_cgroup(record_id(r), store_path);
	json_t *resources = limits_section(r);
	uint32_t last_gid = userns_last_gid();
	json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:s}", "namespaces", namespace_list(r), "maskedPaths",
	                           mounts_masked(r, store_path), "readonlyPaths", mounts_read_only(), "seccomp",
	                           bundle_seccomp(), "cgroupsPath", group);

	if (userns_is_host_root())
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
	if (mounts_propagation(r))
		json_object_set_new(object, "rootfsPropagation", json_string(mounts_propagation(r)));
	return object;
}
