// SPDX-License-Identifier: LGPL-2.1-or-later
// Usage of a container and its events, as JSON in the format of runc's `events`, which engines read. Figures that the
// kernel does not provide are omitted.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/groups/groups.h"
#include "bunk/make/make.h"
#include "bunk/state/state.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "verbs.h"

// Reads a file of the group for CONTROLLER. Owned; NULL if it is missing.
static char *file_text(const struct container *c, enum cgroup_controller controller, const char *name)
{
	const char *place = groups_directory(&c->groups, controller);
	auto_free char *path = place ? mem_printf("%s/%s", place, name) : NULL;
	auto_free char *text = mem_new(65536);

	return path && proc_read_file(path, text, 65536) > 0 ? steal(text) : NULL;
}

static json_t *number_of(const char *text)
{
	auto_free char *copy = mem_strndup(text, strcspn(text, " \n"));
	uint64_t value;

	if (str_equal(copy, "max"))
		return json_integer(INT64_MAX); // "no limit" in that format
	if (str_to_u64(copy, &value) < 0)
		return NULL;
	return json_integer((json_int_t)(value > INT64_MAX ? INT64_MAX : value));
}

// Sets KEY in OBJECT to the first number in FILE.
static void add_file(json_t *object, const char *key, const struct container *c, enum cgroup_controller controller,
                     const char *file)
{
	auto_free char *text = file_text(c, controller, file);
	json_t *value = text ? number_of(text) : NULL;

	if (value)
		json_object_set_new(object, key, value);
}

// The value after KEY in the lines "key value" of TEXT, or NULL.
static const char *value_after(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, key, n) == 0 && line[n] == ' ')
			return line + n + 1;
	return NULL;
}

static void add_line(json_t *object, const char *key, const char *text, const char *line, uint64_t factor)
{
	const char *value = text ? value_after(text, line) : NULL;
	json_t *number = value ? number_of(value) : NULL;

	if (number)
		json_object_set_new(object, key, json_integer(json_integer_value(number) * (json_int_t)factor));
	json_decref(number);
}

static json_t *numbers_list(const char *text)
{
	json_t *list = json_array();
	auto_strv words = {0};

	strv_split(&words, text, " \n");
	for (size_t i = 0; i < words.count; i++)
		json_array_append_new(list, number_of(words.items[i]));
	return list;
}

static json_t *cpu_json(const struct container *c)
{
	json_t *usage = json_object(), *throttling = json_object();
	auto_free char *stat = file_text(c, CGROUP_CPU, "cpu.stat");
	bool v2 = c->groups.v2;

	if (v2) {
		add_line(usage, "total", stat, "usage_usec", 1000);
		add_line(usage, "kernel", stat, "system_usec", 1000);
		add_line(usage, "user", stat, "user_usec", 1000);
	} else {
		auto_free char *each = file_text(c, CGROUP_CPUACCT, "cpuacct.usage_percpu");
		add_file(usage, "total", c, CGROUP_CPUACCT, "cpuacct.usage");
		add_file(usage, "kernel", c, CGROUP_CPUACCT, "cpuacct.usage_sys");
		add_file(usage, "user", c, CGROUP_CPUACCT, "cpuacct.usage_user");
		if (each)
			json_object_set_new(usage, "percpu", numbers_list(each));
	}
	add_line(throttling, "periods", stat, "nr_periods", 1);
	add_line(throttling, "throttledPeriods", stat, "nr_throttled", 1);
	add_line(throttling, "throttledTime", stat, v2 ? "throttled_usec" : "throttled_time", v2 ? 1000 : 1);
	return json_pack("{s:o, s:o}", "usage", usage, "throttling", throttling);
}

struct memory_files {
	const char *key, *usage, *limit, *max, *failures;
};

static void add_memory(json_t *object, const struct container *c, const struct memory_files *f)
{
	json_t *part = json_object();

	add_file(part, "usage", c, CGROUP_MEMORY, f->usage);
	add_file(part, "limit", c, CGROUP_MEMORY, f->limit);
	add_file(part, "max", c, CGROUP_MEMORY, f->max);
	if (f->failures)
		add_file(part, "failcnt", c, CGROUP_MEMORY, f->failures);
	json_object_set_new(object, f->key, part);
}

static json_t *memory_json(const struct container *c)
{
	static const struct memory_files v1[] = {
		{"usage", "memory.usage_in_bytes", "memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt"},
		{"swap", "memory.memsw.usage_in_bytes", "memory.memsw.limit_in_bytes", "memory.memsw.max_usage_in_bytes",
		 "memory.memsw.failcnt"},
		{"kernel", "memory.kmem.usage_in_bytes", "memory.kmem.limit_in_bytes", "memory.kmem.max_usage_in_bytes",
		 "memory.kmem.failcnt"},
		{"kernelTCP", "memory.kmem.tcp.usage_in_bytes", "memory.kmem.tcp.limit_in_bytes",
		 "memory.kmem.tcp.max_usage_in_bytes",
		 "memory.kmem.tcp.failcnt"},
	}, v2[] = {
		{"usage", "memory.current", "memory.max", "memory.peak", NULL},
		{"swap", "memory.swap.current", "memory.swap.max", "memory.swap.peak", NULL},
	};
	const struct memory_files *files = c->groups.v2 ? v2 : v1;
	auto_free char *stat = file_text(c, CGROUP_MEMORY, "memory.stat");
	json_t *object = json_object(), *raw = json_object();
	auto_strv words = {0};

	for (size_t i = 0; i < (c->groups.v2 ? ARRAY_SIZE(v2) : ARRAY_SIZE(v1)); i++)
		add_memory(object, c, &files[i]);
	add_line(object, "cache", stat, c->groups.v2 ? "file" : "total_cache", 1);
	strv_split(&words, stat ? stat : "", " \n");
	for (size_t i = 0; i + 1 < words.count; i += 2)
		json_object_set_new(raw, words.items[i], number_of(words.items[i + 1]));
	json_object_set_new(object, "raw", raw);
	return object;
}

static json_t *io_entry(unsigned major, unsigned minor, const char *operation, uint64_t value)
{
	return json_pack("{s:i, s:i, s:s, s:I}", "major", (int)major, "minor", (int)minor, "op", operation, "value",
	                 (json_int_t)value);
}

// v1: "8:0 Read 4096"
static json_t *io_v1(const struct container *c, const char *file)
{
	auto_free char *text = file_text(c, CGROUP_BLKIO, file);
	json_t *list = json_array();
	char operation[16], *rest = text;
	unsigned major, minor;
	uint64_t value;

	for (char *line = rest ? strsep(&rest, "\n") : NULL; line; line = strsep(&rest, "\n"))
		if (sscanf(line, "%u:%u %15s %" SCNu64, &major, &minor, operation, &value) == 4)
			json_array_append_new(list, io_entry(major, minor, operation, value));
	return list;
}

// v2: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0"
static json_t *io_v2(const struct container *c, const char *read_key, const char *write_key)
{
	auto_free char *text = file_text(c, CGROUP_BLKIO, "io.stat");
	json_t *list = json_array();
	char *rest = text;

	for (char *line = rest ? strsep(&rest, "\n") : NULL; line; line = strsep(&rest, "\n")) {
		auto_strv words = {0};
		unsigned major, minor;

		strv_split(&words, line, " ");
		if (!words.count || sscanf(words.items[0], "%u:%u", &major, &minor) != 2)
			continue;
		for (size_t i = 1; i < words.count; i++) {
			char *value = strchr(words.items[i], '=');
			uint64_t number;

			if (!value || str_to_u64(value + 1, &number) < 0)
				continue;
			*value = '\0';
			if (str_equal(words.items[i], read_key))
				json_array_append_new(list, io_entry(major, minor, "Read", number));
			if (str_equal(words.items[i], write_key))
				json_array_append_new(list, io_entry(major, minor, "Write", number));
		}
	}
	return list;
}

static json_t *io_json(const struct container *c)
{
	if (c->groups.v2)
		return json_pack("{s:o, s:o}", "ioServiceBytesRecursive", io_v2(c, "rbytes", "wbytes"), "ioServicedRecursive",
		                 io_v2(c, "rios", "wios"));
	return json_pack("{s:o, s:o}", "ioServiceBytesRecursive", io_v1(c, "blkio.throttle.io_service_bytes_recursive"),
	                 "ioServicedRecursive", io_v1(c, "blkio.throttle.io_serviced_recursive"));
}

static json_t *pids_json(const struct container *c)
{
	auto_free char *most = file_text(c, CGROUP_PIDS, "pids.max");
	json_t *object = json_object();

	add_file(object, "current", c, CGROUP_PIDS, "pids.current");
	if (most)
		// 0: "no limit" in that format
		json_object_set_new(object, "limit", str_starts(most, "max") ? json_integer(0) : number_of(most));
	return object;
}

static uint64_t oom_kills(const struct container *c)
{
	auto_free char *text = file_text(c, CGROUP_MEMORY, c->groups.v2 ? "memory.events" : "memory.oom_control");
	const char *value = text ? value_after(text, "oom_kill") : NULL;
	json_t *number = value ? number_of(value) : NULL;
	uint64_t result = number ? (uint64_t)json_integer_value(number) : 0;

	json_decref(number);
	return result;
}

static char *event_json(const struct container *c, const char *type, json_t *data)
{
	json_t *document = json_pack("{s:s, s:s, s:o*}", "type", type, "id", c->id, "data", data);
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	json_decref(document);
	return text ? text : mem_strdup("{}");
}

static char *stats_json(const struct container *c)
{
	return event_json(c, "stats",
	                  json_pack("{s:o, s:o, s:o, s:o}", "cpu", cpu_json(c), "memory", memory_json(c), "pids",
	                            pids_json(c), "blkio", io_json(c)));
}

static int check_running(struct container *c, struct err *e)
{
	if (state_now(c) == BUNK_STOPPED)
		return err_msg(e, ESRCH, "container '%s' is not running", c->id);
	if (!c->groups.joined.count)
		return err_msg(e, EOPNOTSUPP, "container '%s' has no control group of its own: no figures",
		               c->id);
	return cgroup_layout_read(&c->groups.layout, e);
}

char *bunk_stats(const struct bunk *b, const char *id, struct err *e)
{
	struct container c;

	container_init(&c, b, id);
	int r = state_open(&c, STATE_READ, e);
	if (r == 0)
		r = check_running(&c, e);
	char *text = r == 0 ? stats_json(&c) : NULL;
	container_done(&c);
	return text;
}

// v2 signals changes of memory.events by POLLPRI; on v1 they are noticed with the next figures.
static int watch_events(struct container *c, int64_t interval, bunk_event_callback *callback, void *context,
                        struct err *e)
{
	auto_close int pidfd = container_pidfd(c);
	auto_free char *path =
	    c->groups.v2 ? mem_printf("%s/memory.events", groups_directory(&c->groups, CGROUP_MEMORY)) : NULL;
	auto_close int events = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN}, {.fd = events, .events = POLLPRI}};
	uint64_t seen = oom_kills(c);
	int64_t next = clock_mono();
	int r = pidfd < 0 ? err_msg(e, ESRCH, "container '%s' is not running", c->id) : 0;

	while (r == 0) {
		char text_of[256];
		if (events >= 0 && pread(events, text_of, sizeof(text_of), 0) < 0)
			fds[1].fd = -1; // the group was removed
		uint64_t now = oom_kills(c);
		bool due = clock_mono() >= next;
		auto_free char *text = now != seen ? event_json(c, "oom", NULL) : due ? stats_json(c) : NULL;

		if (text)
			r = callback(context, text);
		if (now == seen && due)
			next += interval;
		seen = now;
		if (r != 0 || (fds[0].revents & POLLIN))
			break;
		poll(fds, ARRAY_SIZE(fds), clock_poll_ms(next));
	}
	return r < 0 ? r : 0;
}

int bunk_events(const struct bunk *b, const char *id, int64_t interval, bunk_event_callback *callback, void *context,
                struct err *e)
{
	struct container c;

	container_init(&c, b, id);
	int r = state_open(&c, STATE_READ, e);
	if (r == 0)
		r = check_running(&c, e);
	if (r == 0)
		r = watch_events(&c, interval, callback, context, e);
	container_done(&c);
	return r;
}
