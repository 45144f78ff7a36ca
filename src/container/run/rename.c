// Renaming a container: see rename.h.
#include "rename.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/network/libvirt/reservation.h"
#include "container/network/network.h"
#include "container/state/runtime.h"
#include "container/state/view_monitor.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "model/kind.h"
#include "model/name.h"

int container_check_rename(struct containers *c, const struct view *v, const char *to, struct err *e)
{
	if (name_check(KIND_CONTAINER, to, e) < 0)
		return -EINVAL;
	if (view_refuse_stopped(v, e) < 0)
		return -e->code;
	return faccessat(c->store.containers, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0
	           ? err_msg(e, EEXIST, "container '%s' already exists", to)
	           : 0;
}

// Gives the record the name TO, and the id that it has now if that is in use: also if that is TO, since this process
// may be killed before the directory has that name.
static void rename_record(struct record *r, const char *to, bool in_use)
{
	auto_free char *id = in_use ? mem_strdup(record_id(r)) : NULL;

	free(r->name);
	free(r->id);
	r->name = mem_strdup(to);
	r->id = steal(id);
}

struct move {
	struct containers *c;
	struct view *v;
	const char *from, *to;
};

static int move(void *context, struct err *e)
{
	const struct move *m = context;
	int containers = m->c->store.containers;
	auto_close int lock = runtime_lock_ids(m->c, e);
	int r = lock < 0 ? lock : record_write(m->v->dir, &m->v->record, e);

	if (r < 0 || renameat2(containers, m->from, containers, m->to, RENAME_NOREPLACE) == 0)
		return r;
	return errno == EEXIST ? err_msg(e, EEXIST, "container '%s' already exists", m->to)
	                       : err_set(e, errno, "cannot rename container '%s'", m->from);
}

// The record is written first: the name of the directory is authoritative (view_open()), and a record that has the new
// name already does no harm. Meanwhile the monitor neither starts nor removes anything by the old name.
int container_rename(struct containers *c, struct view *v, const char *to, struct err *e)
{
	auto_free char *from = mem_strdup(v->record.name), *id = v->record.id ? mem_strdup(v->record.id) : NULL;
	struct move m = {c, v, from, to};
	struct err ignored;

	if (container_check_rename(c, v, to, e) < 0)
		return -e->code;
	auto_close int naming = store_lock(v->dir, "naming", true);
	rename_record(&v->record, to, v->watched || runtime_knows(c, v));
	int r = network_rename(c->store.path, from, to, move, &m, e);
	if (r == 0) {
		view_signal_monitor(v, SIGTERM); // the monitor reads its name again
		reservations_copy(c->store.path, from, to);
		auto_close_run(&naming); // libvirt may not answer
		naming = -1;
		reservations_rename(c->store.path, from, to);
		return 0;
	}
	free(v->record.name); // a full disk, or a name that exists meanwhile
	free(v->record.id);
	v->record.name = steal(from);
	v->record.id = steal(id);
	record_write(v->dir, &v->record, &ignored);
	return r;
}
