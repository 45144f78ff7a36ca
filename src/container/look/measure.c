// Samples running containers: from their control groups, or, for an unprivileged user without them, from their
// processes.
#include "measure.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle/bundle.h"
#include "container/bundle/network_files.h"
#include "container/containers.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "model/id.h"
#include "model/sample.h"
#include "sys/cgroup.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "interfaces.h"
#include "volumes.h"

enum { LIST_MAX = 64 << 20, PIDS_MAX = 1 << 22 }; // bytes of a list of pids; the kernel's maximum

static void measured_done(struct measured *m)
{
	free(m->name);
	free(m->id);
	cgroup_reader_free(m->group);
}

void measure_begin(struct containers *c)
{
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->measured_count; i++)
		c->measured[i].seen = false;
	pthread_mutex_unlock(&c->lock);
}

static struct measured *find_measured(struct containers *c, const char *name)
{
	for (size_t i = 0; i < c->measured_count; i++)
		if (strcmp(c->measured[i].name, name) == 0)
			return &c->measured[i];
	return NULL;
}

static struct measured *add_measured(struct containers *c, const char *name)
{
	c->measured = mem_resize(c->measured, c->measured_count + 1, sizeof(*c->measured));
	c->measured[c->measured_count] =
	    (struct measured){.name = mem_strdup(name), .id = id_make("bunk", KIND_CONTAINER, name)};
	return &c->measured[c->measured_count++];
}

void measure_update(struct containers *c, const struct view *v)
{
	pthread_mutex_lock(&c->lock);
	struct measured *m = find_measured(c, v->record.name);
	if (!m)
		m = add_measured(c, v->record.name);
	// after a restart it is another group with the same name
	if (m->pid != v->state.pid || m->pid_started != v->state.pid_started) {
		auto_free char *group = bundle_cgroup_of(&c->layout, record_id(&v->record), v->state.pid);
		cgroup_reader_free(m->group);
		m->group = NULL;
		if (group)
			cgroup_reader_open_group(&m->group, &c->layout, group, CGROUP_READ_ALL, NULL);
		m->pid = v->state.pid;
		m->pid_started = v->state.pid_started;
	}
	m->own_network = !network_is_hosts(&v->record);
	m->networked = record_has_interfaces(&v->record);
	m->memory_limit = bundle_memory(&v->record);
	m->seen = true;
	pthread_mutex_unlock(&c->lock);
}

void measure_end(struct containers *c)
{
	size_t kept = 0;

	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->measured_count; i++)
		if (c->measured[i].seen)
			c->measured[kept++] = c->measured[i];
		else
			measured_done(&c->measured[i]);
	c->measured_count = kept;
	pthread_mutex_unlock(&c->lock);
}

void measure_done(struct containers *c)
{
	for (size_t i = 0; i < c->measured_count; i++)
		measured_done(&c->measured[i]);
	free(c->measured);
	c->measured = NULL;
	c->measured_count = 0;
}

// --- from a control group ---

static const struct {
	enum metric metric;
	unsigned part;
	size_t at;
} figures[] = {
	{METRIC_CPU, CGROUP_READ_CPU, offsetof(struct cgroup_figures, cpu_ns)},
	{METRIC_THROTTLED, CGROUP_READ_THROTTLED, offsetof(struct cgroup_figures, throttled_ns)},
	{METRIC_MEMORY, CGROUP_READ_MEMORY, offsetof(struct cgroup_figures, memory)},
	{METRIC_MEMORY_HOST, CGROUP_READ_MEMORY, offsetof(struct cgroup_figures, memory)},
	{METRIC_CACHE, CGROUP_READ_CACHE, offsetof(struct cgroup_figures, memory_cache)},
	{METRIC_MEMORY_LIMIT, CGROUP_READ_MEMORY_LIMIT, offsetof(struct cgroup_figures, memory_limit)},
	{METRIC_SWAP, CGROUP_READ_SWAP, offsetof(struct cgroup_figures, swap)},
	{METRIC_READ, CGROUP_READ_IO_BYTES, offsetof(struct cgroup_figures, read_bytes)},
	{METRIC_WRITE, CGROUP_READ_IO_BYTES, offsetof(struct cgroup_figures, write_bytes)},
	{METRIC_READ_OPS, CGROUP_READ_IO_OPS, offsetof(struct cgroup_figures, read_ops)},
	{METRIC_WRITE_OPS, CGROUP_READ_IO_OPS, offsetof(struct cgroup_figures, write_ops)},
	{METRIC_PIDS, CGROUP_READ_PIDS, offsetof(struct cgroup_figures, pids)},
	{METRIC_PIDS_LIMIT, CGROUP_READ_PIDS_LIMIT, offsetof(struct cgroup_figures, pids_limit)},
	{METRIC_OOM_KILLS, CGROUP_READ_OOM_KILLS, offsetof(struct cgroup_figures, oom_kills)},
};

static const struct {
	enum metric metric;
	unsigned part;
	size_t at;
} pressures[] = {
	{METRIC_PSI_CPU, CGROUP_READ_PSI_CPU, offsetof(struct cgroup_figures, psi_cpu)},
	{METRIC_PSI_MEMORY, CGROUP_READ_PSI_MEMORY, offsetof(struct cgroup_figures, psi_memory)},
	{METRIC_PSI_IO, CGROUP_READ_PSI_IO, offsetof(struct cgroup_figures, psi_io)},
};

static unsigned parts_of(uint32_t metrics)
{
	unsigned parts = 0;

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		parts |= metrics & METRIC_BIT(figures[i].metric) ? figures[i].part : 0;
	for (size_t i = 0; i < ARRAY_SIZE(pressures); i++)
		parts |= metrics & METRIC_BIT(pressures[i].metric) ? pressures[i].part : 0;
	return parts;
}

static void sample_group(struct measured *m, uint32_t metrics, struct sample *s)
{
	struct cgroup_figures f;

	if (cgroup_reader_read(m->group, parts_of(metrics), &f) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		uint64_t value = *(uint64_t *)((char *)&f + figures[i].at);
		if (value != CGROUP_MISSING)
			sample_set(s, figures[i].metric, value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pressures); i++) {
		double value = *(double *)((char *)&f + pressures[i].at);
		if (!isnan(value))
			sample_set(s, pressures[i].metric, (uint64_t)(value * 100));
	}
}

// --- from its processes ---

struct pids {
	pid_t *items;
	size_t count, room;
};

// Adds the pids in the file PATH. Returns whether it could be read.
static bool add_pids(struct pids *p, const char *path)
{
	auto_free char *text = NULL;

	if (fs_read_file(AT_FDCWD, path, LIST_MAX, &text, NULL) <= 0)
		return false;
	char *at = text;
	for (long pid = strtol(at, &at, 10); pid > 0 && p->count < PIDS_MAX; pid = strtol(at, &at, 10)) {
		if (p->count == p->room)
			p->items = mem_resize(p->items, p->room = p->room ? 2 * p->room : 64, sizeof(*p->items));
		p->items[p->count++] = (pid_t)pid;
	}
	return true;
}

// Adds PID and its descendants, breadth first. All processes of a container descend from its first one, which also
// adopts orphans.
static void add_tree(struct pids *p, pid_t pid)
{
	p->items = mem_resize(p->items, p->room = 64, sizeof(*p->items));
	p->items[p->count++] = pid;
	for (size_t i = 0; i < p->count; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)p->items[i], (int)p->items[i]);
		add_pids(p, path);
	}
}

// CPU time of a process and its reaped children (fields 14 to 17 of /proc/PID/stat), so that the sum never decreases.
static uint64_t cpu_with_children(pid_t pid)
{
	char path[64], text[1024];
	unsigned long long t[4] = {0};

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (proc_read_file(path, text, sizeof(text)) <= 0 || !strrchr(text, ')'))
		return 0;
	sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu", &t[0], &t[1],
	       &t[2], &t[3]);
	return clock_ticks_ns(t[0] + t[1] + t[2] + t[3]);
}

static void sample_processes(const struct measured *m, struct sample *s)
{
	struct pids pids = {0};
	uint64_t cpu = 0, memory = 0;
	bool any = false;

	add_tree(&pids, m->pid);
	for (size_t i = 0; i < pids.count; i++) {
		uint64_t own, rss;
		if (proc_usage(pids.items[i], &own, &rss) == 0) {
			memory += rss;
			cpu += cpu_with_children(pids.items[i]);
			any = true;
		}
	}
	if (any) {
		sample_set(s, METRIC_CPU, cpu);
		sample_set(s, METRIC_MEMORY, memory);
		sample_set(s, METRIC_MEMORY_HOST, memory);
		sample_set(s, METRIC_PIDS, pids.count);
	}
	free(pids.items);
}

size_t container_processes(struct containers *c, const struct view *v, pid_t **pids)
{
	auto_free char *group = bundle_cgroup_of(&c->layout, record_id(&v->record), v->state.pid);
	auto_free char *directory = group ? cgroup_directory(&c->layout, CGROUP_MEMORY, group) : NULL;
	auto_free char *file = directory ? mem_printf("%s/cgroup.procs", directory) : NULL;
	struct pids found = {0};

	if (!file || !add_pids(&found, file))
		add_tree(&found, v->state.pid);
	*pids = found.items;
	return found.count;
}

// --- sampling ---

static void sample_one(struct measured *m, uint32_t metrics, struct sample *s)
{
	static const uint32_t net = METRIC_BIT(METRIC_NET_RX) | METRIC_BIT(METRIC_NET_TX);

	if (m->group) // even if a read fails: the sum over processes is a different figure
		sample_group(m, metrics, s);
	else if (proc_is_alive(m->pid, m->pid_started))
		sample_processes(m, s);
	bool lives = s->have || !(metrics & ~net);

	if (lives && m->networked) {
		if (metrics & net)
			interfaces_sample_sum(m, s);
	} else if (lives && m->own_network) { // loopback only: no traffic leaves the container
		sample_set(s, METRIC_NET_RX, 0);
		sample_set(s, METRIC_NET_TX, 0);
	}
	s->have &= metrics;
}

int containers_sample(struct containers *c, const struct measures *what,
                      void (*report)(void *context, const char *id, const struct sample *s), void *context,
                      struct err *e)
{
	(void)e;
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; measures_any(what, KIND_CONTAINER) && i < c->measured_count; i++) {
		struct measured *m = &c->measured[i];
		uint32_t metrics = measures_of(what, KIND_CONTAINER, m->id);
		struct sample s = {.at = clock_mono()};

		if (metrics)
			sample_one(m, metrics, &s);
		if (s.have)
			report(context, m->id, &s);
	}
	interfaces_sample(c, what, report, context);
	pthread_mutex_unlock(&c->lock);
	volumes_sample(c, what, report, context);
	return 0;
}
