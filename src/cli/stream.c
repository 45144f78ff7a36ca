// Streams in this process: see stream.h.
#include "stream.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"
#include "model/inventory.h"
#include "model/job.h"

// Opens the first engine for which FITS is true. Returns -ENOENT without a text if there is none.
static int open_first(struct engine *engine, const struct cli *c, bool (*fits)(const char *name, const void *what),
                      const void *what, struct err *e)
{
	auto_strv usual = {0}, specs = {0};

	engine_add_defaults(&usual);
	strv_copy(&specs, c->engines.count ? &c->engines : &usual);
	engine_add_jobs(&specs, &specs);
	for (size_t i = 0; i < specs.count; i++) {
		auto_free char *name = mem_strndup(specs.items[i], strcspn(specs.items[i], ":"));

		if (fits(name, what))
			return engine_open(engine, specs.items[i], c->read_only, e);
	}
	return -ENOENT;
}

static bool has_id(const char *name, const void *id)
{
	return id_is_of(id, name);
}

// True for an unknown engine: opening it reports the error.
static bool creates_kind(const char *name, const void *kind)
{
	const struct engine_ops *ops = engine_find(name);

	return !ops || ops->does(*(const enum kind *)kind, VERB_CREATE);
}

struct wanted {
	enum kind kind;
	const char *name;
};

static bool creates_named(const char *engine, const void *wanted)
{
	const struct wanted *w = wanted;
	const struct engine_ops *ops = engine_find(engine);

	return creates_kind(engine, &w->kind) && !(ops && ops->named >> w->kind & 1 && strchr(w->name, '/'));
}

int stream_engine_of(struct engine *engine, const struct cli *c, const char *id, struct err *e)
{
	*e = (struct err){0};
	int r = open_first(engine, c, has_id, id, e);

	return r == -ENOENT && !e->code ? err_msg(e, ENOENT, "no guest or container '%s'", id) : r;
}

int stream_engine_for(struct engine *engine, const struct cli *c, enum kind kind, struct err *e)
{
	*e = (struct err){0};
	int r = open_first(engine, c, creates_kind, &kind, e);

	return r == -ENOENT && !e->code ? err_msg(e, ENOSYS, "no engine on this host creates %s", kind_phrase(kind)) : r;
}

int stream_engine_named(struct engine *engine, const struct cli *c, enum kind kind, const char *name, struct err *e)
{
	*e = (struct err){0};
	int r = open_first(engine, c, creates_named, &(struct wanted){kind, name}, e);

	return r == -ENOENT && !e->code ? err_msg(e, EINVAL, "invalid name '%s' for %s", name, kind_phrase(kind)) : r;
}

int stream_connect(const struct cli *c, const char *id, enum stream stream, const struct params *p, struct err *e)
{
	struct engine engine = {0};
	int r = stream_engine_of(&engine, c, id, e);

	if (r == 0)
		r = engine.ops->stream(engine.self, id, stream, p, e);
	engine_close(&engine);
	return r;
}

int stream_await_exit(const struct cli *c, const char *id, struct err *e)
{
	struct engine engine = {0};
	int r = stream_engine_of(&engine, c, id, e);

	if (r == 0)
		r = engine.ops->await_exit ? engine.ops->await_exit(engine.self, id, e)
		                           : err_msg(e, ENOTSUP, "'%s' has no exit status to wait for", id);
	engine_close(&engine);
	return r;
}

static int list_job(struct engine *engine, struct inventory *inv, const char *id, const struct job_record **job,
                    struct err *e)
{
	inventory_begin(inv, NULL);
	int r = engine->ops->list(engine->self, inv, e);
	inventory_end(inv);
	*job = r < 0 ? NULL : (const struct job_record *)inventory_find_item(inv, id);
	return r < 0 ? r : *job ? 0 : err_msg(e, ENOENT, "job %s was removed", id_key(id));
}

// Why a finished job failed, and which files it left.
static int job_outcome(const struct job_record *job, struct err *e)
{
	const char *state = item_state_info(job->state)->name;
	auto_str left = {0};

	for (size_t i = 0; i < job->left.count; i++)
		str_addf(&left, "%s%s", i ? ", " : "; it left behind ", job->left.items[i]);
	return job->state == STATE_DONE
	           ? 0
	           : err_msg(e, EIO, "job %s (%s) %s%s%s%s", job->name, job->what ? job->what : "?", state,
	                     job->phase ? ": " : "", job->phase ? job->phase : "", str_text(&left));
}

int stream_await_job(const struct cli *c, const char *id, struct err *e)
{
	struct engine engine = {0};
	struct inventory *inv = inventory_new();
	const struct job_record *job = NULL;
	int r = stream_engine_of(&engine, c, id, e);

	inventory_want(inv, 1u << KIND_JOB, 0);
	while (r >= 0 && (r = list_job(&engine, inv, id, &job, e)) == 0 && job->state == STATE_RUNNING) {
		cli_progress(job->progress > 0 ? job->progress / 100 : -1, job->phase ? job->phase : "");
		r = engine.ops->wait(engine.self, SECOND, e);
	}
	cli_progress(-1, NULL);
	r = r < 0 ? r : job_outcome(job, e);
	inventory_free(inv);
	engine_close(&engine);
	return r;
}
