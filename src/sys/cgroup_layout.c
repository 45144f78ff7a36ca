// Where control groups are on this host: see sys/cgroup.h.
#include "sys/cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"
#include "sys/mountinfo.h"

enum { CGROUP_MAX = 1 << 20 }; // for /proc/PID/cgroup, which has a path for each hierarchy

static const char *const names[CGROUP_CONTROLLERS] = {
	[CGROUP_CPU] = "cpu", [CGROUP_CPUACCT] = "cpuacct", [CGROUP_CPUSET] = "cpuset", [CGROUP_MEMORY] = "memory",
	[CGROUP_PIDS] = "pids", [CGROUP_BLKIO] = "blkio", [CGROUP_DEVICES] = "devices", [CGROUP_FREEZER] = "freezer",
	[CGROUP_HUGETLB] = "hugetlb",   [CGROUP_NET_CLS] = "net_cls",      [CGROUP_NET_PRIO] = "net_prio",
	[CGROUP_PERF] = "perf_event",   [CGROUP_RDMA] = "rdma",            [CGROUP_SYSTEMD] = "name=systemd",
};

const char *cgroup_controller_name(enum cgroup_controller c)
{
	return names[c];
}

static void set_once(char **where, const char *text)
{
	if (!*where) // the first mount of a hierarchy counts; later ones are private views
		*where = mem_strdup(text);
}

// A v1 mount has the controllers that its super options name.
static void layout_add_v1(struct cgroup_layout *layout, const char *root, const char *point, const char *options)
{
	auto_strv words = {0};

	strv_split(&words, options, ",");
	for (size_t i = 0; i < words.count; i++)
		for (int c = 0; c < CGROUP_CONTROLLERS; c++)
			if (str_equal(words.items[i], names[c])) {
				set_once(&layout->v1[c], point);
				set_once(&layout->v1_root[c], root);
			}
}

static enum cgroup_mode mode_of(const struct cgroup_layout *layout)
{
	bool v1 = false;

	for (int c = 0; c < CGROUP_SYSTEMD; c++)
		v1 = v1 || layout->v1[c];
	if (v1)
		return layout->unified ? CGROUP_HYBRID : CGROUP_V1;
	return layout->unified ? CGROUP_V2 : CGROUP_NONE;
}

static void layout_add_mounts(struct cgroup_layout *layout, const struct mount_rows *rows)
{
	*layout = (struct cgroup_layout){0};
	for (size_t i = 0; i < rows->count; i++) {
		const struct mount_row *row = &rows->items[i];

		if (str_equal(row->type, "cgroup2")) {
			set_once(&layout->unified, row->point);
			set_once(&layout->unified_root, row->root);
		}
		if (str_equal(row->type, "cgroup"))
			layout_add_v1(layout, row->root, row->point, row->options);
	}
	layout->mode = mode_of(layout);
}

void cgroup_layout_parse(struct cgroup_layout *layout, const char *mountinfo)
{
	auto_mounts rows = {0};

	mountinfo_parse(&rows, mountinfo);
	layout_add_mounts(layout, &rows);
}

// On most hosts this is enough, and mountinfo, which grows with every container, need not be read.
static bool is_plain_v2(void)
{
	struct statfs st;

	return statfs("/sys/fs/cgroup", &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC;
}

int cgroup_layout_read(struct cgroup_layout *layout, struct err *e)
{
	auto_mounts rows = {0};

	*layout = (struct cgroup_layout){0};
	if (is_plain_v2()) {
		*layout = (struct cgroup_layout){.mode = CGROUP_V2, .unified = mem_strdup("/sys/fs/cgroup")};
		return 0;
	}
	int r = mountinfo_read(&rows, AT_FDCWD, "/proc/self/mountinfo", e);
	if (r == 0)
		layout_add_mounts(layout, &rows);
	return r;
}

void cgroup_layout_done(struct cgroup_layout *layout)
{
	if (!layout)
		return;
	free(layout->unified);
	free(layout->unified_root);
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		free(layout->v1[c]);
		free(layout->v1_root[c]);
	}
	*layout = (struct cgroup_layout){0};
}

// GROUP as seen from below a mount whose root is ROOT inside the hierarchy.
static const char *path_below(const char *group, const char *root)
{
	size_t n = strlen(root);

	if (n > 1 && strncmp(group, root, n) == 0 && (group[n] == '/' || group[n] == '\0'))
		return group + n;
	return group;
}

char *cgroup_directory(const struct cgroup_layout *layout, enum cgroup_controller c, const char *group)
{
	const char *point = layout->v1[c] ? layout->v1[c] : layout->unified;

	if (!point)
		return NULL;
	if (layout->v1[c])
		group = path_below(group, layout->v1_root[c]);
	return mem_printf("%s%s%s", point, group[0] == '/' || !*group ? "" : "/", str_equal(group, "/") ? "" : group);
}

// Whether NAME is among the comma-separated CONTROLLERS of a line of /proc/PID/cgroup; the v2 line has none.
static bool names_controller(const char *controllers, const char *name)
{
	auto_strv words = {0};

	strv_split(&words, controllers, ",");
	return name ? strv_has(&words, name) : words.count == 0;
}

char *cgroup_of_process(const struct cgroup_layout *layout, pid_t pid, enum cgroup_controller c)
{
	char path[64];
	auto_free char *text = NULL;
	const char *wanted = layout->v1[c] ? names[c] : NULL;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	if (fs_read_file(AT_FDCWD, path, CGROUP_MAX, &text, NULL) <= 0)
		return NULL;
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) { // "4:cpu,cpuacct:/group"
		char *controllers = strchr(line, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!group)
			continue;
		*group = '\0';
		if (names_controller(controllers + 1, wanted))
			return mem_strdup(group + 1);
	}
	return NULL;
}
