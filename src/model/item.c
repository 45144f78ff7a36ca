// Operations on items of any kind, by the bindings of the kind: see model/item.h.
#include "model/item.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "model/id.h"
#include "model/workload.h"

static const struct fact_binding *bindings_of(const struct item *item)
{
	return kind_bindings(item->kind);
}

void item_done(struct item *item)
{
	fields_done(item, bindings_of(item));
	memset(item, 0, kind_size(item->kind));
}

struct item *item_copy(const struct item *item)
{
	struct item *copy = mem_new(kind_size(item->kind));

	fields_copy(copy, item, bindings_of(item));
	return copy;
}

void item_free(struct item *item)
{
	if (item)
		item_done(item);
	free(item);
}

bool item_equal(const struct item *a, const struct item *b)
{
	return a->kind == b->kind && fields_equal(a, b, bindings_of(a));
}

void item_bound(struct item *item)
{
	fields_bound(item, bindings_of(item));
}

size_t item_bytes(const struct item *item)
{
	return fields_bytes(item, bindings_of(item));
}

static void rehost_text(char **id, const char *host)
{
	char *own = *id ? id_rehost(*id, host) : NULL;

	free(*id);
	*id = own;
}

void item_rehost(struct item *item, const char *host)
{
	rehost_text(&item->id, host);
	rehost_text(&item->owner, host);
	rehost_text(&item->tree, host);
	for (size_t i = 0; i < item->uses.count; i++)
		rehost_text(&item->uses.items[i], host);
	free(item->host);
	item->host = mem_strdup(host);
}

static json_t *facts_to_json(const struct item *item, const struct fact_set *only, enum naming naming)
{
	json_t *object = fields_to_json(item, bindings_of(item), only, naming);
	auto_free char *before = naming == NAMES_WIRE_1 && item->id ? id_without_kind(item->id) : NULL;

	if (before)
		json_object_set_new(object, fact_info(FACT_ID)->name, json_string(before));
	return object;
}

json_t *item_to_json(const struct item *item, enum naming naming)
{
	return facts_to_json(item, NULL, naming);
}

json_t *item_facts_to_json(const struct item *item, const struct fact_set *only, enum naming naming)
{
	static const enum fact always[] = {FACT_ID, FACT_NAME, FACT_KIND, FACT_STATE};
	struct fact_set facts = *only;

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		fact_set_add(&facts, always[i]);
	return facts_to_json(item, &facts, naming);
}

// Version 1 of the wire knows workloads only.
static void complete_id(struct item *item)
{
	char *complete = kind_is_workload(item->kind) ? id_with_kind(item->id, item->kind) : mem_strdup(item->id);

	free(item->id);
	item->id = complete;
}

int item_from_json(struct item **item, const json_t *object, enum naming naming, struct err *e)
{
	const char *name = json_string_value(json_object_get(object, fact_info(FACT_KIND)->name));
	int kind = name ? kind_find(name) : KIND_CONTAINER; // every agent sends it, but nothing depends on it

	if (!json_is_object(object))
		return err_msg(e, EINVAL, "an item is not a JSON object");
	if (kind < 0)
		return err_msg(e, EINVAL, "unknown kind '%.100s'", name);
	struct item *made = mem_new(kind_size((enum kind)kind));
	made->kind = (enum kind)kind;
	fields_init(made, bindings_of(made));
	int r = fields_from_json(made, bindings_of(made), object, naming, e);
	if (r == 0 && (!made->id || !made->name))
		r = err_msg(e, EINVAL, "an item lacks its id or name");
	if (r < 0) {
		item_free(made);
		return r;
	}
	complete_id(made);
	*item = made;
	return 0;
}
