// Workloads: see model/workload.h. One table of fields drives copying, comparing and JSON.
#include "model/workload.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "model/verb.h"

static const struct workload_state_info states[STATES] = {
	[STATE_UNKNOWN] = {.name = "unknown", .sign = "?", .ascii_sign = "?"},
	[STATE_CREATED] = {.name = "created", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_RUNNING] = {.name = "running", .sign = "●", .ascii_sign = "*", .flags = NEEDS_RUNNING | NEEDS_UNPAUSED},
	[STATE_PAUSED] = {.name = "paused", .sign = "◐", .ascii_sign = "=", .flags = NEEDS_RUNNING | NEEDS_PAUSED},
	[STATE_STOPPING] = {.name = "stopping", .sign = "◌", .ascii_sign = "-", .flags = NEEDS_RUNNING | NEEDS_UNPAUSED},
	[STATE_OFF] = {.name = "off", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_EXITED] = {.name = "exited", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_CRASHED] = {.name = "crashed", .sign = "✗", .ascii_sign = "x", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_SUSPENDED] = {.name = "suspended", .sign = "◑", .ascii_sign = "z", .flags = NEEDS_STOPPED | NEEDS_PAUSED},
};

static const struct {
	const char *name, *alias;
} kinds[KINDS] = {
	[KIND_CONTAINER] = {.name = "container", .alias = "ct"},
	[KIND_GUEST] = {.name = "guest", .alias = "vm"},
};
const char workload_kinds[] = "guest or vm, container or ct";

const struct workload_state_info *workload_state_info(enum workload_state state)
{
	return &states[state];
}

bool workload_failed(const struct workload *w)
{
	bool obeyed = w->exit_code == 128 + SIGTERM || w->exit_code == 128 + SIGINT;

	return w->state == STATE_CRASHED || (w->state == STATE_EXITED && !obeyed && (w->exit_code > 0 || w->reason));
}

unsigned workload_flags(const struct workload *w)
{
	unsigned flags = states[w->state].flags;

	return w->active && flags & NEEDS_STOPPED ? NEEDS_RUNNING | NEEDS_PAUSED : flags;
}

bool workload_is_active(const struct workload *w)
{
	return w->active || states[w->state].flags & NEEDS_RUNNING;
}

const char *workload_kind_name(enum workload_kind kind)
{
	return kinds[kind].name;
}

int workload_kind_find(const char *name)
{
	for (int kind = 0; kind < KINDS; kind++)
		if (strcmp(name, kinds[kind].name) == 0 || strcmp(name, kinds[kind].alias) == 0)
			return kind;
	return -1;
}

unsigned workload_kinds_from(const char *prefix)
{
	unsigned found = 0;

	for (int kind = 0; kind < KINDS; kind++)
		if (strncasecmp(kinds[kind].name, prefix, strlen(prefix)) == 0 || strncasecmp(kinds[kind].alias, prefix, strlen(prefix)) == 0)
			found |= 1u << kind;
	return found;
}

const struct workload_field workload_fields[] = {
	{.name = "id", .type = FIELD_TEXT, .at = offsetof(struct workload, id), .help = "HOST/ENGINE/UUID-or-name",
	 .most = WORKLOAD_ID_MAX},
	{.name = "name", .type = FIELD_TEXT, .at = offsetof(struct workload, name), .help = "its name", .most = 255},
	{.name = "host", .type = FIELD_TEXT, .at = offsetof(struct workload, host), .help = "the machine it is on",
	 .most = 255},
	{.name = "engine", .type = FIELD_TEXT, .at = offsetof(struct workload, engine), .help = "what runs it",
	 .most = 64},
	{.name = "kind", .type = FIELD_KIND, .at = offsetof(struct workload, kind), .help = "guest or container"},
	{.name = "state", .type = FIELD_STATE, .at = offsetof(struct workload, state), .help = "its state"},
	{.name = "image", .type = FIELD_TEXT, .at = offsetof(struct workload, image),
	 .help = "image of a container, operating system of a guest", .most = 1024},
	{.name = "command", .type = FIELD_TEXT, .at = offsetof(struct workload, command), .help = "what runs inside",
	 .most = 2048},
	{.name = "created", .type = FIELD_TIME, .at = offsetof(struct workload, created), .help = "when it was created"},
	{.name = "started", .type = FIELD_TIME, .at = offsetof(struct workload, started), .help = "when it was started"},
	{.name = "finished", .type = FIELD_TIME, .at = offsetof(struct workload, finished), .help = "when it ended"},
	{.name = "exit-code", .type = FIELD_INT, .at = offsetof(struct workload, exit_code),
	 .help = "exit code, -1 = none yet"},
	{.name = "reason", .type = FIELD_TEXT, .at = offsetof(struct workload, reason), .help = "why it ended",
	 .most = 512},
	{.name = "last-finished", .type = FIELD_TIME, .at = offsetof(struct workload, last_finished),
	 .help = "when its previous run ended"},
	{.name = "last-exit-code", .type = FIELD_INT, .at = offsetof(struct workload, last_exit_code),
	 .help = "exit code of the previous run"},
	{.name = "last-reason", .type = FIELD_TEXT, .at = offsetof(struct workload, last_reason),
	 .help = "why its previous run ended", .most = 512},
	{.name = "cpus", .type = FIELD_NUMBER, .at = offsetof(struct workload, cpus),
	 .help = "limit in CPUs, or virtual CPUs"},
	{.name = "memory-limit", .type = FIELD_BYTES, .at = offsetof(struct workload, memory_limit),
	 .help = "limit in bytes"},
	{.name = "addresses", .type = FIELD_TEXT, .at = offsetof(struct workload, addresses),
	 .help = "network addresses", .most = 1024},
	{.name = "labels", .type = FIELD_LIST, .at = offsetof(struct workload, labels), .help = "name=value", .most = 512},
	{.name = "restarts", .type = FIELD_INT, .at = offsetof(struct workload, restarts),
	 .help = "how often it was restarted"},
	{.name = "autostart", .type = FIELD_BOOL, .at = offsetof(struct workload, autostart),
	 .help = "starts with the host"},
	{.name = "persistent", .type = FIELD_BOOL, .at = offsetof(struct workload, persistent),
	 .help = "is kept when it ends"},
	{.name = "active", .type = FIELD_BOOL, .at = offsetof(struct workload, active),
	 .help = "is running, whatever its state is called"},
	{.name = "simulated", .type = FIELD_BOOL, .at = offsetof(struct workload, simulated), .help = "is not real"},
	{.name = "start-ms", .type = FIELD_NUMBER, .at = offsetof(struct workload, start_ms),
	 .help = "how long its last start took, in milliseconds"},
	{.name = "pid", .type = FIELD_INT, .at = offsetof(struct workload, pid), .help = "its first process, or QEMU"},
	{.name = "posture", .type = FIELD_POSTURE, .at = offsetof(struct workload, posture), .help = "what isolates it"},
	{.name = "trouble", .type = FIELD_TEXT, .at = offsetof(struct workload, trouble),
	 .help = "why details are missing", .most = 1024},
	{0},
};

// What can be done with a field of one type. A row each; AT points at the field.
struct field_ops {
	void (*done)(void *at);
	void (*copy)(void *to, const void *from);
	bool (*equal)(const void *a, const void *b);
	json_t *(*write)(const void *at); // NULL when there is nothing to say
	bool (*read)(void *at, const json_t *value);
};

static void done_nothing(void *at)
{
	(void)at;
}

static void text_done(void *at)
{
	free(*(char **)at);
	*(char **)at = NULL;
}

static void text_copy(void *to, const void *from)
{
	*(char **)to = mem_strdup(*(char *const *)from);
}

static bool text_equal(const void *a, const void *b)
{
	return str_equal(*(char *const *)a, *(char *const *)b);
}

static json_t *text_write(const void *at)
{
	const char *text = *(char *const *)at;

	if (!text)
		return NULL;
	json_t *value = json_string(text);
	if (value)
		return value;
	auto_free char *visible = str_visible(text); // JSON carries UTF-8 only
	return json_string(visible);
}

static bool text_read(void *at, const json_t *value)
{
	if (!json_is_string(value))
		return false;
	text_done(at);
	*(char **)at = mem_strdup(json_string_value(value));
	return true;
}

static void list_done(void *at)
{
	strv_done(at);
}

static void list_copy(void *to, const void *from)
{
	strv_copy(to, from);
}

static bool list_equal(const void *a, const void *b)
{
	return strv_equal(a, b);
}

static json_t *list_write(const void *at)
{
	const struct strv *v = at;
	json_t *array = v->count ? json_array() : NULL;

	for (size_t i = 0; i < v->count; i++)
		json_array_append_new(array, text_write(&v->items[i]));
	return array;
}

static bool list_read(void *at, const json_t *value)
{
	size_t index;
	json_t *item;

	if (!json_is_array(value))
		return false;
	strv_done(at);
	json_array_foreach (value, index, item) {
		if (!json_is_string(item))
			return false;
		strv_add(at, json_string_value(item));
	}
	return true;
}

// The plain types: TYPE is copied and compared by value, written by WRITE when it is not EMPTY, read when IS holds.
#define PLAIN_OPS(NAME, TYPE, EMPTY, WRITE, IS, READ)            \
	static void NAME##_copy(void *to, const void *from)         \
	{                                                           \
		*(TYPE *)to = *(const TYPE *)from;                      \
	}                                                           \
	static bool NAME##_equal(const void *a, const void *b)      \
	{                                                           \
		return *(const TYPE *)a == *(const TYPE *)b;            \
	}                                                           \
	static json_t *NAME##_write(const void *at)                 \
	{                                                           \
		TYPE value = *(const TYPE *)at;                         \
		return (EMPTY) ? NULL : (WRITE);                        \
	}                                                           \
	static bool NAME##_read(void *at, const json_t *json)       \
	{                                                           \
		if (!(IS))                                              \
			return false;                                       \
		*(TYPE *)at = (TYPE)(READ);                             \
		return true;                                            \
	}

static int find_word(const json_t *json, const char *(*name_of)(int), int count)
{
	const char *word = json_string_value(json);

	for (int i = 0; word && i < count; i++)
		if (strcmp(name_of(i), word) == 0)
			return i;
	return -1;
}

static const char *kind_name_of(int kind)
{
	return kinds[kind].name;
}

static const char *state_name_of(int state)
{
	return states[state].name;
}

PLAIN_OPS(time, int64_t, value == 0, json_integer(value), json_is_integer(json), json_integer_value(json))
PLAIN_OPS(int, int, false, json_integer(value),
          json_is_integer(json) && json_integer_value(json) >= INT32_MIN && json_integer_value(json) <= INT32_MAX,
          json_integer_value(json))
PLAIN_OPS(bytes, uint64_t, value == 0 || value > INT64_MAX, json_integer((json_int_t)value),
          json_is_integer(json) && json_integer_value(json) >= 0, json_integer_value(json))
PLAIN_OPS(bool, bool, !value, json_boolean(value), json_is_boolean(json), json_is_true(json))
PLAIN_OPS(kind, enum workload_kind, false, json_string(kinds[value].name), find_word(json, kind_name_of, KINDS) >= 0,
          find_word(json, kind_name_of, KINDS))
PLAIN_OPS(state, enum workload_state, false, json_string(states[value].name), find_word(json, state_name_of, STATES) >= 0,
          find_word(json, state_name_of, STATES))

static void number_copy(void *to, const void *from)
{
	memcpy(to, from, sizeof(double));
}

static bool number_equal(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(double)) == 0;
}

static json_t *number_write(const void *at)
{
	double value = *(const double *)at;

	return fpclassify(value) == FP_ZERO ? NULL : json_real(value); // NULL for NAN too
}

static bool number_read(void *at, const json_t *value)
{
	if (!json_is_number(value))
		return false;
	*(double *)at = json_number_value(value);
	return true;
}

static void posture_copy(void *to, const void *from)
{
	memcpy(to, from, sizeof(struct posture));
}

static bool posture_equal(const void *a, const void *b)
{
	const struct posture *p = a, *q = b;

	return p->known == q->known && p->stands == q->stands && p->capabilities == q->capabilities;
}

// {"pid-ns": true, …, "capabilities": "00000000a80425fb"}: only what is known.
static json_t *posture_write(const void *at)
{
	const struct posture *p = at;
	char caps[17];

	if (!p->known)
		return NULL;
	json_t *object = json_object();
	for (enum barrier b = 0; b < BARRIERS; b++)
		if (p->known >> b & 1)
			json_object_set_new(object, barrier_info(b)->name, json_boolean(posture_stands(p, b)));
	snprintf(caps, sizeof(caps), "%016llx", (unsigned long long)p->capabilities);
	json_object_set_new(object, "effective", json_string(caps));
	return object;
}

static bool posture_read(void *at, const json_t *value)
{
	struct posture *p = at;

	if (!json_is_object(value))
		return false;
	*p = (struct posture){0};
	for (enum barrier b = 0; b < BARRIERS; b++) {
		const json_t *stands = json_object_get(value, barrier_info(b)->name);

		if (json_is_boolean(stands))
			posture_set(p, b, json_is_true(stands));
	}
	const char *caps = json_string_value(json_object_get(value, "effective"));
	p->capabilities = caps ? strtoull(caps, NULL, 16) : 0;
	return true;
}

static const struct field_ops field_ops[] = {
	[FIELD_TEXT] = {.done = text_done, .copy = text_copy, .equal = text_equal, .write = text_write, .read = text_read},
	[FIELD_LIST] = {.done = list_done, .copy = list_copy, .equal = list_equal, .write = list_write, .read = list_read},
	[FIELD_TIME] = {.done = done_nothing, .copy = time_copy, .equal = time_equal, .write = time_write, .read = time_read},
	[FIELD_INT] = {.done = done_nothing, .copy = int_copy, .equal = int_equal, .write = int_write, .read = int_read},
	[FIELD_NUMBER] = {.done = done_nothing, .copy = number_copy, .equal = number_equal, .write = number_write,
	 .read = number_read},
	[FIELD_BYTES] = {.done = done_nothing, .copy = bytes_copy, .equal = bytes_equal, .write = bytes_write, .read = bytes_read},
	[FIELD_BOOL] = {.done = done_nothing, .copy = bool_copy, .equal = bool_equal, .write = bool_write, .read = bool_read},
	[FIELD_KIND] = {.done = done_nothing, .copy = kind_copy, .equal = kind_equal, .write = kind_write, .read = kind_read},
	[FIELD_STATE] = {.done = done_nothing, .copy = state_copy, .equal = state_equal, .write = state_write, .read = state_read},
	[FIELD_POSTURE] = {.done = done_nothing, .copy = posture_copy, .equal = posture_equal, .write = posture_write,
	 .read = posture_read},
};

static void *field_at(const struct workload *w, const struct workload_field *f)
{
	return (char *)w + f->at;
}

void workload_done(struct workload *w)
{
	if (!w)
		return;
	for (const struct workload_field *f = workload_fields; f->name; f++)
		field_ops[f->type].done(field_at(w, f));
	*w = (struct workload){0};
}

void workload_copy(struct workload *to, const struct workload *from)
{
	for (const struct workload_field *f = workload_fields; f->name; f++)
		field_ops[f->type].copy(field_at(to, f), field_at(from, f));
}

bool workload_equal(const struct workload *a, const struct workload *b)
{
	for (const struct workload_field *f = workload_fields; f->name; f++)
		if (!field_ops[f->type].equal(field_at(a, f), field_at(b, f)))
			return false;
	return true;
}

static void list_bound(struct strv *v, size_t most)
{
	size_t over = v->count > WORKLOAD_ITEMS_MAX ? v->count - WORKLOAD_ITEMS_MAX + 1 : 0;

	for (size_t i = 0; i < v->count; i++) {
		if (i + 1 >= WORKLOAD_ITEMS_MAX && over)
			free(v->items[i]);
		else
			str_cut(v->items[i], most);
	}
	if (!over)
		return;
	v->count = WORKLOAD_ITEMS_MAX - 1;
	v->items[v->count] = NULL;
	strv_addf(v, "… (%zu more)", over);
}

void workload_bound(struct workload *w)
{
	for (const struct workload_field *f = workload_fields; f->name; f++) {
		void *at = field_at(w, f);

		if (f->type == FIELD_LIST)
			list_bound(at, f->most);
		else if (f->type == FIELD_TEXT && at != &w->id && *(char **)at)
			str_cut(*(char **)at, f->most);
	}
}

size_t workload_bytes(const struct workload *w)
{
	size_t bytes = 0;

	for (const struct workload_field *f = workload_fields; f->name; f++) {
		const void *at = field_at(w, f);
		const struct strv *list = at;

		if (f->type == FIELD_TEXT && *(char *const *)at)
			bytes += strlen(*(char *const *)at);
		for (size_t i = 0; f->type == FIELD_LIST && i < list->count; i++)
			bytes += strlen(list->items[i]) + sizeof(char *);
	}
	return bytes;
}

json_t *workload_to_json(const struct workload *w)
{
	json_t *object = json_object();

	for (const struct workload_field *f = workload_fields; f->name; f++) {
		json_t *value = field_ops[f->type].write(field_at(w, f));

		if (value)
			json_object_set_new(object, f->name, value);
	}
	return object;
}

int workload_from_json(struct workload *w, const json_t *object, struct err *e)
{
	if (!json_is_object(object))
		return err_msg(e, EINVAL, "a workload is not a JSON object");
	w->exit_code = -1;
	for (const struct workload_field *f = workload_fields; f->name; f++) {
		const json_t *value = json_object_get(object, f->name);

		if (value && !field_ops[f->type].read(field_at(w, f), value))
			return err_msg(e, EINVAL, "field '%s' of a workload has the wrong type or value", f->name);
	}
	if (!w->id || !w->name)
		return err_msg(e, EINVAL, "a workload lacks its id or name");
	return 0;
}
