// The name and the networks of the monitor's container: both can change while it runs.
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/store/store.h"
#include "monitor.h"

// Of the networks that the container is on; NULL: the host's.
static const struct network_space *space_of(const struct monitor *m)
{
	return m->hold.space.user < 0 ? NULL : &m->hold.space;
}

void monitor_watch_network(struct monitor *m)
{
	if (m->record.join.own || space_of(m))
		network_watch_start(&m->watch, m->store, m->record.name, space_of(m));
}

void monitor_follow_networks(struct monitor *m)
{
	network_watch_stop(&m->watch);
	network_watch_start(&m->watch, m->store, m->record.name, space_of(m));
	if (!m->watch.count && !m->watch.space)
		network_watch_stop(&m->watch);
	network_follow_ports(m->store, m->record.name, &m->hold);
}

bool monitor_was_renamed(const struct monitor *m)
{
	auto_free char *name = store_container_name(m->dir);

	return name && !str_equal(name, m->record.name);
}

void monitor_follow_name(struct monitor *m)
{
	auto_free char *name = store_container_name(m->dir), *id = mem_strdup(record_id(&m->record));
	const char *slash = strrchr(m->directory, '/');

	if (!name || str_equal(name, m->record.name))
		return;
	char *directory = mem_printf("%.*s%s", (int)(slash ? slash + 1 - m->directory : 0), m->directory, name);
	free(m->directory);
	m->directory = directory;
	free(m->record.name);
	free(m->record.id);
	m->record.name = steal(name);
	m->record.id = steal(id);
}
