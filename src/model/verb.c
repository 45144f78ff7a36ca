// The table of verbs, and when they apply: see model/verb.h.
#include "model/verb.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/param.h"
#include "verb_tables.h"

enum { CONTAINERS = 1 << KIND_CONTAINER, GUESTS = 1 << KIND_GUEST, ANY = KIND_BIT_ANY, EVERY = ~0,
       IMAGES = 1 << KIND_IMAGE, VOLUMES = 1 << KIND_VOLUME, NETWORKS = 1 << KIND_NETWORK };

#define FIELDS(...) (const struct verb_field[]){__VA_ARGS__, {0}}
// shared by several verbs
#define FORMAT {.name = PARAM_FORMAT, .type = VALUE_TEXT, .value = "TEMPLATE", \
	.help = "print one line per workload in this format, for example '{name} {state} {cpu}'"}
#define NEW_IMAGE {.name = PARAM_CHANGE, .letter = 'c', .type = VALUE_LIST, .value = "INSTRUCTION", \
	.help = "change the configuration, for example 'CMD [\"/bin/app\"]', 'ENV A=1', 'USER app'"}, \
	{.name = PARAM_MESSAGE, .letter = 'm', .type = VALUE_TEXT, .value = "TEXT", .help = "note for the history"}, \
	{.name = PARAM_AUTHOR, .letter = 'a', .type = VALUE_TEXT, .value = "NAME", .help = "author of the image"}, \
	{.name = PARAM_COMPRESSION, .type = VALUE_CHOICE, .choices = "gzip zstd", .initial = "gzip", .value = "METHOD", \
	 .help = "compression of the new layer: gzip or zstd"}
#define GRACE {.name = PARAM_TIMEOUT, .letter = 't', .type = VALUE_DURATION, .kinds = ANY, .value = "TIME", \
	.help = "grace period before it is killed (containers: 10s; guests: never unless given)"}

#define REFERENCE {.name = PARAM_REFERENCE, .type = VALUE_TEXT, .flags = FIELD_HIDDEN, .kinds = IMAGES, \
	.help = "the name by which the image was found"}

// what is connected: a container to a network, or a network to a container
#define OTHER_SIDE \
	{.name = PARAM_TO, .label = "Container", .type = VALUE_TEXT, .flags = FIELD_REQUIRED | FIELD_OPERAND, \
	 .kinds = NETWORKS, .offers = CONTAINERS, .value = "CONTAINER", .help = "the container"}, \
	{.name = PARAM_TO, .label = "Network", .type = VALUE_TEXT, .flags = FIELD_REQUIRED | FIELD_OPERAND, \
	 .kinds = CONTAINERS, .offers = NETWORKS, .value = "NETWORK", .help = "the network"}

#define VERB(ID, ...) [VERB_##ID] = {__VA_ARGS__},
static const struct verb_info verbs[VERBS] = {
#include "model/verb_rows.h"
};
#undef VERB

const struct verb_info *verb_info(enum verb verb)
{
	return &verbs[verb];
}

int verb_find(const char *name)
{
	for (int v = 0; v < VERBS; v++)
		if (strcmp(verbs[v].name, name) == 0 || str_equal(verbs[v].also, name))
			return v;
	return -1;
}

bool verb_suits(enum verb verb, enum kind kind)
{
	const struct verb_info *info = &verbs[verb];

	if (info->flags & CREATES && !kind_recipe(kind))
		return false;
	return info->kinds ? info->kinds >> kind & 1 : info->result == RESULT_ITEMS;
}

enum verb verb_of_stream(enum stream stream)
{
	static const enum verb streams[STREAMS] = {
		[STREAM_LOGS] = VERB_LOGS,
		[STREAM_ATTACH] = VERB_ATTACH,
		[STREAM_EXEC] = VERB_EXEC,
		[STREAM_COPY] = VERB_COPY,
		[STREAM_EXPORT] = VERB_EXPORT,
		[STREAM_BACKUP] = VERB_BACKUP,
		[STREAM_RESTORE] = VERB_RESTORE,
		[STREAM_CONSOLE] = VERB_CONSOLE,
	};

	return streams[stream];
}

const char *verb_refusal_flags(unsigned flags, const struct workload *w)
{
	static const struct {
		unsigned need;
		const char *reason;
	} needs[] = {
		{NEEDS_RUNNING, "is not running"},
		{NEEDS_STOPPED, "is running"},
		{NEEDS_PAUSED, "is not paused"},
		{NEEDS_UNPAUSED, "is paused"},
	};
	unsigned satisfied = workload_flags(w);
	bool kept = satisfied != item_state_info(w->state)->flags;

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if ((flags & needs[i].need) && !(satisfied & needs[i].need))
			return w->state == STATE_UNKNOWN                ? "its engine does not answer"
			       : kept && needs[i].need == NEEDS_STOPPED ? "is still in memory: stop or kill it first"
			                                                : needs[i].reason;
	return NULL;
}

unsigned verb_flags(enum verb verb, enum kind kind)
{
	return verbs[verb].flags | (verbs[verb].stopped & 1u << kind ? NEEDS_STOPPED : 0);
}

const char *verb_refusal(enum verb verb, const struct workload *w)
{
	return verb_refusal_flags(verb_flags(verb, w->kind), w);
}

bool verb_loses(enum verb verb, struct str *out, const struct verb_loss *loss)
{
	const struct verb_info *info = &verbs[verb];

	str_add(out, info->lost ? info->lost : "");
	return info->loses && info->loses(out, loss);
}

enum verb verb_undo(enum verb verb, const struct workload *w, const struct params *done, struct params *params)
{
	const struct verb_info *info = &verbs[verb];

	return info->undo ? info->undo(w, done, params) : info->undone_by ? info->undone_by : VERBS;
}

char *verb_wrong_kind(enum verb verb, const struct item *item)
{
	const struct verb_info *info = &verbs[verb];

	if (info->kinds & 1u << item->kind)
		return NULL;
	if (!info->phrase)
		return mem_printf("cannot %s '%s': it is %s", info->name, item->name, kind_phrase(item->kind));
	return mem_printf("cannot %s '%s': it is %s%s%s (%s%s)", info->phrase, item->name, kind_phrase(item->kind),
	                  info->lacks ? " and " : "", info->lacks ? info->lacks : "", info->instead, item->name);
}

int64_t verb_grace(enum kind kind)
{
	return (kind == KIND_GUEST ? 60 : 10) * SECOND;
}

// The *INDEX-th field of TABLE that is for KINDS and has FLAGS. *INDEX is reduced by the fields counted.
static const struct verb_field *nth_of(const struct verb_field *table, unsigned kinds, unsigned flags, size_t *index)
{
	for (const struct verb_field *f = table; f && f->name; f++)
		if ((!f->kinds || f->kinds & kinds) && (f->flags & flags) == flags && (*index)-- == 0)
			return f;
	return NULL;
}

const struct verb_field *verb_field(enum verb verb, unsigned kinds, size_t index)
{
	const struct verb_info *info = &verbs[verb];
	const struct verb_field *f = nth_of(info->fields, kinds, 0, &index);

	for (int kind = 0; !f && info->recipe && kind < KINDS; kind++)
		if (kinds >> kind & 1)
			f = nth_of(kind_recipe((enum kind)kind), kinds, info->recipe_flags, &index);
	return f;
}

const struct verb_field *verb_field_find(enum verb verb, unsigned kinds, const char *name)
{
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(verb, kinds, i)); i++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

bool verb_writes(enum verb verb, const struct params *p)
{
	bool writes = verbs[verb].flags & WRITES;

	for (size_t i = 0; i < p->count && !writes; i++) {
		const struct verb_field *f = verb_field_find(verb, KIND_BIT_ANY, p->items[i].name);

		writes = f && f->flags & FIELD_WRITES;
	}
	return writes;
}

const char *verb_field_value(enum verb verb, const struct verb_field *f)
{
	// `set` can also set a flag to no
	return f->value || f->type != VALUE_FLAG || verb != VERB_SET ? f->value : "YES";
}

bool verb_field_repeats(const struct verb_field *f)
{
	return f->type == VALUE_PAIRS || f->type == VALUE_LIST || f->type == VALUE_WORDS;
}
