// The container engine: the container layer behind the engine table.
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "container/check.h"
#include "container/containers.h"
#include "container/images.h"
#include "engine/engine.h"
#include "model/id.h"
#include "model/param.h"

static int bunk_engine_open(void **self, const char *where, bool read_only, struct err *e)
{
	return containers_open((struct containers **)self, where, read_only, e);
}

static void bunk_engine_close(void *self)
{
	containers_close(self);
}

static int bunk_engine_list(void *self, struct inventory *inv, struct err *e)
{
	return containers_list(self, inv, e);
}

static void add_sample(void *context, const char *id, const struct sample *s)
{
	sample_set_add(context, id, s);
}

static int bunk_engine_sample(void *self, const struct measures *what, struct sample_set *set, struct err *e)
{
	return containers_sample(self, what, add_sample, set, e);
}

static int bunk_engine_wait(void *self, int64_t timeout, struct err *e)
{
	return containers_wait(self, timeout, e);
}

static void bunk_engine_wake(void *self)
{
	containers_wake(self);
}

static bool bunk_engine_does(enum kind kind, enum verb verb)
{
	return (verb == VERB_CREATE && (kind == KIND_CONTAINER || kind == KIND_IMAGE)) ||
	       (kind == KIND_CONTAINER && containers_do(verb)) || (kind == KIND_IMAGE && containers_image_do(verb));
}

static bool is_image(const char *id)
{
	return id_is_complete(id) && id_may_be(id, KIND_IMAGE);
}

static int bunk_engine_act(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
                           struct err *e)
{
	return is_image(id) ? containers_image_act(self, id_key(id), verb, p, job, e)
	                    : containers_act(self, id_key(id), verb, p, job, e);
}

static int make_image(void *self, const struct params *p, const struct job *job, char **id, struct err *e)
{
	auto_free char *digest = NULL;
	int r = params_get(p, PARAM_CONTAINER) ? containers_commit(self, p, job, &digest, e)
	        : params_get(p, PARAM_SOURCE)  ? containers_import(self, p, job, &digest, e)
	                                       : containers_pull(self, p, job, &digest, e);

	if (r == 0)
		*id = id_make("bunk", KIND_IMAGE, digest);
	return r;
}

static int bunk_engine_create(void *self, enum kind kind, const struct params *p, const struct job *job,
                              char **id, struct err *e)
{
	auto_free char *name = NULL;

	if (kind == KIND_IMAGE)
		return make_image(self, p, job, id, e);
	if (str_equal(params_get(p, PARAM_UNPACK), "yes")) {
		*id = mem_strdup("");
		return containers_unpack(self, p, job, e);
	}
	int r = containers_create(self, p, job, &name, e);

	if (r == 0)
		*id = id_make("bunk", KIND_CONTAINER, name);
	return r;
}

static int bunk_engine_choices(void *self, enum kind kind, const struct verb_field *field,
                               const struct params *so_far, struct strv *out, struct err *e)
{
	(void)e;
	if (kind == KIND_IMAGE && so_far && str_equal(field->name, PARAM_IMAGE))
		containers_image_names(self, params_or(so_far, PARAM_IMAGE, ""), out);
	return 0;
}

static bool bunk_engine_create_is_long(void *self, enum kind kind, const struct params *p)
{
	return kind == KIND_IMAGE || containers_create_is_long(self, p);
}

static int bunk_engine_read(void *self, const char *id, enum document what, struct str *text, struct err *e)
{
	static int (*const readers[])(struct containers *, const char *, struct str *, struct err *) = {
		[DOCUMENT_CONFIG] = containers_read_config,
		[DOCUMENT_DETAILS] = containers_read_details,
		[DOCUMENT_PROCESSES] = containers_read_processes,
		[DOCUMENT_LOG_TAIL] = containers_read_log_tail,
		[DOCUMENT_EVENTS] = containers_read_events,
		[DOCUMENT_CHANGES] = containers_read_changes,
		[DOCUMENT_DEFINITION] = containers_read_definition,
	};

	return is_image(id) ? containers_image_read(self, id_key(id), what, text, e)
	                    : readers[what](self, id_key(id), text, e);
}

static int bunk_engine_stream(void *self, const char *id, enum stream stream, const struct params *p, struct err *e)
{
	static const struct params none;

	switch (stream) {
	case STREAM_LOGS:
		return containers_logs(self, id_key(id), p, e);
	case STREAM_ATTACH:
		return containers_attach(self, id_key(id), e);
	case STREAM_COPY:
		return containers_copy(self, id_key(id), p ? p : &none, e);
	case STREAM_EXPORT:
		return containers_export(self, id_key(id), e);
	case STREAM_EXEC:
		return containers_exec(self, id_key(id), p ? p : &none, e);
	default:
		return err_msg(e, EOPNOTSUPP, "container '%s' has no serial console: attach to it, or run a shell in it",
		               id_key(id));
	}
}

static int bunk_engine_await_exit(void *self, const char *id, struct err *e)
{
	return containers_await_exit(self, id_key(id), e);
}

const struct engine_ops engine_bunk = {
	.name = "bunk",
	.kind = KIND_CONTAINER,
	.lists = 1 << KIND_CONTAINER | 1 << KIND_IMAGE,
	.named = 1 << KIND_CONTAINER,
	.open = bunk_engine_open,
	.close = bunk_engine_close,
	.has = containers_has,
	.list = bunk_engine_list,
	.sample = bunk_engine_sample,
	.wait = bunk_engine_wait,
	.wake = bunk_engine_wake,
	.does = bunk_engine_does,
	.act = bunk_engine_act,
	.create = bunk_engine_create,
	.choices = bunk_engine_choices,
	.create_is_long = bunk_engine_create_is_long,
	.read = bunk_engine_read,
	.check = containers_check,
	.stream = bunk_engine_stream,
	.await_exit = bunk_engine_await_exit,
};
