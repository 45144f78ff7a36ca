// libvirt's storage pools, found by directory.
#include "pool.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/definition/domain_xml.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guest/vir/xpath.h"

virStoragePoolPtr storage_pool_for(virConnectPtr conn, const char *directory, bool *made, struct err *e)
{
	virStoragePoolPtr pool = vir.StoragePoolLookupByTargetPath(conn, directory);
	auto_str xml = {0};

	*made = false;
	if (pool)
		return pool;
	auto_free char *name = mem_printf("hostel%s", directory);
	for (char *s = name; *s; s++)
		*s = *s == '/' ? '-' : *s; // pool names cannot contain slashes
	str_add(&xml, "<pool type='dir'><name>");
	domain_xml_add_text(&xml, name);
	str_add(&xml, "</name><target><path>");
	domain_xml_add_text(&xml, directory);
	str_add(&xml, "</path></target></pool>");
	pool = vir.StoragePoolCreateXML(conn, xml.text, VIR_STORAGE_POOL_CREATE_WITH_BUILD);
	*made = pool != NULL;
	if (!pool)
		guest_error(e, "cannot create a storage pool for directory '%s'", directory);
	return pool;
}

// --- volumes ---

char *volume_path_of(const char *pool_xml, const char *volume)
{
	struct xml *x = xml_read(pool_xml, "pool");
	auto_free char *target = x ? xml_text(x, "target/path") : NULL;

	if (x)
		xml_free(x);
	return target && *target == '/' ? mem_printf("%s/%s", target, volume) : NULL;
}

char *volume_path(virConnectPtr conn, const char *pool, const char *volume)
{
	virStoragePoolPtr p = vir.StoragePoolLookupByName(conn, pool);
	virStorageVolPtr v = p ? vir.StorageVolLookupByName(p, volume) : NULL;
	char *path = v ? vir.StorageVolGetPath(v) : NULL;
	// the pool is inactive, or was not refreshed since the file was created
	auto_free char *xml = p && !path ? vir.StoragePoolGetXMLDesc(p, 0) : NULL;

	if (xml)
		path = volume_path_of(xml, volume);
	if (v)
		vir.StorageVolFree(v);
	if (p)
		vir.StoragePoolFree(p);
	return path;
}
