// The threads of one engine in the agent: one lists and waits for changes, one samples. A hanging call blocks only its
// own thread. Threads use the loop only through agent_post().
#include "state.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "model/id.h"

enum {
	RELIST = 30,  // seconds between full lists, even without events
	SETTLE = 100, // minimum ms between two lists, to coalesce bursts of events
};

// The changes of one list, while being turned into lines.
struct delta {
	struct agent_engine *en;
	json_t *put, *drop;
	size_t bytes; // of the texts of added and changed items
	struct str lines;
	bool first; // no line was written yet
	int version; // of the wire
	bool complete;
};

static json_t *rows_message(struct delta *d)
{
	json_t *message = wire_message("rows");

	json_object_set_new(message, "engine", json_string(d->en->name));
	if (d->complete && d->first)
		json_object_set_new(message, "begin", json_true());
	d->first = false;
	return message;
}

static void flush(struct delta *d, bool last)
{
	bool needed = json_array_size(d->put) || json_array_size(d->drop) || (d->complete && last);

	if (!needed)
		return;
	json_t *message = rows_message(d);
	json_object_set_new(message, "put", d->put);
	json_object_set_new(message, "drop", d->drop);
	if (d->complete && last)
		json_object_set_new(message, "end", json_true());
	wire_add(&d->lines, message);
	d->put = json_array();
	d->drop = json_array();
	d->bytes = 0;
}

static void collect(void *context, enum change_kind kind, const struct item *item)
{
	struct delta *d = context;

	if (d->version < 2 && !workload_of(item))
		return;
	auto_free char *id = wire_id(d->version, item->id);
	if (kind == CHANGE_REMOVED)
		json_array_append_new(d->drop, json_string(id));
	else
		json_array_append_new(d->put, item_to_json(item, wire_naming(d->version)));
	d->bytes += item_bytes(item);
	if (json_array_size(d->put) + json_array_size(d->drop) >= WIRE_BATCH ||
	    d->bytes >= WIRE_BATCH_BYTES - ITEM_BYTES_MOST)
		flush(d, false);
}

static void deliver_rows(struct agent *a, struct post *p)
{
	if (agent_backlog(a) > WIRE_BACKLOG_MAX)
		p->engine->rows_lost = true;
	else
		agent_send_text(a, &p->text);
}

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

static void deliver_outcome(struct agent *a, struct post *p)
{
	(void)a;
	free(p->engine->failure);
	p->engine->failure = p->err.code ? mem_strdup(p->err.text) : NULL;
	p->engine->absent = p->err.code == ENOPKG;
	auto_free char *note = p->text.length ? str_steal(&p->text) : NULL;
	bool news = !str_equal(note, p->engine->note);
	free(p->engine->note);
	p->engine->note = steal(note);
	agent_engine_check(p->engine, clock_mono(), news);
}

static void post_text(struct agent_engine *en, void (*deliver)(struct agent *a, struct post *p), struct str *text)
{
	if (text->length) {
		struct post *p = post_new(deliver, en, NULL);

		p->text = *text;
		*text = (struct str){0};
		agent_post(en->agent, p);
	}
}

static void post_outcome(struct agent_engine *en, const struct err *e)
{
	struct post *p = post_new(deliver_outcome, en, NULL);
	auto_free char *note = e->code ? NULL : engine_note(&en->engine);

	p->err = *e;
	str_add(&p->text, note ? note : "");
	agent_post(en->agent, p);
}

// Lists the engine into INV. Returns 0, or negative errno with INV unchanged.
static int ask_for_list(struct agent_engine *en, struct inventory *inv, struct err *e)
{
	inventory_begin(inv, NULL);
	atomic_store(&en->list_due, clock_mono() + AGENT_LATE * SECOND);
	int r = en->engine.ops->list(en->engine.self, inv, e);
	atomic_store(&en->list_due, 0);
	if (r < 0)
		inventory_abort(inv);
	else
		inventory_end(inv);
	return r < 0 ? r : 0;
}

// Lists once and posts what changed, or everything when COMPLETE. Returns 0 or negative errno.
static int list_once(struct agent_engine *en, struct inventory *inv, bool complete, struct err *e)
{
	struct delta d = {.en = en, .put = json_array(), .drop = json_array(), .first = true, .complete = complete};

	d.version = complete ? 0 : agent_version(en->agent);
	inventory_on_change(inv, complete ? NULL : collect, &d);
	int r = ask_for_list(en, inv, e);
	d.version = d.version ? d.version : agent_version(en->agent);
	for (size_t i = 0; complete && r >= 0 && i < inventory_item_count(inv); i++)
		collect(&d, CHANGE_ADDED, inventory_item_at(inv, i));
	if (r >= 0 || !complete)
		flush(&d, true);
	post_text(en, deliver_rows, &d.lines);
	post_outcome(en, r < 0 ? e : &(struct err){0});
	json_decref(d.put);
	json_decref(d.drop);
	return r;
}

// Lists once and hands over the whole list without lines.
static int hand_list(struct agent_engine *en, struct inventory *inv, struct err *e)
{
	int r = ask_for_list(en, inv, e);

	post_outcome(en, r < 0 ? e : &(struct err){0});
	if (r < 0)
		inventory_free(inv);
	else
		handover_put(en->agent->handover, &(struct handed){.engine = mem_strdup(en->name), .list = inv});
	return r;
}

int engine_list(struct agent_engine *en, unsigned kinds, struct err *e)
{
	struct inventory *inv = inventory_new();

	inventory_want(inv, kinds);
	if (en->agent->handover)
		return hand_list(en, inv, e);
	int r = list_once(en, inv, true, e);
	inventory_free(inv);
	return r;
}

// Waits until it is time to list again. Returns false when the agent ends.
static bool wait_for_reason(struct agent_engine *en)
{
	int64_t until = clock_mono() + RELIST * SECOND;
	struct err e;

	while (!atomic_load(&en->agent->stopping) && clock_mono() < until) {
		if (atomic_exchange(&en->refresh, false) || atomic_load(&en->resend))
			break;
		atomic_store(&en->list_due, clock_mono() + (1 + AGENT_LATE) * SECOND);
		int r = en->engine.ops->wait(en->engine.self, SECOND, &e);
		atomic_store(&en->list_due, 0);
		if (r < 0)
			return agent_nap(en->agent, SECOND);
		if (r > 0)
			break;
	}
	return agent_nap(en->agent, SETTLE * MS);
}

static void *watch(void *argument)
{
	struct agent_engine *en = argument;
	struct inventory *inv = inventory_new();
	int64_t patience = SECOND;
	bool complete = true;
	struct err e = {0};

	while (!atomic_load(&en->agent->stopping)) {
		complete |= atomic_exchange(&en->resend, false);
		if (list_once(en, inv, complete, &e) < 0) {
			agent_nap(en->agent, patience);
			patience = patience < 8 * SECOND ? patience * 2 : 10 * SECOND;
			continue;
		}
		patience = SECOND;
		complete = false;
		wait_for_reason(en);
	}
	inventory_free(inv);
	agent_post(en->agent, post_new(agent_thread_ended, en, NULL));
	return NULL;
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
	post_text(en, deliver_ids, &ids);
	post_text(en, deliver_tick, &ticks);
}

int engine_sample(struct agent_engine *en, struct err *e)
{
	static const struct sample_set none;
	struct sample_set set = {0};
	int r = en->engine.ops->sample(en->engine.self, &set, e);

	if (r >= 0 && en->agent->handover) {
		handover_put(en->agent->handover, &(struct handed){.samples = set});
		set = (struct sample_set){0};
	} else if (r >= 0) {
		post_set(en, &set, &none, agent_version(en->agent));
	}
	sample_set_done(&set);
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

// A peer of version 1 knows only workloads.
static void keep_workloads(struct sample_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++)
		if (id_is_workload(set->rows[i].id))
			set->rows[kept++] = set->rows[i];
		else
			free(set->rows[i].id);
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
	post_text(en, deliver_tick, &line);
}

// Returns whether the next sample can follow at once.
static bool sample_once(struct agent_engine *en, struct sample_set *set, struct sample_set *before)
{
	struct sample_set spare = *before;
	struct err e;

	sample_set_clear(set);
	atomic_store(&en->sample_due, clock_mono() + AGENT_LATE * SECOND);
	int r = en->engine.ops->sample(en->engine.self, set, &e);
	atomic_store(&en->sample_due, 0);
	if (r < 0)
		return false; // the list reports the error
	int version = agent_version(en->agent);
	if (version < 2)
		keep_workloads(set);
	post_set(en, set, before, version);
	post_host(en);
	*before = *set;
	*set = spare;
	return r > 0;
}

static void *sample(void *argument)
{
	struct agent_engine *en = argument;
	struct sample_set set = {0}, before = {0};
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
		if (sample_once(en, &set, &before))
			continue;
		next = agent_next_tick(now, interval);
	}
	sample_set_done(&set);
	sample_set_done(&before);
	agent_post(en->agent, post_new(agent_thread_ended, en, NULL));
	return NULL;
}

void engine_threads_start(struct agent_engine *en)
{
	if (agent_thread(watch, en) == 0)
		en->agent->threads++;
	else
		en->failure = mem_strdup("cannot start a thread (too many processes?)");
	if (agent_thread(sample, en) == 0)
		en->agent->threads++;
}

static json_t *kinds_created(const struct engine_ops *ops)
{
	json_t *kinds = json_array();

	for (enum kind kind = 0; ops && kind < KINDS; kind++)
		if (ops->does(kind, VERB_CREATE))
			json_array_append_new(kinds, json_string(kind_name(kind)));
	return kinds;
}

json_t *engine_message(const struct agent_engine *en)
{
	json_t *message = wire_message("engine");

	wire_set_text(message, "name", en->name);
	wire_set_text(message, "spec", en->spec);
	wire_set_text(message, "kind", kind_name(en->kind));
	json_object_set_new(message, "creates", kinds_created(engine_find(en->name)));
	wire_set_text(message, "trouble", en->trouble);
	wire_set_text(message, "note", en->note);
	if (en->absent)
		json_object_set_new(message, "absent", json_true());
	return message;
}

static char *hung_text(int64_t since)
{
	char time[DATE_TEXT];

	return mem_printf("no answer since %s", date_local(time, DATE_TIME, clock_wall_at(since)));
}

void agent_engine_check(struct agent_engine *en, int64_t now, bool news)
{
	int64_t list = atomic_load(&en->list_due), sampling = atomic_load(&en->sample_due);
	int64_t due = list && (!sampling || list < sampling) ? list : sampling;
	auto_free char *trouble = due && due < now ? hung_text(due - AGENT_LATE * SECOND) : mem_strdup(en->failure);

	if (!news && str_equal(trouble, en->trouble))
		return;
	free(en->trouble);
	en->trouble = steal(trouble);
	agent_send(en->agent, engine_message(en));
}
