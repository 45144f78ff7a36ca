// Texts about a guest: its definition, details and QEMU threads.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/definition/facts.h"
#include "guest/definition/state.h"
#include "guest/files/ownership.h"
#include "guest/guests.h"
#include "guest/storage/owned.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "sys/proc.h"

static int read_xml(struct guests *g, const char *uuid, unsigned flags, struct str *text, struct err *e)
{
	struct call c;
	int r = call_begin(&c, g, uuid, e);

	if (r < 0)
		return r;
	char *xml = vir.DomainGetXMLDesc(c.domain, flags);
	if (xml)
		str_add(text, xml);
	else
		r = guest_error(e, "cannot read the definition of guest '%s'", c.name);
	free(xml);
	call_end(g, &c);
	return r;
}

int guests_read_config(struct guests *g, const char *uuid, struct str *text, struct err *e)
{
	return read_xml(g, uuid, 0, text, e); // without secrets
}

int guests_read_definition(struct guests *g, const char *uuid, struct str *text, struct err *e)
{
	return read_xml(g, uuid, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE, text, e);
}

// --- details ---

static void add_time(struct str *text, const char *label, int64_t ns)
{
	char date[DATE_TEXT];

	if (ns)
		str_addf(text, "%s: %s\n", label, date_local(date, DATE_ZONED, ns));
}

static void add_line(struct str *text, const char *label, const char *value)
{
	if (value && *value)
		str_addf(text, "%s: %s\n", label, value);
}

static const char *virtualization(const char *type)
{
	return str_equal(type, "kvm") ? "KVM (hardware)" : str_equal(type, "qemu") ? "TCG (emulated)" : type;
}

static void add_size(struct str *text, const struct domain_facts *f)
{
	char now[UNITS_TEXT], most[UNITS_TEXT];

	str_addf(text, "CPUs: %u", f->vcpus);
	if (f->vcpus_max > f->vcpus)
		str_addf(text, " of up to %u", f->vcpus_max);
	str_addf(text, "\nMemory: %s", units_bytes(now, f->memory));
	if (f->memory_max > f->memory)
		str_addf(text, " of up to %s", units_bytes(most, f->memory_max));
	str_add_char(text, '\n');
}

static void add_devices(struct str *text, const struct domain_facts *f)
{
	for (size_t i = 0; i < f->disk_count; i++) {
		const struct domain_disk *d = &f->disks[i];
		str_addf(text, "Disk %s: %s (%s%s%s%s)\n", d->target ? d->target : "?", d->source ? d->source : "empty",
		         d->device ? d->device : "disk", d->format ? ", " : "", d->format ? d->format : "",
		         d->readonly    ? ", read-only"
		         : d->shareable ? ", shared"
		                        : "");
	}
	for (size_t i = 0; i < f->nic_count; i++) {
		const struct domain_nic *n = &f->nics[i];
		str_addf(text, "Network: %s%s%s, %s, %s%s%s\n", n->type ? n->type : "?", n->source ? " " : "",
		         n->source ? n->source : "", n->mac ? n->mac : "no address", n->model ? n->model : "default model",
		         n->target ? ", host interface " : "", n->target ? n->target : "");
	}
	for (size_t i = 0; i < f->ports.count; i++)
		str_addf(text, "Port: %s (%s)\n", f->ports.items[i], f->publisher);
	for (size_t i = 0; i < f->line_count; i++) {
		const struct domain_line *l = &f->lines[i];
		str_addf(text, "Console %s: %s%s%s\n", l->alias ? l->alias : "?", l->type ? l->type : "?", l->leads ? " " : "",
		         l->leads ? l->leads : "");
	}
	for (size_t i = 0; i < f->devices.count; i++)
		str_addf(text, "%s\n", f->devices.items[i]);
	add_line(text, "Graphics", f->graphics);
	str_addf(text, "Guest agent: %s\n",
	         !f->agent            ? "not configured"
	         : f->agent_connected ? "connected"
	                              : "not connected");
	add_line(text, "Serial log", f->serial_log);
}

static void add_saved_state(struct str *text, virDomainPtr domain)
{
	int snapshots = vir.DomainSnapshotNum(domain, 0);

	if (snapshots > 0)
		str_addf(text, "Snapshots: %d\n", snapshots);
	if (vir.DomainHasManagedSaveImage(domain, 0) == 1)
		str_add(text, "Saved: memory is on disk; start resumes from it\n");
}

// Shows which files a deletion would remove and which it would keep.
static void add_storage(struct str *text, struct guests *g, const struct call *c)
{
	struct storage s = {0};
	struct err e = {0};

	if (storage_judge(&s, g, c->conn, c->domain, &e) < 0)
		str_addf(text, "Storage: cannot examine it (%s)\n", e.text);
	for (size_t i = 0; i < s.count; i++) {
		const struct stored *item = &s.items[i];
		char size[UNITS_TEXT];

		str_addf(text, "%s %s: %s", item->why ? "Other" : "Own",
		         storage_part_is_optional(item->part) ? "storage" : "state", item->path);
		if (item->why)
			str_addf(text, " (%s)\n", item->why);
		else if (storage_part_is_optional(item->part))
			str_addf(text, " (%s)\n", units_bytes(size, item->bytes));
		else
			str_addf(text, " (%s)\n", storage_part_name(item->part));
	}
	storage_done(&s);
}

static void add_running(struct str *text, struct guests *g, const char *uuid)
{
	pthread_mutex_lock(&g->lock);
	const struct guest *row = guests_find(g, uuid);
	if (row && row->active && row->pid)
		str_addf(text, "Process: %d\n", (int)row->pid);
	if (row && row->active)
		add_time(text, "Started", row->started);
	if (row && row->start_ms > 0)
		str_addf(text, "Start took: %.0f ms\n", row->start_ms);
	if (row)
		add_line(text, "Addresses", row->addresses);
	pthread_mutex_unlock(&g->lock);
}

static void add_details(struct str *text, struct guests *g, const struct call *c, const struct domain_facts *f)
{
	int state = -1, reason = 0;

	str_addf(text, "Name: %s\nUUID: %s\n", f->name, f->uuid);
	if (vir.DomainGetState(c->domain, &state, &reason, 0) == 0)
		add_line(text, "Why", guest_reason(state, reason));
	add_line(text, "Title", f->title);
	add_line(text, "System", f->os);
	add_line(text, "Virtualization", virtualization(f->type));
	add_line(text, "Architecture", f->arch);
	add_line(text, "Machine", f->machine);
	add_line(text, "Firmware",
	         !f->full                                                     ? NULL
	         : f->uefi                                                    ? "UEFI"
	         : str_equal(f->arch, "x86_64") || str_equal(f->arch, "i686") ? "BIOS"
	                                                                      : "default");
	add_line(text, "Kernel", f->kernel);
	add_size(text, f);
	add_time(text, "Created", f->created);
	add_running(text, g, f->uuid);
	if (f->lsm_label)
		str_addf(text, "Confinement: %s %s\n", f->lsm_model ? f->lsm_model : "", f->lsm_label);
	add_devices(text, f);
	add_saved_state(text, c->domain);
	add_storage(text, g, c);
	for (size_t i = 0; i < f->labels.count; i++)
		str_addf(text, "Label: %s\n", f->labels.items[i]);
	pthread_mutex_lock(&g->lock);
	str_addf(text, "Connection: %s%s (%s)\n", g->uri, g->read_only ? ", read-only" : "",
	         g->refused ? g->refused : g->choice.why);
	pthread_mutex_unlock(&g->lock);
}

int guests_read_details(struct guests *g, const char *uuid, struct str *text, struct err *e)
{
	struct call c;
	struct domain_facts f = {0};
	int r = call_begin(&c, g, uuid, e);

	if (r < 0)
		return r;
	r = domain_read_facts(c.domain, 0, &f, NULL, e);
	if (r == 0)
		add_details(text, g, &c, &f);
	domain_facts_done(&f);
	call_end(g, &c);
	return r;
}

// --- QEMU threads ---

static void add_thread(struct str *text, pid_t pid, const char *tid)
{
	char path[128], name[64], stat[1024], age[UNITS_TEXT];
	unsigned long long user = 0, system = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", (int)pid, tid);
	const char *fields = proc_read_file(path, stat, sizeof(stat)) > 0 ? strrchr(stat, ')') : NULL;
	snprintf(path, sizeof(path), "/proc/%d/task/%s/comm", (int)pid, tid);
	if (!fields || proc_read_file(path, name, sizeof(name)) <= 0)
		return;
	// utime and stime (proc(5))
	sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system);
	name[strcspn(name, "\n")] = '\0';
	auto_free char *safe = str_visible(name);
	str_addf(text, "%s\t%c\t%s\t%s\n", tid, fields[2], units_age(age, (int64_t)clock_ticks_ns(user + system)), safe);
}

static pid_t qemu_pid(struct guests *g, const char *uuid, bool *active)
{
	pthread_mutex_lock(&g->lock);
	const struct guest *row = guests_find(g, uuid);
	pid_t pid = row ? row->pid : 0;
	*active = row && row->active;
	pthread_mutex_unlock(&g->lock);
	return pid;
}

int guests_read_processes(struct guests *g, const char *uuid, struct str *text, struct err *e)
{
	auto_free char *name = guests_name(g, uuid);
	bool active;
	pid_t pid = qemu_pid(g, uuid, &active);
	char path[64];
	struct dirent *entry;

	if (!active)
		return err_msg(e, ESRCH, "guest '%s' is not running", name);
	if (!pid)
		return err_msg(e, EOPNOTSUPP,
		               "cannot see QEMU of guest '%s': it runs on another host, or /proc hides it",
		               name);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *dir = opendir(path);
	if (!dir)
		return err_set(e, errno, "cannot read the threads of guest '%s'", name);
	str_add(text, "THREAD\tSTATE\tCPU\tNAME\n");
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add_thread(text, pid, entry->d_name);
	closedir(dir);
	return 0;
}
