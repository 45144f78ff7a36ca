// The container engine: the container layer behind the engine table.
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "container/check.h"
#include "container/containers.h"
#include "container/networks.h"
#include "container/images.h"
#include "container/volumes.h"
#include "engine/engine.h"
#include "model/id.h"
#include "model/param.h"
#include "shared_networks.h"

static int bunk_engine_open(void **self, const char *where, bool read_only, struct err *e)
{
	containers_use_networks(&shared_networks_of_libvirt);
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

static bool is_of(const char *id, enum kind kind)
{
	return id_is_complete(id) && id_may_be(id, kind);
}

// What each kind does; containers are last, because their ids may lack the kind.
static const struct {
	enum kind kind;
	bool (*does)(enum verb verb);
	int (*act)(struct containers *c, const char *key, enum verb verb, const struct params *p, const struct job *job,
	           struct err *e);
} kinds[] = {
	{KIND_IMAGE, containers_image_do, containers_image_act},
	{KIND_VOLUME, containers_volume_do, containers_volume_act},
	{KIND_NETWORK, containers_network_do, containers_network_act},
	{KIND_CONTAINER, containers_do, containers_act},
};

// Sets *KEY, owned by the caller, to the key of what was made.
typedef int maker(struct containers *c, const struct params *p, const struct job *job, char **key, struct err *e);

static int make_image(struct containers *c, const struct params *p, const struct job *job, char **digest,
                      struct err *e)
{
	maker *make = params_get(p, PARAM_CONTAINER) ? containers_commit
	              : params_get(p, PARAM_SOURCE)  ? containers_import
	                                             : containers_pull;

	return make(c, p, job, digest, e);
}

static maker *const makers[KINDS] = {
	[KIND_IMAGE] = make_image,
	[KIND_VOLUME] = containers_volume_create,
	[KIND_NETWORK] = containers_network_create,
	[KIND_CONTAINER] = containers_create,
};

static bool bunk_engine_does(enum kind kind, enum verb verb)
{
	if (verb == VERB_CREATE)
		return makers[kind];
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].does(verb);
	return false;
}

static bool bunk_engine_suits(enum kind kind, const struct params *p)
{
	return kind != KIND_VOLUME || containers_volume_suits(p);
}

static int bunk_engine_act(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
                           struct err *e)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(kinds) && !is_of(id, kinds[i].kind))
		i++;
	return kinds[i].act(self, id_key(id), verb, p, job, e);
}

static int bunk_engine_create(void *self, enum kind kind, const struct params *p, const struct job *job,
                              char **id, struct err *e)
{
	auto_free char *key = NULL;

	if (kind == KIND_CONTAINER && str_equal(params_get(p, PARAM_UNPACK), "yes")) {
		*id = mem_strdup("");
		return containers_unpack(self, p, job, e);
	}
	int r = makers[kind](self, p, job, &key, e);

	if (r == 0)
		*id = id_make("bunk", kind, key);
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
	return kind == KIND_IMAGE || (kind == KIND_CONTAINER && containers_create_is_long(self, p));
}

static int read_space(struct containers *c, const char *id, struct str *text, struct err *e)
{
	return !str_equal(id_key(id), "*") ? 0 // of a single item
	       : is_of(id, KIND_IMAGE)  ? containers_image_space(c, text, e)
	       : is_of(id, KIND_VOLUME) ? containers_volume_space(c, text, e)
	                                : containers_space(c, text, e);
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

	if (what == DOCUMENT_SPACE)
		return read_space(self, id, text, e);
	if (is_of(id, KIND_INTERFACE)) // all is in its facts
		return 0;
	if (is_of(id, KIND_IMAGE))
		return containers_image_read(self, id_key(id), what, text, e);
	if (is_of(id, KIND_VOLUME))
		return containers_volume_read(self, id_key(id), what, text, e);
	if (is_of(id, KIND_NETWORK))
		return containers_network_read(self, id_key(id), what, text, e);
	return readers[what](self, id_key(id), text, e);
}

static int bunk_engine_stream(void *self, const char *id, enum stream stream, const struct params *p, struct err *e)
{
	static const struct params none;

	if (is_of(id, KIND_VOLUME))
		return containers_volume_stream(self, id_key(id), stream, p, e);
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

static int bunk_engine_events(void *self, const struct params *p, struct err *e)
{
	return containers_events(self, p, e);
}

static int bunk_engine_check(const char *where, unsigned flags, struct findings *f, struct err *e)
{
	containers_use_networks(&shared_networks_of_libvirt);
	return containers_check(where, flags, f, e);
}

const struct engine_ops engine_bunk = {
	.name = "bunk",
	.kind = KIND_CONTAINER,
	.lists = 1 << KIND_CONTAINER | 1 << KIND_IMAGE | 1 << KIND_VOLUME | 1 << KIND_NETWORK | 1 << KIND_INTERFACE,
	.named = 1 << KIND_CONTAINER | 1 << KIND_VOLUME,
	.open = bunk_engine_open,
	.close = bunk_engine_close,
	.has = containers_has,
	.list = bunk_engine_list,
	.sample = bunk_engine_sample,
	.wait = bunk_engine_wait,
	.wake = bunk_engine_wake,
	.does = bunk_engine_does,
	.suits = bunk_engine_suits,
	.act = bunk_engine_act,
	.create = bunk_engine_create,
	.choices = bunk_engine_choices,
	.create_is_long = bunk_engine_create_is_long,
	.read = bunk_engine_read,
	.check = bunk_engine_check,
	.stream = bunk_engine_stream,
	.events = bunk_engine_events,
	.await_exit = bunk_engine_await_exit,
};
