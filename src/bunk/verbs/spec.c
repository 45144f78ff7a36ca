// SPDX-License-Identifier: LGPL-2.1-or-later
// A template of config.json with the usual defaults of engines: namespaces, mounts, masks and capabilities.
#include <jansson.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"

static json_t *texts_json(const char *const *items, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(items[i]));
	return list;
}
#define TEXTS(A) texts_json(A, ARRAY_SIZE(A))

static const struct mount_row {
	const char *destination, *type, *source, *options; // options: separated by commas
	const char *rootless;                              // options if rootless, NULL = the same
} mounts[] = {
	{"/proc", "proc", "proc", "", NULL},
	{"/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k", NULL},
	{"/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5",
	 "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"},
	{"/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k", NULL},
	{"/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev", NULL},
	{"/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro", NULL},
	{"/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro", NULL},
};

static json_t *mount_list(bool rootless)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		const struct mount_row *m = &mounts[i];
		auto_strv options = {0};

		strv_split(&options, rootless && m->rootless ? m->rootless : m->options, ",");
		json_t *entry =
		    json_pack("{s:s, s:s, s:s}", "destination", m->destination, "type", m->type, "source", m->source);
		if (options.count)
			json_object_set_new(entry, "options", texts_json((const char *const *)options.items, options.count));
		json_array_append_new(list, entry);
	}
	return list;
}

static json_t *process_json(void)
{
	static const char *const caps[] = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
	static const char *const env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	                                  "TERM=xterm"};

	return json_pack("{s:b, s:{s:i, s:i}, s:[s], s:o, s:s, s:{s:o, s:o, s:o}, s:[{s:s, s:i, s:i}], s:b}", "terminal",
	                 1, "user", "uid", 0, "gid", 0, "args", "sh", "env", TEXTS(env), "cwd", "/", "capabilities",
	                 "bounding", TEXTS(caps), "effective", TEXTS(caps), "permitted", TEXTS(caps), "rlimits", "type",
	                 "RLIMIT_NOFILE", "hard", 1024, "soft", 1024, "noNewPrivileges", 1);
}

static json_t *namespaces_json(bool rootless)
{
	static const char *const types[] = {"pid", "network", "ipc", "uts", "mount", "cgroup", "user"};
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(types) - !rootless; i++)
		json_array_append_new(list, json_pack("{s:s}", "type", types[i]));
	return list;
}

static json_t *platform_json(bool rootless)
{
	static const char *const masked[] = {"/proc/acpi",
	                                     "/proc/asound",
	                                     "/proc/kcore",
	                                     "/proc/keys",
	                                     "/proc/latency_stats",
	                                     "/proc/timer_list",
	                                     "/proc/timer_stats",
	                                     "/proc/sched_debug",
	                                     "/sys/firmware",
	                                     "/proc/scsi",
	                                     "/sys/devices/virtual/powercap"};
	static const char *const readonly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
	json_t *linux_part = json_pack("{s:o, s:o, s:o}", "namespaces", namespaces_json(rootless), "maskedPaths",
	                               TEXTS(masked), "readonlyPaths", TEXTS(readonly));

	if (rootless) {
		json_object_set_new(
		    linux_part, "uidMappings",
		    json_pack("[{s:i, s:I, s:i}]", "containerID", 0, "hostID", (json_int_t)geteuid(), "size", 1));
		json_object_set_new(
		    linux_part, "gidMappings",
		    json_pack("[{s:i, s:I, s:i}]", "containerID", 0, "hostID", (json_int_t)getegid(), "size", 1));
	} else {
		json_object_set_new(linux_part, "resources",
		                    json_pack("{s:[{s:b, s:s}]}", "devices", "allow", 0, "access", "rwm"));
	}
	return linux_part;
}

char *bunk_spec(bool rootless)
{
	json_t *document = json_pack("{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion", BUNK_OCI_VERSION, "process",
	                             process_json(), "root", "path", "rootfs", "readonly", 1, "hostname", "bunk", "mounts",
	                             mount_list(rootless), "linux", platform_json(rootless));
	char *text = json_dumps(document, JSON_INDENT(4));

	json_decref(document);
	return text;
}
