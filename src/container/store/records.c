// The records of all containers of a store: see record.h.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/name.h"
#include "model/workload.h"
#include "record.h"
#include "sys/fs.h"

void records_done(struct records *r)
{
	for (size_t i = 0; i < r->count; i++)
		record_done(&r->items[i]);
	free(r->items);
	*r = (struct records){0};
}

// A container that was deleted meanwhile is left out.
static int read_one(int containers_fd, const char *name, struct records *records, struct err *e)
{
	auto_close int dir = openat(containers_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool other = dir < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP); // removed, or not a container
	struct record one = {0};
	int r = other ? 0 : dir < 0 ? err_set(e, errno, "cannot open it") : record_read(dir, &one, e);

	if (r < 0 && faccessat(containers_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		record_done(&one);
		return err_wrap(e, "container '%s'", name);
	}
	if (r < 0 || dir < 0) {
		record_done(&one);
		return 0;
	}
	records->items = mem_resize(records->items, records->count + 1, sizeof(*records->items));
	records->items[records->count++] = one;
	return 0;
}

int records_read(int containers_fd, struct records *records, struct err *e)
{
	DIR *dir = fs_open_directory(containers_fd, ".");
	int r = 0;
	struct dirent *entry;

	if (!dir)
		return err_set(e, errno, "cannot read the containers of the store");
	while (r == 0 && (errno = 0, entry = readdir(dir)))
		if (name_is_valid(KIND_CONTAINER, entry->d_name))
			r = read_one(containers_fd, entry->d_name, records, e);
	if (r == 0 && errno)
		r = err_set(e, errno, "cannot read the containers of the store");
	closedir(dir);
	return r;
}
