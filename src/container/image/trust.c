// The host's policy for images: see trust.h.
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/str.h"
#include "layout.h"
#include "sys/fs.h"

enum { POLICY_MAX = 4 << 20 };

// Where skopeo looks for the policy.
static char *policy_text(const char **path, char **own)
{
	const char *home = getenv("HOME");
	const char *paths[] = {NULL, "/etc/containers/policy.json"};
	char *text = NULL;

	*own = home ? mem_printf("%s/.config/containers/policy.json", home) : NULL;
	paths[0] = *own;
	for (size_t i = 0; !text && i < ARRAY_SIZE(paths); i++)
		if (paths[i] && fs_read_file(AT_FDCWD, paths[i], POLICY_MAX, &text, NULL) >= 0)
			*path = paths[i];
	return text;
}

// The requirements for PATH: those of the longest part of it that the policy names.
static const json_t *requirements_of(const json_t *policy, const char *transport, const char *path)
{
	const json_t *scopes = json_object_get(json_object_get(policy, "transports"), transport);
	auto_free char *part = mem_strdup(path);

	for (char *slash; *part; *slash = '\0') {
		if (json_object_get(scopes, part))
			return json_object_get(scopes, part);
		slash = strrchr(part, '/');
		if (!slash)
			break;
	}
	const json_t *rest = json_object_get(scopes, "");
	return rest ? rest : json_object_get(policy, "default");
}

// All of them must be met.
static int check_requirements(const json_t *list, const char *path, const char *policy, struct err *e)
{
	const json_t *one;
	size_t i;

	if (!json_array_size(list))
		return err_msg(e, EINVAL, "'%s' is not a policy: see containers-policy.json(5)", policy);
	json_array_foreach (list, i, one) {
		const char *type = layout_text(one, "type");
		if (str_equal(type, "reject"))
			return err_msg(e, EACCES, "'%s' is rejected by policy (%s)", path, policy);
		if (!str_equal(type, "insecureAcceptAnything"))
			return err_msg(e, EACCES, "'%s' is rejected by policy: a signature is required (%s: %s), and archives and "
			               "layouts have none", path, policy, type ? type : "no type");
	}
	return 0;
}

int trust_check(const char *transport, const char *path, struct err *e)
{
	const char *policy = NULL;
	auto_free char *own = NULL, *text = policy_text(&policy, &own);
	json_t *document = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (!text)
		return 0;
	int r = check_requirements(requirements_of(document, transport, path), path, policy, e);
	json_decref(document);
	return r;
}
