// Finds current users of files: processes, loop devices, and other QEMUs by their locks.
#include "users.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "guest/host/qemu.h"
#include "ownership.h"
#include "sys/proc.h"

static bool is_image_part(enum part part)
{
	return part == PART_DISK || part == PART_LAYER || part == PART_SEED;
}

// The image that ST describes if no user of it is known yet, else NULL.
static struct stored *find_image(struct stored *items, size_t count, const struct stat *st)
{
	for (size_t i = 0; i < count; i++)
		if (!items[i].error && !items[i].elsewhere && !items[i].user && is_image_part(items[i].part) &&
		    items[i].file.device == st->st_dev && items[i].file.inode == st->st_ino)
			return &items[i];
	return NULL;
}

// A qemu-img that only reads the image: most likely a query by another hostel.
static bool is_qemu_img_query(int dir, const char *fd, const char *name)
{
	struct stat link;

	// the link's mode is the mode the file was opened with (proc_pid_fd(5))
	return strcmp(name, "qemu-img") == 0 && fstatat(dir, fd, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !(link.st_mode & S_IWUSR);
}

static void check_process(struct stored *items, size_t count, pid_t pid, const char *uuid)
{
	char path[64], name[64] = "";
	struct dirent *entry;
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	proc_read_file(path, name, sizeof(name));
	name[strcspn(name, "\n")] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		struct stored *s = fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 ? find_image(items, count, &st) : NULL;

		if (!s || is_qemu_img_query(dirfd(dir), entry->d_name, name) || qemu_runs(pid, uuid))
			continue;
		auto_free char *safe = str_visible(name);
		s->user = mem_printf("process %d (%s)", (int)pid, safe);
	}
	if (dir)
		closedir(dir);
}

static void check_loop_device(struct stored *items, size_t count, const char *device)
{
	auto_free char *path = mem_printf("/sys/block/%s/loop/backing_file", device);
	char file[4096];
	struct stat st;

	if (proc_read_file(path, file, sizeof(file)) <= 0)
		return;
	file[strcspn(file, "\n")] = '\0';
	struct stored *s = stat(file, &st) == 0 ? find_image(items, count, &st) : NULL;
	if (s)
		s->user = mem_printf("/dev/%s", device);
}

void users_find(struct stored *items, size_t count, const char *uuid)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) && atoi(entry->d_name) != getpid())
			check_process(items, count, atoi(entry->d_name), uuid);
	if (dir)
		closedir(dir);
	dir = opendir("/sys/block");
	while (dir && (entry = readdir(dir)))
		if (str_starts(entry->d_name, "loop"))
			check_loop_device(items, count, entry->d_name);
	if (dir)
		closedir(dir);
}

// QEMU locks one byte for each permission it needs and one for each it does not share (block/file-posix.c).
bool is_locked_image(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 200};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
