// The layout of control groups on this host, and a reader for their figures that is cheap to call repeatedly.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum cgroup_controller {
	CGROUP_CPU,
	CGROUP_CPUACCT,
	CGROUP_CPUSET,
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_BLKIO,
	CGROUP_DEVICES,
	CGROUP_FREEZER,
	CGROUP_HUGETLB,
	CGROUP_NET_CLS,
	CGROUP_NET_PRIO,
	CGROUP_PERF,
	CGROUP_RDMA,
	CGROUP_SYSTEMD, // the named hierarchy of a v1 or hybrid host
	CGROUP_CONTROLLERS,
};

// Its name as in /proc/self/cgroup and mount options ("cpuacct", "name=systemd").
const char *cgroup_controller_name(enum cgroup_controller c);

enum cgroup_mode {
	CGROUP_NONE,   // nothing mounted
	CGROUP_V2,     // one tree with all controllers
	CGROUP_HYBRID, // controllers on v1, a v2 tree beside them
	CGROUP_V1,     // controllers on v1 only
};

// Found from /proc/self/mountinfo and the types of the file systems, never from directory names (an engine may have
// made plain directories there).
struct cgroup_layout {
	enum cgroup_mode mode;
	char *unified;                 // mount point of the v2 tree, or NULL
	char *unified_root;            // its root inside the hierarchy; NULL where mountinfo was not read
	char *v1[CGROUP_CONTROLLERS];  // mount point of each v1 controller, or NULL; co-mounted ones share a path's text
	char *v1_root[CGROUP_CONTROLLERS]; // the mount's root inside its hierarchy ("/" except in containers)
};

// Returns 0, or negative errno when mountinfo cannot be read. A host without cgroups is not an error: CGROUP_NONE.
int cgroup_layout_read(struct cgroup_layout *layout, struct err *e);
// The same from TEXT in the format of proc_pid_mountinfo(5).
void cgroup_layout_parse(struct cgroup_layout *layout, const char *mountinfo);
void cgroup_layout_done(struct cgroup_layout *layout);

// The directory of GROUP ("/hostel/web") for controller C, or of the v2 tree when C has no v1 mount. Owned by the
// caller; NULL when there is no such tree.
char *cgroup_directory(const struct cgroup_layout *layout, enum cgroup_controller c, const char *group);

// The group of process PID for controller C (v2 path when C has no v1 mount), as in /proc/PID/cgroup. Owned; NULL when
// gone or unknown.
char *cgroup_of_process(const struct cgroup_layout *layout, pid_t pid, enum cgroup_controller c);

// The figures of a group at one time. CGROUP_MISSING (UINT64_MAX) where the kernel reports none, also for a limit of
// "max".
#define CGROUP_MISSING UINT64_MAX
struct cgroup_figures {
	uint64_t cpu_ns, throttled_ns;
	uint64_t memory;        // bytes charged without page cache: anon + shmem + kernel (v2 memory.stat), rss … (v1)
	uint64_t memory_shared; // of those: shmem
	uint64_t memory_cache;  // bytes of page cache
	uint64_t memory_limit, swap;
	uint64_t read_bytes, write_bytes, read_ops, write_ops;
	uint64_t pids, pids_limit;
	uint64_t oom_kills;
	double psi_cpu, psi_memory, psi_io; // "some avg10" in percent, NAN when not offered
};

enum cgroup_part { // which figures to read: only the files that hold them
	CGROUP_READ_CPU = 1,
	CGROUP_READ_THROTTLED = 1 << 1,
	CGROUP_READ_MEMORY = 1 << 2,
	CGROUP_READ_CACHE = 1 << 3,
	CGROUP_READ_MEMORY_LIMIT = 1 << 4,
	CGROUP_READ_SWAP = 1 << 5,
	CGROUP_READ_OOM_KILLS = 1 << 6,
	CGROUP_READ_IO_BYTES = 1 << 7,
	CGROUP_READ_IO_OPS = 1 << 8,
	CGROUP_READ_PIDS = 1 << 9,
	CGROUP_READ_PIDS_LIMIT = 1 << 10,
	CGROUP_READ_PSI_CPU = 1 << 11,
	CGROUP_READ_PSI_MEMORY = 1 << 12,
	CGROUP_READ_PSI_IO = 1 << 13,
	CGROUP_READ_ALL = (1 << 14) - 1,
};

// Keeps the files of one group open, each from the first time it is needed: each reading costs one pread per file.
struct cgroup_reader;

// Opens a reader for a group that has the same name in every hierarchy ("/hostel/web") and a file of one of PARTS.
// LAYOUT must outlive it.
int cgroup_reader_open_group(struct cgroup_reader **reader, const struct cgroup_layout *layout, const char *group,
                             unsigned parts, struct err *e);
// Reads the requested parts and sets the others to missing. Returns 0, or -ENODEV when the group no longer exists.
int cgroup_reader_read(struct cgroup_reader *reader, unsigned parts, struct cgroup_figures *figures);
void cgroup_reader_free(struct cgroup_reader *reader);

// Pure parsers of the kernel's formats, exposed for tests. Each sets the figures it finds and leaves the others alone.
void cgroup_parse_cpu_stat(const char *text, struct cgroup_figures *f);      // v2 cpu.stat (usage_usec …)
void cgroup_parse_v1_cpu_stat(const char *text, struct cgroup_figures *f);   // v1 cpu.stat (throttled_time …)
void cgroup_parse_memory_stat(const char *text, struct cgroup_figures *f);   // v2 memory.stat
void cgroup_parse_v1_memory_stat(const char *text, struct cgroup_figures *f);
void cgroup_parse_io_stat(const char *text, struct cgroup_figures *f);       // v2 io.stat, summed over devices
// blkio.throttle.io_service_bytes, io_serviced
void cgroup_parse_v1_blkio(const char *text, uint64_t *read, uint64_t *write);
double cgroup_parse_pressure(const char *text); // "some avg10=…", NAN when absent
