// What a client wants to know: see model/subscription.h.
#include "model/subscription.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/item.h"
#include "model/query.h"

struct want *subscription_add(struct subscription *s, unsigned kinds)
{
	s->wants = mem_resize(s->wants, s->count + 1, sizeof(*s->wants));
	s->wants[s->count] = (struct want){.kinds = kinds};
	return &s->wants[s->count++];
}

void subscription_add_all(struct subscription *s)
{
	struct want *want = subscription_add(s, KIND_BITS_ALL);

	want->stored = true;
	fact_set_add_all(&want->facts);
}

static void want_done(struct want *want)
{
	strv_done(&want->ids);
	free(want->owner);
	free(want->filter);
}

void subscription_done(struct subscription *s)
{
	for (size_t i = 0; i < s->count; i++)
		want_done(&s->wants[i]);
	free(s->wants);
	*s = (struct subscription){0};
}

void subscription_copy(struct subscription *to, const struct subscription *from)
{
	*to = (struct subscription){mem_array(from->count + 1, sizeof(*to->wants)), from->count};
	for (size_t i = 0; i < from->count; i++) {
		const struct want *want = &from->wants[i];

		to->wants[i] = *want;
		to->wants[i].ids = (struct strv){0};
		strv_copy(&to->wants[i].ids, &want->ids);
		to->wants[i].owner = mem_strdup(want->owner);
		to->wants[i].filter = mem_strdup(want->filter);
	}
}

static bool want_equal(const struct want *a, const struct want *b)
{
	return a->kinds == b->kinds && strv_equal(&a->ids, &b->ids) && str_equal(a->owner, b->owner) &&
	       str_equal(a->filter, b->filter) && memcmp(&a->facts, &b->facts, sizeof(a->facts)) == 0 &&
	       a->stored == b->stored && a->sort == b->sort && a->descending == b->descending && a->offset == b->offset &&
	       a->count == b->count;
}

bool subscription_equal(const struct subscription *a, const struct subscription *b)
{
	bool equal = a->count == b->count;

	for (size_t i = 0; equal && i < a->count; i++)
		equal = want_equal(&a->wants[i], &b->wants[i]);
	return equal;
}

unsigned subscription_kinds(const struct subscription *s)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < s->count; i++)
		kinds |= s->wants[i].kinds;
	return kinds;
}

static bool is_whole(const struct want *want)
{
	return !want->ids.count && !want->owner && !want->filter && !want->offset && !want->count;
}

bool subscription_is_whole(const struct subscription *s)
{
	unsigned whole = 0;

	for (size_t i = 0; i < s->count; i++)
		whole |= is_whole(&s->wants[i]) ? s->wants[i].kinds : 0;
	return whole == subscription_kinds(s);
}

bool subscription_facts(const struct subscription *s, enum kind kind, struct fact_set *facts)
{
	bool stored = false;

	*facts = (struct fact_set){0};
	for (size_t i = 0; i < s->count; i++) {
		if (!(s->wants[i].kinds >> kind & 1))
			continue;
		fact_set_join(facts, &s->wants[i].facts);
		stored |= s->wants[i].stored;
	}
	return stored;
}

// --- listing

bool subscription_lists_same_facts(const struct subscription *a, const struct subscription *b)
{
	bool same = true;

	for (enum kind kind = 0; kind < KINDS; kind++) {
		struct fact_set one, other;
		bool stored = subscription_facts(a, kind, &one);

		same &= stored == subscription_facts(b, kind, &other) &&
		        (stored || memcmp(&one, &other, sizeof(one)) == 0);
	}
	return same;
}

static bool finds_alike(const struct want *a, const struct want *b)
{
	struct want like = *a;

	like.facts = b->facts;
	like.stored = b->stored;
	return want_equal(&like, b);
}

static bool find_alike(const struct subscription *a, const struct subscription *b)
{
	bool alike = a->count == b->count;

	for (size_t i = 0; alike && i < a->count; i++)
		alike = finds_alike(&a->wants[i], &b->wants[i]);
	return alike;
}

bool subscription_lists_alike(const struct subscription *a, const struct subscription *b)
{
	bool whole = subscription_is_whole(a) && subscription_is_whole(b);

	return subscription_kinds(a) == subscription_kinds(b) && (whole || find_alike(a, b)) &&
	       subscription_lists_same_facts(a, b);
}

// --- measuring

static uint32_t metrics_of(const struct fact_set *facts, enum kind kind)
{
	uint32_t metrics = 0;

	for (enum fact fact = 0; fact < FACTS; fact++)
		metrics |= fact_set_has(facts, fact) ? kind_metrics(kind, fact) : 0;
	return metrics;
}

void subscription_measure(const struct subscription *s, struct measures *m)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct want *want = &s->wants[i];

		for (enum kind kind = 0; kind < KINDS; kind++) {
			uint32_t *mask = want->ids.count ? &m->of_ids : &m->of_kind[kind];

			*mask |= want->kinds >> kind & 1 ? metrics_of(&want->facts, kind) : 0;
		}
		for (size_t j = 0; j < want->ids.count; j++)
			strv_add(&m->ids, want->ids.items[j]);
	}
	measures_sort(m);
}

// --- selecting

struct ordered {
	const struct item *item;
	const struct want *want;
};

static struct fact_source source_of(const struct item *item)
{
	return (struct fact_source){.item = item};
}

static int by_sort(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	struct fact_source one = source_of(x->item), other = source_of(y->item);
	int order = fact_compare(x->want->sort, &one, &other);

	order = x->want->descending ? -order : order;
	return order ? order : strcmp(x->item->id, y->item->id);
}

static bool is_among(const struct strv *ids, const char *id)
{
	for (size_t i = 0; i < ids->count; i++)
		if (strcmp(ids->items[i], id) == 0)
			return true;
	return !ids->count;
}

static bool want_matches(const struct want *want, const struct query *filter, const struct item *item)
{
	struct fact_source from = source_of(item);

	return want->kinds >> item->kind & 1 && is_among(&want->ids, item->id) &&
	       (!want->owner || str_equal(want->owner, item->owner)) && (!filter || query_matches(filter, &from));
}

static void copy_item(struct inventory *to, const struct item *item)
{
	struct item *copy = item_copy(item);

	inventory_upsert_item(to, copy);
	free(copy);
}

static void select_want(const struct want *want, const struct inventory *from, struct inventory *to)
{
	size_t all = inventory_item_count(from), found = 0;
	auto_free struct ordered *list = mem_array(all + 1, sizeof(*list));
	struct query *filter = NULL;
	struct err ignored;

	if (want->filter && query_new(&filter, want->filter, &ignored) < 0)
		return; // of a newer client: what it asks for is unknown here
	for (size_t i = 0; i < all; i++)
		if (want_matches(want, filter, inventory_item_at(from, i)))
			list[found++] = (struct ordered){inventory_item_at(from, i), want};
	query_free(filter);
	if (want->offset || want->count)
		qsort(list, found, sizeof(*list), by_sort);
	size_t end = want->count && want->count < found - (want->offset < found ? want->offset : found)
	                 ? want->offset + want->count
	                 : found;
	for (size_t i = want->offset; i < end; i++)
		copy_item(to, list[i].item);
}

void subscription_select(const struct subscription *s, const struct inventory *from, struct inventory *to)
{
	for (size_t i = 0; i < s->count; i++)
		select_want(&s->wants[i], from, to);
}
