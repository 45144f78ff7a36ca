// SPDX-License-Identifier: LGPL-2.1-or-later
// The features of this build, for engines (runtime-spec features.md). The lists come from the tables that implement
// them.
#include <jansson.h>

#include "base/mem.h"
#include "bunk/bunk.h"
#include "bunk/criu/criu.h"
#include "bunk/filter/filter.h"
#include "bunk/plan/caps.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "config.h"

static json_t *names_json(const char *(*name)(size_t))
{
	json_t *list = json_array();

	for (size_t i = 0; name(i); i++)
		json_array_append_new(list, json_string(name(i)));
	return list;
}

static const char *capability_name(size_t i)
{
	return caps_name((int)i);
}

static const char *hook_name(size_t i)
{
	return i < HOOK_KINDS ? config_hook_name((enum hook_kind)i) : NULL;
}

static json_t *enabled_json(void)
{
	return json_pack("{s:b}", "enabled", 1);
}

// "enabled" means supported by this build, independent of the kernel (features-linux.md).
static json_t *platform_json(void)
{
	json_t *seccomp =
	    json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "enabled", 1, "actions", names_json(filter_action_name),
	              "operators", names_json(filter_operator_name), "archs", names_json(filter_arch_name), "knownFlags",
	              names_json(filter_flag_name), "supportedFlags", names_json(filter_flag_name));
	json_t *cgroup =
	    json_pack("{s:b, s:b, s:b, s:b, s:b}", "v1", 1, "v2", 1, "systemd", 1, "systemdUser", 1, "rdma", 1);
	json_t *rdt = json_pack("{s:b, s:b, s:b}", "enabled", 1, "schemata", 1, "enableMonitoring", 1);
	json_t *policy =
	    json_pack("{s:o, s:o}", "modes", names_json(plan_memory_mode), "flags", names_json(plan_memory_flag));

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o}, s:o}", "namespaces",
	                 names_json(plan_namespace_type), "capabilities", names_json(capability_name), "cgroup", cgroup,
	                 "seccomp", seccomp, "apparmor", enabled_json(), "selinux", enabled_json(), "intelRdt", rdt,
	                 "memoryPolicy", policy, "mountExtensions", "idmap", enabled_json(), "netDevices", enabled_json());
}

// Engines look for runc's annotation.
static json_t *annotations_json(void)
{
	auto_free char *criu = criu_find(NULL);

	return json_pack("{s:s, s:s}", "org.hostel.bunk.version", PACKAGE_VERSION,
	                 "org.opencontainers.runc.checkpoint.enabled", criu ? "true" : "false");
}

char *bunk_features(void)
{
	json_t *document =
	    json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:[]}", "ociVersionMin", "1.0.0", "ociVersionMax", BUNK_OCI_VERSION,
	              "hooks", names_json(hook_name), "mountOptions", names_json(plan_mount_option), "linux",
	              platform_json(), "annotations", annotations_json(), "potentiallyUnsafeConfigAnnotations");
	char *text = document ? json_dumps(document, JSON_INDENT(4)) : mem_strdup("{}");

	json_decref(document);
	return text;
}
