// A layer's archive, unpacked as root into a directory: whatever it says, nothing next to the directory changes.
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/image/layer.h"
#include "fuzz.h"
#include "sys/fs.h"

static int top = -1;
static char path[64];

static void finish(void)
{
	unlinkat(top, "beside", 0);
	rmdir(path);
}

static void begin(void)
{
	snprintf(path, sizeof(path), "/dev/shm/fuzz-layer-XXXXXX");
	if (!mkdtemp(path) || (top = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		abort();
	close(openat(top, "beside", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	atexit(finish);
}

static ssize_t read_archive(void *fd, void *bytes, size_t room, struct err *e)
{
	(void)e;
	return read(*(int *)fd, bytes, room);
}

static void nothing_beside(void)
{
	struct stat st, above;

	if (fstatat(top, "beside", &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_size != 0 || st.st_nlink != 1 ||
	    (st.st_mode & 07777) != 0644)
		abort();
	if (fstat(top, &above) < 0 || above.st_nlink != 4) // itself, its own ".", "below" and "in"
		abort();
}

// Unpacks the archive into the directory NAME.
static void unpack(int archive, const char *name, struct layer_below *below)
{
	struct err e = {0};
	auto_close int in = openat(top, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct layer_source source = {read_archive, &archive};

	if (lseek(archive, 0, SEEK_SET) < 0)
		abort();
	int r = layer_unpack(&source, in, below, NULL, NULL, &e);
	FUZZ_ERROR_IS_TOLD(r, e);
}

// Each archive is a layer, and then the layer above that.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {0};

	if (top < 0)
		begin();
	auto_close int archive = memfd_create("layer", MFD_CLOEXEC);
	if (archive < 0 || write(archive, data, size) != (ssize_t)size || mkdirat(top, "below", 0755) < 0 ||
	    mkdirat(top, "in", 0755) < 0)
		abort();
	auto_free char *path = fs_path_of(top);
	struct layer_below below = {0};
	strv_addf(&below.roots, "%s/below", path);
	unpack(archive, "below", NULL);
	unpack(archive, "in", &below);
	strv_done(&below.roots);
	nothing_beside();
	if (fs_remove_tree(top, "in", &e) < 0 || fs_remove_tree(top, "below", &e) < 0)
		abort();
	return 0;
}
