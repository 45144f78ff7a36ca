// Ids of workloads: see model/id.h.
#include "model/id.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

char *id_make(const char *engine, const char *key)
{
	char *id = mem_new(strlen(ID_HERE) + strlen(engine) + strlen(key) + sizeof("//"));

	stpcpy(stpcpy(stpcpy(stpcpy(id, ID_HERE "/"), engine), "/"), key);
	return id;
}

char *id_make_of(const char *engine, enum kind kind, const char *key)
{
	auto_str id = {0};

	str_addf(&id, ID_HERE "/%s/%s/", engine, kind_name(kind));
	for (; *key; key++)
		if (*key == '/' || *key == '%')
			str_addf(&id, "%%%02X", (unsigned char)*key);
		else
			str_add_char(&id, *key);
	return str_steal(&id);
}

bool id_is_workload(const char *id)
{
	const char *engine = strchr(id, '/'), *kind = engine ? strchr(engine + 1, '/') : NULL,
	           *key = kind ? strchr(kind + 1, '/') : NULL;
	auto_free char *name = key ? mem_strndup(kind + 1, (size_t)(key - kind - 1)) : NULL;

	return !name || workload_kind_find(name) >= 0;
}

bool id_may_be(const char *id, enum kind kind)
{
	const char *engine = strchr(id, '/'), *own = engine ? strchr(engine + 1, '/') : NULL,
	           *key = own ? strchr(own + 1, '/') : NULL;

	return !key || (str_starts(own + 1, kind_name(kind)) && own + 1 + strlen(kind_name(kind)) == key);
}

const char *id_key(const char *id)
{
	const char *slash = strrchr(id, '/');

	return slash ? slash + 1 : id;
}

bool id_is_on(const char *id, const char *host)
{
	return str_starts(id, host) && id[strlen(host)] == '/';
}

bool id_is_of(const char *id, const char *engine)
{
	const char *rest = id + strlen(ID_HERE "/");

	return id_is_on(id, ID_HERE) && id_is_on(rest, engine) && rest[strlen(engine) + 1];
}

char *id_rehost(const char *id, const char *host)
{
	const char *slash = strchr(id, '/');

	return slash ? mem_printf("%s%s", host, slash) : mem_strdup(id);
}

void id_fill_item(struct item *item, const char *engine, const char *key, const char *name)
{
	item->id = id_make_of(engine, item->kind, key);
	item->host = mem_strdup(ID_HERE);
	item->engine = mem_strdup(engine);
	item->name = mem_strdup(name);
}

void id_fill(struct workload *w, const char *engine, const char *key, const char *name)
{
	w->id = id_make(engine, key);
	w->host = mem_strdup(ID_HERE);
	w->engine = mem_strdup(engine);
	w->name = mem_strdup(name);
}
