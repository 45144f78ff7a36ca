// Where a guest's new files are created.
#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "guest/connection/guests.h"
#include "guest/host/directory.h"
#include "sys/fs.h"

char *storage_directory(const struct guests *g, const struct params *p)
{
	const char *given = params_or(p, PARAM_DIRECTORY, NULL);

	return given ? mem_strdup(given) : directory_of(DIRECTORY_IMAGES, g->local && guests_is_session(g));
}

bool storage_can_write(const struct guests *g, const char *directory, bool given)
{
	if (g->local && !given)
		fs_make_directories(directory, 0711, NULL); // access() below reports failures
	return g->local && access(directory, W_OK) == 0;
}

int storage_claim(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST
		           ? err_msg(e, EEXIST,
		                     "file '%s' already exists (use it with --" PARAM_DISK ", or choose another name)",
		                     path)
		           : err_set(e, errno, "cannot create '%s'", path);
	close(fd);
	return 0;
}
