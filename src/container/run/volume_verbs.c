// Creating and changing volumes: see container/volumes.h. The verbs are rows of a table.
#include "container/volumes.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle/volume_users.h"
#include "container/state/containers.h"
#include "container/store/store.h"
#include "container/store/volume.h"
#include "model/name.h"
#include "model/param.h"

static int make_volume(struct containers *c, const char *name, const struct volume_record *record, struct err *e)
{
	auto_free char *entry = NULL;
	auto_close int fd = volume_make(&c->store, record, &entry, e);
	int r = fd < 0 ? fd : volume_publish(&c->store, entry, name, e);

	if (r < 0 && entry)
		volume_discard(&c->store, entry);
	if (r < 0)
		store_add_remedy(&c->store, e);
	return r;
}

int containers_volume_create(struct containers *c, const struct params *p, const struct job *job, char **name,
                             struct err *e)
{
	const char *wanted = params_or(p, PARAM_NAME, NULL), *label;
	struct volume_record record = {.created = clock_wall(), .fresh = true, .anonymous = !wanted};
	auto_free char *own = wanted ? mem_strdup(wanted) : volume_new_name();

	(void)job;
	for (size_t i = 0; (label = params_get_nth(p, PARAM_LABEL, i)); i++)
		strv_add(&record.labels, label);
	store_sweep(&c->store);
	int r = name_check(KIND_VOLUME, own, e);
	r = r < 0 ? r : make_volume(c, own, &record, e);
	volume_record_done(&record);
	store_touch(c->store.containers);
	if (r == 0)
		*name = steal(own);
	return r;
}

static int delete_volume(struct containers *c, const char *name, const struct params *p, const struct job *job,
                         struct err *e)
{
	(void)p, (void)job;
	return volume_delete(c->store.containers, c->store.volumes, name, e);
}

static int (*const verbs[VERBS])(struct containers *c, const char *name, const struct params *p, const struct job *job,
                                 struct err *e) = {
	[VERB_DELETE] = delete_volume,
};

bool containers_volume_do(enum verb verb)
{
	return verbs[verb];
}

int containers_volume_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                          const struct job *job, struct err *e)
{
	return verbs[verb](c, name, p, job, e);
}
