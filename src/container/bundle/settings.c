// Options of `create` in the OCI configuration: see settings.h.
#include "settings.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "container/store/health.h"
#include "container/store/log_options.h"
#include "model/param.h"
#include "sys/signal_name.h"

// --- limits ---

static json_t *part_of(json_t *object, const char *name)
{
	if (!json_object_get(object, name))
		json_object_set_new(object, name, json_object());
	return json_object_get(object, name);
}

static json_t *number_of(const char *text)
{
	uint64_t value = 0;

	str_to_u64(text, &value);
	return json_integer((json_int_t)value);
}

static json_t *bytes_of(const char *text)
{
	uint64_t bytes = 0;

	units_parse_bytes(text, &bytes);
	return json_integer(bytes ? (json_int_t)bytes : -1);
}

// -1 and sizes.
static json_t *swap_of(const char *text)
{
	return str_equal(text, "-1") ? json_integer(-1) : bytes_of(text);
}

static const struct {
	const char *parameter, *controller, *key;
	json_t *(*value)(const char *text);
} limits[] = {
	{PARAM_CPU_SHARES, "cpu", "shares", number_of},
	{PARAM_CPUSET_CPUS, "cpu", "cpus", json_string},
	{PARAM_CPUSET_MEMS, "cpu", "mems", json_string},
	{PARAM_MEMORY_RESERVATION, "memory", "reservation", bytes_of},
	{PARAM_MEMORY_SWAP, "memory", "swap", swap_of},
};

void settings_limit(const struct record *r, json_t *resources)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const char *text = params_get(&r->params, limits[i].parameter);

		if (text && *text)
			json_object_set_new(part_of(resources, limits[i].controller), limits[i].key, limits[i].value(text));
	}
}

int settings_check_limits(const struct record *r, struct err *e)
{
	const char *swap = params_or(&r->params, PARAM_MEMORY_SWAP, "");
	uint64_t both = 0, memory = 0;

	if (!*swap || str_equal(swap, "-1"))
		return 0;
	if (units_parse_bytes(swap, &both) < 0 || !both)
		return err_msg(e, EINVAL, "invalid value '%s' for '" PARAM_MEMORY_SWAP "' (a size, for example 1G, or -1)",
		               swap);
	if (units_parse_bytes(params_or(&r->params, PARAM_MEMORY, ""), &memory) < 0 || !memory)
		return err_msg(e, EINVAL,
		               "--" PARAM_MEMORY_SWAP " needs --" PARAM_MEMORY ": it limits memory and swap together");
	if (both < memory)
		return err_msg(e, EINVAL, "--" PARAM_MEMORY_SWAP " %s is less than --" PARAM_MEMORY
		               ": it limits memory and swap together", swap);
	return 0;
}

// --- the rest ---

struct target {
	const struct record *r;
	const char *store;
	json_t *document, *process, *kernel;
	struct err *e;
};

// NAME=VALUE into the object at PLACE.
static void put_pair(json_t *place, const char *pair)
{
	auto_free char *name = mem_strndup(pair, strcspn(pair, "="));
	const char *value = strchr(pair, '=');

	json_object_set_new(place, name, json_string(value ? value + 1 : ""));
}

static int put_annotation(const struct target *t, const char *value)
{
	put_pair(part_of(t->document, "annotations"), value);
	return 0;
}

static int put_sysctl(const struct target *t, const char *value)
{
	put_pair(part_of(t->kernel, "sysctl"), value);
	return 0;
}

static int put_domain(const struct target *t, const char *value)
{
	json_object_set_new(t->document, "domainname", json_string(value));
	return 0;
}

static int put_umask(const struct target *t, const char *value)
{
	char *end;
	unsigned long mask = strtoul(value, &end, 8);

	if (*end || !*value || mask > 0777 || *value < '0' || *value > '7')
		return err_msg(t->e, EINVAL, "invalid value '%s' for '" PARAM_UMASK "' (octal, for example 0027)", value);
	json_object_set_new(json_object_get(t->process, "user"), "umask", json_integer((json_int_t)mask));
	return 0;
}

static int put_oom_score(const struct target *t, const char *value)
{
	int64_t score;

	if (str_to_i64(value, &score) < 0 || score < -1000 || score > 1000)
		return err_msg(t->e, EINVAL, "invalid value '%s' for '" PARAM_OOM_SCORE_ADJ "' (-1000 to 1000)", value);
	json_object_set_new(t->process, "oomScoreAdj", json_integer(score));
	return 0;
}

static const char *const rlimits[] = {"core", "cpu",    "data",  "fsize", "locks",  "memlock",    "msgqueue", "nice",
                                      "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"};

// "RLIMIT_NOFILE" of the first N bytes of NAME; NULL if there is no such limit. Owned.
static char *rlimit_type(const char *name, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(rlimits); i++)
		if (strlen(rlimits[i]) == n && strncmp(rlimits[i], name, n) == 0) {
			char *type = mem_printf("RLIMIT_%s", rlimits[i]);
			for (char *c = type; *c; c++)
				*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
			return type;
		}
	return NULL;
}

// A number, or -1 for no limit: the kernel's RLIM_INFINITY, which the configuration has as 2^64-1.
static json_t *rlimit_value(const char *text, uint64_t *number)
{
	*number = UINT64_MAX;
	if (str_equal(text, "-1"))
		return json_real(18446744073709551615.0);
	return str_to_u64(text, number) < 0 || *number > INT64_MAX ? NULL : json_integer((json_int_t)*number);
}

static void remove_rlimit(json_t *list, const char *type)
{
	size_t i;
	json_t *row;

	json_array_foreach (list, i, row)
		if (str_equal(json_string_value(json_object_get(row, "type")), type)) {
			json_array_remove(list, i);
			return;
		}
}

// NAME=SOFT[:HARD]; a later one replaces an earlier one.
static int put_rlimit(const struct target *t, const char *value)
{
	size_t n = strcspn(value, "=");
	auto_free char *type = rlimit_type(value, n);
	auto_strv parts = {0};
	uint64_t soft, hard;

	strv_split(&parts, value[n] ? value + n + 1 : "", ":");
	const char *first = parts.count ? parts.items[0] : "", *last = parts.count == 2 ? parts.items[1] : first;
	json_t *low = type && parts.count < 3 ? rlimit_value(first, &soft) : NULL;
	json_t *high = low ? rlimit_value(last, &hard) : NULL;
	if (!high || soft > hard) {
		json_decref(low);
		json_decref(high);
		return err_msg(t->e, EINVAL, "invalid value '%s' for '" PARAM_ULIMIT
		               "' (NAME=SOFT[:HARD], for example nofile=1024:4096; %s)", value,
		               type ? "the soft limit must not exceed the hard limit" : "NAME as in prlimit(1)");
	}
	if (!json_object_get(t->process, "rlimits"))
		json_object_set_new(t->process, "rlimits", json_array());
	remove_rlimit(json_object_get(t->process, "rlimits"), type);
	json_array_append_new(json_object_get(t->process, "rlimits"),
	                      json_pack("{s:s, s:o, s:o}", "type", type, "soft", low, "hard", high));
	return 0;
}

// The container's own group keeps its name below the parent, where it is looked for.
static int put_parent(const struct target *t, const char *value)
{
	const char *own = json_string_value(json_object_get(t->kernel, "cgroupsPath"));
	bool ends = str_ends(value, "/");

	if (strstr(value, "..") || !*value)
		return err_msg(t->e, EINVAL, "invalid value '%s' for '" PARAM_CGROUP_PARENT "' (a path, for example /batch)",
		               value);
	json_object_set_new(t->kernel, "cgroupsPath", json_sprintf("%s%.*s%s", *value == '/' ? "" : "/",
	                                                          (int)strlen(value) - ends, value, own));
	return 0;
}

static int put_security(const struct target *t, const char *value)
{
	return security_apply(t->document, value, t->e);
}

static int put_pid(const struct target *t, const char *value)
{
	const struct sharing_target s = {t->document, t->r, t->store, t->e};

	return sharing_pid(&s, value);
}

static int put_ipc(const struct target *t, const char *value)
{
	const struct sharing_target s = {t->document, t->r, t->store, t->e};

	return sharing_ipc(&s, value);
}

// Other modes need image files with different owners, but all containers of a user share these files.
static int check_userns(const struct target *t, const char *value)
{
	static const char *const known[] = {"auto", "keep-id", "nomap", "private", "container:", "ns:"};

	if (str_equal(value, "host") || !*value)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_starts(value, known[i]))
			return err_msg(t->e, EINVAL,
			               "--" PARAM_USERNS " %s is not supported: all containers of a user share the files of their "
			               "images, with the same owners (choose the user inside with --" PARAM_USER
			               "; for ids without rights on the host run it as an ordinary user)",
			               value);
	return err_msg(t->e, EINVAL, "invalid value '%s' for '" PARAM_USERNS "' (host)", value);
}

static int put_cgroupns(const struct target *t, const char *value)
{
	if (str_equal(value, "host"))
		sharing_with_host(t->document, "cgroup");
	return 0;
}

// The hostname is then the host's.
static int put_uts(const struct target *t, const char *value)
{
	if (!str_equal(value, "host"))
		return 0;
	if (params_get(&t->r->params, PARAM_HOSTNAME) || params_get(&t->r->params, PARAM_DOMAINNAME))
		return err_msg(t->e, EINVAL,
		               "--" PARAM_UTS " host shares the host's name: leave out --" PARAM_HOSTNAME " and --"
		               PARAM_DOMAINNAME);
	sharing_with_host(t->document, "uts");
	json_object_del(t->document, "hostname");
	return 0;
}

static int put_privileged(const struct target *t, const char *value)
{
	if (str_equal(value, "yes"))
		privileged_apply(t->document);
	return 0;
}

static int put_init(const struct target *t, const char *value)
{
	if (str_equal(value, "yes"))
		json_object_set_new(part_of(t->document, "annotations"), "bunk.init", json_string("1"));
	return 0;
}

static int check_signal(const struct target *t, const char *value)
{
	return *value && signal_number(value, t->e) < 0 ? -t->e->code : 0;
}

static int check_log(const struct target *t, const char *value)
{
	struct log_options options;

	(void)value;
	return log_options_read(&options, &t->r->params, t->e);
}

static int check_health(const struct target *t, const char *value)
{
	struct health_plan plan;
	int r = health_plan_read(&plan, t->r, t->e);

	(void)value;
	if (r == 0 && record_has(t->r, PARAM_NO_HEALTHCHECK) && params_get(&t->r->params, PARAM_HEALTH_CMD))
		r = err_msg(t->e, EINVAL, "--" PARAM_NO_HEALTHCHECK " and --" PARAM_HEALTH_CMD " cannot be combined");
	health_plan_done(&plan);
	return r;
}

static int check_removal(const struct target *t, const char *value)
{
	if (str_equal(value, "yes") && !str_equal(params_or(&t->r->params, PARAM_RESTART, "no"), "no"))
		return err_msg(t->e, EINVAL, "--" PARAM_RM " and --" PARAM_RESTART " cannot be combined");
	return 0;
}

// In this order: --security-opt takes precedence over --privileged.
static const struct {
	const char *parameter;
	int (*apply)(const struct target *t, const char *value);
} settings[] = {
	{PARAM_PRIVILEGED, put_privileged}, {PARAM_SECURITY_OPT, put_security},
	{PARAM_ANNOTATION, put_annotation}, {PARAM_SYSCTL, put_sysctl},
	{PARAM_DOMAINNAME, put_domain}, {PARAM_UMASK, put_umask},
	{PARAM_OOM_SCORE_ADJ, put_oom_score}, {PARAM_ULIMIT, put_rlimit},
	{PARAM_CGROUP_PARENT, put_parent}, {PARAM_PID, put_pid},
	{PARAM_IPC, put_ipc}, {PARAM_UTS, put_uts},
	{PARAM_CGROUPNS, put_cgroupns}, {PARAM_USERNS, check_userns}, {PARAM_INIT, put_init},
	{PARAM_STOP_SIGNAL, check_signal}, {PARAM_LOG_DRIVER, check_log},
	{PARAM_HEALTH_CMD, check_health}, {PARAM_HEALTH_RETRIES, check_health},
	{PARAM_LOG_OPT, check_log}, {PARAM_RM, check_removal},
};

int settings_apply(const struct record *r, const char *store_path, json_t *document, struct err *e)
{
	const struct target t = {r, store_path, document, json_object_get(document, "process"),
	                         json_object_get(document, "linux"), e};
	const char *value;
	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		for (size_t n = 0; result == 0 && (value = params_get_nth(&r->params, settings[i].parameter, n)); n++)
			result = settings[i].apply(&t, value);
	return result;
}
