// One engine in the agent: its trouble, and the thread that lists and waits for changes. Another thread samples
// (sampling.c). A hanging call blocks only its own thread. Threads use the loop only through agent_post().
#include "state.h"

#include <errno.h>
#include <stdlib.h>
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
	struct fact_set facts[KINDS]; // that are listed; where STORED, all that are not measured
	bool stored[KINDS];
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
	else if (d->stored[item->kind])
		json_array_append_new(d->put, item_to_json(item, wire_naming(d->version)));
	else
		json_array_append_new(d->put, item_facts_to_json(item, &d->facts[item->kind], wire_naming(d->version)));
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

static struct delta delta_begin(struct agent_engine *en, const struct subscription *s, bool complete)
{
	struct delta d = {.en = en, .put = json_array(), .drop = json_array(), .first = true, .complete = complete,
	                  .version = agent_version(en->agent)};

	for (enum kind kind = 0; kind < KINDS; kind++)
		d.stored[kind] = subscription_facts(s, kind, &d.facts[kind]);
	return d;
}

static void delta_end(struct delta *d)
{
	engine_post_text(d->en, deliver_rows, &d->lines);
	json_decref(d->put);
	json_decref(d->drop);
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
	struct subscription s = {0};
	bool subscribed;

	inventory_want(inv, kinds, 0);
	if (en->agent->handover)
		return hand_list(en, inv, e);
	agent_wanted(en->agent, &s, &subscribed);
	int r = ask_for_list(en, inv, e);
	struct delta d = delta_begin(en, &s, true);
	for (size_t i = 0; r >= 0 && i < inventory_item_count(inv); i++)
		collect(&d, CHANGE_ADDED, inventory_item_at(inv, i));
	if (r >= 0)
		flush(&d, true);
	delta_end(&d);
	post_outcome(en, r < 0 ? e : &(struct err){0});
	inventory_free(inv);
	subscription_done(&s);
	return r < 0 ? r : 0;
}

// --- what is wanted, again and again. All with the engine's lock held.

static void take_wanted(struct agent_engine *en, const struct subscription *s)
{
	inventory_begin(en->sent, NULL);
	subscription_select(s, en->all, en->sent);
	inventory_end(en->sent);
}

// Lists what S wants. Where that is not all of some kinds, what there is stays, to select from it again.
static int list_wanted(struct agent_engine *en, const struct subscription *s, struct err *e)
{
	bool whole = subscription_is_whole(s);
	unsigned kinds = subscription_kinds(s);

	inventory_want(en->all, whole ? 0 : kinds, KIND_BITS_ALL);
	inventory_want(en->sent, kinds, KIND_BITS_ALL);
	int r = ask_for_list(en, whole ? en->sent : en->all, e);
	if (r >= 0 && !whole)
		take_wanted(en, s);
	return r;
}

// What S wants is there already, since BEFORE wanted as much.
static bool select_wanted(struct agent_engine *en, const struct subscription *s, const struct subscription *before)
{
	unsigned kinds = subscription_kinds(s);
	bool whole = subscription_is_whole(s);

	if (!before->count || kinds & ~subscription_kinds(before) || whole != subscription_is_whole(before))
		return false;
	inventory_want(en->sent, kinds, KIND_BITS_ALL);
	inventory_want(en->all, whole ? 0 : kinds, KIND_BITS_ALL);
	if (!whole)
		take_wanted(en, s);
	return true;
}

static void post_counts(struct agent_engine *en, bool whole)
{
	const struct inventory *inv = whole ? en->sent : en->all;
	json_t *message = wire_message("counts");
	auto_str line = {0};
	bool news = !en->counted;

	json_object_set_new(message, "engine", json_string(en->name));
	for (enum kind kind = 0; kind < KINDS; kind++) {
		size_t count = inventory_kind_count(inv, kind);

		news |= count != en->counts[kind];
		en->counts[kind] = count;
		json_object_set_new(message, kind_name(kind), json_integer((json_int_t)count));
	}
	en->counted = true;
	wire_add(&line, message);
	if (news)
		engine_post_text(en, deliver_rows, &line);
}

// Tells the thread that samples which items the peer knows.
static void publish_known(struct agent_engine *en, const struct subscription *s)
{
	auto_strv ids = {0};

	for (size_t i = 0; !subscription_is_whole(s) && i < inventory_item_count(en->sent); i++)
		strv_add(&ids, inventory_item_at(en->sent, i)->id);
	strv_sort(&ids);
	uv_mutex_lock(&en->known_lock);
	struct strv before = en->known;
	en->known = ids;
	uv_mutex_unlock(&en->known_lock);
	ids = before;
}

// Lists, unless what is wanted need only be selected from what is there (ASK), and posts what changed, or everything
// when COMPLETE.
static int list_once(struct agent_engine *en, bool ask, bool complete, struct err *e)
{
	struct subscription s = {0};
	bool subscribed;

	en->listed_turn = agent_wanted(en->agent, &s, &subscribed);
	struct delta d = delta_begin(en, &s, complete);
	inventory_on_change(en->sent, complete ? NULL : collect, &d);
	bool selected = !ask && select_wanted(en, &s, &en->listed);
	int r = selected ? 0 : list_wanted(en, &s, e);
	inventory_on_change(en->sent, NULL, NULL);
	for (size_t i = 0; complete && r >= 0 && i < inventory_item_count(en->sent); i++)
		collect(&d, CHANGE_ADDED, inventory_item_at(en->sent, i));
	if (r >= 0 || !complete)
		flush(&d, true);
	delta_end(&d);
	if (r >= 0 && subscribed)
		post_counts(en, subscription_is_whole(&s));
	if (!selected)
		post_outcome(en, r < 0 ? e : &(struct err){0});
	subscription_done(&en->listed);
	en->listed = s;
	en->has_listed = r >= 0;
	publish_known(en, &s);
	return r < 0 ? r : 0;
}

static int list_locked(struct agent_engine *en, bool complete, struct err *e)
{
	uv_mutex_lock(&en->lock);
	int r = list_once(en, true, complete, e);
	uv_mutex_unlock(&en->lock);
	return r;
}

// Whether something else is to be listed since the last list.
static bool is_outdated(struct agent_engine *en, bool *other_facts)
{
	struct subscription s = {0};
	bool subscribed, outdated = agent_wanted(en->agent, &s, &subscribed) != en->listed_turn;

	outdated &= !subscription_lists_alike(&s, &en->listed);
	*other_facts = outdated && !subscription_lists_same_facts(&s, &en->listed);
	subscription_done(&s);
	return outdated;
}

// A thread that ends soon: the one that lists may wait for changes.
static void *relist(void *argument)
{
	struct agent_engine *en = argument;
	struct err e;
	bool other_facts;

	uv_mutex_lock(&en->lock);
	atomic_store(&en->relisting, false);
	if (en->has_listed && is_outdated(en, &other_facts)) // else the first list is still to come
		list_once(en, false, other_facts, &e);
	uv_mutex_unlock(&en->lock);
	agent_post(en->agent, post_new(agent_thread_ended, en, NULL));
	return NULL;
}

void engine_subscribe(struct agent_engine *en)
{
	if (atomic_exchange(&en->relisting, true))
		return;
	if (agent_thread(relist, en) == 0)
		en->agent->threads++;
	else
		atomic_store(&en->refresh, true);
}

// Waits until there is a reason to list again. Returns false when the agent ends.
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
	int64_t patience = SECOND;
	bool complete = true;
	struct err e = {0};

	agent_version(en->agent); // with the hello comes what is wanted

	while (!atomic_load(&en->agent->stopping)) {
		complete |= atomic_exchange(&en->resend, false);
		if (list_locked(en, complete, &e) < 0) {
			agent_nap(en->agent, patience);
			patience = patience < 8 * SECOND ? patience * 2 : 10 * SECOND;
			continue;
		}
		patience = SECOND;
		complete = false;
		wait_for_reason(en);
	}
	agent_post(en->agent, post_new(agent_thread_ended, en, NULL));
	return NULL;
}

void engine_threads_start(struct agent_engine *en)
{
	if (agent_thread(watch, en) == 0)
		en->agent->threads++;
	else
		en->failure = mem_strdup("cannot start a thread (too many processes?)");
	if (agent_thread(engine_sampling, en) == 0)
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
	json_object_set_new(message, "creates", kinds_created(en->ops));
	wire_set_text(message, "trouble", en->trouble);
	wire_set_text(message, "note", en->note);
	if (en->absent)
		json_object_set_new(message, "absent", json_true());
	if (!agent_engine_is_usable(en))
		json_object_set_new(message, "unopened", json_true());
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
	if (en->agent->greeted) // else the hello is followed by it
		agent_send(en->agent, engine_message(en));
}
