// Pushing images to registries: see push.h. skopeo reads a layout made for this push, which has the one image and the
// blobs of the store.
#include "push.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "digest.h"
#include "layout.h"
#include "skopeo.h"
#include "stored.h"
#include "sys/fs.h"

// A blob that is sent.
struct sent {
	const char *digest;
	uint64_t size, done;
	bool seen; // skopeo had it open
};

struct push {
	const struct store *store;
	const char *to;
	const struct job *job;
	json_t *digests;
	struct sent *blobs;
	size_t count;
};

// skopeo has a blob open while it sends it.
static void update(struct sent *b, pid_t pid)
{
	uint64_t at;
	bool open = skopeo_position(pid, b->digest + strlen("sha256:"), &at);

	if (open && at > b->done)
		b->done = at < b->size ? at : b->size;
	if (b->seen && !open)
		b->done = b->size;
	b->seen |= open;
}

static void report(void *context, pid_t pid)
{
	struct push *p = context;
	uint64_t done = 0, total = 0;

	for (size_t i = 0; i < p->count; i++) {
		update(&p->blobs[i], pid);
		done += p->blobs[i].done;
		total += p->blobs[i].size;
	}
	job_report_bytes(p->job, done, total, "pushing");
}

static void find_blobs(struct push *p)
{
	const char *digest;
	json_t *value;

	p->blobs = mem_array(json_object_size(p->digests) + 1, sizeof(*p->blobs));
	json_object_foreach (p->digests, digest, value)
		p->blobs[p->count++] = (struct sent){.digest = digest, .size = stored_blob_size(p->store, digest)};
}

static int copy(struct push *p, const char *stage, struct err *e)
{
	auto_free char *doing = mem_printf("push '%s'", p->to);
	const struct skopeo run = {p->store, doing, p->job, report, p};
	auto_strv argv = {0};

	strv_add(&argv, "copy");
	strv_add(&argv, "--quiet");
	strv_add(&argv, "--src-shared-blob-dir");
	strv_add(&argv, SKOPEO_STORE "/blobs");
	strv_addf(&argv, "oci:" SKOPEO_STORE "/%s:" SKOPEO_IMAGE, stage);
	strv_addf(&argv, "docker://%s", p->to);
	return skopeo_run(&run, &argv, e);
}

int image_push(const struct store *s, const json_t *descriptor, const char *to, const struct job *job, struct err *e)
{
	struct push p = {.store = s, .to = to, .job = job, .digests = json_object()};
	auto_close int lock = stored_hold(s, e); // its blobs stay
	auto_free char *stage = NULL;
	auto_close int dir = lock < 0 ? lock : store_stage_make(s, &stage, e);
	int r = dir < 0 ? dir : stored_mark(s, descriptor, p.digests, e);

	if (r == 0)
		r = skopeo_make_layout(dir, descriptor, e);
	if (r == 0) {
		find_blobs(&p);
		r = copy(&p, stage, e);
	}
	if (stage)
		store_stage_discard(s, stage);
	free(p.blobs);
	json_decref(p.digests);
	return r;
}
