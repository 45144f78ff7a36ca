// Sampling one engine: the thread that measures at the interval of the peer, and one sample on request.
#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"

enum { TROUBLE_EVERY = 10 }; // ticks between two looks for signs of trouble

static void deliver_ids(struct agent *a, struct post *p)
{
	if (agent_backlog(a) > WIRE_BACKLOG_MAX)
		atomic_store(&p->engine->ids_lost, true); // the tick after them is dropped, too
	else
		agent_send_text(a, &p->text);
}

// Figures are sent only while they are fresh.
static void deliver_tick(struct agent *a, struct post *p)
{
	if (agent_backlog(a) < 1u << 20)
		agent_send_text(a, &p->text);
}

static bool same_rows(const struct sample_set *a, const struct sample_set *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->rows[i].id, b->rows[i].id) != 0)
			return false;
	return true;
}

static void add_ids(struct str *out, const struct agent_engine *en, size_t group, const struct sample_row *rows,
                    size_t count, int version)
{
	json_t *message = wire_message("ids"), *ids = json_array();

	for (size_t i = 0; i < count; i++) {
		auto_free char *id = wire_id(version, rows[i].id);

		json_array_append_new(ids, json_string(id));
	}
	json_object_set_new(message, "engine", json_string(en->name));
	json_object_set_new(message, "group", json_integer((json_int_t)group));
	json_object_set_new(message, "ids", ids);
	wire_add(out, message);
}

// Posts SET, preceded by the ids of its rows if they differ from those of BEFORE.
static void post_set(struct agent_engine *en, const struct sample_set *set, const struct sample_set *before,
                     int version)
{
	bool known = !atomic_exchange(&en->ids_lost, false) && same_rows(set, before);
	auto_str ids = {0};
	auto_str ticks = {0};

	for (size_t at = 0, group = 0; at < set->count; at += WIRE_GROUP, group++) {
		size_t count = set->count - at < WIRE_GROUP ? set->count - at : WIRE_GROUP;

		if (!known)
			add_ids(&ids, en, group, set->rows + at, count, version);
		wire_add_tick(&ticks, en->name, group, set->rows + at, count, wire_naming(version));
	}
	engine_post_text(en, deliver_ids, &ids);
	engine_post_text(en, deliver_tick, &ticks);
}

// What the last subscription wants measured.
struct measuring {
	struct measures wanted, with_trouble;
	bool subscribed, whole;
	unsigned turn, ticks;
};

static void measuring_done(struct measuring *m)
{
	measures_done(&m->wanted);
	measures_done(&m->with_trouble);
}

static void measuring_update(struct measuring *m, struct agent *a)
{
	struct subscription s = {0};
	unsigned turn = agent_wanted(a, &s, &m->subscribed);

	if (turn != m->turn || !m->ticks) {
		measuring_done(m);
		subscription_measure(&s, &m->wanted);
		subscription_measure(&s, &m->with_trouble);
		measures_add_trouble(&m->with_trouble);
		m->whole = subscription_is_whole(&s);
		m->turn = turn;
	}
	subscription_done(&s);
}

int engine_sample(struct agent_engine *en, struct err *e)
{
	static const struct sample_set none;
	struct sample_set set = {0};
	struct measuring m = {0};

	measuring_update(&m, en->agent);
	int r = en->engine.ops->sample(en->engine.self, &m.wanted, &set, e);
	if (r >= 0 && en->agent->handover) {
		handover_put(en->agent->handover, &(struct handed){.samples = set});
		set = (struct sample_set){0};
	} else if (r >= 0) {
		post_set(en, &set, &none, agent_version(en->agent));
	}
	sample_set_done(&set);
	measuring_done(&m);
	return r < 0 ? r : 0;
}

int64_t agent_next_tick(int64_t now, int64_t interval)
{
	return ((now + interval / 4) / interval + 1) * interval;
}

static int64_t interval_of(struct agent *a)
{
	uv_mutex_lock(&a->lock);
	int64_t interval = a->interval;
	uv_mutex_unlock(&a->lock);
	return interval;
}

// A peer of version 1 knows no items of other kinds, and one that wants a part of a list only those of that part.
static void keep_known(struct agent_engine *en, struct sample_set *set, int version, bool whole)
{
	size_t kept = 0;

	uv_mutex_lock(&en->known_lock);
	for (size_t i = 0; i < set->count; i++) {
		const char *id = set->rows[i].id;

		if ((version >= 2 || id_is_workload(id)) && (whole || strv_has_sorted(&en->known, id)))
			set->rows[kept++] = set->rows[i];
		else
			free(set->rows[i].id);
	}
	uv_mutex_unlock(&en->known_lock);
	set->count = kept;
}

// A simulated host is measured together with its workloads, so that the figures add up.
static void post_host(struct agent_engine *en)
{
	auto_str line = {0};
	struct proc_host figures;
	int64_t at;

	if (!en->engine.ops->host)
		return;
	en->engine.ops->host(en->engine.self, &at, &figures);
	wire_add(&line, wire_host(at, &figures));
	engine_post_text(en, deliver_tick, &line);
}

// Signs of trouble are rare.
static const struct measures *what_now(const struct measuring *m)
{
	return m->subscribed && m->ticks % TROUBLE_EVERY == 0 ? &m->with_trouble : &m->wanted;
}

// Returns whether the next sample can be taken at once.
static bool sample_once(struct agent_engine *en, struct measuring *m, struct sample_set *set,
                        struct sample_set *before)
{
	struct sample_set spare = *before;
	struct err e;

	measuring_update(m, en->agent);
	sample_set_clear(set);
	atomic_store(&en->sample_due, clock_mono() + AGENT_LATE * SECOND);
	int r = en->engine.ops->sample(en->engine.self, what_now(m), set, &e);
	atomic_store(&en->sample_due, 0);
	m->ticks++;
	if (r < 0)
		return false; // the list reports the error
	int version = agent_version(en->agent);
	if (version < 2 || !m->whole)
		keep_known(en, set, version, m->whole);
	post_set(en, set, before, version);
	post_host(en);
	*before = *set;
	*set = spare;
	return r > 0;
}

void *engine_sampling(void *argument)
{
	struct agent_engine *en = argument;
	struct sample_set set = {0}, before = {0};
	struct measuring measuring = {0};
	int64_t next = 0;

	while (!atomic_load(&en->agent->stopping)) {
		int64_t interval = interval_of(en->agent), now = clock_mono();

		if (interval == 0 || now < next) {
			agent_nap_while(en->agent,
			                interval == 0           ? 3600 * SECOND
			                : next - now < interval ? next - now
			                                        : interval,
			                interval);
			next = next - now > 2 * interval ? now : next; // the interval became shorter
			continue;
		}
		if (sample_once(en, &measuring, &set, &before))
			continue;
		next = agent_next_tick(now, interval);
	}
	sample_set_done(&set);
	sample_set_done(&before);
	measuring_done(&measuring);
	agent_post(en->agent, post_new(agent_thread_ended, en, NULL));
	return NULL;
}
