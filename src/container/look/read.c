// Text about a container: configuration, details, processes, events, end of the log.
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "container/bundle/bundle.h"
#include "container/containers.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/store/journal.h"
#include "container/store/log.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "measure.h"
#include "model/definition.h"
#include "networks.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "volumes.h"

enum { TAIL_BYTES = 64 * 1024, CONFIG_MAX = 4 << 20 };

int containers_read_config(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_free char *path = store_container_path(&c->store, name);
	int r = view_open(&v, c, name, e);
	// the configuration for the next start; for a running container, the one it was started with
	auto_free char *made = r < 0 || v.running ? NULL : bundle_make(&v.record, path, c->store.path, e);
	auto_free char *kept = NULL;

	if (r == 0 && v.running && fs_read_file(v.dir, "config.json", CONFIG_MAX, &kept, e) < 0)
		r = -e->code;
	if (r == 0 && !made && !kept)
		r = -e->code;
	if (r == 0)
		str_addf(text, "%s\n", made ? made : kept);
	return r;
}

int containers_read_definition(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_view v = {.dir = -1};
	int r = view_open(&v, c, name, e);

	if (r == 0)
		definition_write(text, KIND_CONTAINER, v.record.name, &v.record.params);
	return r;
}

enum { EVENTS_IN_DETAILS = 10 };

static void add_time(struct str *text, const char *label, int64_t ns)
{
	char date[DATE_TEXT];

	if (ns)
		str_addf(text, "%s: %s\n", label, date_local(date, DATE_ZONED, ns));
}

static void add_exit(struct str *text, const char *label, const struct run_state *s)
{
	str_addf(text, "%s: %d%s%s\n", label, s->code, s->reason ? " " : "", s->reason ? s->reason : "");
}

static void add_events(struct str *text, int dir)
{
	auto_free struct journal_list *list = mem_new(sizeof(*list));
	char date[DATE_TEXT];

	journal_read(dir, list);
	for (size_t i = list->count > EVENTS_IN_DETAILS ? list->count - EVENTS_IN_DETAILS : 0; i < list->count; i++) {
		const struct journal_entry *e = &list->entries[i];
		str_addf(text, "Event: %s %s", date_local(date, DATE_ZONED, e->time), journal_event_name(e->event));
		if (e->code >= 0)
			str_addf(text, " %d", e->code);
		str_addf(text, "%s%s", *e->reason ? " " : "", e->reason);
		str_addf(text, e->restarts ? " (restart %d)\n" : "\n", e->restarts);
	}
}

int containers_read_details(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_free char *path = store_container_path(&c->store, name);
	int r = view_open(&v, c, name, e);

	if (r < 0)
		return r;
	auto_free char *command = bundle_command(&v.record);
	auto_free char *group = v.running ? bundle_cgroup_of(&c->layout, record_id(&v.record), v.state.pid) : NULL;
	str_addf(text, "Name: %s\nImage: %s\n", name, v.record.image.reference);
	if (v.record.image.digest)
		str_addf(text, "Digest: %s\n", v.record.image.digest);
	str_addf(text, "Command: %s\n", command ? command : "");
	if (v.record.image.stop_signal)
		str_addf(text, "Stop signal: %s\n", v.record.image.stop_signal);
	add_time(text, "Created", v.record.created);
	add_time(text, "Started", v.state.started);
	if (!v.running)
		add_time(text, "Exited", v.state.finished);
	if (!v.running && v.state.phase == RUN_ENDED)
		add_exit(text, "Exit status", &v.state);
	if (v.running && v.state.finished) {
		add_time(text, "Previous exit", v.state.finished);
		add_exit(text, "Previous exit status", &v.state);
	}
	if (v.state.restarts)
		str_addf(text, "Restarts: %d\n", v.state.restarts);
	if (v.state.start_ms > 0)
		str_addf(text, "Start time: %.1f ms\n", v.state.start_ms);
	if (v.running)
		str_addf(text, "PID: %d\nMonitor PID: %d\nControl group: %s\n", (int)v.state.pid, (int)v.state.monitor,
		         group ? group : "none");
	for (size_t i = 0; i < v.record.params.count; i++)
		if (!str_equal(v.record.params.items[i].name, "command") && !str_equal(v.record.params.items[i].name, "image"))
			str_addf(text, "%s: %s\n", v.record.params.items[i].name, v.record.params.items[i].value);
	volumes_add_details(c, &v.record, text);
	network_add_details(c, &v.record, text);
	str_addf(text, "Directory: %s\n", path);
	add_events(text, v.dir);
	return 0;
}

int containers_read_events(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_close int dir = store_container_open(&c->store, name, e);
	auto_free struct journal_list *list = mem_new(sizeof(*list));
	char date[DATE_TEXT];

	if (dir < 0)
		return dir;
	journal_read(dir, list);
	if (list->count)
		str_add(text, "TIME\tEVENT\tSTATUS\tRESTARTS\tREASON\n");
	for (size_t i = 0; i < list->count; i++) {
		const struct journal_entry *entry = &list->entries[i];
		auto_free char *status = entry->code < 0 ? mem_strdup("-") : mem_printf("%d", entry->code);
		str_addf(text, "%s\t%s\t%s\t%d\t%s\n", date_local(date, DATE_ZONED, entry->time),
		         journal_event_name(entry->event), status, entry->restarts, *entry->reason ? entry->reason : "-");
	}
	return 0;
}

static void add_process(struct str *text, pid_t pid)
{
	char path[64], command[4096], size[UNITS_TEXT], age[UNITS_TEXT];
	uint64_t cpu, rss;
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (stat(path, &st) < 0 || proc_usage(pid, &cpu, &rss) < 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	n = proc_read_file(path, command, sizeof(command));
	if (n <= 0) {
		snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
		n = proc_read_file(path, command, sizeof(command));
	}
	for (ssize_t i = 0; i + 1 < n; i++) // arguments are NUL-terminated
		command[i] = command[i] && command[i] != '\t' && command[i] != '\n' ? command[i] : ' ';
	auto_free char *safe = str_visible(n > 0 ? command : "?");
	str_addf(text, "%d\t%u\t%s\t%s\t%s\n", (int)pid, st.st_uid, units_age(age, (int64_t)cpu), units_bytes(size, rss),
	         safe);
}

int containers_read_processes(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_free pid_t *pids = NULL;
	int r = view_open(&v, c, name, e);

	if (r < 0)
		return r;
	str_add(text, "PID\tUID\tCPU\tMEM\tCOMMAND\n");
	size_t count = v.running ? container_processes(c, &v, &pids) : 0;
	for (size_t i = 0; i < count; i++)
		add_process(text, pids[i]);
	return 0;
}

static void add_line(void *context, const struct log_record *record)
{
	str_add_bytes(context, record->text, record->length);
	if (record->whole)
		str_add_char(context, '\n');
}

int containers_read_log_tail(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_str all = {0};
	int r = view_open(&v, c, name, e);
	struct log_reader reader = {.tail = 2000, .container_fd = v.dir, .fd = -1, .sink = add_line, .context = &all};

	if (r < 0)
		return r;
	log_reader_next(&reader);
	log_reader_done(&reader);
	const char *from = str_text(&all);
	if (all.length > TAIL_BYTES) {
		from += all.length - TAIL_BYTES;
		const char *newline = strchr(from, '\n');
		from = newline ? newline + 1 : from;
	}
	str_add(text, from);
	return 0;
}
