// SPDX-License-Identifier: LGPL-2.1-or-later
// What this build can do, for engines to ask (runtime-spec features.md). The lists come from the tables that do the work.
#include <jansson.h>

#include "base/mem.h"
#include "bunk/bunk.h"
#include "bunk/caps.h"
#include "bunk/filter.h"
#include "bunk/plan.h"

static json_t *names(const char *(*name)(size_t))
{
	json_t *list = json_array();

	for (size_t i = 0; name(i); i++)
		json_array_append_new(list, json_string(name(i)));
	return list;
}

static const char *capability(size_t i)
{
	return caps_name((int)i);
}

static const char *hook(size_t i)
{
	static const char *const kinds[] = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};

	return i < ARRAY_SIZE(kinds) ? kinds[i] : NULL;
}

char *bunk_features(void)
{
	json_t *seccomp = json_pack("{s:b, s:o, s:o, s:o, s:o}", "enabled", 1, "actions", names(filter_action_name), "operators",
				    names(filter_operator_name), "knownFlags", names(filter_flag_name), "supportedFlags", names(filter_flag_name));
	json_t *cgroup = json_pack("{s:b, s:b, s:b, s:b, s:b}", "v1", 1, "v2", 1, "systemd", 0, "systemdUser", 0, "rdma", 0);
	json_t *platform = json_pack("{s:o, s:o, s:o, s:o, s:{s:b}, s:{s:b}, s:{s:b}, s:{s:{s:b}}}", "namespaces", names(plan_namespace_type),
				     "capabilities", names(capability), "cgroup", cgroup, "seccomp", seccomp, "apparmor", "enabled", 0, "selinux",
				     "enabled", 0, "intelRdt", "enabled", 0, "mountExtensions", "idmap", "enabled", 0);
	json_t *document = json_pack("{s:s, s:s, s:o, s:o, s:o}", "ociVersionMin", "1.0.0", "ociVersionMax", BUNK_OCI_VERSION, "hooks", names(hook),
				     "mountOptions", names(plan_mount_option), "linux", platform);
	char *text = document ? json_dumps(document, JSON_INDENT(4)) : mem_strdup("{}");

	json_decref(document);
	return text;
}
