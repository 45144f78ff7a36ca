// Texts about an image: configuration, details, history. What the image says of itself is escaped where it is shown.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "container/image/digest.h"
#include "container/image/layout.h"
#include "container/image/open.h"
#include "container/image/platform.h"
#include "container/image/stored.h"
#include "container/images.h"
#include "container/state/containers.h"
#include "container/store/record.h"
#include "container/store/store.h"

// The documents of an image.
struct described {
	json_t *manifest, *config;
	struct strv names, users;
};

static void described_done(struct described *d)
{
	json_decref(d->manifest);
	json_decref(d->config);
	strv_done(&d->names);
	strv_done(&d->users);
}

static int read_documents(struct described *d, const char *path, const char *digest, struct err *e)
{
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = path, .fd = fd, .left = &left};
	auto_json descriptor = json_pack("{s:s}", "digest", digest);
	int r = fd < 0 ? err_set(e, errno, "cannot open '%s'", path)
	               : layout_read(&l, "the manifest", descriptor, &d->manifest, e);

	return r < 0 ? r : layout_read(&l, "the configuration", json_object_get(d->manifest, "config"), &d->config, e);
}

// Where the image is: in the store, else in the layout that a container was created from. Owned; NULL: unknown.
static char *find_layout(struct containers *c, const char *digest, const struct records *records)
{
	const char *hex = digest_hex(digest);
	auto_free char *blob = mem_printf("blobs/sha256/%s", hex ? hex : "");
	bool stored = hex && faccessat(c->store.images, blob, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	char *path = stored ? stored_path(&c->store) : NULL;

	for (size_t i = 0; !path && i < records->count; i++)
		if (str_equal(records->items[i].image.digest, digest))
			path = image_layout_path(records->items[i].image.reference);
	return path;
}

static int describe(struct containers *c, const char *digest, struct described *d, struct err *e)
{
	auto_records records = {0};
	auto_free char *whole = NULL;
	struct err ignored;

	records_read(c->store.containers, &records, &ignored);
	auto_free char *path = find_layout(c, digest, &records);
	if (!path)
		return err_msg(e, ENOENT, "image '%s' no longer exists", digest);
	stored_lookup(&c->store, digest, &whole, &d->names, &ignored);
	for (size_t i = 0; i < records.count; i++)
		if (str_equal(records.items[i].image.digest, digest))
			strv_add(&d->users, records.items[i].name);
	return read_documents(d, path, digest, e);
}

static uint64_t size_of(const json_t *descriptor)
{
	int64_t size;

	return descriptor && layout_size(descriptor, &size, NULL) == 0 && size > 0 ? (uint64_t)size : 0;
}

// Whether a layer of the blob DIGEST is unpacked in the store.
static bool is_unpacked(struct containers *c, const char *digest)
{
	const char *hex = digest_hex(digest);
	auto_strv names = {0};

	store_layers(&c->store, &names);
	for (size_t i = 0; hex && i < names.count; i++)
		if (str_starts(names.items[i], hex))
			return true;
	return false;
}

// --- configuration ---

static json_t *layers_of(struct containers *c, const struct described *d)
{
	const json_t *diff_ids = json_object_get(json_object_get(d->config, "rootfs"), "diff_ids");
	json_t *layers = json_array(), *layer;
	size_t i;

	json_array_foreach (json_object_get(d->manifest, "layers"), i, layer) {
		const char *digest = layout_text(layer, "digest");
		json_array_append_new(layers,
		                      json_pack("{s:s?, s:I, s:s?, s:O?, s:b}", "digest", digest, "size",
		                                (json_int_t)size_of(layer), "media-type", layout_text(layer, "mediaType"),
		                                "diff-id", json_array_get(diff_ids, i), "unpacked", is_unpacked(c, digest)));
	}
	return layers;
}

static int add_config(struct containers *c, const struct described *d, struct str *text, struct err *e)
{
	auto_json object = json_object();

	json_object_set(object, "config", d->config);
	json_object_set(object, "manifest", d->manifest);
	json_object_set_new(object, "layer-list", layers_of(c, d));
	auto_free char *json = json_dumps(object, JSON_INDENT(2));
	if (!json)
		return err_msg(e, EINVAL, "the image's documents are not JSON");
	str_addf(text, "%s\n", json);
	return 0;
}

// --- details ---

static void add_text(struct str *text, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	str_addf(text, "%s: ", label);
	str_add_visible(text, value, strlen(value));
	str_add_char(text, '\n');
}

static void add_words(struct str *text, const char *label, const json_t *words)
{
	auto_str line = {0};
	size_t i;
	json_t *word;

	json_array_foreach (words, i, word) {
		str_add(&line, i ? " " : "");
		str_add_quoted(&line, json_string_value(word) ? json_string_value(word) : "");
	}
	add_text(text, label, str_text(&line));
}

// A line for each: NAME=VALUE of an object, or an entry of a list.
static void add_each(struct str *text, const char *label, const json_t *values)
{
	const char *key;
	json_t *value;
	size_t i;

	json_array_foreach (values, i, value)
		add_text(text, label, json_string_value(value));
	json_object_foreach ((json_t *)values, key, value) {
		const char *held = json_string_value(value);
		auto_free char *pair = held ? mem_printf("%s=%s", key, held) : mem_strdup(key);
		add_text(text, label, pair);
	}
}

static void add_layers(struct containers *c, const struct described *d, struct str *text)
{
	size_t i;
	json_t *layer;
	char size[UNITS_TEXT];

	json_array_foreach (json_object_get(d->manifest, "layers"), i, layer) {
		const char *digest = layout_text(layer, "digest");
		auto_free char *line = mem_printf("%s %s%s", digest ? digest : "?", units_bytes(size, size_of(layer)),
		                                  is_unpacked(c, digest) ? ", unpacked" : "");
		add_text(text, "Layer", line);
	}
}

// The steps by which an image was built, newest first.
struct steps {
	const json_t *history, *layers;
	size_t step, layer; // left
};

static struct steps steps_of(const struct described *d)
{
	struct steps s = {.history = json_object_get(d->config, "history"),
	                  .layers = json_object_get(d->manifest, "layers")};

	s.step = json_array_size(s.history);
	s.layer = json_array_size(s.layers);
	return s;
}

// The next one, or NULL. *BYTES: the size of its layer, 0 for a step without one.
static const json_t *next_step(struct steps *s, uint64_t *bytes)
{
	const json_t *step = s->step ? json_array_get(s->history, --s->step) : NULL;
	bool has_layer = step && !json_is_true(json_object_get(step, "empty_layer")) && s->layer > 0;

	*bytes = has_layer ? size_of(json_array_get(s->layers, --s->layer)) : 0;
	return step;
}

static void add_steps(const struct described *d, struct str *text)
{
	struct steps s = steps_of(d);
	const json_t *step;
	uint64_t bytes;
	char size[UNITS_TEXT];

	while ((step = next_step(&s, &bytes))) {
		const char *by = layout_text(step, "created_by");
		auto_free char *line = mem_printf("%s %s", units_bytes(size, bytes), by ? by : "-");
		add_text(text, "Step", line);
	}
}

static void add_details(struct containers *c, const char *digest, const struct described *d, struct str *text)
{
	const json_t *run = json_object_get(d->config, "config");
	auto_free char *platform = platform_name(layout_text(d->config, "os"), layout_text(d->config, "architecture"),
	                                         layout_text(d->config, "variant"));

	for (size_t i = 0; i < d->names.count; i++)
		add_text(text, "Name", d->names.items[i]);
	add_text(text, "Digest", digest);
	add_text(text, "Platform", platform);
	add_text(text, "Created", layout_text(d->config, "created"));
	add_text(text, "Author", layout_text(d->config, "author"));
	add_words(text, "Entrypoint", json_object_get(run, "Entrypoint"));
	add_words(text, "Command", json_object_get(run, "Cmd"));
	add_text(text, "User", layout_text(run, "User"));
	add_text(text, "Directory", layout_text(run, "WorkingDir"));
	add_text(text, "Stop signal", layout_text(run, "StopSignal"));
	add_each(text, "Environment", json_object_get(run, "Env"));
	add_each(text, "Port", json_object_get(run, "ExposedPorts"));
	add_each(text, "Volume", json_object_get(run, "Volumes"));
	add_each(text, "Label", json_object_get(run, "Labels"));
	add_each(text, "Annotation", json_object_get(d->manifest, "annotations"));
	add_layers(c, d, text);
	for (size_t i = 0; i < d->users.count; i++)
		add_text(text, "Used by", d->users.items[i]);
	add_steps(d, text);
}

// --- history ---

static void add_cell(struct str *text, const char *value, char end)
{
	auto_free char *shown = str_visible(value && *value ? value : "-");

	str_addf(text, "%s%c", shown, end);
}

static void add_history(const struct described *d, struct str *text)
{
	struct steps s = steps_of(d);
	const json_t *step;
	uint64_t bytes;

	str_add(text, "CREATED\tBYTES\tCREATED-BY\tCOMMENT\n");
	while ((step = next_step(&s, &bytes))) {
		add_cell(text, layout_text(step, "created"), '\t');
		str_addf(text, "%llu\t", (unsigned long long)bytes);
		add_cell(text, layout_text(step, "created_by"), '\t');
		add_cell(text, layout_text(step, "comment"), '\n');
	}
}

int containers_image_read(struct containers *c, const char *digest, enum document what, struct str *text,
                          struct err *e)
{
	struct described d = {0};
	int r = describe(c, digest, &d, e);

	if (r == 0 && what == DOCUMENT_CONFIG)
		r = add_config(c, &d, text, e);
	else if (r == 0 && what == DOCUMENT_DETAILS)
		add_details(c, digest, &d, text);
	else if (r == 0 && what == DOCUMENT_EVENTS)
		add_history(&d, text);
	else if (r == 0)
		r = err_msg(e, EOPNOTSUPP, "an image has no %s", document_name(what));
	described_done(&d);
	return r;
}
