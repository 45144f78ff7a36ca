// What killed jobs left behind: see engine/job_file.h.
#include "engine/job_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/containers.h"
#include "engine/registry.h"
#include "model/param.h"

static const char check[] = "jobs";

struct search {
	struct findings *found;
	const struct job_record *job;
	const char *subject, *store;
};

// Lists the engine that the job used. Returns 1 and sets *NAME if it has the item ID, 0, or negative errno.
static int look_up(const char *spec, const char *id, char **name, struct err *e)
{
	struct inventory *inv = inventory_new();
	struct engine engine = {0};
	int r = engine_open(&engine, spec, true, e);

	inventory_begin(inv, NULL);
	if (r == 0)
		r = engine.ops->list(engine.self, inv, e);
	inventory_end(inv);
	const struct item *item = r < 0 ? NULL : inventory_find_item(inv, id);
	if (item)
		*name = mem_strdup(item->name);
	inventory_free(inv);
	engine_close(&engine);
	return r < 0 ? r : item != NULL;
}

static void add_item(const struct search *s, const char *id)
{
	auto_free char *name = NULL;
	const struct job_record *job = s->job;
	bool usual = !strchr(job->spec, ':');
	auto_free char *engine = usual ? mem_strdup("") : mem_printf("--" OPTION_ENGINE " %s ", job->spec);
	auto_free char *remedy =
	    mem_printf("delete it: hostel %srm --" PARAM_FORCE " --" PARAM_STORAGE " %s; or keep it: hostel job rm %s",
	               engine, id, job->name);
	struct err e = {0};
	int r = look_up(job->spec, id, &name, &e);
	const char *what = job->what ? job->what : "?";

	if (r > 0)
		findings_add(s->found, check, s->subject, remedy, "%s was killed: %s may be incomplete", what, name);
	else if (r < 0)
		findings_add(s->found, check, s->subject, NULL, "%s was killed, and what it left cannot be listed: %s", what,
		             e.text)
		    ->note = true;
}

// The store's own files are found by its check.
static void add_file(const struct search *s, const char *path)
{
	auto_free char *remedy = mem_printf("if nothing uses it: rm -r '%s'", path);

	if (!s->store || !str_starts(path, s->store))
		findings_add(s->found, check, s->subject, remedy, "%s was killed and left %s",
		             s->job->what ? s->job->what : "?", path);
}

static void find_left(const struct search *s)
{
	size_t before = s->found->count;

	for (size_t i = 0; *s->job->spec && i < s->job->uses.count; i++)
		add_item(s, s->job->uses.items[i]);
	for (size_t i = 0; s->found->count == before && i < s->job->left.count; i++) // an item's files go with it
		add_file(s, s->job->left.items[i]);
}

int jobs_find_left(const char *where, struct findings *f, struct err *e)
{
	auto_close int dir = jobs_open(where, false, e);
	auto_free char *store = containers_jobs_path(where);
	auto_strv names = {0};
	struct err ignored;

	strv_add(&f->checks, check);
	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	if (strrchr(store, '/'))
		strrchr(store, '/')[1] = '\0';
	jobs_names(dir, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_free char *subject = mem_printf("job %s", names.items[i]);
		struct job_record job = {.kind = KIND_JOB};

		if (job_read(dir, names.items[i], &job, &ignored) == 0 && job.state == STATE_FAILED)
			find_left(&(struct search){f, &job, subject, store});
		job_done(&job);
	}
	return 0;
}
