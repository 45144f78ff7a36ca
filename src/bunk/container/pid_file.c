// SPDX-License-Identifier: LGPL-2.1-or-later
// --pid-file: a regular file, replaced whole. Anything else of that name (a device, a pipe, a symbolic link) is not
// bunk's to replace.
#include "pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"

static int check_file(const struct pid_file *f, const char *path, struct err *e)
{
	struct stat st;

	if (fstatat(f->directory, f->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT && *f->name ? 0
		                                   : err_set(e, *f->name ? errno : EISDIR, "cannot write pid file '%s'", path);
	return S_ISREG(st.st_mode) ? 0 : err_msg(e, EEXIST, "pid file '%s': not a regular file; not replaced", path);
}

int pid_file_open(struct pid_file *f, const char *path, struct err *e)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	*f = (struct pid_file){.directory = -1};
	if (!path)
		return 0;
	auto_free char *folder = slash ? mem_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : mem_strdup(".");
	f->name = slash ? slash + 1 : path;
	f->directory = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return f->directory < 0 ? err_set(e, errno, "cannot write pid file '%s'", path) : check_file(f, path, e);
}

int pid_file_write(struct pid_file *f, pid_t pid, struct err *e)
{
	auto_free char *text = mem_printf("%d", pid);

	if (f->directory < 0)
		return 0;
	int r = check_file(f, f->name, e);
	if (r == 0 && (r = fs_replace_volatile(f->directory, f->name, 0644, text, strlen(text), e)) < 0)
		err_wrap(e, "pid file");
	f->written = r == 0;
	return r;
}

void pid_file_undo(const struct pid_file *f)
{
	if (f->written)
		unlinkat(f->directory, f->name, 0);
}

void pid_file_done(struct pid_file *f)
{
	if (f->directory >= 0)
		close(f->directory);
	f->directory = -1;
}
