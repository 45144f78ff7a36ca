// Selecting an image of a layout: see choose.h. First all manifests are collected, through nested indexes; then those
// that have another name, are not images, or are not built for this host are dropped. If several images remain, the
// reference is ambiguous: an error, never a guess.
#include "choose.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "digest.h"
#include "layout.h"
#include "name.h"
#include "platform.h"

enum { INDEX_DEPTH = 4, CANDIDATES_MAX = 4096, SHOWN_MAX = 8, NO_MATCH = 100 };

static const char default_tag[] = "latest";

// One manifest. The strings belong to documents that the choice keeps.
struct candidate {
	const json_t *descriptor;
	json_t *manifest, *config; // NULL = not read
	const char *name;          // the best match, else the first; NULL = none
	int match;                 // rating of NAME (choose_match()), or NO_MATCH
	int fit;                   // rating of its platform (platform_fit())
	char *platform;
	bool pinned;               // it, or an index that contains it, has the requested digest
	char *alien;               // a description if it is not an image, else NULL
	struct err *problem;       // why it cannot be read, else NULL
};

struct choice {
	const struct layout *l;
	char *ref;          // without the digest; NULL = none
	const char *digest; // NULL = none
	struct candidate *items;
	size_t count;
	json_t *documents;
	bool all; // also collect manifests with other names: nested indexes may contain the name
};

static void candidate_done(struct candidate *one)
{
	json_decref(one->manifest);
	json_decref(one->config);
	free(one->platform);
	free(one->alien);
	free(one->problem);
}

static void choice_done(struct choice *c)
{
	for (size_t i = 0; i < c->count; i++)
		candidate_done(&c->items[i]);
	free(c->items);
	free(c->ref);
	json_decref(c->documents);
}

// --- names ---

static bool is_exact(const char *name, const char *ref)
{
	return str_equal(name, ref);
}

static bool is_full(const char *name, const char *ref)
{
	auto_free char *a = image_name_canonical(name), *b = image_name_canonical(ref);

	return str_equal(a, b);
}

static bool is_suffix(const char *name, const char *ref)
{
	auto_free char *whole = image_name_canonical(name),
	               *end = mem_printf("/%s%s", ref, image_name_tag(ref) ? "" : ":latest");

	return str_ends(whole, end);
}

static bool is_tag(const char *name, const char *ref)
{
	return str_equal(image_name_tag(name), ref);
}

static bool is_repository(const char *name, const char *ref)
{
	const char *tag = image_name_tag(name);
	auto_free char *plain = mem_strndup(name, tag ? (size_t)(tag - 1 - name) : strlen(name)),
	               *end = mem_printf("/%s", ref);

	return tag && !image_name_tag(ref) && (str_equal(plain, ref) || str_ends(plain, end));
}

int choose_match(const char *name, const char *ref)
{
	static bool (*const ways[])(const char *name, const char *ref) = {is_exact, is_full, is_suffix, is_tag,
	                                                                  is_repository};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i](name, ref))
			return (int)i;
	return -1;
}

// Annotations for the name of an image: OCI's and containerd's.
static const char *const name_keys[] = {"org.opencontainers.image.ref.name", "io.containerd.image.name"};

// Sets the best of DESCRIPTOR's names, unless the name inherited from its index is better.
static void add_known_name(const struct choice *c, const json_t *descriptor, struct candidate *one)
{
	for (size_t i = 0; i < ARRAY_SIZE(name_keys); i++) {
		const char *name = layout_text(json_object_get(descriptor, "annotations"), name_keys[i]);
		int match = name && c->ref ? choose_match(name, c->ref) : -1;
		if (name && ((match >= 0 && match < one->match) || !one->name)) {
			one->name = name;
			one->match = match >= 0 ? match : one->match;
		}
	}
	one->pinned |= c->digest && str_equal(layout_text(descriptor, "digest"), c->digest);
}

// --- collecting ---

static bool is_index(const char *type)
{
	return type && (strstr(type, "image.index") || strstr(type, "manifest.list"));
}

static void add_problem(struct candidate *one, const struct err *problem)
{
	one->problem = mem_new(sizeof(*problem));
	*one->problem = *problem;
}

static int collect_index(struct choice *c, const json_t *manifests, const struct candidate *outer, int depth,
                         struct err *e);

// A descriptor without a media type must be read to learn its type.
static int collect_descriptor(struct choice *c, const json_t *descriptor, const struct candidate *outer, int depth,
                              struct err *e)
{
	struct candidate one = {
	    .descriptor = descriptor, .name = outer->name, .match = outer->match, .pinned = outer->pinned};
	const char *type = layout_text(descriptor, "mediaType");
	struct err problem = {0};
	auto_json object = NULL;

	add_known_name(c, descriptor, &one);
	if (c->ref && !c->all && one.match == NO_MATCH)
		return 0;
	if (is_index(type) || !type)
		layout_read(c->l, "the index", descriptor, &object, &problem);
	if (problem.code == E2BIG)
		return err_msg(e, E2BIG, "%s", problem.text);
	const json_t *below = json_object_get(object, "manifests");
	if (below && depth < INDEX_DEPTH) {
		json_array_append(c->documents, object);
		return collect_index(c, below, &one, depth + 1, e);
	}
	if (below)
		err_msg(&problem, ELOOP, "image 'oci:%s': indexes are nested more than %d deep", c->l->path, INDEX_DEPTH);
	if (problem.code)
		add_problem(&one, &problem);
	if (c->count == CANDIDATES_MAX)
		return err_msg(e, E2BIG, "image 'oci:%s' lists more than %d manifests", c->l->path, CANDIDATES_MAX);
	one.manifest = below ? NULL : steal(object);
	c->items = mem_resize(c->items, c->count + 1, sizeof(*c->items));
	c->items[c->count++] = one;
	return 0;
}

static int collect_index(struct choice *c, const json_t *manifests, const struct candidate *outer, int depth,
                         struct err *e)
{
	size_t i;
	json_t *descriptor;
	int r = 0;

	json_array_foreach(manifests, i, descriptor)
	{
		r = collect_descriptor(c, descriptor, outer, depth, e);
		if (r < 0)
			break;
	}
	return r;
}

// --- artifacts that are not images ---

// By prefix of a media type: of the manifest, its configuration, a layer, or the artifact type.
static const struct {
	const char *type, *description;
} aliens[] = {
	{"application/vnd.docker.distribution.manifest.v1",
	 "a Docker schema 1 manifest, an obsolete format"},
	{"application/vnd.cncf.helm.", "a Helm chart"},
	{"application/vnd.cncf.flux.", "a Flux artifact"},
	{"application/vnd.cncf.kubernetes.", "a Kubernetes manifest"},
	{"application/vnd.cncf.openpolicyagent.", "an Open Policy Agent bundle"},
	{"application/vnd.cncf.notary.", "a signature"},
	{"application/vnd.dev.cosign.", "a signature"},
	{"application/vnd.dev.sigstore.", "a signature"},
	{"application/vnd.in-toto", "an attestation"},
	{"application/spdx", "an SBOM"},
	{"application/vnd.cyclonedx", "an SBOM"},
	{"application/vnd.syft", "an SBOM"},
	{"application/vnd.wasm.", "a WebAssembly module"},
	{"application/wasm", "a WebAssembly module"},
	{"application/vnd.module.wasm", "a WebAssembly module"},
	{"application/vnd.docker.plugin.", "a Docker plugin"},
	{"application/vnd.docker.ai.", "an AI model"},
	{"application/vnd.docker.compose.", "a Compose project"},
	{"application/vnd.ollama.", "an AI model"},
	{"application/vnd.cncf.model.", "an AI model"},
	{"application/vnd.sylabs.sif", "a Singularity image"},
	{"application/vnd.gnome.flatpak", "a Flatpak"},
	{"application/vnd.homebrew", "a Homebrew bottle"},
	{"application/vnd.devcontainers", "a dev container feature"},
	{"application/vnd.fluxcd.", "a Flux artifact"},
	{"application/vnd.qemu.", "a guest disk"},
	{"application/x-qemu-disk", "a guest disk"},
	{"application/vnd.cirruslabs.tart.", "a Tart VM"},
	{"application/vnd.oci.image.layer", "a layer"},
	{"application/vnd.oci.image.config", "the configuration of an image"},
};

static char *alien_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliens); i++)
		if (str_starts(type, aliens[i].type))
			return mem_printf("%s (%s)", aliens[i].description, type);
	return mem_printf("an artifact (%s)", type);
}

static bool is_image_config(const char *type)
{
	return !type || str_starts(type, "application/vnd.oci.image.config.") ||
	       str_starts(type, "application/vnd.docker.container.image.");
}

// The media type of the first layer if no layer is an archive, else NULL.
static const char *foreign_layers(const json_t *manifest)
{
	const json_t *layers = json_object_get(manifest, "layers");
	const char *found = NULL;
	size_t i;
	json_t *layer;

	json_array_foreach(layers, i, layer)
	{
		const char *type = layout_text(layer, "mediaType");
		if (!type || strstr(type, "tar"))
			return NULL;
		found = found ? found : type;
	}
	return found;
}

static bool is_manifest(const char *type)
{
	return !type || strstr(type, "image.manifest.") || strstr(type, "distribution.manifest.v2");
}

// Judges by the descriptor: builders store attestations next to an image.
static char *alien_descriptor(const json_t *descriptor)
{
	const json_t *platform = json_object_get(descriptor, "platform");
	const char *reference = layout_text(json_object_get(descriptor, "annotations"), "vnd.docker.reference.type");
	const char *type = layout_text(descriptor, "mediaType");

	if (reference)
		return mem_printf("an attestation (%s)", reference);
	if (str_equal(layout_text(platform, "os"), "unknown") &&
	    str_equal(layout_text(platform, "architecture"), "unknown"))
		return mem_strdup("an attestation (platform unknown/unknown)");
	return is_manifest(type) ? NULL : alien_of(type);
}

static char *alien_manifest(const json_t *manifest)
{
	const char *config = layout_text(json_object_get(manifest, "config"), "mediaType"),
	           *artifact = layout_text(manifest, "artifactType");
	const char *layers = foreign_layers(manifest);

	if (json_object_get(manifest, "fsLayers"))
		return alien_of("application/vnd.docker.distribution.manifest.v1+json");
	if (!is_image_config(config))
		return alien_of(artifact && str_starts(config, "application/vnd.oci.empty.") ? artifact : config);
	if (layers)
		return alien_of(layers);
	return json_object_get(manifest, "config") ? NULL : mem_strdup("a manifest without a configuration");
}

// --- platforms ---

// Some builders write empty strings for unknown values; these become NULL.
static const char *nonempty_text(const json_t *object, const char *key)
{
	const char *text = layout_text(object, key);

	return text && *text ? text : NULL;
}

static void add_platform(struct candidate *one, const json_t *platform)
{
	const char *os = nonempty_text(platform, "os"), *architecture = nonempty_text(platform, "architecture"),
	           *variant = nonempty_text(platform, "variant");

	free(one->platform);
	one->platform = platform_name(os, architecture, variant);
	one->fit = platform_fit(os, architecture, variant);
}

static int read_part(struct choice *c, const char *what, const json_t *descriptor, json_t **part,
                     struct candidate *one)
{
	struct err e = {0};
	int r = one->problem ? -EIO : *part ? 0 : layout_read(c->l, what, descriptor, part, &e);

	if (r < 0 && !one->problem)
		add_problem(one, &e);
	return r;
}

// Takes the platform of the descriptor, else that of the configuration.
static void examine_candidate(struct choice *c, struct candidate *one)
{
	const json_t *platform = json_object_get(one->descriptor, "platform");

	one->alien = alien_descriptor(one->descriptor);
	if (one->alien)
		return;
	if (nonempty_text(platform, "architecture"))
		add_platform(one, platform);
	if (one->fit < 0 || read_part(c, "the manifest", one->descriptor, &one->manifest, one) < 0)
		return;
	one->alien = alien_manifest(one->manifest);
	if (!one->alien &&
	    read_part(c, "the image's configuration", json_object_get(one->manifest, "config"), &one->config, one) == 0 &&
	    !one->platform)
		add_platform(one, one->config);
}

// --- selecting ---

typedef bool wanted(const struct choice *c, const struct candidate *one);

// All are evaluated before any is dropped: some criteria compare them with each other.
static void keep_candidates(struct choice *c, wanted *is_wanted)
{
	auto_free bool *kept = mem_array(c->count + 1, sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++)
		kept[i] = is_wanted(c, &c->items[i]);
	for (size_t i = 0; i < c->count; i++)
		if (kept[i])
			c->items[count++] = c->items[i];
		else
			candidate_done(&c->items[i]);
	c->count = count;
}

static bool has_any(const struct choice *c, wanted *is_wanted)
{
	for (size_t i = 0; i < c->count; i++)
		if (is_wanted(c, &c->items[i]))
			return true;
	return false;
}

static bool is_named(const struct choice *c, const struct candidate *one)
{
	return (!c->ref || one->match < NO_MATCH) && (!c->digest || one->pinned);
}

static bool is_usable(const struct choice *c, const struct candidate *one)
{
	(void)c;
	return !one->alien && !one->problem && one->fit >= 0;
}

static bool matches_best(const struct choice *c, const struct candidate *one)
{
	int best = NO_MATCH;

	for (size_t i = 0; i < c->count; i++)
		best = c->items[i].match < best ? c->items[i].match : best;
	return one->match == best;
}

// Compared only with other platforms of the same image.
static bool fits_best(const struct choice *c, const struct candidate *one)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->items[i].fit < one->fit && (c->items[i].name == one->name || str_equal(c->items[i].name, one->name)))
			return false;
	return true;
}

static bool is_latest(const struct choice *c, const struct candidate *one)
{
	(void)c;
	return one->name && (str_equal(one->name, default_tag) || str_equal(image_name_tag(one->name), default_tag));
}

static bool is_unique(const struct choice *c)
{
	for (size_t i = 1; i < c->count; i++)
		if (!str_equal(layout_text(c->items[i].descriptor, "digest"), layout_text(c->items[0].descriptor, "digest")))
			return false;
	return c->count > 0;
}

// --- errors ---

// A comma-separated list without duplicates: "a, b, c, … (12 in all)".
static char *join_names(const struct strv *v)
{
	auto_str text = {0};
	size_t count = 0;

	for (size_t i = 0; i < v->count; i++) {
		bool again = false;
		for (size_t k = 0; k < i && !again; k++)
			again = str_equal(v->items[k], v->items[i]);
		if (!again && count++ < SHOWN_MAX)
			str_addf(&text, "%s%s", text.length ? ", " : "", v->items[i]);
	}
	if (count > SHOWN_MAX)
		str_addf(&text, ", … (%zu in all)", count);
	return str_steal(&text);
}

static int refuse_unknown(const struct choice *c, const json_t *index, struct err *e)
{
	auto_strv names = {0};
	const json_t *manifests = json_object_get(index, "manifests");
	size_t i;
	json_t *descriptor;

	json_array_foreach(manifests, i, descriptor)
	{
		const char *name = layout_text(json_object_get(descriptor, "annotations"), name_keys[0]);
		name = name ? name : layout_text(json_object_get(descriptor, "annotations"), name_keys[1]);
		if (name)
			strv_add(&names, name);
		else if (layout_text(descriptor, "digest"))
			strv_addf(&names, "@%s", layout_text(descriptor, "digest"));
	}
	auto_free char *list = join_names(&names);
	if (!*list)
		return err_msg(e, ENOENT, "image 'oci:%s': its index.json lists no images", c->l->path);
	return err_msg(e, ENOENT, "image 'oci:%s': unknown image '%s%s%s' (images: %s)", c->l->path, c->ref ? c->ref : "",
	               c->digest ? "@" : "", c->digest ? c->digest : "", list);
}

static int refuse_unusable(const struct choice *c, struct err *e)
{
	const struct candidate *alien = NULL;
	auto_strv platforms = {0};

	for (size_t i = 0; i < c->count; i++) {
		const struct candidate *one = &c->items[i];
		if (one->problem)
			return err_msg(e, one->problem->code, "%s", one->problem->text);
		if (one->alien)
			alien = alien ? alien : one;
		else
			strv_add(&platforms, one->platform);
	}
	auto_free char *list = join_names(&platforms);
	if (*list)
		return err_msg(e, ENOEXEC, "image 'oci:%s' is built for %s; this host is %s", c->l->path, list,
		               platform_host());
	return err_msg(e, EINVAL, "image 'oci:%s' is not a container image: it is %s", c->l->path, alien->alien);
}

static bool is_name_clear(const struct choice *c, const struct candidate *one)
{
	for (size_t i = 0; one->name && i < c->count; i++)
		if (str_equal(c->items[i].name, one->name) &&
		    !str_equal(layout_text(c->items[i].descriptor, "digest"), layout_text(one->descriptor, "digest")))
			return false;
	return one->name && (!c->ref || !str_equal(one->name, c->ref));
}

static int refuse_several(const struct choice *c, struct err *e)
{
	auto_strv ways = {0};

	for (size_t i = 0; i < c->count; i++) {
		const struct candidate *one = &c->items[i];
		const char *digest = layout_text(one->descriptor, "digest");
		if (is_name_clear(c, one))
			strv_addf(&ways, "oci:%s:%s", c->l->path, one->name);
		else
			strv_addf(&ways, "oci:%s@%s", c->l->path, digest ? digest : "");
	}
	auto_free char *list = join_names(&ways);
	return err_msg(e, EINVAL, "image 'oci:%s%s%s' is ambiguous (use one of %s)", c->l->path, c->ref ? ":" : "",
	               c->ref ? c->ref : "", list);
}

static int narrow_candidates(struct choice *c, const json_t *index, struct err *e)
{
	keep_candidates(c, is_named);
	if (c->count == 0)
		return refuse_unknown(c, index, e);
	for (size_t i = 0; i < c->count; i++)
		examine_candidate(c, &c->items[i]);
	if (!has_any(c, is_usable))
		return refuse_unusable(c, e);
	keep_candidates(c, is_usable);
	keep_candidates(c, matches_best);
	keep_candidates(c, fits_best);
	if (!is_unique(c) && !c->ref && has_any(c, is_latest))
		keep_candidates(c, is_latest);
	return is_unique(c) ? 0 : refuse_several(c, e);
}

static int choose_candidate(struct choice *c, const json_t *index, struct err *e)
{
	const struct candidate outer = {.match = NO_MATCH};
	const json_t *manifests = json_object_get(index, "manifests");
	int r = collect_index(c, manifests, &outer, 0, e);

	if (r == 0 && c->count == 0 && c->ref) {
		c->all = true;
		r = collect_index(c, manifests, &outer, 0, e);
	}
	return r < 0 ? r : narrow_candidates(c, index, e);
}

// "app:1.0@sha256:…": splits off the digest.
static void split_reference(struct choice *c, const char *ref)
{
	const char *at = ref ? strrchr(ref, '@') : NULL;

	if (at && !digest_hex(at + 1))
		at = NULL;
	c->digest = at ? at + 1 : NULL;
	c->ref = ref && at != ref ? mem_strndup(ref, at ? (size_t)(at - ref) : strlen(ref)) : NULL;
}

int choose_image(const struct layout *l, const char *ref, json_t **manifest, json_t **config, char **digest,
                 struct err *e)
{
	struct choice c = {.l = l, .documents = json_array()};
	auto_json index = NULL;
	int r = layout_read_index(l, &index, e);

	split_reference(&c, ref);
	if (r == 0)
		r = choose_candidate(&c, index, e);
	if (r == 0) {
		*manifest = json_incref(c.items[0].manifest);
		*config = json_incref(c.items[0].config);
		*digest = mem_strdup(layout_text(c.items[0].descriptor, "digest"));
	}
	choice_done(&c);
	return r;
}
