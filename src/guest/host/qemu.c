// Recognizes QEMU processes of this host in /proc.
#include "qemu.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"

const char *qemu_uuid(const char *line, size_t length)
{
	const char *end = line + length;

	for (const char *word = line; word < end; word += strlen(word) + 1)
		if (strcmp(word, "-uuid") == 0 && word + 6 < end)
			return word + 6;
	return NULL;
}

bool qemu_is_believed(uid_t owner, bool session)
{
	static const char *const users[] = {"libvirt-qemu", "qemu"};
	char room[1024];
	struct passwd entry, *found;

	if (owner == geteuid())
		return true;
	if (session)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		if (getpwnam_r(users[i], &entry, room, sizeof(room), &found) == 0 && found && entry.pw_uid == owner)
			return true;
	return owner == 0;
}

int64_t qemu_started(uint64_t ticks)
{
	int64_t since_boot = (int64_t)clock_ticks_ns(ticks);
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return clock_wall() - (boot.tv_sec * SECOND + boot.tv_nsec) + since_boot;
}

// "/machine/qemu-1-web.libvirt-qemu/emulator", "/machine.slice/machine-qemu\x2d1\x2dweb.scope/libvirt/emulator": the
// group that libvirt created; QEMU's threads are in groups below it.
char *qemu_own_group(const char *group)
{
	for (const char *part = group; part && *part == '/'; part = strchr(part + 1, '/')) {
		const char *end = strchr(part + 1, '/');
		size_t n = end ? (size_t)(end - part) : strlen(part);
		auto_free char *name = mem_strndup(part + 1, n - 1);

		if ((str_starts(name, "machine-qemu") && str_ends(name, ".scope")) ||
		    (str_starts(name, "qemu-") && str_ends(name, ".libvirt-qemu")))
			return mem_strndup(group, (size_t)(part - group) + n);
	}
	return NULL;
}

bool qemu_runs(pid_t pid, const char *uuid)
{
	auto_free char *line = mem_new(QEMU_COMMAND_LINE);
	auto_free char *path = mem_printf("/proc/%d/cmdline", (int)pid);
	ssize_t n = proc_read_file(path, line, QEMU_COMMAND_LINE);

	return n > 0 && str_equal(qemu_uuid(line, (size_t)n), uuid);
}

bool qemu_is_stopped(pid_t pid)
{
	char text[1024], path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	const char *end = proc_read_file(path, text, sizeof(text)) > 0 ? strrchr(text, ')') : NULL;
	return end && (end[2] == 'T' || end[2] == 't');
}
