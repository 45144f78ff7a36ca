// The table of engines.
#include "engine/registry.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/opts.h"
#include "model/id.h"

static const struct {
	const struct engine_ops *ops;
	bool usual; // opened by default
} engines[] = {
	{&engine_bunk, .usual = true},
	{&engine_libvirt, .usual = true},
	{&engine_job, .usual = false},
	{&engine_fake, .usual = false},
};

const struct engine_ops *engine_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (strcmp(engines[i].ops->name, name) == 0)
			return engines[i].ops;
	return NULL;
}

const struct engine_ops *engine_of_id(const char *id)
{
	const char *slash = id_is_on(id, ID_HERE) ? strchr(id, '/') : NULL;
	auto_free char *name = slash ? mem_strndup(slash + 1, strcspn(slash + 1, "/")) : NULL;

	return name ? engine_find(name) : NULL;
}

const char *engine_name_in_id(const char *id)
{
	const struct engine_ops *ops = engine_of_id(id);

	for (int kind = 0; ops && kind < KINDS; kind++)
		if (ops->named >> kind & 1 && id_may_be(id, (enum kind)kind))
			return id_key(id);
	return NULL;
}

void engine_add_defaults(struct strv *specs)
{
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (engines[i].usual)
			strv_add(specs, engines[i].ops->name);
}

static int unknown_engine(const char *name, struct err *e)
{
	auto_str names = {0};

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		str_addf(&names, "%s%s", i ? ", " : "", engines[i].ops->name);
	return err_msg(e, EINVAL, "unknown engine '%s' (engines: %s)", name, str_text(&names));
}

const char *engine_jobs_where(const struct strv *specs)
{
	for (size_t i = 0; i < specs->count; i++)
		if (str_starts(specs->items[i], "bunk:"))
			return specs->items[i] + strlen("bunk:");
	return NULL;
}

bool engine_leaves_jobs(const char *spec)
{
	auto_free char *name = mem_strndup(spec, strcspn(spec, ":"));
	const struct engine_ops *ops = engine_find(name);

	return ops && ops->create_is_long;
}

void engine_add_jobs(const struct strv *specs, struct strv *to)
{
	const char *where = engine_jobs_where(specs);
	bool any = false;

	for (size_t i = 0; i < specs->count; i++)
		any |= engine_leaves_jobs(specs->items[i]);
	if (any)
		strv_addf(to, "%s%s%s", engine_job.name, where ? ":" : "", where ? where : "");
}

char *engine_note(const struct engine *engine)
{
	return engine->ops->note ? engine->ops->note(engine->self) : NULL;
}

// The engine named by SPEC, or NULL with -EINVAL in E. *WHERE: the part of SPEC after the name, or NULL.
static const struct engine_ops *find_by_spec(const char *spec, const char **where, struct err *e)
{
	auto_free char *name = mem_strndup(spec, strcspn(spec, ":"));
	const struct engine_ops *ops = engine_find(name);

	*where = strchr(spec, ':') ? strchr(spec, ':') + 1 : NULL;
	if (!ops)
		unknown_engine(name, e);
	return ops;
}

int engine_check(const char *spec, unsigned flags, struct findings *f, struct err *e)
{
	const char *where;
	const struct engine_ops *ops = find_by_spec(spec, &where, e);

	if (!ops)
		return -EINVAL;
	return ops->check ? ops->check(where, flags, f, e) : 0;
}

int engine_open(struct engine *engine, const char *spec, bool read_only, struct err *e)
{
	const char *where;
	const struct engine_ops *ops = find_by_spec(spec, &where, e);
	void *self = NULL;

	if (!ops)
		return -EINVAL;
	int r = ops->open(&self, where, read_only, e);
	if (r < 0)
		return r;
	*engine = (struct engine){ops, self, mem_strdup(spec)};
	return 0;
}

void engine_close(struct engine *engine)
{
	if (!engine || !engine->ops)
		return;
	engine->ops->wake(engine->self);
	engine->ops->close(engine->self);
	free(engine->spec);
	*engine = (struct engine){0};
}
