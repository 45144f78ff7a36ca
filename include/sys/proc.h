// Child processes, and information from /proc about processes and the host.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

// Runs ARGV (argv[0] through PATH) without a shell and waits. Standard input is INPUT (NULL: /dev/null); standard
// output goes to OUT (NULL: /dev/null); the end of standard error goes into the error text. Kills the child after
// TIMEOUT nanoseconds (0: no limit). Returns the exit status 0…255, or negative errno: -ENOENT (not installed: say
// which package), -ETIMEDOUT, -EINTR (it died by a signal). Safe in a process with threads (posix_spawn).
int proc_run(const char *const argv[], const char *input, struct str *out, int64_t timeout, struct err *e);

// Starts ARGV with descriptors 0, 1, 2 (-1: /dev/null) and, when SESSION, as leader of a new session. EXTRA_FD (-1:
// none) becomes descriptor 3. Signals are at their defaults and none is blocked. Returns the pid, which the caller
// reaps, or negative errno.
pid_t proc_spawn(const char *const argv[], const int fds[3], int extra_fd, bool session, struct err *e);

// Kills the child PID and reaps it.
void proc_end(pid_t pid);

// Notes which signals this process ignores (SigIgn, proc_pid_status(5)), so that proc_reset_signals() resets only
// those; execve(2) itself resets handlers. The caller must not ignore further signals afterwards.
void proc_note_ignored_signals(void);

// For a forked child that executes another program: resets every signal to its default and unblocks all.
// Takes one system call for each signal, unless proc_note_ignored_signals() was called.
void proc_reset_signals(void);

// The path of PROGRAM: beside the running executable (so that a build directory works uninstalled), in ../libexec
// from there, in libexecdir or in PATH, whichever is found first.
// A PROGRAM with a slash is a path. Returns an owned path, or NULL when it is not found.
char *proc_find_program(const char *program);

// The start time in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)), which together with the pid
// identifies a process even after the pid is reused. Returns 0 or -ESRCH.
int proc_start_time(pid_t pid, uint64_t *ticks);
// A pidfd of the process PID that started at TICKS, which cannot refer to a later process with the same pid. Returns
// it, or -ESRCH when the process has ended.
int proc_open(pid_t pid, uint64_t ticks);
// The state letter of /proc/PID/stat ('R', 'S', 'T' …), or 0 if there is no such process.
char proc_state(pid_t pid);
// Whether PID is running and started at TICKS. A zombie is not running, unless other threads of it are.
bool proc_is_alive(pid_t pid, uint64_t ticks);

// utime + stime of /proc/PID/stat in nanoseconds, and resident bytes. Returns 0 or -ESRCH.
int proc_usage(pid_t pid, uint64_t *cpu_ns, uint64_t *rss);

// Reads a small file (proc, sysfs or cgroup) into BUFFER, terminated and truncated to SIZE. Returns the length or
// negative errno.
ssize_t proc_read_file(const char *path, char *buffer, size_t size);
// The same relative to DIR_FD.
ssize_t proc_read_file_at(int dir_fd, const char *name, char *buffer, size_t size);

// A network interface, and its bytes since it was created.
struct proc_interface {
	char name[64];
	uint64_t rx, tx;
};
// Sets *ITEMS (owned by the caller) to the interfaces of the network namespace of PID (0 = this process). Returns
// their number; 0 also if they cannot be read.
size_t proc_interfaces(pid_t pid, struct proc_interface **items);

enum { PROC_CPUS_MAX = 512 };
#define PROC_CPU_OFFLINE UINT64_MAX

// Figures of the whole host, from /proc/stat, meminfo, loadavg and pressure/* (proc(5)). NAN where the kernel reports
// none.
struct proc_host {
	int64_t wall;           // of the figures, where its clock is simulated: ns since the epoch; 0 = it runs on
	unsigned cpus;          // online
	uint64_t busy_ns;       // all CPUs, since boot: user+nice+system+irq+softirq+steal, guest time counted once
	unsigned cpu_count;     // the highest number of an online CPU, plus 1; at most PROC_CPUS_MAX
	uint64_t cpu_ns[PROC_CPUS_MAX]; // each CPU's part of busy_ns without steal; PROC_CPU_OFFLINE = not online
	uint64_t steal_ns;      // of these: a CPU was ready, but the hypervisor below ran something else
	uint64_t guest_ns;      // of these: running guests
	uint64_t memory_total, memory_available, memory_free, swap_total, swap_free; // bytes
	uint64_t up_ns;         // since boot
	double load1;
	double psi_cpu, psi_memory, psi_io; // "some avg10", percent
	uint64_t net_rx, net_tx;            // bytes, physical interfaces
	uint64_t disk_read, disk_write;     // bytes, whole disks
};
int proc_host_read(struct proc_host *host, struct err *e);
