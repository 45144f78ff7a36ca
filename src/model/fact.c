// The table of facts: see model/fact.h.
#include "model/fact.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum { MEMORY_WIDTH = 16, FIGURE = FACT_LIVE | FACT_DESCENDING | FACT_RUNNING };

static const struct fact_info facts[FACTS] = {
	[FACT_NAME] = {.name = "name", .title = "NAME", .help = "name", .width = 14, .widest = 36},
	[FACT_HOST] = {.name = "host", .title = "HOST", .help = "host", .flags = FACT_HIDDEN, .width = 10, .widest = 20,
	 .priority = 10},
	[FACT_KIND] = {.name = "kind", .title = "KIND",
	 .help = "kind: guest, container, image, network, volume, disk, interface or job", .type = FACT_WORD, .width = 4,
	 .widest = 9, .priority = 3},
	[FACT_STATE] = {.name = "state", .title = "STATE", .help = "state; exit status and reason after exit",
	 .type = FACT_WORD, .width = 11, .widest = 22},
	[FACT_CPU] = {.name = "cpu", .title = "CPU%",
	 .help = "CPU usage, 100 = one core", .type = FACT_PERCENT, .flags = FIGURE,
	 .width = 6, .priority = 1},
	[FACT_CPU_HISTORY] = {.name = "cpu-history", .alias = "recent", .title = "60s",
	 .help = "CPU usage over the last minute",
	 .type = FACT_GRAPH,
	                      .flags = FIGURE | FACT_UNSORTED, .width = 8, .widest = 30, .priority = 4},
	[FACT_MEMORY] = {.name = "memory", .alias = "mem", .title = "MEM",
	 .help = "memory used inside, without page cache", .type = FACT_BYTES,
	                 .flags = FIGURE, .width = MEMORY_WIDTH, .widest = MEMORY_WIDTH + 8, .priority = 2},
	[FACT_HOST_RSS] = {.name = "host-rss", .before = "memory-host", .alias = "rss", .title = "HOST RSS",
	 .help = "host RSS: memory resident on the host",
	                   .type = FACT_BYTES, .flags = FIGURE | FACT_HIDDEN, .width = 8, .priority = 11},
	[FACT_NET_RX] = {.name = "net-rx", .alias = "rx", .title = "NET↓", .help = "received from the network, per second",
	 .type = FACT_RATE,
	                 .flags = FIGURE, .width = 5, .priority = 6},
	[FACT_NET_TX] = {.name = "net-tx", .alias = "tx", .title = "NET↑", .help = "sent to the network, per second",
	 .type = FACT_RATE,
	                 .flags = FIGURE, .width = 5, .priority = 6},
	[FACT_READ] = {.name = "read", .title = "READ", .help = "read from disks, per second", .type = FACT_RATE,
	 .flags = FIGURE, .width = 5, .priority = 7},
	[FACT_WRITE] = {.name = "write", .title = "WRITE", .help = "written to disks, per second", .type = FACT_RATE,
	 .flags = FIGURE, .width = 5, .priority = 7},
	[FACT_PIDS] = {.name = "pids", .title = "PIDS", .help = "processes and threads, or virtual CPUs",
	 .type = FACT_COUNT, .flags = FIGURE | FACT_HIDDEN,
	               .width = 5, .priority = 10},
	[FACT_START_MS] = {.name = "start-ms", .alias = "start", .title = "START",
	 .help = "duration of the last start, in milliseconds",
	                   .type = FACT_NUMBER, .width = 6, .priority = 10},
	[FACT_ISOLATION] = {.name = "isolation", .before = "posture", .alias = "iso", .title = "ISO",
	 .help = "isolation checks passed, as the kernel reports", .type = FACT_STEPS,
	                    .flags = FACT_DESCENDING | FACT_RUNNING, .width = 5, .priority = 8},
	[FACT_PROBLEM] = {.name = "problem", .title = "PROBLEM", .help = "what is wrong, in one phrase",
	 .flags = FACT_HIDDEN, .width = 20, .widest = 60, .priority = 10},
	[FACT_RESTARTS] = {.name = "restarts", .title = "RESTARTS", .help = "restarts by its restart policy",
	 .type = FACT_COUNT,
	                   .flags = FACT_DESCENDING, .width = 8, .priority = 9},
	[FACT_HEALTH] = {.name = "health", .title = "HEALTH",
	 .help = "result of its health check: starting, healthy or unhealthy",
	 .flags = FACT_HIDDEN | FACT_RUNNING, .width = 9,
	 .priority = 9},
	[FACT_LAST_EXIT] = {.name = "last-exit", .title = "LAST EXIT", .help = "exit status and reason of the last exit",
	 .flags = FACT_HIDDEN, .width = 9,
	                    .widest = 20, .priority = 10},
	[FACT_OOM_KILLS] = {.name = "oom-kills", .title = "OOM", .help = "processes killed for lack of memory",
	 .type = FACT_COUNT,
	                    .flags = FIGURE | FACT_HIDDEN, .width = 5, .priority = 10},
	[FACT_THROTTLED] = {.name = "throttled", .title = "THROTTLED", .help = "time throttled by the CPU limit",
	 .type = FACT_PERCENT,
	                    .flags = FIGURE | FACT_HIDDEN, .width = 9, .priority = 11},
	[FACT_STEAL] = {.name = "steal", .title = "STEAL", .help = "time a virtual CPU waited for a physical one",
	 .type = FACT_PERCENT,
	                .flags = FIGURE | FACT_HIDDEN, .width = 5, .priority = 11},
	[FACT_CACHE] = {.name = "cache", .title = "CACHE", .help = "page cache", .type = FACT_BYTES,
	 .flags = FIGURE | FACT_HIDDEN, .width = 5, .priority = 11},
	[FACT_SWAP] = {.name = "swap", .title = "SWAP", .help = "memory swapped out", .type = FACT_BYTES,
	 .flags = FIGURE | FACT_HIDDEN, .width = 5,
	               .priority = 11},
	[FACT_IMAGE] = {.name = "image", .title = "IMAGE", .help = "image, or operating system", .flags = FACT_HIDDEN,
	 .width = 12, .widest = 30, .priority = 12},
	[FACT_ADDRESSES] = {.name = "addresses", .alias = "address", .title = "ADDRESS", .help = "network addresses",
	 .flags = FACT_HIDDEN,
	                    .width = 15, .widest = 30, .priority = 12},
	[FACT_PORTS] = {.name = "ports", .alias = "port", .title = "PORTS", .help = "published ports: HOST:INSIDE",
	                .type = FACT_LIST, .flags = FACT_HIDDEN | FACT_UNSORTED, .width = 12, .widest = 40,
	                .priority = 12},
	[FACT_LABELS] = {.name = "labels", .alias = "label", .title = "LABELS", .help = "labels", .type = FACT_LIST,
	                 .flags = FACT_HIDDEN | FACT_UNSORTED, .width = 12, .widest = 40, .priority = 12},
	[FACT_COMMAND] = {.name = "command", .title = "COMMAND", .help = "command that runs inside", .flags = FACT_HIDDEN,
	 .width = 12, .widest = 40,
	                  .priority = 12},
	[FACT_ENGINE] = {.name = "engine", .title = "ENGINE", .help = "engine that runs it", .flags = FACT_HIDDEN,
	 .width = 7, .priority = 12},
	[FACT_PID] = {.name = "pid", .title = "PID",
	 .help = "PID on its host: of the first process, or of QEMU", .type = FACT_COUNT,
	 .flags = FACT_HIDDEN, .width = 7,
	              .priority = 12},
	[FACT_CREATED] = {.name = "created", .title = "CREATED", .help = "time of creation", .type = FACT_TIME,
	 .flags = FACT_HIDDEN | FACT_DESCENDING,
	                  .width = 16, .priority = 12},
	[FACT_UP] = {.name = "up", .title = "UP", .help = "uptime, or time since exit", .type = FACT_DURATION,
	 .flags = FACT_DESCENDING, .width = 9,
	             .priority = 3},
	[FACT_ID] = {.name = "id", .help = "HOST/ENGINE/KIND/KEY: never changes"},
	[FACT_STARTED] = {.name = "started", .help = "time of the last start", .type = FACT_TIME},
	[FACT_FINISHED] = {.name = "finished", .help = "time of exit", .type = FACT_TIME},
	[FACT_EXIT_CODE] = {.name = "exit-code", .alias = "exit", .help = "exit status", .type = FACT_COUNT},
	[FACT_REASON] = {.name = "reason", .help = "reason for the exit"},
	[FACT_LAST_FINISHED] = {.name = "last-finished", .help = "time of the previous exit", .type = FACT_TIME},
	[FACT_LAST_EXIT_CODE] = {.name = "last-exit-code", .help = "exit status of the previous run", .type = FACT_COUNT},
	[FACT_LAST_REASON] = {.name = "last-reason", .help = "reason for the previous exit"},
	[FACT_CPUS] = {.name = "cpus", .help = "CPU limit, or virtual CPUs", .type = FACT_NUMBER},
	[FACT_MEMORY_LIMIT] = {.name = "memory-limit", .title = "LIMIT", .help = "memory limit", .type = FACT_BYTES},
	[FACT_PIDS_LIMIT] = {.name = "pids-limit", .help = "limit on processes and threads", .type = FACT_COUNT},
	[FACT_AUTOSTART] = {.name = "autostart", .title = "AUTOSTART", .help = "starts when the host boots",
	 .type = FACT_FLAG},
	[FACT_PERSISTENT] = {.name = "persistent", .help = "still exists after it stops", .type = FACT_FLAG},
	[FACT_ACTIVE] = {.name = "active", .help = "running or kept in memory (such as a crashed guest)",
	 .type = FACT_FLAG},
	[FACT_PUBLISHER] = {.name = "publisher", .help = "program that publishes a guest's ports"},
	[FACT_NETWORKS] = {.name = "networks", .title = "NETWORKS",
	 .help = "names of the networks it is on, or that it shares",
	 .type = FACT_LIST},
	[FACT_GRAPHICS] = {.name = "graphics", .help = "graphical console: vnc or spice, with its address while running"},
	[FACT_SIMULATED] = {.name = "simulated", .help = "belongs to the fake engine", .type = FACT_FLAG},
	[FACT_TROUBLE] = {.name = "trouble", .help = "reason why details are missing"},
	[FACT_AGE] = {.name = "age", .title = "AGE", .help = "time since start or creation; how long a job took",
	 .type = FACT_DURATION, .width = 7, .priority = 2},
	[FACT_NET] = {.name = "net", .help = "network traffic in both directions, per second", .type = FACT_RATE,
	 .flags = FACT_RUNNING},
	[FACT_IO] = {.name = "io",
	 .help = "disk I/O in both directions, per second", .type = FACT_RATE, .flags = FACT_RUNNING},
	[FACT_READ_OPS] = {.name = "read-ops", .help = "read requests, per second", .type = FACT_NUMBER,
	 .flags = FACT_RUNNING},
	[FACT_WRITE_OPS] = {.name = "write-ops", .help = "write requests, per second", .type = FACT_NUMBER,
	 .flags = FACT_RUNNING},
	[FACT_PSI_CPU] = {.name = "psi-cpu", .help = "share of the last 10 s in which a task waited for CPU",
	 .type = FACT_PERCENT, .flags = FACT_RUNNING},
	[FACT_PSI_MEMORY] = {.name = "psi-memory", .help = "share of the last 10 s in which a task waited for memory",
	 .type = FACT_PERCENT,
	                     .flags = FACT_RUNNING},
	[FACT_PSI_IO] = {.name = "psi-io", .help = "share of the last 10 s in which a task waited for disks",
	 .type = FACT_PERCENT, .flags = FACT_RUNNING},
	[FACT_DIGEST] = {.name = "digest", .title = "DIGEST", .help = "digest of the manifest", .width = 20,
	 .priority = 4},
	[FACT_NAMES] = {.name = "names", .title = "NAMES", .help = "all names of an image", .type = FACT_LIST, .width = 14,
	 .widest = 40},
	[FACT_SIZE] = {.name = "size", .title = "SIZE",
	 .help = "size on disk of an image; capacity of a disk or libvirt volume",
	 .type = FACT_BYTES, .flags = FACT_DESCENDING, .width = 6, .priority = 1},
	[FACT_ALLOCATED] = {.name = "allocated", .title = "ALLOC", .help = "space used by a disk or volume on the host",
	 .type = FACT_BYTES, .flags = FACT_DESCENDING, .width = 6, .priority = 5},
	[FACT_LAYERS] = {.name = "layers", .title = "LAYERS", .help = "number of layers", .type = FACT_COUNT, .width = 6,
	 .priority = 6},
	[FACT_PLATFORM] = {.name = "platform", .title = "PLATFORM", .help = "operating system and architecture",
	 .width = 12, .priority = 5},
	[FACT_USED_BY] = {.name = "used-by", .title = "USED BY", .help = "guests and containers that use it",
	 .type = FACT_LIST, .width = 12, .widest = 40, .priority = 1},
	[FACT_ANONYMOUS] = {.name = "anonymous", .title = "ANON", .help = "volume created without a name",
	 .type = FACT_FLAG, .width = 4, .priority = 6},
	[FACT_BRIDGE] = {.name = "bridge", .title = "BRIDGE", .help = "bridge on the host", .width = 8, .widest = 16,
	 .priority = 2},
	[FACT_LEASES] = {.name = "leases", .title = "LEASES", .help = "DHCP leases", .type = FACT_LIST, .width = 12,
	 .widest = 50, .priority = 5},
	[FACT_SOURCE] = {.name = "source", .title = "SOURCE",
	 .help = "file or device of a disk, directory or file of a volume, network or bridge of an interface",
	 .width = 14, .widest = 50, .priority = 1},
	[FACT_FORMAT] = {.name = "format", .title = "FORMAT",
	 .help = "format of a disk or libvirt volume, model of an interface",
	 .width = 7, .priority = 4},
	[FACT_MAC] = {.name = "mac", .title = "MAC", .help = "hardware address", .width = 17, .priority = 3},
	[FACT_WHAT] = {.name = "what", .title = "WHAT", .help = "what a job creates", .width = 16, .widest = 50},
	[FACT_PHASE] = {.name = "phase", .title = "PHASE", .help = "current step of a job, or why it failed", .width = 16,
	 .widest = 80, .priority = 1},
	[FACT_PROGRESS] = {.name = "progress", .title = "DONE%", .help = "progress of a job", .type = FACT_PERCENT,
	 .flags = FACT_DESCENDING, .width = 6},
	[FACT_DONE] = {.name = "done", .title = "DONE", .help = "bytes processed by a job so far", .type = FACT_BYTES,
	 .flags = FACT_DESCENDING, .width = 6, .priority = 3},
	[FACT_TOTAL] = {.name = "total", .title = "TOTAL", .help = "bytes to be processed by a job", .type = FACT_BYTES,
	 .flags = FACT_DESCENDING, .width = 6, .priority = 3},
	[FACT_SPEED] = {.name = "speed", .title = "RATE", .help = "bytes processed by a job per second",
	 .type = FACT_RATE, .flags = FACT_DESCENDING, .width = 6, .priority = 2},
	[FACT_LEFT] = {.name = "left", .title = "LEFT", .help = "files that a job is creating, or left behind",
	 .type = FACT_LIST, .width = 12, .widest = 60, .priority = 4},
	[FACT_USER] = {.name = "user", .title = "USER", .help = "user a job runs as", .width = 8, .priority = 6},
	[FACT_OWNER] = {.name = "owner", .help = "id of the item it belongs to"},
	[FACT_TREE] = {.name = "tree", .help = "id of its parent in the tree view"},
	[FACT_USES] = {.name = "uses", .help = "ids of the items it uses", .type = FACT_LIST},
};

const struct fact_info *fact_info(enum fact fact)
{
	return &facts[fact];
}

const char *fact_old_name(enum fact fact)
{
	return facts[fact].before ? facts[fact].before : facts[fact].name;
}

static bool is_word(const char *word, const char *name, size_t n)
{
	return word && strlen(word) == n && strncasecmp(word, name, n) == 0;
}

int fact_find(const char *name, size_t n)
{
	for (int fact = 0; fact < FACTS; fact++)
		if (is_word(facts[fact].name, name, n) || is_word(facts[fact].before, name, n) ||
		    is_word(facts[fact].alias, name, n))
			return fact;
	return -1;
}

int fact_least(enum fact fact)
{
	return fact == FACT_PID ? 1 : 0;
}

bool fact_is_number(enum fact fact)
{
	return facts[fact].type >= FACT_TIME && facts[fact].type <= FACT_STEPS;
}

void fact_add_names(struct str *out, enum fact end, unsigned without)
{
	for (enum fact fact = 0; fact < end; fact++)
		if (!(facts[fact].flags & without))
			str_addf(out, "%s%s", out->length ? ", " : "", facts[fact].name);
}
