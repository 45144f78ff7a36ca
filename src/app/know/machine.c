// Machines: see machine.h.
#include "machine.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"

#include "rows.h"

struct machine *machines_add(struct machines *machines, struct app *app)
{
	struct machine *m = mem_new(sizeof(*m));

	m->app = app;
	host_init(&m->host);
	machines->items = mem_resize(machines->items, machines->count + 1, sizeof(struct machine *));
	return machines->items[machines->count++] = m;
}

void machines_done(struct machines *machines)
{
	for (size_t i = 0; i < machines->count; i++) {
		free(machines->items[i]->name);
		free(machines->items[i]->system);
		free(machines->items[i]->kernel);
		free(machines->items[i]->lost);
		free(machines->items[i]);
	}
	free(machines->items);
	*machines = (struct machines){0};
}

size_t machines_count(const struct machines *machines, enum kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < machines->count; i++)
		count += link_count(machines->items[i]->link, kind);
	return count;
}

int64_t machine_now(const struct machine *m)
{
	return m->host.now.wall ? m->host.now.wall : clock_wall() + m->clock_ahead;
}

int64_t row_now(const struct row *row)
{
	return machine_now(row->machine);
}

bool row_is_stale(const struct row *row)
{
	const struct link_engine *engine;

	if (row->machine->lost || row->w.trouble)
		return true;
	for (size_t i = 0; (engine = link_engine(row->machine->link, i)); i++)
		if (str_equal(engine->name, row->w.engine))
			return engine->trouble != NULL;
	return false;
}

unsigned row_host_cpus(const struct row *row)
{
	return row->machine->host.now.cpus;
}
