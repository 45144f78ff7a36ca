// Forwarding: see forwarding.h.
#include "forwarding.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const struct row {
	const char *setting, *file;
} rows[FORWARD_COUNT] = {
	[FORWARD_IPV4] = {"/proc/sys/net/ipv4/ip_forward", "forwarding"},
	[FORWARD_IPV6] = {"/proc/sys/net/ipv6/conf/all/forwarding", "forwarding6"},
};

static bool is_on(const struct row *row)
{
	char text[8];

	return proc_read_file(row->setting, text, sizeof(text)) > 0 && text[0] == '1';
}

static unsigned newest_interface(void)
{
	struct if_nameindex *all = if_nameindex();
	unsigned newest = 0;

	for (const struct if_nameindex *i = all; i && i->if_index; i++)
		newest = i->if_index > newest ? i->if_index : newest;
	if_freenameindex(all);
	return newest;
}

// The file contains the index of the newest interface when forwarding was enabled; it is empty if hostel did not
// enable it. Its lock is shared by all stores.
static int open_file(const struct networks *n, const struct row *row, int flags)
{
	auto_free char *path = mem_printf("%s/../%s", n->run, row->file);
	auto_close int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return fd < 0 ? -errno : steal_fd(&fd);
}

int forwarding_enable(const struct networks *n, enum forwarding which, struct err *e)
{
	const struct row *row = &rows[which];
	auto_close int fd = open_file(n, row, O_CREAT);

	if (fd < 0)
		return err_set(e, -fd, "cannot open the file '%s' beside '%s'", row->file, n->run);
	if (is_on(row))
		return 0;
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%u\n", newest_interface()) < 0)
		return err_set(e, errno, "cannot write the file '%s' beside '%s'", row->file, n->run);
	int r = fs_write_text(AT_FDCWD, row->setting, "1");
	return r < 0 ? err_set(e, -r, "cannot write '%s'", row->setting) : 0;
}

static bool is_any_up(const struct networks *n)
{
	auto_free char *pattern = mem_printf("%s/../*/*/network.json", n->run);
	glob_t found = {0};
	int r = glob(pattern, GLOB_NOSORT, NULL, &found);

	globfree(&found);
	return r != GLOB_NOMATCH;
}

static void restore(const struct networks *n, const struct row *row)
{
	auto_close int fd = open_file(n, row, 0);
	char text[16] = "";
	uint64_t newest;

	if (fd < 0 || is_any_up(n) || pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (str_to_u64(text, &newest) == 0 && newest_interface() <= newest)
		fs_write_text(AT_FDCWD, row->setting, "0");
	(void)!ftruncate(fd, 0);
}

void forwarding_restore(const struct networks *n)
{
	for (size_t i = 0; i < FORWARD_COUNT; i++)
		restore(n, &rows[i]);
}
