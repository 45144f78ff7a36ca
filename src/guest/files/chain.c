// Parses the files that an image refers to from qemu-img's JSON output.
#include "chain.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "content.h"

// --- image headers ---

static bool head_has(const void *head, size_t length, size_t at, const char *magic, size_t n)
{
	return length >= at + n && memcmp((const char *)head + at, magic, n) == 0;
}

bool image_has_hidden_parent(const void *head, size_t length)
{
	return head_has(head, length, 0, "conectix", 8) && head_has(head, length, 60, "\0\0\0\4", 4);
}

bool image_is_alone(const void *head, size_t length)
{
	static const char none[8];
	bool v2 = head_has(head, length, 0, "QFI\xfb\0\0\0\2", 8), v3 = head_has(head, length, 0, "QFI\xfb\0\0\0\3", 8);

	// backing_file_offset, and the incompatible feature bit "external data file" (QEMU's docs/interop/qcow2.txt)
	return (v2 || (v3 && length >= 80 && !(((const char *)head)[79] & 4))) &&
	       head_has(head, length, 8, none, sizeof(none));
}

// --- file names in QEMU's syntax ---

// The directories against which relative names may be resolved: that of the image's name, that of its real path, and
// QEMU's working directory.
struct bases {
	char *items[3];
};

static struct bases bases_of(const char *path, const char *real)
{
	const char *const names[] = {path, real};
	struct bases b = {{NULL, NULL, mem_strdup("")}};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *slash = names[i] ? strrchr(names[i], '/') : NULL;
		b.items[i] = slash ? mem_strndup(names[i], (size_t)(slash - names[i])) : NULL;
	}
	return b;
}

static void bases_done(struct bases *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(b->items); i++)
		free(b->items[i]);
}

static void paths_add(struct strv *paths, const char *text, const struct bases *b)
{
	if (*text == '/') {
		strv_add(paths, text);
		return;
	}
	for (size_t i = 0; *text && i < ARRAY_SIZE(b->items); i++)
		if (b->items[i])
			strv_addf(paths, "%s/%s", b->items[i], text);
}

// The length of "nbd:" in "nbd:host:1", 0 for a path: the same rule as QEMU's path_has_protocol().
static size_t protocol_length(const char *text)
{
	size_t n = strcspn(text, ":/");

	return text[n] == ':' ? n + 1 : 0;
}

// Protocols for local files. Their arguments are separated by colons; each argument, and each remainder, may be a
// path.
static bool is_local_protocol(const char *text, size_t n)
{
	static const char *const local[] = {
	    "file:", "fat:", "blkdebug:", "blkverify:", "host_device:", "host_cdrom:", "raw:"};

	for (size_t i = 0; i < ARRAY_SIZE(local); i++)
		if (strlen(local[i]) == n && strncmp(text, local[i], n) == 0)
			return true;
	return false;
}

static void paths_add_protocol(struct strv *paths, const char *text, const struct bases *b)
{
	for (const char *rest = strchr(text, ':'); rest; rest = strchr(rest + 1, ':')) {
		auto_free char *word = mem_strndup(rest + 1, strcspn(rest + 1, ":"));
		paths_add(paths, rest + 1, b);
		if (strcmp(word, rest + 1) != 0)
			paths_add(paths, word, b);
	}
}

static struct image_ref *refs_add(struct image_refs *refs, const char *text, const char *format)
{
	refs->items = mem_resize(refs->items, refs->count + 1, sizeof(*refs->items));
	refs->items[refs->count] = (struct image_ref){.text = mem_strdup(text), .format = mem_strdup(format)};
	return &refs->items[refs->count++];
}

static void ref_add_spelling(struct image_ref *ref, const char *text, const struct bases *b)
{
	size_t protocol = protocol_length(text);

	paths_add(&ref->paths, text, b); // a name with a colon may be a plain path
	if (protocol && is_local_protocol(text, protocol))
		paths_add_protocol(&ref->paths, text, b);
	else if (protocol)
		ref->remote = true;
}

static void refs_add_json(struct image_refs *refs, const json_t *node, const char *format, const struct bases *b);

static void refs_add_name(struct image_refs *refs, const char *text, const char *format, const struct bases *b)
{
	json_t *node = str_starts(text, "json:") ? json_loads(text + strlen("json:"), 0, NULL) : NULL;
	size_t before = refs->count;

	if (!node)
		ref_add_spelling(refs_add(refs, text, format), text, b);
	else
		refs_add_json(refs, node, content_known_format(format), b);
	if (node && refs->count == before) // nothing in it was recognized
		refs_add(refs, text, NULL)->remote = true;
	json_decref(node);
}

// --- json:{…} ---

// Drivers for other hosts, or for devices without a path.
static bool is_remote_driver(const char *driver)
{
	static const char *const remote[] = {"nbd",   "rbd",     "ssh", "http", "https",    "ftp", "ftps",
	                                     "iscsi", "gluster", "nfs", "nvme", "sheepdog", "vxhs"};

	for (size_t i = 0; driver && i < ARRAY_SIZE(remote); i++)
		if (strcmp(remote[i], driver) == 0)
			return true;
	return false;
}

static bool key_ends_with(const char *key, const char *word)
{
	const char *dot = strrchr(key, '.');

	return strcmp(dot ? dot + 1 : key, word) == 0;
}

static void refs_add_json_text(struct image_refs *refs, const char *key, const char *value, const char *format,
                               const struct bases *b)
{
	if (key_ends_with(key, "filename") || key_ends_with(key, "dir") || key_ends_with(key, "config") ||
	    key_ends_with(key, "image"))
		refs_add_name(refs, value, format, b);
	else if (key_ends_with(key, "driver") && is_remote_driver(value))
		refs_add(refs, value, format)->remote = true;
}

// FORMAT: the parent node's, if NODE is its "file" child.
static void refs_add_json(struct image_refs *refs, const json_t *node, const char *format, const struct bases *b)
{
	const char *driver = json_string_value(json_object_get(node, "driver")), *key;
	const char *own = content_known_format(driver) ? content_known_format(driver) : format;
	size_t i;
	json_t *value;

	json_array_foreach(node, i, value)
		refs_add_json(refs, value, NULL, b);
	json_object_foreach((json_t *)node, key, value) {
		// "file", "file.filename"; other children are images in their own right
		const char *below = str_starts(key, "file") ? own : NULL;

		if (json_is_string(value))
			refs_add_json_text(refs, key, json_string_value(value),
			                   strcmp(key, "filename") == 0 || strcmp(key, "driver") == 0 ? own : below, b);
		else
			refs_add_json(refs, value, below, b);
	}
}

// --- qemu-img's output ---

static const char *json_text(const json_t *node, const char *key)
{
	return json_string_value(json_object_get(node, key));
}

// Adds both spellings of the backing file's name.
static void refs_add_backing(struct image_refs *refs, const json_t *info, const struct bases *b)
{
	const char *full = json_text(info, "full-backing-filename"), *backing = json_text(info, "backing-filename"),
	           *format = json_text(info, "backing-filename-format");
	size_t before = refs->count;

	if (!full && !backing)
		return;
	refs_add_name(refs, full ? full : backing, format, b);
	if (full && backing && strcmp(full, backing) != 0 && refs->count == before + 1 && !str_starts(backing, "json:"))
		ref_add_spelling(&refs->items[before], backing, b);
}

// Adds extents and data files.
static void refs_add_data(struct image_refs *refs, const json_t *node, const struct bases *b)
{
	static const char *const keys[] = {"data-file", "filename"};
	const char *key;
	size_t i;
	json_t *value;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_text(node, keys[i]))
			refs_add_name(refs, json_text(node, keys[i]), "raw", b);
	json_array_foreach(node, i, value)
		refs_add_data(refs, value, b);
	json_object_foreach((json_t *)node, key, value)
		if (json_is_object(value) || json_is_array(value))
			refs_add_data(refs, value, b);
}

int image_refs_parse(struct image_refs *refs, const char *json, const char *path, const char *real, struct err *e)
{
	json_t *info = json_loads(json, 0, NULL);
	struct bases b = bases_of(path, real);
	bool good = json_is_object(info) && json_text(info, "format");

	if (good) {
		refs_add_backing(refs, info, &b);
		refs_add_data(refs, json_object_get(info, "format-specific"), &b);
		refs_add_data(refs, json_object_get(info, "children"), &b);
	}
	bases_done(&b);
	json_decref(info);
	return good ? 0 : err_msg(e, EINVAL, "cannot parse the output of qemu-img for '%s'", path);
}

void image_refs_done(struct image_refs *refs)
{
	for (size_t i = 0; i < refs->count; i++) {
		free(refs->items[i].text);
		free(refs->items[i].format);
		strv_done(&refs->items[i].paths);
	}
	free(refs->items);
	*refs = (struct image_refs){0};
}
