// Forwarding: see forwarding.h.
#include "forwarding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
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

static int open_beside(const struct networks *n, const char *name, int flags, struct err *e)
{
	auto_free char *path = mem_printf("%s/../%s", n->run, name);
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);

	return fd < 0 ? err_set(e, errno, "cannot open '%s'", path) : fd;
}

static int lock_forwarding(const struct networks *n, struct err *e)
{
	return networks_lock_host(n, "forwarding.lock", "the forwarding of packets", e);
}

// The file contains the index of the newest interface when forwarding was enabled; it is empty if hostel did not
// enable it.
static int note_enabled(const struct networks *n, const struct row *row, struct err *e)
{
	auto_close int fd = open_beside(n, row->file, O_CREAT, e);

	if (fd < 0 || is_on(row))
		return fd < 0 ? fd : 0;
	return ftruncate(fd, 0) < 0 || dprintf(fd, "%u\n", newest_interface()) < 0
	           ? err_set(e, errno, "cannot write the file '%s' beside '%s'", row->file, n->run)
	           : 0;
}

int forwarding_enable(const struct networks *n, enum forwarding which, struct err *e)
{
	const struct row *row = &rows[which];
	auto_close int lock = lock_forwarding(n, e);
	int r = lock < 0 ? lock : note_enabled(n, row, e);

	if (r < 0 || is_on(row))
		return r;
	r = fs_write_text(AT_FDCWD, row->setting, "1");
	return r < 0 ? err_set(e, -r, "cannot write '%s'", row->setting) : 0;
}

// The directories of a store's networks. If they cannot be read, one counts as up.
static bool has_network(const char *store)
{
	DIR *dir = opendir(store);
	struct dirent *entry;
	bool found = !dir && errno != ENOENT && errno != ENOTDIR;

	while (dir && !found && (entry = readdir(dir))) {
		auto_free char *file = mem_printf("%s/network.json", entry->d_name);
		found = entry->d_name[0] != '.' && faccessat(dirfd(dir), file, F_OK, 0) == 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool is_any_up(const struct networks *n)
{
	auto_free char *all = mem_printf("%s/..", n->run);
	DIR *dir = opendir(all);
	struct dirent *entry;
	bool found = !dir;

	while (dir && !found && (entry = readdir(dir))) {
		auto_free char *store = mem_printf("%s/%s", all, entry->d_name);
		found = entry->d_name[0] != '.' && has_network(store);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void restore(const struct networks *n, const struct row *row)
{
	struct err ignored;
	auto_close int lock = lock_forwarding(n, &ignored), fd = lock < 0 ? -1 : open_beside(n, row->file, 0, &ignored);
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
