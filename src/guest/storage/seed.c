// Creates cloud-init seeds.
#include "seed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "model/job.h"
#include "model/param.h"
#include "new_file.h"
#include "sys/fs.h"
#include "sys/proc.h"

bool seed_is_user_data(const char *text, size_t length)
{
	// compared like cloud-init does: skipping leading white space, ignoring case (cloudinit/handlers/__init__.py)
	static const char *const headers[] = {"#cloud-config",   "#!",           "#include",           "#part-handler",
	                                      "#cloud-boothook", "#upstart-job", "## template: jinja", "Content-Type:",
	                                      "MIME-Version:"};
	size_t blank = 0;

	if (length >= 2 && memcmp(text, "\x1f\x8b", 2) == 0) // gzip-compressed user-data
		return true;
	while (blank < length && strchr(" \t\r\n\v\f", text[blank]))
		blank++;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (length - blank >= strlen(headers[i]) && strncasecmp(text + blank, headers[i], strlen(headers[i])) == 0)
			return true;
	return false;
}

static void check_user_data(const char *text, size_t length, const char *path, const struct job *job)
{
	auto_free char *note = mem_printf(
	    "'%s' has no header that cloud-init recognizes, so the guest will ignore it (the first line is usually "
	    "'#cloud-config')",
	    path);

	if (!seed_is_user_data(text, length))
		job_note(job, note);
}

static int write_seed_files(const char *directory, const struct params *p, const struct job *job, struct err *e)
{
	auto_close int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *user_data = NULL;
	auto_free char *meta = mem_printf("instance-id: %s-%ld\nlocal-hostname: %s\n", params_or(p, PARAM_NAME, ""),
	                                  (long)getpid(), params_or(p, PARAM_NAME, ""));
	ssize_t n = fd < 0 ? -errno : fs_read_file(AT_FDCWD, params_or(p, PARAM_CLOUD_INIT, ""), 16 << 20, &user_data, e);

	if (n < 0)
		return (int)n;
	check_user_data(user_data, (size_t)n, params_or(p, PARAM_CLOUD_INIT, ""), job);
	int r = fs_replace_file(fd, "user-data", 0600, user_data, (size_t)n, e);
	return r < 0 ? r : fs_replace_file(fd, "meta-data", 0600, meta, strlen(meta), e);
}

// All of these create the same image from the same options.
static int write_iso(const char *directory, const char *path, struct err *e)
{
	static const char *const programs[] = {"xorrisofs", "genisoimage", "mkisofs"};
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < ARRAY_SIZE(programs); i++) {
		const char *const argv[] = {programs[i], "-quiet", "-o", path, "-V", "cidata", "-J", "-r", directory, NULL};
		r = proc_run(argv, NULL, NULL, 60 * SECOND, e);
	}
	if (r == -ENOENT)
		return err_msg(e, ENOENT, "no tool to write the ISO image for cloud-init (install xorriso)");
	return r > 0 ? -EIO : r;
}

int storage_make_seed(const struct guests *g, const struct params *p, const struct job *job, char **path,
                      struct err *e)
{
	char work[] = "/tmp/hostel-seed-XXXXXX";
	auto_free char *directory = storage_directory(g, p);
	auto_free char *file = mem_printf("%s/%s-seed.iso", directory, params_or(p, PARAM_NAME, ""));

	if (!storage_can_write(g, directory, params_get(p, PARAM_DIRECTORY) != NULL))
		return err_msg(
		    e, EACCES,
		    "cannot create the cloud-init seed in '%s' (choose a directory of your own that QEMU can read: "
		    "--" PARAM_DIRECTORY ")",
		    directory);
	int r = storage_claim(file, e);
	if (r < 0)
		return r;
	job_makes(job, file);
	if (!mkdtemp(work))
		r = err_set(e, errno, "cannot create a temporary directory");
	if (r == 0) {
		r = write_seed_files(work, p, job, e);
		r = r < 0 ? r : write_iso(work, file, e);
		fs_remove_tree(AT_FDCWD, work, NULL);
	}
	if (r < 0)
		unlink(file);
	else
		*path = steal(file);
	return r;
}
