// Deletes files of guests. The file unlinked is the file that was examined: the same device and inode in the same
// directory.
#include "remove.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "guest/files/ownership.h"
#include "guest/files/users.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "pool.h"

bool storage_is_same(const struct stored *s)
{
	struct stat st;

	return s->real && lstat(s->real, &st) == 0 && st.st_dev == s->file.device && st.st_ino == s->file.inode;
}

// --- through libvirt ---

// The volume that is the same file as S, not merely of the same name. NULL if there is none.
static virStorageVolPtr same_volume(virConnectPtr conn, const struct stored *s)
{
	virStorageVolPtr volume = vir.StorageVolLookupByPath(conn, s->real);
	char *path = volume ? vir.StorageVolGetPath(volume) : NULL;
	struct stat st;
	bool same = path && lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_dev == s->file.device &&
	            st.st_ino == s->file.inode;

	free(path);
	if (volume && !same) {
		vir.StorageVolFree(volume);
		volume = NULL;
	}
	return volume;
}

// libvirt may be able to delete a file that this user cannot.
static int remove_volume(virConnectPtr conn, const struct stored *s, int number, struct err *e)
{
	auto_free char *directory = mem_strndup(s->real, (size_t)(strrchr(s->real, '/') - s->real));
	bool made;
	virStoragePoolPtr pool = *directory ? storage_pool_for(conn, directory, &made, NULL) : NULL;
	virStorageVolPtr volume = pool ? same_volume(conn, s) : NULL;
	int r = !volume                               ? err_set(e, number, "cannot delete '%s'", s->path)
	        : vir.StorageVolDelete(volume, 0) < 0 ? guest_error(e, "cannot delete '%s'", s->path)
	                                              : 0;

	if (volume)
		vir.StorageVolFree(volume);
	if (pool)
		vir.StoragePoolFree(pool);
	return r;
}

// The pool that lists the file as a volume, or NULL.
static virStoragePoolPtr volume_pool(virConnectPtr conn, const struct stored *s)
{
	virStorageVolPtr volume = same_volume(conn, s);
	virStoragePoolPtr pool = volume ? vir.StoragePoolLookupByVolume(volume) : NULL;

	if (volume)
		vir.StorageVolFree(volume);
	return pool;
}

// --- by its directory ---

// Returns 0, or negative errno if NAME in DIRECTORY must not be unlinked: -ENOENT if it no longer exists.
static int check_unchanged(int directory, const char *name, const struct stored *s, struct err *e)
{
	auto_close int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	// an unreadable file can still be compared, but not checked for locks
	if (fd < 0 && errno != EACCES && errno != EPERM)
		return err_set(e, errno, "cannot delete '%s'", s->path);
	if ((fd >= 0 ? fstat(fd, &st) : fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW)) < 0)
		return err_set(e, errno, "cannot delete '%s'", s->path);
	if (!S_ISREG(st.st_mode) || st.st_dev != s->file.device || st.st_ino != s->file.inode)
		return err_msg(e, EBUSY, "'%s' was replaced by another file: not deleted", s->path);
	if (st.st_nlink > 1)
		return err_msg(e, EBUSY, "'%s' has a new hard link: not deleted", s->path);
	if (fd >= 0 && is_locked_image(fd))
		return err_msg(e, EBUSY, "'%s' is locked by another QEMU: not deleted", s->path);
	return 0;
}

int storage_remove(virConnectPtr conn, const struct stored *s, struct err *e)
{
	const char *slash = strrchr(s->real, '/');
	auto_free char *above = mem_strndup(s->real, (size_t)(slash - s->real) + 1);
	auto_close int directory = open(above, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (directory < 0)
		return err_set(e, errno, "cannot delete '%s'", s->path);
	if (fstat(directory, &st) < 0 || !s->above_count || st.st_dev != s->above[0].device ||
	    st.st_ino != s->above[0].inode)
		return err_msg(e, EBUSY, "the directory of '%s' was replaced: not deleted", s->path);
	int r = check_unchanged(directory, slash + 1, s, e);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	virStoragePoolPtr pool = volume_pool(conn, s);
	if (unlinkat(directory, slash + 1, 0) < 0)
		r = errno == EACCES || errno == EPERM ? remove_volume(conn, s, errno, e)
		                                      : err_set(e, errno, "cannot delete '%s'", s->path);
	else if (pool) // otherwise it lists a volume that no longer exists, and refuses a new one of that name
		vir.StoragePoolRefresh(pool, 0);
	if (pool)
		vir.StoragePoolFree(pool);
	return r;
}
