// Parts of the OCI configuration: see document.h.
#include "document.h"

#include "base/str.h"

json_t *document_texts(const char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

json_t *document_list(const struct strv *v)
{
	return document_texts((const char *const *)v->items, v->count);
}

json_t *document_mount(json_t *document, const char *destination, size_t *index)
{
	size_t i;
	json_t *mount;

	json_array_foreach (json_object_get(document, "mounts"), i, mount)
		if (str_equal(json_string_value(json_object_get(mount, "destination")), destination)) {
			if (index)
				*index = i;
			return mount;
		}
	return NULL;
}
