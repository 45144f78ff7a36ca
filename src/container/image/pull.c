// Pulling images from registries: see pull.h.
#include "pull.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "blob.h"
#include "digest.h"
#include "layout.h"
#include "name.h"
#include "platform.h"
#include "stored.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { LOOK_MS = 200, MESSAGE_MAX = 64 * 1024, MANIFEST_MAX = 4 << 20, INSPECT_SECONDS = 5 };

struct pull {
	const struct store *store;
	const char *name, *platform;
	const struct job *job;
	char *source;    // "docker://NAME"
	json_t *layers;  // descriptors, NULL: unknown
	uint64_t total;  // bytes of them
	char *entry;     // of the directory in which skopeo works
	int stage;
};

// --- skopeo ---

// The platform in skopeo's options, which must precede its command. Nothing for this host's own.
static void add_platform(struct strv *argv, const char *platform)
{
	static const char *const options[] = {"--override-os", "--override-arch", "--override-variant"};
	auto_strv parts = {0};

	strv_split(&parts, platform ? platform : "", "/");
	for (size_t i = 0; i < parts.count && i < ARRAY_SIZE(options); i++) {
		strv_add(argv, options[i]);
		strv_add(argv, parts.items[i]);
	}
}

// skopeo's last words, without time and level: time="…" level=fatal msg="copying …: manifest unknown".
static char *message_in(const char *text)
{
	const char *found = NULL;
	struct str message = {0};

	for (const char *next = text; (next = strstr(next, "msg=\"")); found = next)
		next += strlen("msg=\"");
	for (const char *c = found ? found : text; *c && *c != '\n' && !(found && *c == '"'); c++) {
		c += found && c[0] == '\\' && c[1];
		str_add_char(&message, *c);
	}
	return str_steal(&message);
}

static int skopeo_failed(const struct pull *p, const char *said, struct err *e)
{
	auto_free char *message = message_in(said), *shown = str_visible(message);

	return err_msg(e, EREMOTEIO, "cannot pull '%s': %s", p->name, *shown ? shown : "skopeo failed without a message");
}

static int needs_skopeo(const struct pull *p, struct err *e)
{
	auto_free char *path = proc_find_program("skopeo");

	return path ? 0 : err_msg(e, ENOENT, "cannot pull '%s': skopeo is not installed (package skopeo)", p->name);
}

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

	json_array_foreach (p->layers, i, layer) {
		const char *hex = digest_hex(layout_text(layer, "digest"));
		auto_free char *path = mem_printf("blobs/sha256/%s", hex ? hex : "");
		struct stat st;
		if (hex && fstatat(p->store->images, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			bytes += (uint64_t)st.st_size;
	}
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
	int fd = openat(p->stage, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint64_t bytes = 0;
	struct dirent *entry;
	struct stat st;

	if (!dir) {
		auto_close_run(&fd);
		return 0;
	}
	while ((entry = readdir(dir)))
		if (str_starts(entry->d_name, "oci-put-blob") && fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			bytes += (uint64_t)st.st_size;
	closedir(dir);
	return bytes;
}

static void report(const struct pull *p)
{
	uint64_t done = partial_bytes(p) + stored_bytes(p);

	job_report_bytes(p->job, done < p->total ? done : p->total, p->total, "pulling");
}

// --- the copy ---

// skopeo reaches the store by a descriptor, so that its path may have any characters.
static pid_t start_copy(const struct pull *p, int errors, struct err *e)
{
	auto_free char *setpriv = proc_find_program("setpriv");
	auto_strv argv = {0};
	const int fds[3] = {-1, -1, errors};

	if (setpriv) { // it does not outlive this process
		strv_add(&argv, setpriv);
		strv_add(&argv, "--pdeathsig=KILL");
	}
	strv_add(&argv, "skopeo");
	add_platform(&argv, p->platform);
	strv_add(&argv, "copy");
	strv_add(&argv, "--quiet");
	strv_add(&argv, "--dest-shared-blob-dir");
	strv_add(&argv, "/proc/self/fd/3/blobs");
	strv_add(&argv, p->source);
	strv_addf(&argv, "oci:/proc/self/fd/3/%s:%s", p->entry, p->name);
	return proc_spawn((const char *const *)argv.items, fds, p->store->images, true, e);
}

// Waits until the process of PIDFD ends, reporting progress. Returns 0 or -ECANCELED.
static int watch_copy(struct pull *p, int pidfd, struct err *e)
{
	struct pollfd end = {pidfd, POLLIN, 0};
	bool known = false;

	while (poll(&end, 1, LOOK_MS) <= 0) {
		if (job_is_cancelled(p->job))
			return err_msg(e, ECANCELED, "cancelled");
		if (!known)
			find_total(p);
		known = true;
		report(p);
	}
	return 0;
}

static int copy_result(const struct pull *p, int status, int errors, struct err *e)
{
	auto_free char *said = mem_new(MESSAGE_MAX + 1);
	ssize_t n = pread(errors, said, MESSAGE_MAX, 0);

	said[n > 0 ? n : 0] = '\0';
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : skopeo_failed(p, said, e);
}

static int copy(struct pull *p, struct err *e)
{
	auto_close int errors = memfd_create("skopeo", MFD_CLOEXEC);
	pid_t pid = errors < 0 ? err_set(e, errno, "cannot pull '%s'", p->name) : start_copy(p, errors, e);
	int status = 0;

	if (pid < 0)
		return pid;
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int r = pidfd < 0 ? err_set(e, errno, "cannot watch skopeo") : watch_copy(p, pidfd, e);
	if (r < 0) {
		proc_end(pid);
		return r;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "cannot wait for skopeo");
	return copy_result(p, status, errors, e);
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
	auto_free char *path = mem_printf("%s/images/%s", p->store->path, p->entry);
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = path, .fd = p->stage, .left = &left};
	auto_json index = NULL;
	int r = layout_read_index(&l, &index, e);
	const json_t *descriptor = json_array_get(json_object_get(index, "manifests"), 0);

	if (r == 0 && !digest_hex(layout_text(descriptor, "digest")))
		r = err_msg(e, EBADMSG, "cannot pull '%s': skopeo wrote no manifest", p->name);
	if (r == 0)
		r = check_platform(p, descriptor, e);
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
	int r = needs_skopeo(&p, e);

	if (r == 0)
		r = pull_into_stage(&p, e);
	json_decref(p.layers);
	free(p.source);
	free(p.entry);
	return r;
}
