// The set of items: see model/inventory.h.
#include "model/inventory.h"

#include <string.h>

#include "base/mem.h"
#include "model/id.h"
#include "model/item.h"
#include "model/kind.h"

struct entry {
	struct item *item; // owned
	uint64_t hash;
	uint64_t seen; // the last refresh that upserted it
};

// Entries in an array, workloads first, found through an open-addressed table of positions + 1.
struct inventory {
	struct entry *entries;
	size_t count, room, workloads;
	uint32_t *slots;
	size_t slot_count; // a power of two, at least twice the count
	uint64_t refresh;  // incremented by every begin
	bool refreshing;
	unsigned unwanted, uncounted; // kinds, a bit each
	size_t kept[KINDS], counted[KINDS];
	char *engine;
	inventory_change *told;
	void *context;
};

// FNV-1a: ids are short, and the agent limits their number.
static uint64_t hash_id(const char *id)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 0x100000001b3ull;
	return hash ^ hash >> 32;
}

struct inventory *inventory_new(void)
{
	return mem_new(sizeof(struct inventory));
}

void inventory_free(struct inventory *inv)
{
	if (!inv)
		return;
	for (size_t i = 0; i < inv->count; i++)
		item_free(inv->entries[i].item);
	free(inv->entries);
	free(inv->slots);
	free(inv->engine);
	free(inv);
}

bool inventory_wants(const struct inventory *inv, enum kind kind)
{
	return !(inv->unwanted >> kind & 1);
}

bool inventory_counts(const struct inventory *inv, enum kind kind)
{
	return !(inv->uncounted >> kind & 1);
}

void inventory_count_more(struct inventory *inv, enum kind kind, size_t count)
{
	inv->counted[kind] += count;
}

size_t inventory_kind_count(const struct inventory *inv, enum kind kind)
{
	return inv->kept[kind] + inv->counted[kind];
}

void inventory_on_change(struct inventory *inv, inventory_change *told, void *context)
{
	inv->told = told;
	inv->context = context;
}

static void inventory_tell(struct inventory *inv, enum change_kind kind, const struct item *item)
{
	if (inv->told)
		inv->told(inv->context, kind, item);
}

// The slot that holds ID, or the free one where it would go.
static uint32_t *find_slot(const struct inventory *inv, const char *id, uint64_t hash)
{
	for (size_t i = hash & (inv->slot_count - 1);; i = (i + 1) & (inv->slot_count - 1)) {
		uint32_t *slot = &inv->slots[i];

		if (!*slot)
			return slot;
		const struct entry *entry = &inv->entries[*slot - 1];
		if (entry->hash == hash && strcmp(entry->item->id, id) == 0)
			return slot;
	}
}

static void rebuild_slots(struct inventory *inv, size_t slot_count)
{
	free(inv->slots);
	inv->slots = mem_array(slot_count, sizeof(*inv->slots));
	inv->slot_count = slot_count;
	for (size_t i = 0; i < inv->count; i++)
		*find_slot(inv, inv->entries[i].item->id, inv->entries[i].hash) = (uint32_t)i + 1;
}

static void make_room(struct inventory *inv)
{
	if (inv->count == inv->room) {
		inv->room = inv->room ? inv->room * 2 : 16;
		inv->entries = mem_resize(inv->entries, inv->room, sizeof(*inv->entries));
	}
	if (inv->slot_count < (inv->count + 1) * 2)
		rebuild_slots(inv, inv->slot_count ? inv->slot_count * 2 : 32);
}

static struct entry *find_exactly(const struct inventory *inv, const char *id)
{
	if (!inv->count)
		return NULL;
	uint32_t slot = *find_slot(inv, id, hash_id(id));
	return slot ? &inv->entries[slot - 1] : NULL;
}

// Finds an entry by id; the id of a workload may lack its kind.
static struct entry *find_entry(const struct inventory *inv, const char *id)
{
	struct entry *entry = find_exactly(inv, id);

	for (enum kind kind = 0; !entry && kind < WORKLOAD_KINDS && !id_is_complete(id); kind++) {
		auto_free char *complete = id_with_kind(id, kind);

		entry = find_exactly(inv, complete);
	}
	return entry;
}

static void swap_entries(struct inventory *inv, size_t i, size_t j)
{
	struct entry one = inv->entries[i], other = inv->entries[j];
	uint32_t *slot = find_slot(inv, one.item->id, one.hash), *other_slot = find_slot(inv, other.item->id, other.hash);

	inv->entries[i] = other;
	inv->entries[j] = one;
	*slot = (uint32_t)j + 1;
	*other_slot = (uint32_t)i + 1;
}

// Takes ownership of the contents of ITEM.
static struct item *move_item(struct item *item)
{
	size_t size = kind_size(item->kind);
	struct item *moved = mem_new(size);

	memcpy(moved, item, size);
	memset(item, 0, size);
	return moved;
}

static void add_entry(struct inventory *inv, struct item *item)
{
	make_room(inv);
	size_t at = inv->count++;
	struct entry *entry = &inv->entries[at];

	inv->kept[item->kind]++;
	*entry = (struct entry){move_item(item), 0, inv->refresh};
	entry->hash = hash_id(entry->item->id);
	*find_slot(inv, entry->item->id, entry->hash) = (uint32_t)at + 1;
	if (kind_is_workload(entry->item->kind)) {
		swap_entries(inv, at, inv->workloads);
		at = inv->workloads++;
	}
	inventory_tell(inv, CHANGE_ADDED, inv->entries[at].item);
}

// Frees SLOT and moves back the entries after it that could no longer be found by probing.
static void free_slot(struct inventory *inv, uint32_t *slot)
{
	size_t mask = inv->slot_count - 1, hole = (size_t)(slot - inv->slots);

	for (size_t i = (hole + 1) & mask; inv->slots[i]; i = (i + 1) & mask) {
		size_t home = inv->entries[inv->slots[i] - 1].hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue; // its probe sequence does not pass the hole
		inv->slots[hole] = inv->slots[i];
		hole = i;
	}
	inv->slots[hole] = 0;
}

// Removes the entry: the last workload (if it was one) and the last entry of all fill the gaps.
static void remove_entry(struct inventory *inv, struct entry *entry)
{
	size_t at = (size_t)(entry - inv->entries);

	if (at < inv->workloads) {
		swap_entries(inv, at, inv->workloads - 1);
		at = --inv->workloads;
	}
	swap_entries(inv, at, inv->count - 1);
	struct entry gone = inv->entries[inv->count - 1];
	free_slot(inv, find_slot(inv, gone.item->id, gone.hash));
	inv->count--;
	inv->kept[gone.item->kind]--;
	inventory_tell(inv, CHANGE_REMOVED, gone.item);
	item_free(gone.item);
}

void inventory_want(struct inventory *inv, unsigned kinds, unsigned counted)
{
	inv->unwanted = ~kinds;
	inv->uncounted = ~(kinds | counted);
	for (size_t i = inv->count; i-- > 0;) {
		enum kind kind = inv->entries[i].item->kind;

		if (inventory_wants(inv, kind))
			continue;
		inv->counted[kind]++;
		remove_entry(inv, &inv->entries[i]);
	}
}

static void derive_fields(struct item *item)
{
	struct workload *w = (struct workload *)workload_of(item);

	if (w)
		w->active = workload_is_active(w);
	item_bound(item);
}

void inventory_upsert_item(struct inventory *inv, struct item *item)
{
	if (!inventory_wants(inv, item->kind)) {
		inv->counted[item->kind]++;
		item_done(item);
		return;
	}
	struct entry *entry = find_exactly(inv, item->id);

	derive_fields(item);
	if (entry && entry->item->kind != item->kind) {
		remove_entry(inv, entry);
		entry = NULL;
	}
	if (!entry) {
		add_entry(inv, item);
		return;
	}
	entry->seen = inv->refresh;
	if (item_equal(entry->item, item)) {
		item_done(item);
		return;
	}
	item_free(entry->item);
	entry->item = move_item(item);
	inventory_tell(inv, CHANGE_CHANGED, entry->item);
}

void inventory_upsert(struct inventory *inv, struct workload *w)
{
	inventory_upsert_item(inv, &w->item);
}

void inventory_take(struct inventory *inv, struct inventory *from)
{
	for (size_t i = 0; i < from->count; i++) {
		inventory_upsert_item(inv, from->entries[i].item);
		free(from->entries[i].item); // its contents have been moved
	}
	from->count = 0;
	inventory_free(from);
}

void inventory_remove(struct inventory *inv, const char *id)
{
	struct entry *entry = find_entry(inv, id);

	if (entry)
		remove_entry(inv, entry);
}

void inventory_begin(struct inventory *inv, const char *engine)
{
	inv->refresh++;
	inv->refreshing = true;
	memset(inv->counted, 0, sizeof(inv->counted));
	free(inv->engine);
	inv->engine = mem_strdup(engine);
}

void inventory_end(struct inventory *inv)
{
	if (!inv->refreshing)
		return;
	inv->refreshing = false;
	for (size_t i = inv->count; i-- > 0;) {
		struct entry *entry = &inv->entries[i];

		if (entry->seen != inv->refresh && (!inv->engine || str_equal(entry->item->engine, inv->engine)))
			remove_entry(inv, entry);
	}
}

void inventory_abort(struct inventory *inv)
{
	inv->refreshing = false;
}

size_t inventory_item_count(const struct inventory *inv)
{
	return inv->count;
}

const struct item *inventory_item_at(const struct inventory *inv, size_t index)
{
	return index < inv->count ? inv->entries[index].item : NULL;
}

const struct item *inventory_find_item(const struct inventory *inv, const char *id)
{
	const struct entry *entry = find_entry(inv, id);

	return entry ? entry->item : NULL;
}

size_t inventory_count(const struct inventory *inv)
{
	return inv->workloads;
}

const struct workload *inventory_at(const struct inventory *inv, size_t index)
{
	return index < inv->workloads ? (const struct workload *)inv->entries[index].item : NULL;
}

const struct workload *inventory_find(const struct inventory *inv, const char *id)
{
	return workload_of(inventory_find_item(inv, id));
}

static bool is_called(const struct workload *w, const char *word, int kind)
{
	return strcmp(w->name, word) == 0 && (kind < 0 || (int)w->kind == kind);
}

const struct workload *inventory_lookup(const struct inventory *inv, const char *word, int kind, size_t *matches)
{
	const struct workload *by_id = inventory_find(inv, word), *found = by_id;
	size_t count = by_id ? 1 : 0;

	for (size_t i = 0; !by_id && i < inv->workloads; i++) {
		const struct workload *w = inventory_at(inv, i);

		if (!is_called(w, word, kind))
			continue;
		found = found ? found : w;
		count++;
	}
	if (matches)
		*matches = count;
	return found;
}
