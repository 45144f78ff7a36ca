// Which engines the client of a verb opens: see client_state.h.
#include "client_state.h"

#include "base/mem.h"
#include "engine/registry.h"

// Avoids asking engines that cannot have NAME if another engine has it: asking libvirt loads its library.
static unsigned kinds_called(const char *name)
{
	unsigned kinds = 0;
	bool sure = false;
	auto_strv usual = {0};

	engine_add_defaults(&usual);
	for (size_t i = 0; i < usual.count; i++) {
		const struct engine_ops *ops = engine_find(usual.items[i]);
		int has = ops->has ? ops->has(NULL, name) : -1;

		sure |= has > 0;
		kinds |= has ? 1u << ops->kind : 0;
	}
	return sure ? kinds : CLIENT_ALL_KINDS;
}

unsigned client_kinds_of(const struct cli *c, int count, char **words)
{
	unsigned kinds = count ? 0 : CLIENT_ALL_KINDS;
	bool workloads = c->noun < 0 || kind_is_workload((enum kind)c->noun);

	for (int i = 0; i < count; i++) {
		const struct engine_ops *ops = engine_of_id(words[i]);

		kinds |= ops ? 1u << ops->kind : workloads && !c->host ? kinds_called(words[i]) : CLIENT_ALL_KINDS;
	}
	return kinds;
}

// Of engines that the user did not name, those that cannot have items of the KINDS are not asked: see kinds_called().
static bool may_have(const char *name, unsigned kinds)
{
	const struct engine_ops *ops = engine_find(name);

	bool may = !ops->may_have;

	for (int kind = 0; !may && kind < KINDS; kind++)
		may = kinds >> kind & 1 && ops->may_have(NULL, (enum kind)kind);
	return may;
}

void client_choose_engines(struct client *s, const struct cli *c, unsigned kinds)
{
	auto_strv usual = {0};

	engine_add_defaults(&usual);
	const struct strv *specs = c->engines.count ? &c->engines : &usual;
	bool jobs = s->kinds == 1u << KIND_JOB;
	for (size_t i = 0; i < specs->count; i++)
		if (jobs ? !engine_leaves_jobs(specs->items[i])
		         : c->engines.count || (kinds & ~KIND_BIT_ANY && may_have(specs->items[i], s->listed)) ||
		       kinds & KIND_BIT_ANY & s->listed & 1u << engine_find(specs->items[i])->kind)
			strv_add(&s->specs, specs->items[i]);
	if (jobs)
		engine_add_jobs(specs, &s->specs);
	s->narrowed = s->specs.count < specs->count;
}

unsigned client_kinds_to_list(const struct cli *c, unsigned kinds)
{
	unsigned meant = cli_kinds(c);

	if (c->noun < 0 && kinds != CLIENT_ALL_KINDS)
		meant |= kinds;
	return meant & KIND_BIT_ANY ? meant | KIND_BIT_ANY : meant;
}
