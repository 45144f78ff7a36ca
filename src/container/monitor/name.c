// Where the monitor's container is: it can be renamed while it runs.
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/store/store.h"
#include "monitor.h"

void monitor_watch_network(struct monitor *m)
{
	const struct network_space *space = m->hold.space.user < 0 ? NULL : &m->hold.space;

	if (m->record.join.own || space)
		network_watch_start(&m->watch, m->store, m->record.name, space);
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
	network_watch_stop(&m->watch);
	monitor_watch_network(m);
}
