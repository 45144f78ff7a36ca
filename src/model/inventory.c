// The set of workloads: see model/inventory.h.
#include "model/inventory.h"

#include <string.h>

#include "base/mem.h"

struct entry {
	struct workload workload;
	uint64_t hash;
	uint64_t seen; // the refresh that upserted it last
};

// Entries in an array, found through an open-addressed table of positions + 1.
struct inventory {
	struct entry *entries;
	size_t count, room;
	uint32_t *slots;
	size_t slot_count; // a power of two, at least twice the count
	uint64_t refresh;  // grows with every begin
	bool refreshing;
	char *engine;
	inventory_change *told;
	void *context;
};

// FNV-1a: ids are short and trusted to the agent's own limits.
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
		workload_done(&inv->entries[i].workload);
	free(inv->entries);
	free(inv->slots);
	free(inv->engine);
	free(inv);
}

void inventory_on_change(struct inventory *inv, inventory_change *told, void *context)
{
	inv->told = told;
	inv->context = context;
}

static void inventory_tell(struct inventory *inv, enum change_kind kind, const struct workload *w)
{
	if (inv->told)
		inv->told(inv->context, kind, w);
}

// The slot that holds ID, or the free one where it would go.
static uint32_t *find_slot(const struct inventory *inv, const char *id, uint64_t hash)
{
	for (size_t i = hash & (inv->slot_count - 1);; i = (i + 1) & (inv->slot_count - 1)) {
		uint32_t *slot = &inv->slots[i];

		if (!*slot)
			return slot;
		const struct entry *entry = &inv->entries[*slot - 1];
		if (entry->hash == hash && strcmp(entry->workload.id, id) == 0)
			return slot;
	}
}

static void rebuild_slots(struct inventory *inv, size_t slot_count)
{
	free(inv->slots);
	inv->slots = mem_array(slot_count, sizeof(*inv->slots));
	inv->slot_count = slot_count;
	for (size_t i = 0; i < inv->count; i++)
		*find_slot(inv, inv->entries[i].workload.id, inv->entries[i].hash) = (uint32_t)i + 1;
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

static struct entry *find_entry(const struct inventory *inv, const char *id)
{
	if (!inv->count)
		return NULL;
	uint32_t slot = *find_slot(inv, id, hash_id(id));
	return slot ? &inv->entries[slot - 1] : NULL;
}

static void add_entry(struct inventory *inv, struct workload *w)
{
	make_room(inv);
	struct entry *entry = &inv->entries[inv->count++];

	*entry = (struct entry){*w, hash_id(w->id), inv->refresh};
	*find_slot(inv, w->id, entry->hash) = (uint32_t)inv->count;
	*w = (struct workload){0};
	inventory_tell(inv, CHANGE_ADDED, &entry->workload);
}

void inventory_upsert(struct inventory *inv, struct workload *w)
{
	struct entry *entry = find_entry(inv, w->id);

	w->active = workload_is_active(w);
	workload_bound(w);
	if (!entry) {
		add_entry(inv, w);
		return;
	}
	entry->seen = inv->refresh;
	if (workload_equal(&entry->workload, w)) {
		workload_done(w);
		return;
	}
	workload_done(&entry->workload);
	entry->workload = *w;
	*w = (struct workload){0};
	inventory_tell(inv, CHANGE_CHANGED, &entry->workload);
}

// Frees SLOT and moves back those after it that would no longer be found.
static void free_slot(struct inventory *inv, uint32_t *slot)
{
	size_t mask = inv->slot_count - 1, hole = (size_t)(slot - inv->slots);

	for (size_t i = (hole + 1) & mask; inv->slots[i]; i = (i + 1) & mask) {
		size_t home = inv->entries[inv->slots[i] - 1].hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue; // it is found without the hole
		inv->slots[hole] = inv->slots[i];
		hole = i;
	}
	inv->slots[hole] = 0;
}

// Takes the entry out, filling its place with the last one.
static void remove_entry(struct inventory *inv, struct entry *entry)
{
	struct workload gone = entry->workload;
	struct entry *last = &inv->entries[inv->count - 1];

	free_slot(inv, find_slot(inv, gone.id, entry->hash));
	if (entry != last)
		*find_slot(inv, last->workload.id, last->hash) = (uint32_t)(entry - inv->entries) + 1;
	*entry = *last;
	inv->count--;
	inventory_tell(inv, CHANGE_REMOVED, &gone);
	workload_done(&gone);
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

		if (entry->seen != inv->refresh && (!inv->engine || str_equal(entry->workload.engine, inv->engine)))
			remove_entry(inv, entry);
	}
}

void inventory_abort(struct inventory *inv)
{
	inv->refreshing = false;
}

size_t inventory_count(const struct inventory *inv)
{
	return inv->count;
}

const struct workload *inventory_at(const struct inventory *inv, size_t index)
{
	return index < inv->count ? &inv->entries[index].workload : NULL;
}

const struct workload *inventory_find(const struct inventory *inv, const char *id)
{
	const struct entry *entry = find_entry(inv, id);

	return entry ? &entry->workload : NULL;
}

const struct workload *inventory_lookup(const struct inventory *inv, const char *word, int kind, size_t *matches)
{
	const struct workload *found = inventory_find(inv, word);
	size_t count = found ? 1 : 0;

	for (size_t i = 0; !found && i < inv->count; i++) {
		const struct workload *w = &inv->entries[i].workload;

		if (strcmp(w->name, word) == 0 && (kind < 0 || (int)w->kind == kind)) {
			count++;
			found = w;
			for (size_t j = i + 1; j < inv->count; j++)
				count += strcmp(inv->entries[j].workload.name, word) == 0 && (kind < 0 || (int)inv->entries[j].workload.kind == kind);
		}
	}
	if (matches)
		*matches = count;
	return found;
}
