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

// Reads the first that exists of those that skopeo reads. Returns its length, -ENOENT if there is none, or another
// negative errno.
static ssize_t read_policy(char **path, char **text, struct err *e)
{
	const char *home = getenv("HOME");
	const char *const paths[] = {home ? "/.config/containers/policy.json" : NULL, "/etc/containers/policy.json"};
	ssize_t n = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(paths) && n == -ENOENT; i++) {
		free(*path);
		*path = paths[i] ? mem_printf("%s%s", i == 0 ? home : "", paths[i]) : NULL;
		n = *path ? fs_read_file(AT_FDCWD, *path, POLICY_MAX, text, e) : -ENOENT;
	}
	return n;
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

// A policy that cannot be read may be one that refuses.
int trust_check(const char *transport, const char *path, struct err *e)
{
	auto_free char *policy = NULL, *text = NULL, *real = realpath(path, NULL); // places in a policy are real
	ssize_t n = read_policy(&policy, &text, e);

	if (n < 0)
		return n == -ENOENT ? 0 : err_wrap(e, "cannot check the policy for images");
	json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	int r = check_requirements(requirements_of(document, transport, real ? real : path), path, policy, e);
	json_decref(document);
	return r;
}
