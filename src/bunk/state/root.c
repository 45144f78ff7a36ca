// SPDX-License-Identifier: LGPL-2.1-or-later
// The directory that holds the state of all containers.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "state.h"
#include "sys/fs.h"
#include "sys/userns.h"

char *bunk_default_root(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (userns_is_system_root())
		return mem_strdup("/run/bunk");
	if (runtime && runtime[0] == '/')
		return mem_printf("%s/bunk", runtime);
	return mem_printf("/tmp/bunk-%lu", (unsigned long)geteuid());
}

int state_check_id(const char *id, struct err *e)
{
	if (str_is_made_of(id, STR_LETTERS STR_DIGITS, STR_LETTERS STR_DIGITS "_.+-", 255))
		return 0;
	auto_free char *shown = str_visible(id);
	return err_msg(
	    e, EINVAL,
	    "invalid container id '%.80s' (a letter or digit, then letters, digits, _ . + -, at "
	    "most 255)",
	    shown);
}

// The directory may be in /tmp, where another user could have created it.
static int check_owner(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "cannot access '%s'", path);
	if (st.st_uid != geteuid() || st.st_mode & 022)
		return err_msg(
		    e, EPERM,
		    "state directory '%s' must belong to this user and not be writable by others (choose another with "
		    "--root)",
		    path);
	return 0;
}

int state_root(const struct bunk *b, bool make, struct err *e)
{
	auto_free char *path = b->root ? mem_strdup(b->root) : bunk_default_root();
	int r = make ? fs_make_directories(path, 0700, e) : 0;

	if (r < 0)
		return r;
	auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (b->root ? 0 : O_NOFOLLOW));
	if (fd < 0)
		return err_set(e, errno, "cannot open state directory '%s'", path);
	r = check_owner(fd, path, e);
	return r < 0 ? r : steal_fd(&fd);
}

int state_make_root(struct container *c, struct err *e)
{
	if (c->states_fd < 0)
		c->states_fd = state_root(c->b, true, e);
	return c->states_fd < 0 ? c->states_fd : 0;
}
