// Listing the containers of this host. Leftovers of killed processes are cleaned up on the way.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/bundle/bundle.h"
#include "container/containers.h"
#include "container/monitor/policy.h"
#include "container/state/containers.h"
#include "container/state/recover.h"
#include "container/state/runtime.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/health.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "images.h"
#include "interfaces.h"
#include "measure.h"
#include "network_uses.h"
#include "networks.h"
#include "model/id.h"
#include "model/inventory.h"
#include "model/name.h"
#include "model/param.h"
#include "model/posture.h"
#include "model/workload.h"
#include "sys/cgroup.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "volumes.h"

enum { STATUS_MAX = 4 << 20 }; // bytes of /proc/PID/status

static const struct {
	const char *file;
	enum barrier barrier;
} namespaces[] = {
	{"user", BARRIER_USER_NS}, {"pid", BARRIER_PID_NS}, {"mnt", BARRIER_MOUNT_NS},       {"net", BARRIER_NET_NS},
	{"ipc", BARRIER_IPC_NS},   {"uts", BARRIER_UTS_NS}, {"cgroup", BARRIER_CGROUP_NS},
};

static void read_namespaces(struct posture *p, pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		auto_free char *theirs = mem_printf("/proc/%d/ns/%s", (int)pid, namespaces[i].file);
		auto_free char *ours = mem_printf("/proc/self/ns/%s", namespaces[i].file);
		struct stat a, b;
		if (stat(theirs, &a) == 0 && stat(ours, &b) == 0)
			posture_set(p, namespaces[i].barrier, a.st_ino != b.st_ino);
	}
}

static void read_posture(struct workload *w, pid_t pid)
{
	char text[8192];
	auto_free char *path = mem_printf("/proc/%d/status", (int)pid), *status = NULL;
	auto_free char *label = mem_printf("/proc/%d/attr/current", (int)pid);

	if (fs_read_file(AT_FDCWD, path, STATUS_MAX, &status, NULL) <= 0) // may list 65536 groups
		return;
	posture_from_status(&w->posture, status);
	read_namespaces(&w->posture, pid);
	if (proc_read_file(label, text, sizeof(text)) > 0)
		posture_set(&w->posture, BARRIER_LSM, !str_starts(text, "unconfined") && !str_starts(text, "kernel"));
}

// Memory and task limits as enforced by the kernel, not as requested.
static void read_limits(struct containers *c, const char *id, struct workload *w)
{
	auto_free char *group = bundle_cgroup_of(&c->layout, id, w->pid);
	const unsigned limits = CGROUP_READ_MEMORY_LIMIT | CGROUP_READ_PIDS_LIMIT;
	struct cgroup_reader *reader;
	struct cgroup_figures f;

	if (!group || cgroup_reader_open_group(&reader, &c->layout, group, limits, NULL) < 0)
		return;
	if (cgroup_reader_read(reader, limits, &f) == 0) {
		w->memory_limit = f.memory_limit == CGROUP_MISSING ? 0 : f.memory_limit;
		posture_set(&w->posture, BARRIER_LIMITS, f.memory_limit != CGROUP_MISSING && f.pids_limit != CGROUP_MISSING);
	}
	cgroup_reader_free(reader);
}

static bool has_free_space(struct containers *c)
{
	struct statvfs fs;

	return fstatvfs(c->store.containers, &fs) < 0 || fs.f_bavail * fs.f_frsize >= 64 * 1024;
}

static void fill_workload(struct containers *c, const struct view *v, struct workload *w)
{
	const char *label;

	w->kind = KIND_CONTAINER;
	id_fill(&w->item, "bunk", v->record.name, v->record.name);
	w->state = view_state(c, v);
	w->image = mem_strdup(v->record.image.reference);
	if (v->record.image.digest)
		strv_take(&w->uses, id_make("bunk", KIND_IMAGE, v->record.image.digest));
	w->command = bundle_command(&v->record);
	w->created = v->record.created;
	w->started = v->state.started;
	w->finished = v->state.finished;
	w->exit_code = w->state == STATE_EXITED || w->state == STATE_CRASHED ? v->state.code : -1;
	w->reason = v->running ? NULL : mem_strdup(v->state.reason);
	w->cpus = bundle_cpus(&v->record);
	w->memory_limit = bundle_memory(&v->record);
	w->restarts = v->state.restarts;
	w->autostart = v->state.phase != RUN_NEVER &&
	               policy_autostarts(params_get(&v->record.params, PARAM_RESTART), v->state.stopped);
	w->last_exit_code = -1;
	w->persistent = !record_has(&v->record, PARAM_RM);
	w->start_ms = v->state.start_ms;
	for (size_t i = 0; (label = params_get_nth(&v->record.params, PARAM_LABEL, i)); i++)
		strv_add(&w->labels, label);
	if (v->running) {
		w->pid = v->state.pid;
		w->addresses = network_addresses(c, &v->record);
		network_ports(c, &v->record, &w->ports);
		w->finished = 0;
		w->last_finished = v->state.finished;
		w->last_exit_code = v->state.finished ? v->state.code : -1;
		w->last_reason = v->state.finished ? mem_strdup(v->state.reason) : NULL;
		w->health = mem_strdup(v->state.health);
		read_posture(w, v->state.pid);
		read_limits(c, record_id(&v->record), w);
	}
	if (v->state.phase == RUN_WAITING && v->watched)
		w->trouble = mem_strdup("waiting to be restarted");
	if (v->running && str_equal(v->state.health, health_name(HEALTH_UNHEALTHY)))
		w->trouble = mem_printf("unhealthy: %s", v->state.health_output ? v->state.health_output : "its check fails");
	if (v->running && !has_free_space(c))
		w->trouble = mem_strdup("its store is full: output is not logged");
	if (v->damaged)
		w->trouble = mem_strdup("its state.json is damaged (rewritten when the container exits)");
	if (v->running && !w->trouble)
		w->trouble = network_trouble(c, &v->record);
	pid_t stopped = view_monitor_stopped(v);
	if (stopped)
		w->trouble = mem_printf("its monitor is stopped by a signal (continue it: kill -CONT %d)", (int)stopped);
}

// Removes the mark of a stop whose process was killed: the container keeps running, and so does its restart policy.
static void clear_stale_mark(const struct view *v)
{
	if (v->watched && faccessat(v->dir, "stopping", F_OK, 0) == 0 && !store_is_locked(v->dir, "stopping"))
		unlinkat(v->dir, "stopping", 0);
}

static void recover_container(struct containers *c, struct view *v)
{
	view_recover(c, v, true);
	clear_stale_mark(v);
}

static void list_container(struct containers *c, const char *name, struct inventory *inv, struct image_uses *images,
                           struct volume_uses *volumes, struct network_ids *networks)
{
	struct workload w = {0};
	auto_view v = {.dir = -1};
	struct err e = {0};

	int r = view_open(&v, c, name, &e);

	if (r == -ENOENT) // deleted meanwhile
		return;
	if (r < 0) { // damaged: listed with its error
		w = (struct workload){
		    .kind = KIND_CONTAINER, .state = STATE_UNKNOWN, .exit_code = -1, .last_exit_code = -1, .restarts = -1,
		    .trouble = mem_strdup(e.text)};
		id_fill(&w.item, "bunk", name, name);
		inventory_upsert(inv, &w);
		return;
	}
	if (c->read_only)
		view_show_recovered(c, &v);
	else
		recover_container(c, &v);
	fill_workload(c, &v, &w);
	image_uses_add(images, &v.record);
	volume_uses_add(volumes, &v.record, &w.uses);
	network_uses_add(networks, c, &v.record, &w);
	if (v.running)
		measure_update(c, &v);
	if (v.running && inventory_counts(inv, KIND_INTERFACE))
		interfaces_list(c, &v, networks, inv);
	inventory_upsert(inv, &w);
}

// Deletes containers of the runtime that are not in the store: their monitor was killed while it created them, and
// then they were deleted. The runtime is read first: a container is in the store before it is started, and until it is
// deleted.
static void delete_orphans(struct containers *c)
{
	DIR *dir = opendir(c->store.runtime);
	struct dirent *entry;
	struct err ignored;

	while (dir && (entry = readdir(dir)))
		if (runtime_has_orphan(c, entry->d_name))
			runtime_run(c, (const char *const[]){"delete", "--force", entry->d_name, NULL}, NULL, NULL, &ignored);
	if (dir)
		closedir(dir);
}

int containers_list(struct containers *c, struct inventory *inv, struct err *e)
{
	DIR *dir = fs_open_directory(c->store.containers, ".");
	struct dirent *entry;
	struct image_uses images = {0};
	struct volume_uses volumes = {0};
	struct network_ids networks = {0};

	if (!dir)
		return err_set(e, errno, "cannot read '%s/containers'", c->store.path);
	measure_begin(c);
	while ((entry = readdir(dir)))
		if (name_is_valid(KIND_CONTAINER, entry->d_name))
			list_container(c, entry->d_name, inv, &images, &volumes, &networks);
	measure_end(c);
	closedir(dir);
	if (inventory_counts(inv, KIND_IMAGE))
		images_list(c, &images, inv);
	if (inventory_counts(inv, KIND_VOLUME))
		volumes_list(c, &volumes, inv);
	if (inventory_counts(inv, KIND_NETWORK))
		networks_list(c, inv);
	image_uses_done(&images);
	volume_uses_done(&volumes);
	network_ids_done(&networks);
	if (!c->read_only) {
		store_sweep(&c->store);
		delete_orphans(c);
	}
	return 0;
}
