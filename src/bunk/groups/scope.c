// SPDX-License-Identifier: LGPL-2.1-or-later
// Control groups made by systemd: a transient scope with delegation for each container, requested over D-Bus from the
// system's manager or the user's (org.freedesktop.systemd1(5); systemd.resource-control(5); CGROUP_DELEGATION of
// systemd).
#include "scope.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "sys/dbus.h"
#include "sys/userns.h"
#include "weights.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER .destination = SYSTEMD, .path = "/org/freedesktop/systemd1", .interface = SYSTEMD ".Manager"

int scope_name(struct groups *g, const char *path, const char *id, struct err *e)
{
	auto_strv parts = {0};

	if (!path || !*path) {
		g->slice = mem_strdup(userns_is_system_root() ? "system.slice" : "user.slice");
		g->scope = mem_printf("bunk-%s.scope", id);
		return 0;
	}
	const char *first = strchr(path, ':'), *second = first ? strchr(first + 1, ':') : NULL;
	if (!second || strchr(path, '/') || !second[1])
		return err_msg(
		    e, EINVAL,
		    "config.json: linux.cgroupsPath: invalid value '%s' (with systemd: SLICE:PREFIX:NAME)",
		    path);
	auto_free char *slice = mem_strndup(path, (size_t)(first - path));
	auto_free char *prefix = mem_strndup(first + 1, (size_t)(second - first - 1));
	if (*slice && !str_ends(slice, ".slice"))
		return err_msg(e, EINVAL, "config.json: linux.cgroupsPath: '%s' is not a slice", slice);
	g->slice = *slice ? steal(slice) : mem_strdup(userns_is_system_root() ? "system.slice" : "user.slice");
	g->scope = mem_printf("%s%s%s.scope", prefix, *prefix ? "-" : "", second + 1);
	return 0;
}

// "a-b.slice" is a child of "a.slice" (systemd.slice(5)); "-.slice" is the root.
char *scope_group(const struct groups *g)
{
	auto_str path = {0};
	size_t n = strlen(g->slice) - strlen(".slice");

	for (size_t i = 1; i <= n && !str_equal(g->slice, "-.slice"); i++)
		if (i == n || g->slice[i] == '-')
			str_addf(&path, "/%.*s.slice", (int)i, g->slice);
	str_addf(&path, "/%s", g->scope);
	return str_steal(&path);
}

static int try_connect(struct dbus **d, const char *path, bool bus, struct err *e)
{
	return access(path, W_OK) < 0 ? -errno : dbus_connect(d, path, bus, e);
}

// The message bus is the stable interface; where there is none (early boot, a container), the manager has a private
// socket.
static int connect_manager(struct dbus **d, bool *bus, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	auto_free char *user_bus = runtime ? mem_printf("%s/bus", runtime) : NULL;
	auto_free char *user_private = runtime ? mem_printf("%s/systemd/private", runtime) : NULL;
	const char *paths[] = {"/run/dbus/system_bus_socket", "/run/systemd/private"};
	struct err ignored;

	if (!userns_is_system_root()) {
		auto_free char *given = address && str_starts(address, "unix:path=")
		                            ? mem_strndup(address + 10, strcspn(address + 10, ",;"))
		                            : NULL;
		if (given && try_connect(d, given, *bus = true, &ignored) == 0)
			return 0;
		if (!runtime)
			return err_msg(e, ENOENT, "cannot find the user's systemd: XDG_RUNTIME_DIR is not set");
		paths[0] = user_bus;
		paths[1] = user_private;
	}
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (try_connect(d, paths[i], *bus = i == 0, &ignored) == 0)
			return 0;
	err_msg(e, ENOENT, "cannot connect to systemd at '%s' or '%s'", paths[0], paths[1]);
	return err_hint(e, "--cgroup-manager cgroupfs does not need it");
}

static int open_manager(struct dbus **d, struct err *e)
{
	static const char match[] =
	    "type='signal',sender='" SYSTEMD "',interface='" SYSTEMD ".Manager',member='JobRemoved'";
	bool bus;
	int r = connect_manager(d, &bus, e);

	if (r < 0 || !bus)
		return r;
	auto_str body = {0};
	dbus_text(&body, match);
	r = dbus_call(*d,
	              &(struct dbus_call){"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
	                                  "AddMatch", "s", &body},
	              NULL, e);
	if (r == 0)
		r = dbus_call(*d, &(struct dbus_call){MANAGER, .member = "Subscribe"}, NULL, e);
	if (r < 0) {
		dbus_free(*d);
		*d = NULL;
	}
	return r;
}

static void add_property(struct str *body, const char *name, const char *type)
{
	dbus_align(body, 8);
	dbus_text(body, name);
	dbus_signature(body, type);
}

static void add_text_property(struct str *body, const char *name, const char *value)
{
	add_property(body, name, "s");
	dbus_text(body, value);
}

static void add_bool_property(struct str *body, const char *name, bool value)
{
	add_property(body, name, "b");
	dbus_bool(body, value);
}

static void add_number_property(struct str *body, const char *name, uint64_t value)
{
	add_property(body, name, "t");
	dbus_u64(body, value);
}

static void add_limit_property(struct str *body, const char *name, const struct number *n)
{
	if (n->given && n->value != 0)
		add_number_property(body, name, n->value < 0 ? UINT64_MAX : (uint64_t)n->value);
}

// CPUs and memory nodes as a byte array of bits, lowest first.
static void add_list_property(struct str *body, const char *name, const char *list)
{
	unsigned long bits[PLAN_NODES / 8 / sizeof(long)] = {0};

	if (!list || !*list || plan_list(list, bits, PLAN_NODES) < 0)
		return;
	add_property(body, name, "ay");
	size_t mark = dbus_array_begin(body, 1);
	for (size_t i = 0; i < PLAN_NODES / 8; i++)
		dbus_byte(body, (uint8_t)(bits[i / sizeof(long)] >> i % sizeof(long) * 8));
	dbus_array_end(body, mark);
}

// Limits that systemd would otherwise reset to its defaults on a reload.
static void add_limits(struct str *body, const struct resources *r)
{
	int64_t period = r->cpu_period.value > 0 ? r->cpu_period.value : 100000;

	add_limit_property(body, "MemoryMax", &r->memory_limit);
	add_limit_property(body, "MemoryLow", &r->memory_reservation);
	if (r->memory_swap.given && r->memory_swap.value < 0)
		add_number_property(body, "MemorySwapMax", UINT64_MAX);
	else if (r->memory_swap.value > 0)
		add_number_property(
		    body, "MemorySwapMax",
		    (uint64_t)(r->memory_swap.value - (r->memory_limit.value > 0 ? r->memory_limit.value : 0)));
	if (r->cpu_shares.value > 0)
		add_number_property(body, "CPUWeight", (uint64_t)weight_of_shares(r->cpu_shares.value));
	if (r->cpu_quota.given || r->cpu_period.given)
		add_number_property(body, "CPUQuotaPerSecUSec",
		                    r->cpu_quota.value > 0
		                        ? (uint64_t)((r->cpu_quota.value * 1000000 / period + 9999) / 10000 * 10000)
		                        : UINT64_MAX);
	if (r->cpu_period.given && r->cpu_period.value > 0)
		add_number_property(body, "CPUQuotaPeriodUSec", (uint64_t)period);
	if (r->io_weight.value > 0)
		add_number_property(body, "IOWeight", (uint64_t)weight_of_blkio(r->io_weight.value));
	add_limit_property(body, "TasksMax", &r->pids_limit);
	add_list_property(body, "AllowedCPUs", r->cpus);
	add_list_property(body, "AllowedMemoryNodes", r->mems);
}

static int unsigned_below(const char *text, uint64_t most, uint64_t *value)
{
	return str_to_u64(text, value) < 0 || *value > most ? -EINVAL : 0;
}

// Parses a value in GVariant text format; engines use these types: 'text', true, 7, uint32 7, int64 -7, uint64 7.
static int add_parsed_property(struct str *body, const char *name, const char *text)
{
	size_t n = strlen(text);
	uint64_t number;
	int64_t with_sign;

	if (n >= 2 && (text[0] == '\'' || text[0] == '"') && text[n - 1] == text[0] && !strchr(text, '\\')) {
		auto_free char *inner = mem_strndup(text + 1, n - 2);
		return add_text_property(body, name, inner), 0;
	}
	if (str_equal(text, "true") || str_equal(text, "false"))
		return add_bool_property(body, name, text[0] == 't'), 0;
	if (str_starts(text, "uint64 ") && unsigned_below(text + 7, UINT64_MAX, &number) == 0)
		return add_number_property(body, name, number), 0;
	if (str_starts(text, "uint32 ") && unsigned_below(text + 7, UINT32_MAX, &number) == 0)
		return add_property(body, name, "u"), dbus_u32(body, (uint32_t)number), 0;
	if (str_starts(text, "int64 ") && str_to_i64(text + 6, &with_sign) == 0)
		return add_property(body, name, "x"), dbus_u64(body, (uint64_t)with_sign), 0;
	if (str_starts(text, "int32 "))
		text += 6;
	if (str_to_i64(text, &with_sign) == 0 && with_sign >= INT32_MIN && with_sign <= INT32_MAX)
		return add_property(body, name, "i"), dbus_u32(body, (uint32_t)(int32_t)with_sign), 0;
	return -EINVAL;
}

// Annotations that engines write for systemd: org.systemd.property.TimeoutStopUSec and the like.
static int add_annotations(struct str *body, const struct container *c, struct err *e)
{
	static const char prefix[] = "org.systemd.property.";

	for (size_t i = 0; i < c->config.annotations.count; i++) {
		const struct name_value *a = &c->config.annotations.items[i];

		if (str_starts(a->name, prefix) && add_parsed_property(body, a->name + strlen(prefix), a->value) < 0)
			return err_msg(e, EINVAL,
			               "config.json: annotations.%s: invalid value '%s' (for example 'text', true, 7 or uint64 7)",
			               a->name, a->value);
	}
	return 0;
}

static void add_scope(struct str *body, const struct container *c, pid_t pid)
{
	static const char *const counted[] = {"MemoryAccounting", "CPUAccounting", "TasksAccounting", "IOAccounting"};
	auto_free char *description = mem_printf("container %s", c->id);

	add_text_property(body, "Description", description);
	add_text_property(body, "Slice", c->groups.slice);
	add_bool_property(body, "Delegate", true);
	add_bool_property(body, "DefaultDependencies", false); // must not be stopped before the caller
	add_text_property(body, "CollectMode", "inactive-or-failed");
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		add_bool_property(body, counted[i], true);
	add_property(body, "PIDs", "au");
	size_t mark = dbus_array_begin(body, 4);
	dbus_u32(body, (uint32_t)pid);
	dbus_array_end(body, mark);
}

// Calls a method that returns a job, and waits until the job is complete.
static int do_job(struct dbus *d, const char *member, const char *signature, const struct str *body, char **error,
                  struct err *e)
{
	auto_free char *job = NULL, *result = NULL;
	int r =
	    dbus_call(d, &(struct dbus_call){MANAGER, .member = member, .signature = signature, .body = body}, &job, e);

	if (r < 0) {
		*error = steal(job);
		return r;
	}
	r = job ? dbus_wait_job(d, "JobRemoved", job, &result, e)
	        : err_msg(e, EPROTO, "%s: the reply contains no job", member);
	return r < 0 || str_equal(result, "done") ? r
	                                          : err_msg(e, EREMOTEIO, "%s: the job ended with '%s'", member, result);
}

int scope_start(const struct container *c, pid_t pid, struct err *e)
{
	struct dbus *d = NULL;
	auto_free char *error = NULL;
	auto_str body = {0};
	int r = open_manager(&d, e);

	if (r == 0) {
		dbus_text(&body, c->groups.scope);
		dbus_text(&body, "fail");
		size_t mark = dbus_array_begin(&body, 8);
		add_scope(&body, c, pid);
		if (c->groups.v2)
			add_limits(&body, &c->config.resources);
		r = add_annotations(&body, c, e);
		dbus_array_end(&body, mark);
		dbus_array_end(&body, dbus_array_begin(&body, 8)); // no further units
		if (r == 0)
			r = do_job(d, "StartTransientUnit", "ssa(sv)a(sa(sv))", &body, &error, e);
	}
	dbus_free(d);
	return r < 0 ? err_wrap(e, "systemd cannot create '%s'", c->groups.scope) : 0;
}

int scope_update(const struct container *c, const struct resources *resources, struct err *e)
{
	struct dbus *d = NULL;
	auto_str body = {0};
	int r = open_manager(&d, e);

	if (r == 0) {
		dbus_text(&body, c->groups.scope);
		dbus_bool(&body, true); // runtime only
		size_t mark = dbus_array_begin(&body, 8);
		add_limits(&body, resources);
		dbus_array_end(&body, mark);
		r = dbus_call(
		    d, &(struct dbus_call){MANAGER, .member = "SetUnitProperties", .signature = "sba(sv)", .body = &body},
		    NULL, e);
	}
	dbus_free(d);
	return r < 0 ? err_wrap(e, "systemd cannot change '%s'", c->groups.scope) : 0;
}

// A scope stops by itself when its last process exits, so it may be missing.
int scope_stop(const struct groups *g, struct err *e)
{
	struct dbus *d = NULL;
	auto_free char *error = NULL;
	auto_str body = {0};
	int r = open_manager(&d, e);

	if (r == 0) {
		dbus_text(&body, g->scope);
		dbus_text(&body, "replace");
		r = do_job(d, "StopUnit", "ss", &body, &error, e);
	}
	dbus_free(d);
	if (r == 0 || str_equal(error, SYSTEMD ".NoSuchUnit"))
		return 0;
	return err_wrap(e, "systemd cannot stop '%s'", g->scope);
}

int scope_reach(struct dbus **d, struct err *e)
{
	bool bus;

	return connect_manager(d, &bus, e);
}

int scope_attach(struct dbus *d, const struct groups *g, const char *below, pid_t pid, struct err *e)
{
	auto_free char *group = below ? mem_printf("/%s", below) : mem_strdup("");
	auto_str body = {0};

	dbus_text(&body, g->scope);
	dbus_text(&body, group);
	size_t mark = dbus_array_begin(&body, 4);
	dbus_u32(&body, (uint32_t)pid);
	dbus_array_end(&body, mark);
	int r = dbus_call(
	    d, &(struct dbus_call){MANAGER, .member = "AttachProcessesToUnit", .signature = "ssau", .body = &body}, NULL,
	    e);
	return r < 0 ? err_wrap(e, "systemd cannot move the process into '%s'", g->scope) : 0;
}
