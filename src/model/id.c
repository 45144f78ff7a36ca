// Ids of items: see model/id.h.
#include "model/id.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/image.h"

char *id_make(const char *engine, enum kind kind, const char *key)
{
	const char *name = kind_name(kind);
	char *id = mem_new(strlen(ID_HERE) + strlen(engine) + strlen(name) + 3 * strlen(key) + sizeof("///"));
	char *end = stpcpy(stpcpy(stpcpy(stpcpy(stpcpy(id, ID_HERE "/"), engine), "/"), name), "/");

	for (; *key; key++)
		if (*key == '/' || *key == '%')
			end = stpcpy(end, *key == '/' ? "%2F" : "%25");
		else
			*end++ = *key;
	return id;
}

// The kind in ID, of *LENGTH bytes, or NULL if ID has none. *KEY is the part after the engine, or NULL.
static const char *find_kind(const char *id, size_t *length, const char **key)
{
	const char *engine = strchr(id, '/'), *kind = engine ? strchr(engine + 1, '/') : NULL,
	           *slash = kind ? strchr(kind + 1, '/') : NULL;

	*key = kind ? kind + 1 : NULL;
	*length = slash ? (size_t)(slash - kind - 1) : 0;
	return slash ? kind + 1 : NULL;
}

static bool is_kind(const char *text, size_t length, enum kind kind)
{
	return strlen(kind_name(kind)) == length && memcmp(text, kind_name(kind), length) == 0;
}

bool id_is_complete(const char *id)
{
	size_t length;
	const char *key;

	return find_kind(id, &length, &key);
}

bool id_may_be(const char *id, enum kind kind)
{
	size_t length;
	const char *key, *own = find_kind(id, &length, &key);

	return !own || is_kind(own, length, kind);
}

bool id_is_workload(const char *id)
{
	for (enum kind kind = 0; kind < WORKLOAD_KINDS; kind++)
		if (id_may_be(id, kind))
			return true;
	return false;
}

char *id_with_kind(const char *id, enum kind kind)
{
	size_t length;
	const char *key, *own = find_kind(id, &length, &key);

	return own || !key ? mem_strdup(id) : mem_printf("%.*s%s/%s", (int)(key - id), id, kind_name(kind), key);
}

char *id_without_kind(const char *id)
{
	size_t length;
	const char *key, *own = find_kind(id, &length, &key);

	return own && id_is_workload(id) ? mem_printf("%.*s%s", (int)(own - id), id, own + length + 1) : mem_strdup(id);
}

bool id_is(const char *word, const char *id)
{
	size_t length;
	const char *key, *own = find_kind(id, &length, &key);

	if (strcmp(word, id) == 0)
		return true;
	return own && id_is_workload(id) && strncmp(word, id, (size_t)(own - id)) == 0 &&
	       strcmp(word + (own - id), own + length + 1) == 0;
}

const char *id_key(const char *id)
{
	const char *slash = strrchr(id, '/');

	return slash ? slash + 1 : id;
}

// Without the escapes of id_make().
static void add_plain(struct str *out, const char *key)
{
	for (; *key; key++) {
		bool slash = str_starts(key, "%2F"), percent = str_starts(key, "%25");

		str_add_char(out, slash ? '/' : *key);
		key += slash || percent ? 2 : 0;
	}
}

void id_add_words(struct str *out, const char *id)
{
	size_t length;
	const char *key, *kind = find_kind(id, &length, &key);

	if (kind)
		str_addf(out, "%.*s ", (int)length, kind);
	size_t start = out->length;
	add_plain(out, kind ? kind + length + 1 : id_key(id));
	if (kind && is_kind(kind, length, KIND_IMAGE))
		digest_shorten(out, start);
}

bool id_is_on(const char *id, const char *host)
{
	return str_starts(id, host) && id[strlen(host)] == '/';
}

char *id_plain_key(const char *id)
{
	auto_str key = {0};

	add_plain(&key, id_key(id));
	return str_steal(&key);
}

bool id_is_of(const char *id, const char *engine)
{
	return id_is_on(id, ID_HERE) && id_is_on(id + strlen(ID_HERE "/"), engine) && *id_key(id);
}

char *id_rehost(const char *id, const char *host)
{
	const char *slash = strchr(id, '/');

	return slash ? mem_printf("%s%s", host, slash) : mem_strdup(id);
}

void id_fill(struct item *item, const char *engine, const char *key, const char *name)
{
	item->id = id_make(engine, item->kind, key);
	item->host = mem_strdup(ID_HERE);
	item->engine = mem_strdup(engine);
	item->name = mem_strdup(name);
}
