// --security-opt in the OCI configuration: see settings.h.
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "settings.h"

static int set_privileges(json_t *document, const char *value, struct err *e)
{
	bool yes = !*value || str_equal(value, "true"), no = str_equal(value, "false");

	if (!yes && !no)
		return err_msg(e, EINVAL, "'" PARAM_SECURITY_OPT "': no-new-privileges is true or false, not '%s'", value);
	json_object_set_new(json_object_get(document, "process"), "noNewPrivileges", json_boolean(yes));
	return 0;
}

static int set_seccomp(json_t *document, const char *value, struct err *e)
{
	const json_t *process = json_object_get(document, "process");
	json_t *part = json_object_get(document, "linux");

	if (str_equal(value, "unconfined"))
		return json_object_del(part, "seccomp"), 0;
	const json_t *held = json_object_get(json_object_get(process, "capabilities"), "bounding");
	json_t *filter = seccomp_file_read(value, held, e);
	if (filter)
		json_object_set_new(part, "seccomp", filter);
	return filter ? 0 : -e->code;
}

static int set_apparmor(json_t *document, const char *value, struct err *e)
{
	if (!*value)
		return err_msg(e, EINVAL, "'" PARAM_SECURITY_OPT "': apparmor needs the name of a profile, or unconfined");
	if (!str_equal(value, "unconfined"))
		json_object_set_new(json_object_get(document, "process"), "apparmorProfile", json_string(value));
	return 0;
}

static int set_label(json_t *document, const char *value, struct err *e)
{
	(void)document;
	if (str_equal(value, "disable"))
		return 0;
	return err_msg(e, EINVAL,
	               "'" PARAM_SECURITY_OPT
	               "': label=%s is not supported: containers have no SELinux labels (label=disable says so)",
	               value);
}

static int set_paths(json_t *document, const char *value, struct err *e)
{
	json_t *part = json_object_get(document, "linux");

	if (!str_equal(value, "unconfined"))
		return err_msg(e, EINVAL, "'" PARAM_SECURITY_OPT "': systempaths can only be unconfined, not '%s'", value);
	json_object_set_new(part, "maskedPaths", json_array());
	json_object_set_new(part, "readonlyPaths", json_array());
	return 0;
}

static const struct {
	const char *name;
	int (*set)(json_t *document, const char *value, struct err *e);
} options[] = {
	{"no-new-privileges", set_privileges}, {"seccomp", set_seccomp},   {"apparmor", set_apparmor},
	{"label", set_label},                  {"systempaths", set_paths},
};

// NAME=VALUE; docker also knows the older NAME:VALUE.
int security_apply(json_t *document, const char *value, struct err *e)
{
	size_t n = strcspn(value, "=:");

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strlen(options[i].name) == n && strncmp(options[i].name, value, n) == 0)
			return options[i].set(document, value + n + (value[n] != '\0'), e);
	return err_msg(e, EINVAL, "'" PARAM_SECURITY_OPT "': unknown option '%s' (no-new-privileges, seccomp=, apparmor=, "
	               "label=disable, systempaths=unconfined)", value);
}
