// The documents of an OCI image layout: see layout.h.
#include "layout.h"

#include <errno.h>

#include "base/str.h"
#include "blob.h"
#include "sys/fs.h"

// bytes; DOCUMENT_LEAST is charged even for smaller documents, because each costs time
enum { DOCUMENT_MAX = 4 << 20, DOCUMENT_LEAST = 4096 };

static int parse_document(const struct layout *l, const char *what, const char *text, size_t length, json_t **object,
                          struct err *e)
{
	json_error_t error;

	*object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (!*object)
		return err_msg(e, EINVAL, "image 'oci:%s': %s: line %d: %s", l->path, what, error.line, error.text);
	return 0;
}

const char *layout_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int layout_size(const json_t *descriptor, int64_t *size, struct err *e)
{
	const json_t *value = json_object_get(descriptor, "size");

	*size = value ? json_integer_value(value) : BLOB_SIZE_UNKNOWN;
	if (value && (!json_is_integer(value) || *size < 0))
		return err_msg(e, EINVAL, "invalid size of '%.80s': not a number of bytes",
		               layout_text(descriptor, "digest") ? layout_text(descriptor, "digest") : "");
	return 0;
}

static void count_document(const struct layout *l, size_t length)
{
	size_t bytes = length < DOCUMENT_LEAST ? DOCUMENT_LEAST : length;

	*l->left = bytes < *l->left ? *l->left - bytes : 0;
}

// Parses the same bytes that were verified.
int layout_read(const struct layout *l, const char *what, const json_t *descriptor, json_t **object, struct err *e)
{
	int64_t size;
	size_t length = 0;

	if (!*l->left)
		return err_msg(e, E2BIG, "image 'oci:%s': its indexes reference more than %d MiB of documents", l->path,
		               LAYOUT_READ_MAX >> 20);
	int r = layout_size(descriptor, &size, e);
	auto_free char *text =
	    r < 0 ? NULL : blob_load(l->fd, layout_text(descriptor, "digest"), size, DOCUMENT_MAX, &length, e);
	count_document(l, length);
	return text ? parse_document(l, what, text, length, object, e) : err_wrap(e, "image 'oci:%s'", l->path);
}

int layout_read_index(const struct layout *l, json_t **index, struct err *e)
{
	auto_close int fd = fs_open_regular(l->fd, "index.json", e);
	auto_free char *text = NULL;
	ssize_t n = fd < 0 ? fd : fs_read_open(fd, "index.json", DOCUMENT_MAX, &text, e);

	return n < 0 ? err_wrap(e, "image 'oci:%s'", l->path) : parse_document(l, "index.json", text, (size_t)n, index, e);
}
