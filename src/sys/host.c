// Figures of the whole host, from /proc (proc(5)): see struct proc_host.
#include "sys/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sys/cgroup.h"
#include "sys/fs.h"

enum { HOST_TEXT_MAX = 16 << 20 };

// /proc/stat's first line: user nice system idle iowait irq softirq steal guest guest_nice. Guest time is part of user
// (and nice) time.
static void read_cpu(struct proc_host *host, const char *text)
{
	unsigned long long v[10] = {0};

	sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5],
	       &v[6], &v[7], &v[8], &v[9]);
	host->busy_ns = clock_ticks_ns(v[0] + v[1] + v[2] + v[5] + v[6] + v[7]);
	host->steal_ns = clock_ticks_ns(v[7]);
	host->guest_ns = clock_ticks_ns(v[8] + v[9]);
}

// The lines "cpu0 …", "cpu1 …" after the first: the same figures of each CPU that is online.
static void read_cpus(struct proc_host *host, const char *text)
{
	for (const char *line = strstr(text, "\ncpu"); line; line = strstr(line + 1, "\ncpu")) {
		unsigned long long v[5];
		unsigned cpu;

		if (sscanf(line, "\ncpu%u %llu %llu %llu %*u %*u %llu %llu", &cpu, &v[0], &v[1], &v[2], &v[3], &v[4]) != 6 ||
		    cpu >= PROC_CPUS_MAX)
			continue;
		while (host->cpu_count <= cpu)
			host->cpu_ns[host->cpu_count++] = PROC_CPU_OFFLINE;
		host->cpu_ns[cpu] = clock_ticks_ns(v[0] + v[1] + v[2] + v[3] + v[4]);
	}
}

static const struct {
	const char *name;
	size_t at;
} memory_lines[] = {
	{"\nMemTotal:", offsetof(struct proc_host, memory_total)},
	{"\nMemAvailable:", offsetof(struct proc_host, memory_available)},
	{"\nMemFree:", offsetof(struct proc_host, memory_free)},
	{"\nSwapTotal:", offsetof(struct proc_host, swap_total)},
	{"\nSwapFree:", offsetof(struct proc_host, swap_free)},
};

static void read_memory(struct proc_host *host, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(memory_lines); i++) {
		const char *line = strstr(text, memory_lines[i].name);
		if (line)
			*(uint64_t *)((char *)host + memory_lines[i].at) =
			    strtoull(line + strlen(memory_lines[i].name), NULL, 10) * 1024;
	}
}

static bool has_device(const char *class, const char *name)
{
	auto_free char *path = mem_printf("/sys/class/%s/%s/device", class, name);

	return access(path, F_OK) == 0;
}

// The host's own: virtual interfaces would count the same bytes twice.
static void read_network(struct proc_host *host)
{
	auto_free struct proc_interface *items = NULL;
	size_t count = proc_interfaces(0, &items);

	for (size_t i = 0; i < count; i++) {
		if (!has_device("net", items[i].name))
			continue;
		host->net_rx += items[i].rx;
		host->net_tx += items[i].tx;
	}
}

// /proc/diskstats: major minor name reads merged sectors-read ms writes merged sectors-written …; sectors of 512
// bytes.
static void read_disks(struct proc_host *host, char *text)
{
	char *rest = text;

	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		char name[64];
		unsigned long long in, out;
		if (sscanf(line, " %*u %*u %63s %*u %*u %llu %*u %*u %*u %llu", name, &in, &out) != 3 ||
		    !has_device("block", name))
			continue;
		host->disk_read += in * 512;
		host->disk_write += out * 512;
	}
}

// The whole file: hundreds of interfaces, disks or interrupts make these files long. Owned; NULL if it cannot be read.
static char *read_whole(const char *path)
{
	char *text = NULL;

	return fs_read_file(AT_FDCWD, path, HOST_TEXT_MAX, &text, NULL) > 0 ? text : NULL;
}

static double read_pressure(const char *resource)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/pressure/%s", resource);
	auto_free char *text = read_whole(path);
	return text ? cgroup_parse_pressure(text) : NAN;
}

static uint64_t time_up(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

int proc_host_read(struct proc_host *host, struct err *e)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	auto_free char *stat = read_whole("/proc/stat"), *memory = read_whole("/proc/meminfo"),
	               *load = read_whole("/proc/loadavg");
	auto_free char *disks = read_whole("/proc/diskstats");
	auto_free char *lines = memory ? mem_printf("\n%s", memory) : NULL;

	*host = (struct proc_host){.cpus = online > 0 ? (unsigned)online : 1, .load1 = load ? strtod(load, NULL) : NAN};
	if (!stat)
		return err_msg(e, EIO, "cannot read '/proc/stat'");
	read_cpu(host, stat);
	read_cpus(host, stat);
	host->up_ns = time_up();
	if (lines)
		read_memory(host, lines);
	host->psi_cpu = read_pressure("cpu");
	host->psi_memory = read_pressure("memory");
	host->psi_io = read_pressure("io");
	read_network(host);
	if (disks)
		read_disks(host, disks);
	return 0;
}
