// Streams in this process: see stream.h.
#include "stream.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "model/id.h"

int stream_engine_of(struct engine *engine, const struct cli *c, const char *id, struct err *e)
{
	auto_strv usual = {0};

	engine_add_defaults(&usual);
	const struct strv *specs = c->engines.count ? &c->engines : &usual;
	for (size_t i = 0; i < specs->count; i++) {
		auto_free char *name = mem_strndup(specs->items[i], strcspn(specs->items[i], ":"));

		if (id_is_of(id, name))
			return engine_open(engine, specs->items[i], c->read_only, e);
	}
	return err_msg(e, ENOENT, "no guest or container '%s'", id);
}

int stream_engine_for(struct engine *engine, const struct cli *c, enum kind kind, struct err *e)
{
	auto_strv usual = {0};

	engine_add_defaults(&usual);
	const struct strv *specs = c->engines.count ? &c->engines : &usual;
	for (size_t i = 0; i < specs->count; i++) {
		auto_free char *name = mem_strndup(specs->items[i], strcspn(specs->items[i], ":"));
		const struct engine_ops *ops = engine_find(name);

		if (!ops || ops->does(kind, VERB_CREATE))
			return engine_open(engine, specs->items[i], c->read_only, e);
	}
	return err_msg(e, ENOSYS, "no engine here creates a %s", kind_name(kind));
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
