// Turns messages of the agent into the link's inventory and callbacks. The agent may be hostile: everything is
// checked and bounded, and a violation ends the connection.
#include "state.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"

static const char *text_or_empty(const json_t *message, const char *key)
{
	const char *text = wire_get_text(message, key);

	return text ? text : "";
}

static void hello_words(const json_t *message, struct strv *words)
{
	static const char *const keys[] = {"host", "program", "system", "kernel", "machine", "user"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char *word = wire_cut_text(message, keys[i], WIRE_WORD_MAX);
		strv_take(words, word ? word : mem_strdup(""));
	}
}

static int take_hello(struct link *link, const json_t *message, struct err *e)
{
	auto_strv words = {0};
	hello_words(message, &words);
	const struct link_hello hello = {
		.host = words.items[0],
		.program = words.items[1],
		.system = words.items[2],
		.kernel = words.items[3],
		.machine = words.items[4],
		.user = words.items[5],
		.cpus = (unsigned)wire_get_int(message, "cpus", 1, 65536, 1),
		.engines = (unsigned)wire_get_int(message, "engines", 0, LINK_ENGINES_MAX, 0),
		.read_only = json_is_true(json_object_get(message, "read-only")),
		.clock = wire_get_int(message, "clock", 0, INT64_MAX, 0),
	};

	link->version = (int)wire_get_int(message, "version", 0, INT32_MAX, 0);
	if (link->version < 1)
		return err_msg(e, EPROTO, "the agent speaks an unknown protocol version (update hostel here or on that host)");
	link->up = true;
	link->up_since = clock_mono();
	link->retry_at = 0;
	link->expected = hello.engines;
	link_set_interval(link, link->interval);
	if (link->on.on_hello)
		link->on.on_hello(link->context, &hello);
	return 0;
}

static struct engine_view *find_engine(struct link *link, const char *name)
{
	for (size_t i = 0; name && i < link->engine_count; i++)
		if (strcmp(link->engines[i].engine.name, name) == 0)
			return &link->engines[i];
	return NULL;
}

static void group_clear(struct link *link, struct group *group)
{
	size_t host = strlen(link->name) - strlen(ID_HERE); // may wrap around, like the sum

	for (size_t i = 0; i < group->count; i++) {
		link->ids_bytes -= strlen(group->ids[i]) - host + sizeof(char *);
		free(group->ids[i]);
	}
	free(group->ids);
	*group = (struct group){0};
}

static void engine_done(struct link *link, struct engine_view *view)
{
	free(view->engine.name);
	free(view->engine.spec);
	free(view->engine.trouble);
	free(view->engine.note);
	for (size_t g = 0; g < view->group_count; g++)
		group_clear(link, &view->groups[g]);
	free(view->groups);
	*view = (struct engine_view){0};
}

void messages_forget(struct link *link)
{
	for (size_t i = 0; i < link->engine_count; i++)
		engine_done(link, &link->engines[i]);
	link->engine_count = 0;
	link->ids_bytes = 0;
	free(link->refreshing);
	link->refreshing = NULL;
	inventory_abort(link->inv);
}

static void add_event(struct link *link, int64_t at, const char *id, bool bad, const char *text)
{
	auto_free char *cut = mem_strdup(text);

	str_cut(cut, WIRE_TEXT_MAX);
	if (link->on.on_event)
		link->on.on_event(
		    link->context,
		    &(struct link_event){at, id && strlen(id) <= WIRE_ID_MAX + strlen(link->name) ? id : NULL, cut, bad});
}

// A token bucket of WIRE_EVENTS_BURST events, refilled at WIRE_EVENTS_RATE. Excess events are only counted.
static void report_change_at(struct link *link, int64_t at, const char *id, bool bad, const char *text)
{
	int64_t now = clock_mono();
	double filled = link->events_at ? (double)(now - link->events_at) / SECOND * WIRE_EVENTS_RATE : WIRE_EVENTS_BURST;

	link->events_left =
	    link->events_left + filled < WIRE_EVENTS_BURST ? link->events_left + filled : WIRE_EVENTS_BURST;
	link->events_at = now;
	if (link->events_left < 1) {
		link->events_lost++;
		return;
	}
	link->events_left--;
	add_event(link, at, id, bad, text);
}

static void report_change(struct link *link, const char *id, bool bad, const char *text)
{
	report_change_at(link, clock_wall(), id, bad, text);
}

void messages_check(struct link *link)
{
	auto_free char *text = mem_printf("%zu more events were dropped: the agent sent more than %d per second",
	                                  link->events_lost, WIRE_EVENTS_RATE);

	if (link->events_lost)
		add_event(link, clock_wall(), NULL, true, text);
	link->events_lost = 0;
}

void messages_row_gone(struct link *link, const struct item *item)
{
	link->rows_bytes -= item_bytes(item);
}

static void say_trouble(struct link *link, const struct link_engine *engine)
{
	auto_free char *text = engine->trouble ? mem_printf("%s: %s", engine->name, engine->trouble)
	                                       : mem_printf("%s responds again", engine->name);

	report_change(link, NULL, engine->trouble, text);
}

void link_check_ready(struct link *link)
{
	bool all = link->up && !link->ready && link->engine_count >= link->expected;

	for (size_t i = 0; i < link->engine_count; i++)
		all &= link->engines[i].engine.listed || link->engines[i].engine.trouble;
	if (!all)
		return;
	link->ready = true;
	if (link->on.on_ready)
		link->on.on_ready(link->context);
}

// The kinds in NAMES, or OTHERWISE if the agent sent none.
static unsigned kinds_of(const json_t *names, unsigned otherwise)
{
	return names ? wire_kinds_read(names) : otherwise;
}

static int take_engine(struct link *link, const json_t *message, struct err *e)
{
	const char *name = wire_get_text(message, "name");
	auto_free char *trouble = wire_cut_text(message, "trouble", WIRE_TEXT_MAX),
	               *spec = wire_cut_text(message, "spec", WIRE_WORD_MAX);
	auto_free char *note = wire_cut_text(message, "note", WIRE_TEXT_MAX);
	struct engine_view *view = find_engine(link, name);
	bool known = view;

	if (!name || !*name || strchr(name, '/') || strlen(name) > 64)
		return err_msg(e, EPROTO, "the agent sent an invalid engine name");
	if (!view && link->engine_count == LINK_ENGINES_MAX)
		return err_msg(e, EPROTO, "the agent sent more than %d engines", LINK_ENGINES_MAX);
	if (!view) {
		view = &link->engines[link->engine_count++];
		view->engine.name = mem_strdup(name);
		view->engine.spec = mem_strdup(spec ? spec : "");
	}
	int kind = kind_find(text_or_empty(message, "kind"));
	view->engine.kind = kind < 0 ? KIND_CONTAINER : (enum kind)kind;
	view->engine.creates = kinds_of(json_object_get(message, "creates"), 1u << view->engine.kind);
	bool changed = !str_equal(trouble, view->engine.trouble);
	free(view->engine.trouble);
	view->engine.trouble = steal(trouble);
	bool noted = !str_equal(note, view->engine.note);
	free(view->engine.note);
	view->engine.note = steal(note);
	view->engine.unopened = json_is_true(json_object_get(message, "unopened"));
	view->engine.absent = json_is_true(json_object_get(message, "absent"));
	if (link->on.on_engine && (changed || noted || !known))
		link->on.on_engine(link->context, &view->engine);
	if (changed)
		say_trouble(link, &view->engine);
	link_check_ready(link);
	return 0;
}

static bool id_fits(const char *id, const char *engine)
{
	return id_is_of(id, engine) && strlen(id) <= WIRE_ID_MAX;
}

static void say_change(struct link *link, const struct workload *w, enum item_state before)
{
	auto_str text = {0};

	str_addf(&text, "%s: %s → %s", w->name, item_state_info(before)->name, item_state_info(w->state)->name);
	if (w->state == STATE_EXITED || w->state == STATE_CRASHED) {
		if (w->exit_code >= 0)
			str_addf(&text, " %d", w->exit_code);
		if (w->reason)
			str_addf(&text, " (%s)", w->reason);
	}
	report_change(link, w->id, workload_failed(w), str_text(&text));
}

static double valid_number(double number)
{
	return number >= 0 && number < 1e9 ? number : 0;
}

static void say_unread(struct link *link, const char *engine, const struct err *e)
{
	auto_free char *text =
	    mem_printf("%s: some items are not shown: %s (update hostel on this host)", engine, e->text);

	if (!link->rows_unread)
		report_change(link, NULL, true, text);
	link->rows_unread = true;
}

static void sanitize_item(struct item *item)
{
	struct workload *w = (struct workload *)workload_of(item);

	if (!w)
		return;
	w->cpus = valid_number(w->cpus);
	w->start_ms = valid_number(w->start_ms);
}

// Checks the limits on items with ITEM replacing OLD (NULL: a new one).
static int check_room(struct link *link, const struct item *old, const struct item *item, struct err *e)
{
	if (!old && inventory_item_count(link->inv) >= WIRE_ROWS_MAX)
		return err_msg(e, EPROTO, "the agent sent more than %d items", WIRE_ROWS_MAX);
	size_t bytes = link->rows_bytes - (old ? item_bytes(old) : 0) + item_bytes(item);
	if (bytes > WIRE_ROWS_BYTES_MAX)
		return err_msg(e, EPROTO, "the agent sent more than %d MiB of items", WIRE_ROWS_BYTES_MAX >> 20);
	return 0;
}

// Stores ITEM, whose id belongs to ENGINE. Takes ownership of its contents.
static int store_item(struct link *link, const char *engine, struct item *item, struct err *e)
{
	item_rehost(item, link->name);
	free(item->engine);
	item->engine = mem_strdup(engine);
	sanitize_item(item);
	item_bound(item);
	const struct item *old = inventory_find_item(link->inv, item->id);
	int r = check_room(link, old, item, e);
	if (r < 0)
		return r;
	auto_free char *id = mem_strdup(item->id);
	enum item_state before = old ? old->state : item->state, now = item->state;
	// otherwise counted by the removal
	link->rows_bytes += item_bytes(item) - (old && old->kind == item->kind ? item_bytes(old) : 0);
	inventory_upsert_item(link->inv, item);
	const struct workload *stored = inventory_find(link->inv, id);
	if (before != now && stored)
		say_change(link, stored, before);
	return 0;
}

static int put_item(struct link *link, const char *engine, const json_t *object, struct err *e)
{
	struct item *item;
	struct err unread;

	// from a newer agent, with unknown states or kinds
	if (item_from_json(&item, object, wire_naming(link->version), &unread) < 0) {
		say_unread(link, engine, &unread);
		return 0;
	}
	int r = id_fits(item->id, engine)
	            ? store_item(link, engine, item, e)
	            : err_msg(e, EPROTO, "the agent sent an item of '%s' with an invalid id", engine);
	if (r < 0)
		item_free(item);
	else
		free(item);
	return r;
}

static int drop_item(struct link *link, const char *engine, const json_t *value, struct err *e)
{
	const char *id = json_string_value(value);

	if (!id || !id_fits(id, engine))
		return err_msg(e, EPROTO, "the agent removed an item of '%s' with an invalid id", engine);
	auto_free char *own = id_rehost(id, link->name);
	inventory_remove(link->inv, own);
	return 0;
}

static void begin_list(struct link *link, const char *engine)
{
	inventory_begin(link->inv, engine);
	free(link->refreshing);
	link->refreshing = mem_strdup(engine);
}

static void end_list(struct link *link, struct engine_view *view)
{
	if (!str_equal(link->refreshing, view->engine.name))
		return;
	inventory_end(link->inv);
	free(link->refreshing);
	link->refreshing = NULL;
	view->engine.listed = true;
	link_check_ready(link);
}

static int take_rows(struct link *link, const json_t *message, struct err *e)
{
	struct engine_view *view = find_engine(link, wire_get_text(message, "engine"));
	size_t index;
	json_t *item;
	int r = 0;

	if (!view)
		return err_msg(e, EPROTO, "the agent sent rows of an unknown engine");
	if (json_is_true(json_object_get(message, "begin")))
		begin_list(link, view->engine.name);
	json_array_foreach (json_object_get(message, "put"), index, item) {
		if (r == 0)
			r = put_item(link, view->engine.name, item, e);
	}
	json_array_foreach (json_object_get(message, "drop"), index, item) {
		if (r == 0)
			r = drop_item(link, view->engine.name, item, e);
	}
	if (r == 0 && json_is_true(json_object_get(message, "end")))
		end_list(link, view);
	return r;
}

static void take_handed_list(struct link *link, struct handed *thing)
{
	struct engine_view *view = find_engine(link, thing->engine);

	if (!view)
		return;
	inventory_begin(link->inv, view->engine.name);
	inventory_take(link->inv, steal(thing->list));
	inventory_end(link->inv);
	view->engine.listed = true;
	link_check_ready(link);
}

// Handles the data handed over by an agent in this process. The answer to REQUEST is appended to TEXT.
static void take_handed(struct link *link, int64_t request, struct str *text)
{
	for (struct handed *thing; link->handover && (thing = handover_take(link->handover)); handed_free(thing)) {
		if (thing->list)
			take_handed_list(link, thing);
		if (thing->samples.count && link->on.on_tick)
			link->on.on_tick(link->context, &thing->samples);
		if (thing->request == request)
			str_add_bytes(text, str_text(&thing->text), thing->text.length);
	}
}

static int take_reply(struct link *link, const json_t *message, struct err *e)
{
	auto_str handed = {0};

	take_handed(link, wire_get_int(message, "id", 1, UINT32_MAX, 0), &handed);
	return request_take_reply(link, message, str_text(&handed), e);
}

// Group number N of an engine, created if it is the next one.
static struct group *group_at(struct engine_view *view, int64_t n)
{
	if (n == (int64_t)view->group_count && n < WIRE_ROWS_MAX / WIRE_GROUP) {
		view->groups = mem_resize(view->groups, view->group_count + 1, sizeof(*view->groups));
		view->groups[view->group_count++] = (struct group){0};
	}
	return n >= 0 && n < (int64_t)view->group_count ? &view->groups[n] : NULL;
}

static int take_ids(struct link *link, const json_t *message, struct err *e)
{
	struct engine_view *view = find_engine(link, wire_get_text(message, "engine"));
	struct group *group = view ? group_at(view, wire_get_int(message, "group", 0, INT32_MAX, -1)) : NULL;
	const json_t *ids = json_object_get(message, "ids");
	size_t index;
	json_t *item;

	if (!group || !json_is_array(ids) || json_array_size(ids) > WIRE_GROUP)
		return err_msg(e, EPROTO, "the agent sent ids of an invalid group");
	group_clear(link, group);
	*group = (struct group){mem_array(json_array_size(ids) + 1, sizeof(char *)), 0};
	json_array_foreach (ids, index, item) {
		const char *id = json_string_value(item);

		if (!id || !id_fits(id, view->engine.name))
			return err_msg(e, EPROTO, "the agent sent invalid ids of '%s'", view->engine.name);
		link->ids_bytes += strlen(id) + sizeof(char *);
		if (link->ids_bytes > WIRE_IDS_BYTES_MAX)
			return err_msg(e, EPROTO, "the agent sent more than %d MiB of ids", WIRE_IDS_BYTES_MAX >> 20);
		group->ids[group->count++] = id_rehost(id, link->name);
	}
	return 0;
}

// ID as in the inventory: an agent of version 1 sends no kind.
static char *complete_id(const struct link *link, char *id)
{
	const struct item *item = link->version < 2 ? inventory_find_item(link->inv, id) : NULL;

	return item ? item->id : id;
}

static int take_tick(struct link *link, const json_t *message, struct err *e)
{
	struct engine_view *view = find_engine(link, wire_get_text(message, "engine"));
	int64_t n = wire_get_int(message, "group", 0, INT32_MAX, -1);
	struct group *group = view && n >= 0 && n < (int64_t)view->group_count ? &view->groups[n] : NULL;

	if (!group)
		return err_msg(e, EPROTO, "the agent sent figures of an unknown group");
	auto_free struct sample *samples = mem_array(group->count + 1, sizeof(*samples));
	auto_free struct sample_row *rows = mem_array(group->count + 1, sizeof(*rows));
	int r = wire_tick_read(message, samples, group->count, wire_naming(link->version), e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < group->count; i++)
		rows[i] = (struct sample_row){complete_id(link, group->ids[i]), samples[i]};
	const struct sample_set set = {rows, group->count, group->count};
	if (link->on.on_tick)
		link->on.on_tick(link->context, &set);
	return 0;
}

static int take_host(struct link *link, const json_t *message, struct err *e)
{
	struct proc_host host;
	int64_t at;

	(void)e;
	wire_host_read(message, &at, &host);
	if (link->on.on_host)
		link->on.on_host(link->context, at, &host);
	return 0;
}

static int take_event(struct link *link, const json_t *message, struct err *e)
{
	const char *id = wire_get_text(message, "id");
	auto_free char *own = id ? id_rehost(id, link->name) : NULL;
	bool bad = json_is_true(json_object_get(message, "bad"));

	(void)e;
	report_change_at(link, wire_get_int(message, "at", 0, INT64_MAX, 0), own ? complete_id(link, own) : NULL, bad,
	       text_or_empty(message, "text"));
	return 0;
}

static int take_counts(struct link *link, const json_t *message, struct err *e)
{
	int r = wants_take_counts(link, find_engine(link, wire_get_text(message, "engine")), message, e);

	if (r == 0 && link->on.on_counts)
		link->on.on_counts(link->context);
	return r;
}

static int take_pong(struct link *link, const json_t *message, struct err *e)
{
	int64_t now = clock_mono(), stamp = wire_get_int(message, "stamp", 1, now, 0);

	(void)e;
	if (stamp)
		link->round_trip = now - stamp;
	return 0;
}

static int take_error(struct link *link, const json_t *message, struct err *e)
{
	auto_free char *text = mem_printf("the agent reports: %s", text_or_empty(message, "text"));

	(void)e;
	report_change(link, NULL, true, text);
	return 0;
}

int messages_take(struct link *link, const json_t *message, struct err *e)
{
	static const struct {
		const char *type;
		bool early; // may come before the hello
		int (*take)(struct link *link, const json_t *message, struct err *e);
	} types[] = {
		{"hello", true, take_hello},          {"engine", false, take_engine},
		{"rows", false, take_rows},           {"ids", false, take_ids},
		{"tick", false, take_tick},           {"host", false, take_host},
		{"event", false, take_event},         {"reply", false, take_reply},
		{"progress", false, request_take_progress}, {"pong", false, take_pong},
		{"counts", false, take_counts},
		{"error", true, take_error},
	};
	const char *type = wire_get_text(message, "type");

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].type, type) == 0) {
			if (!link->up && !types[i].early)
				return err_msg(e, EPROTO, "the agent sent '%s' before its greeting", type);
			return types[i].take(link, message, e);
		}
	json_t *answer = wire_message("error");
	auto_free char *text = mem_printf("unknown message '%.100s'", type);
	wire_set_text(answer, "text", text);
	link_send(link, answer);
	return 0;
}
