// Reads a seccomp profile: the OCI's linux.seccomp, or docker's format, which adds architectures as a map and
// conditions of rules on the architecture, the capabilities and the kernel.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "settings.h"
#include "sys/fs.h"

enum { BYTES_MAX = 1 << 20 };

#if defined(__x86_64__)
static const char architecture[] = "amd64", native[] = "SCMP_ARCH_X86_64";
#elif defined(__aarch64__)
static const char architecture[] = "arm64", native[] = "SCMP_ARCH_AARCH64";
#elif defined(__i386__)
static const char architecture[] = "386", native[] = "SCMP_ARCH_X86";
#elif defined(__arm__)
static const char architecture[] = "arm", native[] = "SCMP_ARCH_ARM";
#elif defined(__riscv)
static const char architecture[] = "riscv64", native[] = "SCMP_ARCH_RISCV64";
#elif defined(__powerpc64__)
static const char architecture[] = "ppc64le", native[] = "SCMP_ARCH_PPC64LE";
#elif defined(__s390x__)
static const char architecture[] = "s390x", native[] = "SCMP_ARCH_S390X";
#else
static const char architecture[] = "", native[] = "";
#endif

static bool lists(const json_t *list, const char *text)
{
	size_t i;
	json_t *item;

	json_array_foreach (list, i, item)
		if (str_equal(json_string_value(item), text))
			return true;
	return false;
}

static bool has_capability(const json_t *capabilities, const char *name)
{
	return lists(capabilities, name) || lists(capabilities, "CAP_ALL");
}

// Whether this kernel is at least VERSION, "4.8".
static bool is_kernel(const char *version)
{
	struct utsname host = {0};
	int wanted[2] = {0}, here[2] = {0};

	uname(&host);
	sscanf(version, "%d.%d", &wanted[0], &wanted[1]);
	sscanf(host.release, "%d.%d", &here[0], &here[1]);
	return here[0] > wanted[0] || (here[0] == wanted[0] && here[1] >= wanted[1]);
}

static size_t count_held(const json_t *wanted, const json_t *capabilities)
{
	size_t i, held = 0;
	json_t *item;

	json_array_foreach (wanted, i, item)
		held += has_capability(capabilities, json_string_value(item) ? json_string_value(item) : "");
	return held;
}

// A rule applies if all of its "includes" are true and none of its "excludes".
static bool applies(const json_t *rule, const json_t *capabilities)
{
	const json_t *in = json_object_get(rule, "includes"), *out = json_object_get(rule, "excludes");
	const json_t *arches = json_object_get(in, "arches"), *wanted = json_object_get(in, "caps");
	const char *from = json_string_value(json_object_get(in, "minKernel"));
	const char *until = json_string_value(json_object_get(out, "minKernel"));

	if (lists(json_object_get(out, "arches"), architecture) ||
	    count_held(json_object_get(out, "caps"), capabilities) || (until && is_kernel(until)))
		return false;
	return (!json_array_size(arches) || lists(arches, architecture)) &&
	       count_held(wanted, capabilities) == json_array_size(wanted) && (!from || is_kernel(from));
}

static json_t *rule_of(const json_t *rule)
{
	static const char *const kept[] = {"names", "action", "errnoRet", "args"};
	const json_t *name = json_object_get(rule, "name");
	json_t *own = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		json_t *value = json_object_get(rule, kept[i]);
		if (value && !json_is_null(value))
			json_object_set(own, kept[i], value);
	}
	if (json_is_string(name) && !json_object_get(own, "names"))
		json_object_set_new(own, "names", json_pack("[O]", name));
	return own;
}

static json_t *rules_of(const json_t *filter, const json_t *capabilities)
{
	json_t *list = json_array(), *rule;
	size_t i;

	json_array_foreach (json_object_get(filter, "syscalls"), i, rule)
		if (applies(rule, capabilities))
			json_array_append_new(list, rule_of(rule));
	return list;
}

// The host's architecture and those that it also runs.
static void choose_architectures(json_t *filter)
{
	json_t *list = json_array(), *row;
	size_t i;

	json_array_foreach (json_object_get(filter, "archMap"), i, row)
		if (str_equal(json_string_value(json_object_get(row, "architecture")), native)) {
			json_array_append(list, json_object_get(row, "architecture"));
			json_array_extend(list, json_object_get(row, "subArchitectures"));
		}
	json_object_set_new(filter, "architectures", list);
	json_object_del(filter, "archMap");
}

json_t *seccomp_file_read(const char *file, const json_t *capabilities, struct err *e)
{
	auto_free char *text = NULL;
	json_error_t error;
	ssize_t n = fs_read_file(AT_FDCWD, file, BYTES_MAX, &text, e);
	json_t *filter = n < 0 ? NULL : json_loadb(text, (size_t)n, 0, &error);

	if (n < 0)
		return err_wrap(e, "'" PARAM_SECURITY_OPT "': cannot read the seccomp profile"), NULL;
	if (!json_is_object(filter) || !json_is_string(json_object_get(filter, "defaultAction"))) {
		err_msg(e, EINVAL, "'" PARAM_SECURITY_OPT "': '%s' is not a seccomp profile: %s", file,
		        filter ? "it has no defaultAction" : error.text);
		json_decref(filter);
		return NULL;
	}
	json_object_set_new(filter, "syscalls", rules_of(filter, capabilities));
	if (json_array_size(json_object_get(filter, "archMap")))
		choose_architectures(filter);
	return filter;
}
