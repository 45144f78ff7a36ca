// Opening the containers of this host, and waiting for changes: see container/containers.h.
#include "container/containers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/name.h"
#include "container/look/images.h"
#include "container/look/measure.h"
#include "container/look/volumes.h"
#include "container/state/containers.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "sys/cgroup.h"
#include "sys/proc.h"

#define RELIST (5 * SECOND) // killed monitors cause no event

static int find_programs(struct containers *c, struct err *e)
{
	const char *wanted = getenv("HOSTEL_RUNTIME"), *runtime = wanted && *wanted ? wanted : "bunk";

	c->program = proc_find_program(runtime);
	c->monitor_program = proc_find_program("hostel-monitor");
	if (!c->program || !c->monitor_program)
		return err_msg(e, ENOENT, "'%s' is not installed (searched next to hostel and in PATH)",
		               c->program ? "hostel-monitor" : runtime);
	return 0;
}

// Users have few inotify instances (sysctl fs.inotify.max_user_instances). Without one, changes are noticed by listing
// every RELIST. Opened only for the first wait: closing one takes 10 ms or more (an RCU grace period in the kernel).
static void watch_store(struct containers *c)
{
	auto_free char *path = mem_printf("%s/containers", c->store.path);

	c->watched = true;
	c->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (c->changes >= 0)
		inotify_add_watch(c->changes, path, IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM);
}

int containers_has(const char *where, const char *name)
{
	auto_free char *store = store_where(where);
	auto_free char *path = store ? mem_printf("%s/containers/%s", store, name) : NULL;

	return path && name_is_valid(KIND_CONTAINER, name) && access(path, F_OK) == 0;
}

int containers_open(struct containers **out, const char *where, bool read_only, struct err *e)
{
	struct containers *c = mem_new(sizeof(*c));

	c->read_only = read_only;
	c->changes = c->wake = c->foreground.line = -1;
	c->store.containers = c->store.layers = c->store.images = c->store.volumes = -1;
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_init(&c->volumes_lock, NULL);
	c->boot = run_state_boot();
	int r = find_programs(c, e);
	if (r == 0)
		r = store_open(&c->store, where, e);
	if (r == 0)
		r = cgroup_layout_read(&c->layout, e);
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r == 0 && c->wake < 0)
		r = err_set(e, errno, "cannot create an eventfd");
	if (r < 0) {
		containers_close(c);
		return r;
	}
	*out = c;
	return 0;
}

void containers_close(struct containers *c)
{
	if (!c)
		return;
	measure_done(c);
	images_done(c);
	volumes_done(c);
	auto_close_run(&c->changes);
	auto_close_run(&c->wake);
	auto_close_run(&c->foreground.line);
	free(c->foreground.name);
	cgroup_layout_done(&c->layout);
	store_done(&c->store);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->volumes_lock);
	free(c->program);
	free(c->monitor_program);
	free(c->boot);
	free(c);
}

int containers_wait(struct containers *c, int64_t timeout, struct err *e)
{
	int64_t until = clock_mono() + (timeout < RELIST ? timeout : RELIST);
	struct pollfd p[] = {{c->changes, POLLIN, 0}, {c->wake, POLLIN, 0}};
	char events[4096];
	uint64_t count;

	if (!c->watched) {
		watch_store(c);
		return 1; // earlier changes may have been missed
	}
	for (;;) {
		int n = poll(p, 2, clock_poll_ms(until));
		if (n < 0 && errno != EINTR)
			return err_set(e, errno, "cannot wait for changes");
		if (n == 0)
			return timeout >= RELIST;
		if (n > 0)
			break;
	}
	while (read(c->changes, events, sizeof(events)) > 0)
		;
	return p[1].revents && read(c->wake, &count, sizeof(count)) > 0 ? 0 : 1;
}

void containers_wake(struct containers *c)
{
	eventfd_write(c->wake, 1);
}
