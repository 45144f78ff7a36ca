// Bindings of the facts of images: see model/image.h.
#include "model/image.h"

#include <string.h>

#include "base/mem.h"

#define AT(FIELD) offsetof(struct image_item, FIELD)
const struct fact_binding image_facts[FACTS] = {
	ITEM_FACTS,
	[FACT_DIGEST] = {.type = FIELD_TEXT, .at = AT(digest), .most = 256},
	[FACT_NAMES] = {.type = FIELD_LIST, .at = AT(names), .most = 512},
	[FACT_SIZE] = {.type = FIELD_BYTES, .at = AT(size)},
	[FACT_LAYERS] = {.type = FIELD_INT, .at = AT(layers)},
	[FACT_PLATFORM] = {.type = FIELD_TEXT, .at = AT(platform), .most = 64},
	[FACT_USED_BY] = {.type = FIELD_LIST, .at = AT(used_by), .most = 255},
};

enum { DIGITS_LEAST = 12 };

void digest_shorten(struct str *out, size_t start)
{
	size_t shown = start + strlen("sha256:") + DIGITS_LEAST;

	if (out->length <= shown)
		return;
	out->length = shown;
	str_add(out, "…");
}

static bool is_digest(const struct image_item *i, const char *word)
{
	static const char prefix[] = "sha256:";
	const char *digits = str_starts(word, prefix) ? word + strlen(prefix) : word;

	return str_equal(i->digest, word) || (strlen(digits) >= DIGITS_LEAST && str_starts(i->digest, prefix) &&
	                                      str_starts(i->digest + strlen(prefix), digits));
}

static bool is_name(const char *name, const char *word, bool exact)
{
	auto_free char *latest = mem_printf("%s:latest", word), *end = mem_printf("/%s", word),
	               *latest_end = mem_printf("/%s:latest", word);

	return str_equal(name, word) || str_equal(name, latest) ||
	       (!exact && (str_ends(name, end) || str_ends(name, latest_end)));
}

const char *image_called(const struct image_item *i, const char *word, bool exact)
{
	if (is_digest(i, word))
		return i->digest;
	for (size_t n = 0; n < i->names.count; n++)
		if (is_name(i->names.items[n], word, exact))
			return i->names.items[n];
	return NULL;
}

const char *image_meant(const struct image_item *i, const char *word)
{
	const char *name = image_called(i, word, true);

	name = name ? name : image_called(i, word, false);
	return name ? name : i->digest;
}
