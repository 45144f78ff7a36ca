// The XML of libvirt's storage volumes (libvirt.org/formatstorage.html), and what the lists say about them. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

// A volume of a storage pool. Strings are owned and may be NULL.
struct pool_volume {
	char *pool, *name, *path;
	char *format;  // "qcow2", "raw"
	char *backing; // path of its backing file
	uint64_t capacity, allocation; // bytes
};
struct pool_volumes {
	struct pool_volume *items;
	size_t count;
};

// Adds the volume of POOL that XML describes. Returns 0, or -EINVAL if it cannot be parsed.
int pool_volumes_add(struct pool_volumes *all, const char *pool, const char *xml);
void pool_volumes_done(struct pool_volumes *all);
bool pool_volumes_equal(const struct pool_volumes *a, const struct pool_volumes *b);
// The volume at PATH, or NULL.
const struct pool_volume *pool_volumes_at(const struct pool_volumes *all, const char *path);
// The volume NAME of POOL, or NULL.
const struct pool_volume *pool_volumes_find(const struct pool_volumes *all, const char *pool, const char *name);

// "POOL/NAME". Owned.
char *volume_full_name(const struct pool_volume *v);

// Whether the volumes of the pool that XML describes are files in a directory.
bool pool_xml_has_files(const char *xml);
// Adds the XML of a new volume.
void volume_xml_make(struct str *xml, const char *name, uint64_t bytes, const char *format);
