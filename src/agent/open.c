// Opening engines: each in a thread of its own, so that one that hangs delays no other.
#include "state.h"

#include "base/clock.h"
#include "base/mem.h"

static void deliver_opened(struct agent *a, struct post *p)
{
	struct agent_engine *en = p->engine;

	en->engine = en->opened;
	en->opening = 0;
	en->failure = p->err.code ? mem_strdup(p->err.text) : NULL;
	atomic_store(&en->list_due, 0);
	if (!a->ending)
		en->agent->on_opened(en);
	agent_thread_ended(a, p);
}

static void *open_engine(void *argument)
{
	struct agent_engine *en = argument;
	struct post *p = post_new(deliver_opened, en, NULL);

	if (engine_open(&en->opened, en->spec, en->agent->read_only, &p->err) == 0)
		p->err.code = 0;
	agent_post(en->agent, p);
	return NULL;
}

void engine_begin(struct agent_engine *en)
{
	if (en->engine.ops || en->opening || en->failure)
		return;
	en->opening = clock_mono();
	atomic_store(&en->list_due, en->opening + AGENT_LATE * SECOND);
	if (agent_thread(open_engine, en) == 0) {
		en->agent->threads++;
		return;
	}
	en->opening = 0;
	atomic_store(&en->list_due, 0);
	en->failure = mem_strdup("cannot start a thread (too many processes?)");
	en->agent->on_opened(en);
}
