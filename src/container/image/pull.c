// Pulling images from registries: see pull.h.
#include "pull.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "blob.h"
#include "digest.h"
#include "layout.h"
#include "name.h"
#include "platform.h"
#include "skopeo.h"
#include "stored.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { MANIFEST_MAX = 4 << 20, INSPECT_SECONDS = 5 };

struct pull {
	const struct store *store;
	const char *name, *platform;
	const struct job *job;
	char *source;    // "docker://NAME"
	json_t *layers;  // descriptors, NULL: unknown
	uint64_t total;  // bytes of them
	bool known;
	char *entry;     // of the directory in which skopeo works
	int stage;
};

// --- how much there is ---

// The best entry of an index for the wanted platform, NULL: none.
static const json_t *choose_entry(const struct pull *p, const json_t *manifests)
{
	const json_t *best = NULL;
	int best_fit = -1;
	size_t i;
	json_t *one;

	json_array_foreach (manifests, i, one) {
		const json_t *platform = json_object_get(one, "platform");
		const char *os = layout_text(platform, "os"), *architecture = layout_text(platform, "architecture"),
		           *variant = layout_text(platform, "variant");
		auto_free char *name = os ? platform_name(os, architecture, variant) : NULL;
		int fit = p->platform ? (str_equal(name, p->platform) ? 0 : -1) : platform_fit(os, architecture, variant);
		if (fit >= 0 && (!best || fit < best_fit)) {
			best = one;
			best_fit = fit;
		}
	}
	return best;
}

// The manifest, or index, of REFERENCE. NULL: unknown.
static json_t *inspect(const char *reference)
{
	const char *const argv[] = {"skopeo", "inspect", "--raw", reference, NULL};
	auto_str out = {0};
	struct err ignored;

	return proc_run(argv, NULL, &out, INSPECT_SECONDS * SECOND, &ignored) == 0 && out.length <= MANIFEST_MAX
	           ? json_loadb(str_text(&out), out.length, 0, NULL)
	           : NULL;
}

// Bytes of the complete blobs of P's layers in the store.
static uint64_t stored_bytes(const struct pull *p)
{
	uint64_t bytes = 0;
	size_t i;
	json_t *layer;

	json_array_foreach (p->layers, i, layer)
		bytes += stored_blob_size(p->store, layout_text(layer, "digest"));
	return bytes;
}

static void find_total(struct pull *p)
{
	auto_json outer = inspect(p->source);
	const json_t *entry = choose_entry(p, json_object_get(outer, "manifests"));
	const char *digest = layout_text(entry, "digest");
	int length = (int)image_name_repository(p->name);
	auto_free char *inner = digest_hex(digest) ? mem_printf("docker://%.*s@%s", length, p->name, digest) : NULL;
	auto_json manifest = inner ? inspect(inner) : json_incref(outer);
	size_t i;
	json_t *layer;

	p->layers = json_incref(json_object_get(manifest, "layers"));
	json_array_foreach (p->layers, i, layer) {
		int64_t size;
		if (layout_size(layer, &size, NULL) == 0 && size > 0)
			p->total += (uint64_t)size;
	}
}

// Bytes of the blobs that skopeo is writing.
static uint64_t partial_bytes(const struct pull *p)
{
	DIR *dir = fs_open_directory(p->stage, ".");
	uint64_t bytes = 0;
	struct dirent *entry;
	struct stat st;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (str_starts(entry->d_name, "oci-put-blob") &&
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			bytes += (uint64_t)st.st_size;
	closedir(dir);
	return bytes;
}

// Asks the registry for the total size only after skopeo has started.
static void report(void *context, pid_t pid)
{
	struct pull *p = context;

	(void)pid;
	if (!p->known)
		find_total(p);
	p->known = true;
	uint64_t done = partial_bytes(p) + stored_bytes(p);

	job_report_bytes(p->job, done < p->total ? done : p->total, p->total, "pulling");
}

// --- the copy ---

static int copy(struct pull *p, struct err *e)
{
	auto_free char *doing = mem_printf("pull '%s'", p->name);
	const struct skopeo run = {p->store, doing, p->job, report, p};
	auto_strv argv = {0};

	skopeo_add_platform(&argv, p->platform);
	strv_add(&argv, "copy");
	strv_add(&argv, "--quiet");
	strv_add(&argv, "--dest-shared-blob-dir");
	strv_add(&argv, SKOPEO_STORE "/blobs");
	strv_add(&argv, p->source);
	strv_addf(&argv, "oci:" SKOPEO_STORE "/%s:%s", p->entry, p->name);
	return skopeo_run(&run, &argv, e);
}

// skopeo takes an image for one platform as it is.
static int check_platform(const struct pull *p, const json_t *descriptor, struct err *e)
{
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = p->name, .fd = p->store->images, .left = &left};
	auto_json manifest = NULL;
	auto_json config = NULL;
	int r = layout_read(&l, "the manifest", descriptor, &manifest, e);

	if (r == 0)
		r = layout_read(&l, "the configuration", json_object_get(manifest, "config"), &config, e);
	if (r < 0 || !p->platform)
		return r;
	const char *os = layout_text(config, "os"), *architecture = layout_text(config, "architecture");
	auto_free char *exact = platform_name(os, architecture, layout_text(config, "variant")),
	               *short_one = platform_name(os, architecture, NULL);
	return str_equal(p->platform, exact) || str_equal(p->platform, short_one)
	           ? 0
	           : err_msg(e, EINVAL, "cannot pull '%s' for %s: it is made for %s", p->name, p->platform, exact);
}

// The image gets its name when its blobs are on the disk, so that a power failure leaves it whole or unknown.
static int publish(const struct pull *p, struct err *e)
{
	auto_free char *doing = mem_printf("pull '%s'", p->name);
	auto_json descriptor = skopeo_written(p->store, p->entry, doing, e);
	int r = descriptor ? check_platform(p, descriptor, e) : -e->code;

	if (r == 0 && syncfs(p->stage) < 0)
		r = err_set(e, errno, "cannot write image '%s' to the disk", p->name);
	return r < 0 ? r : stored_add(p->store, descriptor, p->name, e);
}

static int pull_into_stage(struct pull *p, struct err *e)
{
	// held shared while blobs are not in the index yet: removing unused blobs takes it exclusively
	auto_close int lock = stored_hold(p->store, e);

	if (lock < 0)
		return lock;
	p->stage = store_stage_make(p->store, &p->entry, e);
	if (p->stage < 0)
		return p->stage;
	int r = copy(p, e);
	if (r == 0)
		r = publish(p, e);
	store_stage_discard(p->store, p->entry);
	auto_close_run(&p->stage);
	return r;
}

int image_pull(const struct store *s, const char *name, const char *platform, const struct job *job, struct err *e)
{
	struct pull p = {.store = s, .name = name, .platform = platform, .job = job,
	                 .source = mem_printf("docker://%s", name)};
	int r = pull_into_stage(&p, e);

	json_decref(p.layers);
	free(p.source);
	free(p.entry);
	return r;
}
