// Images, networks, volumes, disks, interfaces and jobs of the fake engine: see fake_items.h.
#include "fake_items.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "fake_networks.h"
#include "model/bucket.h"
#include "model/device.h"
#include "model/id.h"
#include "model/image.h"
#include "model/job.h"
#include "model/param.h"
#include "model/volume.h"

#define DISK_SIZE (UINT64_C(20) << 30)

enum { DEVICE_KEY = 48 };

static const struct {
	const char *name, *digest;
	uint64_t size;
	int layers;
} images[] = {
	{"nginx:1.27", "sha256:4bc8f2a0c1d96e57b3a0f4d2e8c71695a3b2d4f6081c3e5a7b9d0f1e2c3a4b51", UINT64_C(72) << 20, 7},
	{"valkey:8", "sha256:9e107d9d372bb6826bd81d3542a419d6e7f9c1b2a3d4e5f60718293a4b5c6d71", UINT64_C(41) << 20, 6},
	{"worker:7", "sha256:1f3870be274f6c49b3e31a0c6728957f0a1b2c3d4e5f60718293a4b5c6d7e8f9", UINT64_C(210) << 20, 11},
	{"debian:12", "sha256:8b1a9953c4611296a827abf8c47804d7f0e1d2c3b4a5968778695a4b3c2d1e0f", UINT64_C(49) << 20, 1},
};

static const struct {
	const char *name, *user; // the image of its users, NULL: unused
	bool anonymous;
	uint64_t size;
} volumes[] = {
	{"pages", "nginx:1.27", false, UINT64_C(310) << 20},
	{"cache", "valkey:8", false, UINT64_C(2) << 30},
	{"3f1c9ad27b604e58a1d2c3b4e5f60718", NULL, true, UINT64_C(12) << 20},
};

static const struct {
	enum item_state state;
	const char *what, *phase, *left;
	double progress; // percent
	uint64_t done, total;
} jobs[FAKE_JOBS] = {
	{STATE_RUNNING, "create container 'shop'", "unpacking layers", "/store/layers/.part.1", 62, UINT64_C(130) << 20,
	 UINT64_C(210) << 20},
	{STATE_FAILED, "create guest 'lab'", "was killed", "/images/lab.qcow2", 0, 0, 0},
	{STATE_DONE, "create guest 'mail'", NULL, NULL, 100, 0, 0},
};

static bool uses_image(const struct fake_row *row, const char *image)
{
	return row->role->kind == KIND_CONTAINER && row->image && str_starts(row->image, "oci:") &&
	       strcmp(row->image + strlen("oci:"), image) == 0;
}

static const char *device_key(char key[DEVICE_KEY], const struct fake_row *row, const char *device)
{
	char of[FAKE_KEY];

	snprintf(key, DEVICE_KEY, "%s/%s", fake_row_key(of, row), device);
	return key;
}

// SOURCE: the network of an interface.
static void add_device(struct inventory *inv, enum kind kind, const struct fake_row *row, const struct workload *w,
                       const char *name, const char *source)
{
	struct device d = {.kind = kind,
	                   .state = workload_is_active(w) ? STATE_ACTIVE : STATE_INACTIVE,
	                   .created = w->created,
	                   .simulated = true};
	char key[DEVICE_KEY];

	id_fill(&d.item, "fake", device_key(key, row, name), name);
	d.owner = mem_strdup(w->id);
	d.tree = mem_strdup(w->id);
	strv_add(&d.used_by, w->name);
	if (kind == KIND_DISK) {
		d.source = mem_printf("/images/%s.qcow2", w->name);
		d.format = mem_strdup("qcow2");
		d.size = DISK_SIZE;
	} else {
		d.source = mem_strdup(source);
		d.format = mem_strdup("virtio");
		d.mac = mem_printf("52:54:00:00:00:%02zx", row->index);
		d.addresses = mem_strdup(w->addresses);
		strv_take(&d.uses, id_make("fake", KIND_NETWORK, source));
	}
	inventory_upsert_item(inv, &d.item);
}

static void add_interfaces(const struct fake *f, struct inventory *inv, const struct fake_row *row,
                           struct workload *w)
{
	auto_strv names = {0};

	fake_networks_of(f, row, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_free char *interface = mem_printf("eth%zu", i);
		strv_take(&w->uses, id_make("fake", KIND_NETWORK, names.items[i]));
		strv_add(&w->networks, names.items[i]);
		add_device(inv, KIND_INTERFACE, row, w, interface, names.items[i]);
	}
}

void fake_items_of_row(const struct fake *f, struct inventory *inv, const struct fake_row *row, struct workload *w)
{
	if (!fake_row_is_detailed(row))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(images); i++)
		if (uses_image(row, images[i].name))
			strv_take(&w->uses, id_make("fake", KIND_IMAGE, images[i].digest));
	for (size_t i = 0; i < ARRAY_SIZE(volumes); i++)
		if (volumes[i].user && uses_image(row, volumes[i].user))
			strv_take(&w->uses, id_make("fake", KIND_VOLUME, volumes[i].name));
	if (w->kind == KIND_GUEST)
		add_device(inv, KIND_DISK, row, w, "vda", NULL);
	add_interfaces(f, inv, row, w);
}

// In `kept`: the names that an image got, or "" once it was removed.
static char *image_key(const char *digest)
{
	return mem_printf("%s/%s", kind_name(KIND_IMAGE), digest);
}

static void add_image(const struct fake *f, struct inventory *inv, size_t n)
{
	auto_free char *key = image_key(images[n].digest);
	const char *name;

	if (str_equal(params_get(&f->kept, key), ""))
		return;

	struct image_item i = {.kind = KIND_IMAGE,
	                       .created = f->wall,
	                       .simulated = true,
	                       .digest = mem_strdup(images[n].digest),
	                       .size = images[n].size,
	                       .layers = images[n].layers,
	                       .platform = mem_strdup("linux/amd64")};

	id_fill(&i.item, "fake", images[n].digest, images[n].name);
	strv_add(&i.names, images[n].name);
	for (size_t at = 0; (name = params_get_nth(&f->kept, key, at)); at++)
		strv_add(&i.names, name);
	for (size_t r = 0; r < f->count && fake_row_is_detailed(f->rows[r]); r++)
		if (!f->rows[r]->gone && uses_image(f->rows[r], images[n].name))
			strv_add(&i.used_by, f->rows[r]->name);
	i.state = i.used_by.count ? STATE_USED : STATE_UNUSED;
	inventory_upsert_item(inv, &i.item);
}

// The kept state of an item: NULL, or "yes" once it was created and "no" once it was deleted.
static const char *kept_item(const struct fake *f, enum kind kind, const char *name)
{
	auto_free char *key = mem_printf("%s/%s", kind_name(kind), name);

	return params_get(&f->kept, key);
}

static void keep_item(struct fake *f, enum kind kind, const char *name, const char *kept)
{
	auto_free char *key = mem_printf("%s/%s", kind_name(kind), name);

	params_set(&f->kept, key, kept);
}

// The row of a volume that exists from the start, or -1.
static int find_volume(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(volumes); i++)
		if (strcmp(volumes[i].name, name) == 0)
			return (int)i;
	return -1;
}

static void add_volume_users(const struct fake *f, const char *name, struct strv *users)
{
	int row = find_volume(name);

	for (size_t r = 0; row >= 0 && volumes[row].user && r < f->count && fake_row_is_detailed(f->rows[r]); r++)
		if (!f->rows[r]->gone && uses_image(f->rows[r], volumes[row].user))
			strv_add(users, f->rows[r]->name);
}

static void add_volume(const struct fake *f, struct inventory *inv, const char *name)
{
	int row = find_volume(name);
	struct volume v = {.kind = KIND_VOLUME,
	                   .created = f->wall,
	                   .simulated = true,
	                   .source = mem_printf("/var/lib/hostel/volumes/%s/data", name),
	                   .anonymous = row >= 0 && volumes[row].anonymous};

	id_fill(&v.item, "fake", name, name);
	add_volume_users(f, name, &v.used_by);
	v.state = v.used_by.count ? STATE_USED : STATE_UNUSED;
	inventory_upsert_item(inv, &v.item);
}

static void add_volumes(const struct fake *f, struct inventory *inv)
{
	auto_free char *prefix = mem_printf("%s/", kind_name(KIND_VOLUME));

	for (size_t i = 0; i < ARRAY_SIZE(volumes); i++)
		if (!kept_item(f, KIND_VOLUME, volumes[i].name))
			add_volume(f, inv, volumes[i].name);
	for (size_t i = 0; i < f->kept.count; i++)
		if (str_starts(f->kept.items[i].name, prefix) && str_equal(f->kept.items[i].value, "yes"))
			add_volume(f, inv, f->kept.items[i].name + strlen(prefix));
}

static bool has_volume(const struct fake *f, const char *name)
{
	const char *kept = kept_item(f, KIND_VOLUME, name);

	return kept ? str_equal(kept, "yes") : find_volume(name) >= 0;
}

static int make_volume(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	(void)p, (void)job;
	if (!*name)
		return err_msg(e, EINVAL, "a simulated volume needs a name");
	if (has_volume(f, name))
		return err_msg(e, EEXIST, "volume '%s' already exists", name);
	keep_item(f, KIND_VOLUME, name, "yes");
	return 0;
}

static int delete_volume(struct fake *f, const char *name, const struct params *p, const struct job *job,
                         struct err *e)
{
	auto_strv users = {0};

	(void)p, (void)job;
	if (!has_volume(f, name))
		return err_msg(e, ENOENT, "no volume '%s'", name);
	add_volume_users(f, name, &users);
	if (users.count)
		return err_msg(e, EBUSY, "volume '%s' is in use by container '%s' (delete it first)", name, users.items[0]);
	keep_item(f, KIND_VOLUME, name, "no");
	return 0;
}

static void add_job(const struct fake *f, struct inventory *inv, size_t n)
{
	char key[FAKE_KEY];
	enum item_state state = f->job_states[n] ? f->job_states[n] : jobs[n].state;
	struct job_record job = {.kind = KIND_JOB,
	                         .state = state,
	                         .created = f->wall + (int64_t)(n + 1),
	                         .simulated = true,
	                         .what = mem_strdup(jobs[n].what),
	                         .phase = mem_strdup(state == jobs[n].state ? jobs[n].phase : NULL),
	                         .progress = jobs[n].progress,
	                         .done = jobs[n].done,
	                         .total = jobs[n].total,
	                         .user = mem_strdup("root")};

	snprintf(key, sizeof(key), "%zu", n + 1);
	id_fill(&job.item, "fake", key, key);
	if (state == STATE_RUNNING)
		job.speed = 12 << 20;
	else
		job.finished = job.created + 1;
	if (state == jobs[n].state && jobs[n].left)
		strv_add(&job.left, jobs[n].left);
	inventory_upsert_item(inv, &job.item);
}

static int act_on_job(struct fake *f, const char *id, enum verb verb, struct err *e)
{
	uint64_t n;

	if (str_to_u64(id_key(id), &n) < 0 || n < 1 || n > FAKE_JOBS || f->job_states[n - 1] == STATE_STOPPING)
		return err_msg(e, ENOENT, "no job '%s' (see hostel job ls)", id_key(id));
	enum item_state state = f->job_states[n - 1] ? f->job_states[n - 1] : jobs[n - 1].state;
	if (verb == VERB_CANCEL && state != STATE_RUNNING)
		return err_msg(e, EINVAL, "job %s has ended", id_key(id));
	if (verb == VERB_DELETE && state == STATE_RUNNING)
		return err_msg(e, EBUSY, "job %s is running (cancel it first)", id_key(id));
	f->job_states[n - 1] = verb == VERB_CANCEL ? STATE_CANCELLED : STATE_STOPPING;
	return 0;
}

static char *bucket_key(const char *name)
{
	return mem_printf("%s/%s", kind_name(KIND_BUCKET), name);
}

static const char first_bucket[] = "demo";

// NULL: no item of that name.
static const char *bucket_size(const struct fake *f, const char *name)
{
	auto_free char *key = bucket_key(name);
	const char *size = params_get(&f->kept, key);

	return size ? size : strcmp(name, first_bucket) == 0 ? "0" : NULL;
}

static void add_bucket(const struct fake *f, struct inventory *inv, const char *name, const char *size)
{
	struct bucket b = {.kind = KIND_BUCKET, .created = f->wall, .simulated = true};

	id_fill(&b.item, "fake", name, name);
	units_parse_bytes(size, &b.size);
	b.state = b.size ? STATE_USED : STATE_UNUSED;
	inventory_upsert_item(inv, &b.item);
}

static void add_buckets(const struct fake *f, struct inventory *inv)
{
	auto_free char *prefix = bucket_key(""), *first = bucket_key(first_bucket);

	if (!params_get(&f->kept, first))
		add_bucket(f, inv, first_bucket, "0");
	for (size_t i = 0; i < f->kept.count; i++)
		if (str_starts(f->kept.items[i].name, prefix))
			add_bucket(f, inv, f->kept.items[i].name + strlen(prefix), f->kept.items[i].value);
}

void fake_items_shared(const struct fake *f, struct inventory *inv)
{
	for (size_t n = 0; f->count && n < FAKE_JOBS; n++)
		if (f->job_states[n] != STATE_STOPPING) // removed
			add_job(f, inv, n);

	for (size_t n = 0; f->count && n < ARRAY_SIZE(images); n++)
		add_image(f, inv, n);
	if (f->count)
		fake_networks_list(f, inv);
	if (f->count)
		add_buckets(f, inv);
	if (f->count)
		add_volumes(f, inv);
}

static int make_bucket(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	auto_free char *key = bucket_key(name);

	(void)p, (void)job;
	if (bucket_size(f, name))
		return err_msg(e, EEXIST, "bucket '%s' already exists", name);
	params_set(&f->kept, key, "0");
	return 0;
}

static int cancel_job(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	(void)p, (void)job;
	return act_on_job(f, name, VERB_CANCEL, e);
}

static int delete_job(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	(void)p, (void)job;
	return act_on_job(f, name, VERB_DELETE, e);
}

static int tag_image(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	auto_free char *key = image_key(name);

	(void)job, (void)e;
	params_add(&f->kept, key, params_or(p, PARAM_TO, "none"));
	return 0;
}

static int delete_image(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	auto_free char *key = image_key(name);

	(void)p, (void)job, (void)e;
	params_set(&f->kept, key, "");
	return 0;
}

static int fill_bucket(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	auto_free char *key = bucket_key(name);

	(void)job;
	if (!bucket_size(f, name))
		return err_msg(e, ENOENT, "no bucket '%s'", name);
	params_set(&f->kept, key, params_or(p, PARAM_TO, "0"));
	return 0;
}

// Verbs on these kinds, one of which creates. NAME: the item's name.
static const struct {
	enum kind kind;
	enum verb verb;
	fake_item_verb *run;
} item_verbs[] = {
	{KIND_JOB, VERB_CANCEL, cancel_job},
	{KIND_JOB, VERB_DELETE, delete_job},
	{KIND_IMAGE, VERB_DELETE, delete_image},
	{KIND_IMAGE, VERB_TAG, tag_image},
	{KIND_BUCKET, VERB_CREATE, make_bucket},
	{KIND_BUCKET, VERB_FILL, fill_bucket},
	{KIND_NETWORK, VERB_CREATE, fake_network_create},
	{KIND_NETWORK, VERB_DELETE, fake_network_delete},
	{KIND_NETWORK, VERB_START, fake_network_start},
	{KIND_NETWORK, VERB_STOP, fake_network_stop},
	{KIND_NETWORK, VERB_EDIT, fake_network_edit},
	{KIND_NETWORK, VERB_CONNECT, fake_network_connect},
	{KIND_NETWORK, VERB_DISCONNECT, fake_network_disconnect},
	{KIND_VOLUME, VERB_CREATE, make_volume},
	{KIND_VOLUME, VERB_DELETE, delete_volume},
};

bool fake_items_do(enum kind kind, enum verb verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(item_verbs); i++)
		if (item_verbs[i].kind == kind && item_verbs[i].verb == verb)
			return true;
	return false;
}

int fake_items_act(struct fake *f, const char *id, enum verb verb, const struct params *p, const struct job *job,
                   struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(item_verbs); i++)
		if (item_verbs[i].verb == verb && id_may_be(id, item_verbs[i].kind))
			return item_verbs[i].run(f, id_key(id), p, job, e);
	return err_msg(e, ENOTSUP, "cannot %s '%s'", verb_info(verb)->name, id);
}

void fake_items_choices(enum kind kind, const char *field, struct strv *out)
{
	static const char *const pools[] = {"default", "fast"}, *const guest_networks[] = {FAKE_NETWORK, "lab"};

	if (kind != KIND_GUEST)
		return;
	for (size_t i = 0; strcmp(field, PARAM_NETWORK) == 0 && i < ARRAY_SIZE(guest_networks); i++)
		strv_addf(out, "network:%s", guest_networks[i]);
	for (size_t i = 0; strcmp(field, PARAM_POOL) == 0 && i < ARRAY_SIZE(pools); i++)
		strv_add(out, pools[i]);
}

void fake_add_sample(struct sample_set *set, const struct measures *what, enum kind kind, const char *id,
                     const struct sample *s)
{
	struct sample wanted = *s;

	wanted.have &= measures_of(what, kind, id);
	if (wanted.have)
		sample_set_add(set, id, &wanted);
}

void fake_volumes_sample(const struct fake *f, struct sample_set *set, const struct measures *what, int64_t now)
{
	for (size_t i = 0; f->count && i < ARRAY_SIZE(volumes); i++) {
		auto_free char *id = id_make("fake", KIND_VOLUME, volumes[i].name);
		struct sample s = {.at = now};

		sample_set(&s, METRIC_ALLOCATED, volumes[i].size);
		if (has_volume(f, volumes[i].name))
			fake_add_sample(set, what, KIND_VOLUME, id, &s);
	}
}

static void add_figures(struct sample_set *set, const struct measures *what, enum kind kind, const char *key,
                        const struct sample *s, const enum metric *metrics, size_t count)
{
	struct sample own = {.at = s->at};

	for (size_t i = 0; i < count; i++)
		if (sample_has(s, metrics[i]))
			sample_set(&own, metrics[i], s->value[metrics[i]]);
	auto_free char *id = id_make("fake", kind, key);
	fake_add_sample(set, what, kind, id, &own);
}

void fake_items_sample(struct sample_set *set, const struct measures *what, const struct fake_row *row,
                       const struct sample *s)
{
	static const enum metric disk[] = {METRIC_READ, METRIC_WRITE, METRIC_READ_OPS, METRIC_WRITE_OPS, METRIC_ALLOCATED},
	                         net[] = {METRIC_NET_RX, METRIC_NET_TX};
	char key[DEVICE_KEY];

	if (!fake_row_is_detailed(row))
		return;
	struct sample grown = *s; // as if every block had been written once
	uint64_t written = s->value[METRIC_WRITE];
	sample_set(&grown, METRIC_ALLOCATED, written < DISK_SIZE ? written : DISK_SIZE);
	if (row->role->kind == KIND_GUEST)
		add_figures(set, what, KIND_DISK, device_key(key, row, "vda"), &grown, disk, ARRAY_SIZE(disk));
	add_figures(set, what, KIND_INTERFACE, device_key(key, row, "eth0"), s, net, ARRAY_SIZE(net));
}
