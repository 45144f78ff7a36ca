// The directory in which new files of a guest are made.
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

// Where a new file of this guest goes. Owned.
char *storage_directory(const struct guests *g, const struct params *p)
{
	const char *given = params_or(p, PARAM_DIRECTORY, NULL);

	return given ? mem_strdup(given) : directory_of(DIRECTORY_IMAGES, g->local && guests_is_session(g));
}

bool storage_can_write(const struct guests *g, const char *directory, bool given)
{
	if (g->local && !given)
		fs_make_directories(directory, 0711, NULL); // what cannot be made cannot be written either
	return g->local && access(directory, W_OK) == 0;
}

// Fails when PATH exists, so that no foreign file is ever overwritten or, later, removed.
int storage_claim(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST
		           ? err_msg(e, EEXIST,
		                     "there is a file '%s' already: use it with --" PARAM_DISK ", or choose another name",
		                     path)
		           : err_set(e, errno, "cannot make '%s'", path);
	close(fd);
	return 0;
}
