// Listing and measuring volumes: see volumes.h.
#include "volumes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/units.h"
#include "container/bundle/mount_spec.h"
#include "container/bundle/volume_users.h"
#include "container/store/tree.h"
#include "container/store/volume.h"
#include "container/volumes.h"
#include "model/id.h"
#include "model/verb.h"
#include "model/volume.h"

// A walk may take a twentieth of the time at most.
#define MEASURE_EVERY (2 * SECOND)
enum { MEASURE_PAUSE = 20 };

// The last measured space of a volume.
struct measured_volume {
	char *name;
	uint64_t bytes;
	bool known;
	int64_t at, due; // monotonic ns
	bool seen;
};
struct measured_volumes {
	struct measured_volume *items;
	size_t count;
};

void volume_uses_done(struct volume_uses *uses)
{
	params_done(&uses->pairs);
}

void volume_uses_add(struct volume_uses *uses, const struct record *r, struct strv *references)
{
	auto_mount_specs mounts = {0};
	struct err ignored;

	mount_specs_of(&mounts, r, &ignored);
	for (size_t i = 0; i < mounts.count; i++)
		if (mounts.items[i].type == MOUNT_VOLUME && mounts.items[i].source) {
			params_add(&uses->pairs, mounts.items[i].source, r->name);
			strv_take(references, id_make("bunk", KIND_VOLUME, mounts.items[i].source));
		}
}

static void add_users(struct strv *users, const struct volume_uses *uses, const char *name)
{
	const char *user;

	for (size_t i = 0; (user = params_get_nth(&uses->pairs, name, i)); i++)
		strv_add(users, user);
}

static void list_volume(struct containers *c, const struct volume_uses *uses, const char *name, struct inventory *inv)
{
	auto_close int fd = volume_open(c->store.volumes, name, NULL);
	struct volume_record record = {0};
	struct volume v = {.kind = KIND_VOLUME};
	struct err e = {0};
	int r = fd < 0 ? fd : volume_record_read(fd, &record, &e);

	if (fd < 0)
		return; // deleted meanwhile
	add_users(&v.used_by, uses, name);
	v.state = r < 0 ? STATE_UNKNOWN : v.used_by.count ? STATE_USED : STATE_UNUSED;
	v.trouble = r < 0 ? mem_strdup(e.text) : NULL;
	v.created = record.created;
	v.anonymous = record.anonymous;
	v.source = volume_data_path(c->store.path, name);
	strv_copy(&v.labels, &record.labels);
	id_fill(&v.item, "bunk", name, name);
	inventory_upsert_item(inv, &v.item);
	volume_record_done(&record);
}

void volumes_list(struct containers *c, const struct volume_uses *uses, struct inventory *inv)
{
	auto_strv names = {0};

	volume_names(c->store.volumes, &names, NULL);
	if (!inventory_wants(inv, KIND_VOLUME))
		inventory_count_more(inv, KIND_VOLUME, names.count);
	else
		for (size_t i = 0; i < names.count; i++)
			list_volume(c, uses, names.items[i], inv);
}

// --- space ---

static int measure_volume(struct containers *c, const char *name, uint64_t *bytes)
{
	auto_close int data = volume_open_data(c->store.volumes, name, NULL);

	return tree_size(data, bytes);
}

static struct measured_volume *find_size(struct containers *c, const char *name)
{
	struct measured_volumes *sizes = c->volume_sizes;

	if (!sizes)
		sizes = c->volume_sizes = mem_new(sizeof(*sizes));
	for (size_t i = 0; i < sizes->count; i++)
		if (strcmp(sizes->items[i].name, name) == 0)
			return &sizes->items[i];
	sizes->items = mem_resize(sizes->items, sizes->count + 1, sizeof(*sizes->items));
	sizes->items[sizes->count] = (struct measured_volume){.name = mem_strdup(name)};
	return &sizes->items[sizes->count++];
}

static void update_size(struct containers *c, struct measured_volume *size)
{
	int64_t begin = clock_mono();

	size->known = measure_volume(c, size->name, &size->bytes) == 0;
	int64_t now = clock_mono(), pause = (now - begin) * MEASURE_PAUSE;
	size->at = now;
	size->due = now + (pause > MEASURE_EVERY ? pause : MEASURE_EVERY);
}

// Those of deleted volumes.
static void forget_unseen(struct measured_volumes *sizes)
{
	size_t kept = 0;

	for (size_t i = 0; i < sizes->count; i++) {
		if (sizes->items[i].seen)
			sizes->items[kept++] = sizes->items[i];
		else
			free(sizes->items[i].name);
	}
	sizes->count = kept;
	for (size_t i = 0; i < kept; i++)
		sizes->items[i].seen = false;
}

static void sample_volume(struct containers *c, const char *name, const char *id,
                          void (*report)(void *context, const char *id, const struct sample *s), void *context)
{
	struct measured_volume *size = find_size(c, name);
	struct sample s = {0};

	size->seen = true;
	if (clock_mono() >= size->due)
		update_size(c, size);
	s.at = size->at;
	if (!size->known)
		return;
	sample_set(&s, METRIC_ALLOCATED, size->bytes);
	report(context, id, &s);
}

void volumes_sample(struct containers *c, const struct measures *what,
                    void (*report)(void *context, const char *id, const struct sample *s), void *context)
{
	auto_strv names = {0};

	if (!measures_any(what, KIND_VOLUME))
		return;
	volume_names(c->store.volumes, &names, NULL);
	pthread_mutex_lock(&c->volumes_lock);
	for (size_t i = 0; i < names.count; i++) {
		auto_free char *id = id_make("bunk", KIND_VOLUME, names.items[i]);

		if (measures_of(what, KIND_VOLUME, id) & METRIC_BIT(METRIC_ALLOCATED))
			sample_volume(c, names.items[i], id, report, context);
	}
	if (c->volume_sizes)
		forget_unseen(c->volume_sizes);
	pthread_mutex_unlock(&c->volumes_lock);
}

void volumes_done(struct containers *c)
{
	for (size_t i = 0; c->volume_sizes && i < c->volume_sizes->count; i++)
		free(c->volume_sizes->items[i].name);
	free(c->volume_sizes ? c->volume_sizes->items : NULL);
	free(c->volume_sizes);
}

// --- details ---

static int read_details(struct containers *c, const char *name, struct str *text, struct err *e)
{
	auto_close int fd = volume_open(c->store.volumes, name, e);
	auto_free char *path = volume_data_path(c->store.path, name);
	struct volume_record record = {0};
	auto_strv users = {0};
	char date[DATE_TEXT], size[UNITS_TEXT];
	uint64_t bytes = 0;
	int r = fd < 0 ? fd : volume_record_read(fd, &record, e);

	if (r < 0)
		return r;
	str_addf(text, "Name: %s\nCreated: %s\nDirectory: %s\n", name, date_local(date, DATE_ZONED, record.created), path);
	if (record.anonymous)
		str_add(text, "Anonymous: yes\n");
	if (measure_volume(c, name, &bytes) == 0)
		str_addf(text, "Space: %s\n", units_bytes(size, bytes));
	for (size_t i = 0; i < record.labels.count; i++)
		str_addf(text, "Label: %s\n", record.labels.items[i]);
	r = volume_users(c->store.containers, name, &users, e);
	for (size_t i = 0; i < users.count; i++)
		str_addf(text, "Used by: %s\n", users.items[i]);
	volume_record_done(&record);
	return r;
}

static bool is_own_of(struct containers *c, const struct mount_spec *m)
{
	auto_strv users = {0};
	struct err ignored;

	return m->type == MOUNT_VOLUME && m->anonymous && m->source &&
	       volume_users(c->store.containers, m->source, &users, &ignored) == 0 && users.count == 1;
}

void volumes_add_details(struct containers *c, const struct record *r, struct str *text)
{
	auto_mount_specs mounts = {0};
	struct err ignored;

	mount_specs_of(&mounts, r, &ignored);
	for (size_t i = 0; i < mounts.count; i++)
		if (is_own_of(c, &mounts.items[i]))
			str_addf(text, DETAIL_OWN_VOLUME "%s (%s)\n", mounts.items[i].source, mounts.items[i].target);
}

int containers_volume_read(struct containers *c, const char *name, enum document what, struct str *text, struct err *e)
{
	return what == DOCUMENT_DETAILS ? read_details(c, name, text, e) : 0;
}
