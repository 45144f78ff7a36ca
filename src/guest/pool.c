// Storage pools of libvirt, by the directory that they hold.
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "guest/domain_xml.h"
#include "storage.h"

virStoragePoolPtr storage_pool_for(virConnectPtr conn, const char *directory, bool *made, struct err *e)
{
	virStoragePoolPtr pool = vir.StoragePoolLookupByTargetPath(conn, directory);
	auto_str xml = {0};

	*made = false;
	if (pool)
		return pool;
	auto_free char *name = mem_printf("hostel%s", directory);
	for (char *s = name; *s; s++)
		*s = *s == '/' ? '-' : *s; // a pool's name has no slash
	str_add(&xml, "<pool type='dir'><name>");
	domain_xml_add_text(&xml, name);
	str_add(&xml, "</name><target><path>");
	domain_xml_add_text(&xml, directory);
	str_add(&xml, "</path></target></pool>");
	pool = vir.StoragePoolCreateXML(conn, xml.text, VIR_STORAGE_POOL_CREATE_WITH_BUILD);
	*made = pool != NULL;
	if (!pool)
		guest_error(e, "cannot use the directory '%s' for disks", directory);
	return pool;
}

void storage_discard(virConnectPtr conn, const char *path, bool local)
{
	virStorageVolPtr volume = vir.StorageVolLookupByPath(conn, path);

	if (volume) {
		vir.StorageVolDelete(volume, 0);
		vir.StorageVolFree(volume);
	} else if (local) {
		unlink(path);
	}
}
