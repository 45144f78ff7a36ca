// Creates disks: local ones as files, others through libvirt's storage pools.
#include "make.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "model/param.h"
#include "guest/connection/guests.h"
#include "guest/files/content.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "new_file.h"
#include "pool.h"
#include "sys/proc.h"

const char *storage_new_format(const struct params *p)
{
	const char *format = params_or(p, PARAM_DISK_FORMAT, "auto");

	return strcmp(format, "auto") == 0 ? "qcow2" : format;
}

static int make_volume(virStoragePoolPtr pool, const struct params *p, uint64_t size, char **path, struct err *e)
{
	const char *name = params_or(p, PARAM_NAME, ""), *format = storage_new_format(p);
	auto_free char *xml =
	    mem_printf("<volume><name>%s.%s</name><capacity unit='bytes'>%llu</capacity><allocation>0</allocation>"
	               "<target><format type='%s'/></target></volume>",
	               name, format, (unsigned long long)size, format); // names and formats need no escaping

	virStorageVolPtr volume = vir.StorageVolCreateXML(pool, xml, 0);
	if (!volume)
		return guest_error(e, "cannot create the disk of guest '%s' in its storage pool", name);
	*path = vir.StorageVolGetPath(volume);
	vir.StorageVolFree(volume);
	return *path ? 0 : guest_error(e, "cannot get the path of the new disk");
}

static int make_file(const char *directory, const struct params *p, uint64_t size, const struct job *job, char **path,
                     struct err *e)
{
	const char *format = storage_new_format(p);
	auto_free char *file = mem_printf("%s/%s.%s", directory, params_or(p, PARAM_NAME, ""), format);
	auto_free char *bytes = mem_printf("%llu", (unsigned long long)size);
	const char *const argv[] = {"qemu-img", "create", "-q",  "-f", content_qemu_format(format),
	                            "--",       file,     bytes, NULL};
	int r = storage_claim(file, e);

	if (r < 0)
		return r;
	job_makes(job, file);
	r = proc_run(argv, NULL, NULL, 60 * SECOND, e);
	if (r == -ENOENT)
		err_hint(e, "install qemu-utils");
	if (r != 0) {
		unlink(file);
		return r < 0 ? r : -EIO;
	}
	*path = steal(file);
	return 0;
}

// Sets *POOL to the pool requested by P, or else the default pool; NULL if a directory is to be used. Returns 0, or
// negative errno if there is no such pool.
static int choose_pool(virConnectPtr conn, const struct params *p, virStoragePoolPtr *pool, struct err *e)
{
	const char *wanted = params_or(p, PARAM_POOL, NULL);

	if (!wanted && params_or(p, PARAM_DIRECTORY, NULL))
		return 0;
	*pool = vir.StoragePoolLookupByName(conn, wanted ? wanted : "default");
	if (wanted && !*pool)
		return guest_error(e, "no storage pool '%s'", wanted);
	if (!wanted && *pool && vir.StoragePoolIsActive(*pool) != 1) {
		vir.StoragePoolFree(*pool);
		*pool = NULL;
	}
	return 0;
}

int storage_make(virConnectPtr conn, const struct guests *g, const struct params *p, const struct job *job,
                 char **path, bool *pool_is_new, struct err *e)
{
	auto_free char *directory = storage_directory(g, p);
	virStoragePoolPtr pool = NULL;
	uint64_t size = 0;

	*pool_is_new = false;
	if (units_parse_bytes(params_or(p, PARAM_NEW_DISK, ""), &size) < 0 || size < 1 << 20)
		return err_msg(e, EINVAL, "invalid size of the new disk (at least 1M, for example 20G)");
	if (g->local && params_get(p, PARAM_DIRECTORY) && access(directory, F_OK) < 0)
		return err_set(e, errno, "directory '%s'", directory);
	int r = choose_pool(conn, p, &pool, e);
	if (r < 0)
		return r;
	if (!pool && storage_can_write(g, directory, params_get(p, PARAM_DIRECTORY) != NULL))
		return make_file(directory, p, size, job, path, e);
	if (!pool && g->local && guests_is_session(g)) // a session daemon has the same permissions as this user
		return err_msg(e, EACCES,
		               "cannot create a disk in '%s': Permission denied (choose a directory of your own: "
		               "--" PARAM_DIRECTORY ")",
		               directory);
	if (!pool)
		pool = storage_pool_for(conn, directory, pool_is_new, e);
	if (!pool)
		return e && e->code ? -e->code : -EIO;
	r = make_volume(pool, p, size, path, e);
	if (r == 0)
		job_makes(job, *path);
	// keeps the directory and its files; libvirt refuses while another client creates a volume in it
	if (r < 0 && *pool_is_new)
		vir.StoragePoolDestroy(pool);
	vir.StoragePoolFree(pool);
	return r;
}

void storage_discard(virConnectPtr conn, const char *path, bool pool_is_new, bool local)
{
	virStorageVolPtr volume = vir.StorageVolLookupByPath(conn, path);
	virStoragePoolPtr pool = volume && pool_is_new ? vir.StoragePoolLookupByVolume(volume) : NULL;

	if (volume) {
		vir.StorageVolDelete(volume, 0);
		vir.StorageVolFree(volume);
	} else if (local) {
		unlink(path);
	}
	if (pool) {
		vir.StoragePoolDestroy(pool);
		vir.StoragePoolFree(pool);
	}
}
