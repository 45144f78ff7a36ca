// Creating and changing volumes: see container/volumes.h. The verbs are rows of a table.
#include "container/volumes.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle/volume_users.h"
#include "container/look/space.h"
#include "container/look/volumes.h"
#include "container/state/containers.h"
#include "container/store/store.h"
#include "container/store/tree.h"
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

// The first option in P that only libvirt volumes have, or NULL.
static const char *option_of_libvirt(const struct params *p)
{
	return !str_equal(params_or(p, PARAM_FORMAT, "auto"), "auto") ? PARAM_FORMAT
	       : *params_or(p, PARAM_SIZE, "")                          ? PARAM_SIZE
	       : *params_or(p, PARAM_POOL, "")                          ? PARAM_POOL
	                                                                : NULL;
}

bool containers_volume_suits(const struct params *p)
{
	return !option_of_libvirt(p);
}

static int refuse_options(const struct params *p, struct err *e)
{
	const char *option = option_of_libvirt(p);

	return !option ? 0
	               : err_msg(e, EINVAL, "'--%s' is only for libvirt volumes (add --" OPTION_ENGINE " libvirt)",
	                         option);
}

int containers_volume_create(struct containers *c, const struct params *p, const struct job *job, char **name,
                             struct err *e)
{
	const char *wanted = params_or(p, PARAM_NAME, NULL), *label;
	struct volume_record record = {.created = clock_wall(), .fresh = true, .anonymous = !wanted};
	auto_free char *own = wanted ? mem_strdup(wanted) : volume_new_name();

	(void)job;
	if (refuse_options(p, e) < 0)
		return -e->code;
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

// Whether a prune removes it: an anonymous volume, or with ALL any, that no container uses. Adds its line to TEXT.
static bool is_pruned(struct containers *c, const char *name, bool all, struct str *text, struct err *e)
{
	auto_close int fd = volume_open(c->store.volumes, name, NULL);
	auto_close int data = fd < 0 ? -1 : volume_open_data(c->store.volumes, name, NULL);
	struct volume_record record = {0};
	auto_strv users = {0};
	uint64_t bytes = 0;
	int r = fd < 0 ? fd : volume_record_read(fd, &record, NULL); // a damaged one is left to a person

	bool wanted = r == 0 && (all || record.anonymous);
	volume_record_done(&record);
	if (!wanted || volume_users(c->store.containers, name, &users, e) < 0 || users.count)
		return false;
	if (tree_size(data, &bytes) < 0)
		bytes = 0;
	str_addf(text, "volume\t%s\t%llu\n", name, (unsigned long long)bytes);
	return true;
}

// Deletes a volume that was chosen, whose line begins at BEFORE in TEXT. One that is gone, or has just got a user,
// is left out.
static int delete_chosen(struct containers *c, const char *name, struct str *text, size_t before, struct err *e)
{
	int r = volume_delete(c->store.containers, c->store.volumes, name, e);

	if (r < 0) {
		text->length = before;
		text->text[before] = '\0';
	}
	return r == -ENOENT || r == -EBUSY ? (e->code = 0) : r;
}

static int prune(struct containers *c, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	bool all = p && str_equal(params_get(p, PARAM_ALL), "yes"),
	     look = p && str_equal(params_get(p, PARAM_DRY_RUN), "yes");
	auto_strv names = {0};
	auto_str text = {0};
	int r = volume_names(c->store.volumes, &names, e);

	(void)name;
	e->code = 0;
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		size_t before = text.length;
		bool gone = is_pruned(c, names.items[i], all, &text, e);
		r = gone && !look ? delete_chosen(c, names.items[i], &text, before, e) : -e->code;
	}
	if (r == 0 && job->out && text.length)
		str_addf(job->out, "TYPE\tNAME\tBYTES\n%s", str_text(&text));
	return r;
}

static void add_space(struct containers *c, const char *name, struct space *space)
{
	auto_close int data = volume_open_data(c->store.volumes, name, NULL);
	auto_strv users = {0};
	struct err ignored;
	uint64_t bytes = 0;

	if (tree_size(data, &bytes) < 0)
		bytes = 0;
	bool used = volume_users(c->store.containers, name, &users, &ignored) < 0 || users.count;
	space->count++;
	space->used += used;
	space->bytes += bytes;
	space->unused += used ? 0 : bytes;
}

int containers_volume_space(struct containers *c, struct str *text, struct err *e)
{
	auto_strv names = {0};
	struct space space = {0};
	int r = volume_names(c->store.volumes, &names, e);

	for (size_t i = 0; r == 0 && i < names.count; i++)
		add_space(c, names.items[i], &space);
	if (r == 0)
		space_write(&space, "volumes", text);
	return r;
}

static int (*const verbs[VERBS])(struct containers *c, const char *name, const struct params *p, const struct job *job,
                                 struct err *e) = {
	[VERB_DELETE] = delete_volume,
	[VERB_PRUNE] = prune,
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
