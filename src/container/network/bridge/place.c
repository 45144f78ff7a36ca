// The control group of a DNS server: see place.h.
#include "place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/cgroup.h"
#include "sys/fs.h"

static const char parent[] = "/hostel-networks";

// The hierarchies in which a service manager finds its services and their usage. On v2 all are the same.
static const enum cgroup_controller controllers[] = {CGROUP_SYSTEMD, CGROUP_MEMORY, CGROUP_CPU, CGROUP_CPUACCT,
                                                     CGROUP_PIDS};

static void add_directory(struct strv *directories, const char *mount_point, const char *group)
{
	if (mount_point)
		strv_addf(directories, "%s%s", mount_point, group);
}

// Adds the directories of GROUP.
static void find_directories(const char *group, struct strv *directories)
{
	struct cgroup_layout layout = {0};
	struct err ignored;

	if (cgroup_layout_read(&layout, &ignored) == 0) {
		add_directory(directories, layout.unified, group);
		for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
			add_directory(directories, layout.v1[controllers[i]], group);
	}
	cgroup_layout_done(&layout);
}

void network_place_enter(const char *bridge, const char *pid)
{
	auto_free char *group = mem_printf("%s/%s", parent, bridge);
	auto_strv directories = {0};
	struct err ignored;

	find_directories(group, &directories);
	for (size_t i = 0; i < directories.count; i++) {
		auto_free char *processes = mem_printf("%s/cgroup.procs", directories.items[i]);
		if (fs_make_directories(directories.items[i], 0755, &ignored) == 0)
			fs_write_text(AT_FDCWD, processes, pid);
	}
}

void network_place_remove(const char *bridge)
{
	auto_free char *group = mem_printf("%s/%s", parent, bridge);
	auto_strv directories = {0};

	find_directories(group, &directories);
	find_directories(parent, &directories); // rmdir fails while other networks have groups there
	for (size_t i = 0; i < directories.count; i++)
		rmdir(directories.items[i]);
}
