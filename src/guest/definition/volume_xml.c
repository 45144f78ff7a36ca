// The XML of libvirt's storage volumes: see volume_xml.h.
#include "volume_xml.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "domain_xml.h"
#include "guest/vir/xpath.h"

static void volume_done(struct pool_volume *v)
{
	free(v->pool);
	free(v->name);
	free(v->path);
	free(v->format);
	free(v->backing);
}

int pool_volumes_add(struct pool_volumes *all, const char *pool, const char *xml)
{
	struct xml *x = xml_read(xml, "volume");
	char *name = x ? xml_text(x, "name") : NULL;

	if (name) {
		all->items = mem_resize(all->items, all->count + 1, sizeof(*all->items));
		all->items[all->count++] = (struct pool_volume){.pool = mem_strdup(pool),
		                                                .name = name,
		                                                .path = xml_text(x, "target/path"),
		                                                .format = xml_text(x, "target/format/@type"),
		                                                .backing = xml_text(x, "backingStore/path"),
		                                                .capacity = xml_number(x, "capacity"),
		                                                .allocation = xml_number(x, "allocation")};
	}
	xml_free(x);
	return name ? 0 : -EINVAL;
}

void pool_volumes_done(struct pool_volumes *all)
{
	for (size_t i = 0; i < all->count; i++)
		volume_done(&all->items[i]);
	free(all->items);
	*all = (struct pool_volumes){0};
}

static bool is_equal(const struct pool_volume *a, const struct pool_volume *b)
{
	return str_equal(a->pool, b->pool) && str_equal(a->name, b->name) && str_equal(a->path, b->path) &&
	       str_equal(a->format, b->format) && str_equal(a->backing, b->backing) && a->capacity == b->capacity &&
	       a->allocation == b->allocation;
}

bool pool_volumes_equal(const struct pool_volumes *a, const struct pool_volumes *b)
{
	bool equal = a->count == b->count;

	for (size_t i = 0; equal && i < a->count; i++)
		equal = is_equal(&a->items[i], &b->items[i]);
	return equal;
}

const struct pool_volume *pool_volumes_at(const struct pool_volumes *all, const char *path)
{
	for (size_t i = 0; path && i < all->count; i++)
		if (str_equal(all->items[i].path, path))
			return &all->items[i];
	return NULL;
}

const struct pool_volume *pool_volumes_find(const struct pool_volumes *all, const char *pool, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (str_equal(all->items[i].pool, pool) && str_equal(all->items[i].name, name))
			return &all->items[i];
	return NULL;
}

char *volume_full_name(const struct pool_volume *v)
{
	return mem_printf("%s/%s", v->pool, v->name);
}

bool pool_xml_has_files(const char *xml)
{
	struct xml *x = xml_read(xml, "pool");
	bool files = x && xml_has(x, "self::node()[@type = 'dir' or @type = 'fs' or @type = 'netfs']");

	xml_free(x);
	return files;
}

void volume_xml_make(struct str *xml, const char *name, uint64_t bytes, const char *format)
{
	str_add(xml, "<volume><name>");
	domain_xml_add_text(xml, name);
	str_addf(xml, "</name><capacity unit='bytes'>%llu</capacity><allocation>0</allocation><target><format type='",
	         (unsigned long long)bytes);
	domain_xml_add_text(xml, format);
	str_add(xml, "'/></target></volume>");
}
