// The verbs on an image of the store, one row each: see container/images.h.
#include "container/images.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "container/image/archive.h"
#include "container/image/collect.h"
#include "container/image/layout.h"
#include "container/image/list.h"
#include "container/image/name.h"
#include "container/image/push.h"
#include "container/image/short_name.h"
#include "container/image/stored.h"
#include "container/look/space.h"
#include "container/look/volumes.h"
#include "container/state/containers.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "container/store/tree.h"
#include "model/param.h"

// An image that a verb is done to.
struct target {
	struct containers *c;
	char *digest;        // in the index: its manifest, or the index of its platforms
	struct strv names;
	const char *name;    // by which the user called it, NULL: by its digest
	json_t *digests;     // of all its parts
};
typedef int action(const struct target *t, const struct params *p, const struct job *job, struct err *e);

static void target_done(struct target *t)
{
	free(t->digest);
	strv_done(&t->names);
	json_decref(t->digests);
}

static bool has_name(const struct target *t, const char *name)
{
	return strv_has(&t->names, name);
}

static int find_target(struct target *t, const char *digest, const struct params *p, struct err *e)
{
	const char *reference = p ? params_get(p, PARAM_REFERENCE) : NULL;
	int r = stored_lookup(&t->c->store, digest, &t->digest, &t->names, e);

	if (r == -ENOENT)
		return err_msg(e, ENOENT, "image '%s' is not in the store", reference ? reference : digest);
	if (r < 0)
		return r;
	t->name = reference && has_name(t, reference) ? reference : NULL;
	auto_json descriptor = json_pack("{s:s}", "digest", t->digest);
	t->digests = json_object();
	struct err ignored; // a damaged image can be removed
	stored_mark(&t->c->store, descriptor, t->digests, &ignored);
	return 0;
}

// --- remove ---

static void add_users(const struct records *records, const json_t *digests, struct str *out)
{
	for (size_t i = 0; i < records->count; i++)
		if (records->items[i].image.digest && json_object_get(digests, records->items[i].image.digest))
			str_addf(out, "%s'%s'", out->length ? ", " : "", records->items[i].name);
}

static int refuse_used(const struct target *t, const struct records *records, struct err *e)
{
	auto_str users = {0};

	add_users(records, t->digests, &users);
	return users.length ? err_msg(e, EBUSY,
	                              "image '%s' is used by %s (delete them first; with --" PARAM_FORCE
	                              " they keep its layers)",
	                              t->name ? t->name : t->digest, str_text(&users))
	                    : 0;
}

// The image is gone already; what cannot be removed now is garbage. The containers are read under the lock, which one
// that is being made holds: it may be newer than the removal's own check.
static void collect_parts(const struct target *t, const struct job *job)
{
	auto_json index = NULL;
	auto_records records = {0};
	struct garbage garbage;
	struct err e = {0};
	auto_close int lock = collect_lock(&t->c->store, &e);
	int r = lock < 0 ? lock : records_read(t->c->store.containers, &records, &e);

	r = r < 0 ? r : stored_read(&t->c->store, &index, &e);
	if (r == 0)
		r = collect(&(struct collection){&t->c->store, index, &records, t->digests, false}, &garbage, &e);
	if (r < 0) {
		auto_free char *text = mem_printf("its blobs are kept: %s; then run 'hostel image prune'", e.text);
		job_note(job, text);
	}
}

static int image_remove(const struct target *t, const struct params *p, const struct job *job, struct err *e)
{
	bool force = p && str_equal(params_get(p, PARAM_FORCE), "yes");
	auto_records records = {0};

	if (t->name && t->names.count > 1 && stored_untag(&t->c->store, t->name, e) == 0)
		return 0;
	int r = records_read(t->c->store.containers, &records, e);
	if (r == 0 && !force)
		r = refuse_used(t, &records, e);
	if (r == 0)
		r = stored_remove(&t->c->store, t->digest, e);
	if (r == 0)
		collect_parts(t, job);
	return r;
}

// --- tag ---

static int image_tag(const struct target *t, const struct params *p, const struct job *job, struct err *e)
{
	const char *to = params_or(p, PARAM_TO, "");
	int r = image_name_check(to, e);

	(void)job;
	if (r == 0 && strchr(to, '@'))
		r = err_msg(e, EINVAL, "invalid image name '%s': a new name cannot have a digest", to);
	auto_free char *name = r < 0 ? NULL : image_name_canonical(to);
	return r < 0 ? r : stored_tag(&t->c->store, t->digest, name, e);
}

// --- push, save, load ---

static int image_push_verb(const struct target *t, const struct params *p, const struct job *job, struct err *e)
{
	const char *to = p ? params_or(p, PARAM_TO, NULL) : NULL;
	const char *name = to ? to : t->name ? t->name : t->names.count ? t->names.items[0] : NULL;

	if (!name)
		return err_msg(e, EINVAL, "image '%s' has no name: give the name to push it to", t->digest);
	int r = image_name_check(name, e);
	auto_free char *whole = r < 0 ? NULL : image_name_canonical(name);
	auto_json descriptor = r < 0 ? NULL : stored_descriptor(&t->c->store, t->digest, e);
	r = r < 0 ? r : descriptor ? image_push(&t->c->store, descriptor, whole, job, e) : -e->code;
	if (r == 0 && job->out)
		str_add(job->out, whole);
	return r;
}

// The images that P names, or else IMAGE.
static int find_descriptors(struct containers *c, const char *image, const struct params *p, json_t *descriptors,
                            struct err *e)
{
	const char *name;

	for (size_t i = 0; (name = i == 0 && !params_get(p, PARAM_IMAGE) ? image : params_get_nth(p, PARAM_IMAGE, i));
	     i++) {
		json_t *descriptor = stored_descriptor(&c->store, name, e);
		if (!descriptor)
			return -e->code;
		json_array_append_new(descriptors, descriptor);
	}
	return 0;
}

static int save(struct containers *c, const char *image, const struct params *p, const struct job *job,
                struct err *e)
{
	const char *file = params_or(p, PARAM_OUTPUT, "");
	bool docker = str_equal(params_or(p, PARAM_FORMAT, "docker"), "docker");
	auto_json descriptors = json_array();
	int r = find_descriptors(c, image, p, descriptors, e);

	r = r < 0 ? r : archive_save(&c->store, descriptors, file, docker, job, e);
	if (r == 0 && job->out)
		str_add(job->out, file);
	return r;
}

static int load(struct containers *c, const char *image, const struct params *p, const struct job *job,
                struct err *e)
{
	auto_strv loaded = {0};
	int r = archive_load(&c->store, params_or(p, PARAM_INPUT, ""), job, &loaded, e);

	(void)image;
	for (size_t i = 0; job->out && i < loaded.count; i++)
		str_addf(job->out, "%s%s", i ? "\n" : "", loaded.items[i]);
	if (r < 0)
		store_add_remedy(&c->store, e);
	return r;
}

// --- prune ---

// Whether a container has the image of DESCRIPTOR.
static bool is_used(struct containers *c, const json_t *descriptor, const struct records *records)
{
	auto_json digests = json_object();
	auto_str users = {0};
	struct err ignored;

	stored_mark(&c->store, descriptor, digests, &ignored);
	add_users(records, digests, &users);
	return users.length > 0;
}

static void add_row(struct str *text, const char *type, const char *name, uint64_t bytes)
{
	str_addf(text, "%s\t%s\t%llu\n", type, name, (unsigned long long)bytes);
}

static uint64_t listed_bytes(const struct listed_images *images, const char *digest)
{
	for (size_t i = 0; i < images->count; i++)
		if (str_equal(images->items[i].digest, digest))
			return images->items[i].size;
	return 0;
}

// Moves the images that go from INDEX to GONE, and adds a row for each.
static void choose_unused(struct containers *c, json_t *index, const struct records *records, bool all, json_t *gone,
                          struct str *text)
{
	auto_free char *path = stored_path(&c->store);
	json_t *manifests = json_object_get(index, "manifests");
	struct listed_images images = {0};
	struct err ignored;

	image_list_layout(&images, path, true, &ignored);
	for (size_t i = json_array_size(manifests); i-- > 0;) {
		json_t *descriptor = json_array_get(manifests, i);
		const char *digest = layout_text(descriptor, "digest"), *name = stored_name(descriptor);
		if (!digest || (name && !all) || is_used(c, descriptor, records))
			continue;
		add_row(text, "image", name ? name : digest, listed_bytes(&images, digest));
		json_array_append(gone, descriptor);
		json_array_remove(manifests, i);
	}
	listed_images_done(&images);
}

static void add_garbage(struct str *text, const struct garbage *g)
{
	auto_free char *blobs = mem_printf("%zu", g->blobs), *layers = mem_printf("%zu", g->layers);

	if (g->blobs)
		add_row(text, "blobs", blobs, g->blob_bytes);
	if (g->layers)
		add_row(text, "layers", layers, g->layer_bytes);
	if (text->length)
		add_row(text, "total", "", g->blob_bytes + g->layer_bytes);
}

// Removes, or with LOOK only counts, what goes; the index may have got names since it was read.
static int remove_unused(struct containers *c, const struct records *records, json_t *index, const json_t *gone,
                         bool look, struct garbage *garbage, struct err *e)
{
	auto_json now = NULL;
	int r = look ? 0 : stored_drop(&c->store, gone, e);

	if (r == 0 && !look)
		r = stored_read(&c->store, &now, e);
	return r < 0 ? r : collect(&(struct collection){&c->store, look ? index : now, records, NULL, look}, garbage, e);
}

// The table of what goes: images, then what nothing needs any more.
static int prune(struct containers *c, const char *image, const struct params *p, const struct job *job,
                 struct err *e)
{
	bool all = p && str_equal(params_get(p, PARAM_ALL), "yes"),
	     look = p && str_equal(params_get(p, PARAM_DRY_RUN), "yes");
	auto_records records = {0};
	auto_json index = NULL;
	auto_json gone = json_array();
	auto_str text = {0};
	struct garbage garbage;
	auto_close int lock = collect_lock(&c->store, e);
	int r = lock < 0 ? lock : records_read(c->store.containers, &records, e);

	(void)image;
	if (r == 0)
		r = stored_read(&c->store, &index, e);
	if (r < 0)
		return r;
	choose_unused(c, index, &records, all, gone, &text);
	r = remove_unused(c, &records, index, gone, look, &garbage, e);
	if (r == 0)
		add_garbage(&text, &garbage);
	if (r == 0 && job->out && text.length)
		str_addf(job->out, "TYPE\tNAME\tBYTES\n%s", str_text(&text));
	return r;
}

// --- df ---

static uint64_t bytes_of_store(const struct store *s)
{
	uint64_t images = 0, layers = 0;

	if (tree_size(s->images, &images) < 0)
		images = 0;
	if (tree_size(s->layers, &layers) < 0)
		layers = 0;
	return images + layers;
}

// Images, and what would go with those that no container uses.
int containers_image_space(struct containers *c, struct str *text, struct err *e)
{
	auto_records records = {0};
	auto_json index = NULL;
	auto_json gone = json_array();
	auto_str rows = {0};
	struct garbage garbage = {0};
	int r = records_read(c->store.containers, &records, e);

	r = r < 0 ? r : stored_read(&c->store, &index, e);
	if (r < 0)
		return r;
	size_t count = json_array_size(json_object_get(index, "manifests"));
	choose_unused(c, index, &records, true, gone, &rows);
	r = remove_unused(c, &records, index, gone, true, &garbage, e);
	if (r == 0)
		space_write(&(struct space){count, count - json_array_size(gone), bytes_of_store(&c->store),
		                            garbage.blob_bytes + garbage.layer_bytes}, "images", text);
	return r;
}

void containers_image_names(struct containers *c, const char *text, struct strv *out)
{
	struct err e = {0};

	if (!*text || image_name_check(text, &e) < 0)
		return;
	auto_free char *name = short_name_resolve(&c->store, text, &e);
	if (e.code == ENOTUNIQ)
		short_name_candidates(text, out);
}

// --- the table ---

static action *const actions[VERBS] = {
	[VERB_DELETE] = image_remove,
	[VERB_TAG] = image_tag,
	[VERB_PUSH] = image_push_verb,
};

// Those that are not done to one image; IMAGE is the one that was selected, or "*".
static int (*const of_kind[VERBS])(struct containers *c, const char *image, const struct params *p,
                                   const struct job *job, struct err *e) = {
	[VERB_PRUNE] = prune,
	[VERB_SAVE] = save,
	[VERB_LOAD] = load,
};

bool containers_image_do(enum verb verb)
{
	return actions[verb] || of_kind[verb];
}

int containers_image_act(struct containers *c, const char *digest, enum verb verb, const struct params *p,
                         const struct job *job, struct err *e)
{
	struct target t = {.c = c};
	int r;

	store_sweep(&c->store);
	if (of_kind[verb]) {
		r = of_kind[verb](c, digest, p ? p : &(struct params){0}, job, e);
	} else {
		r = find_target(&t, digest, p, e);
		r = r < 0 ? r : actions[verb](&t, p, job, e);
		target_done(&t);
	}
	store_touch(c->store.containers);
	return r;
}
