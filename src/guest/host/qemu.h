// What this host's /proc says about a process that may be QEMU.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { QEMU_COMMAND_LINE = 64 * 1024 }; // bytes that are looked at

// The value behind the option -uuid of QEMU's command line, or NULL.
const char *qemu_uuid(const char *line, size_t length);
// Any process may have such a command line; only those of users whom libvirt runs QEMU as are believed.
bool qemu_is_believed(uid_t owner, bool session);
// The wall-clock time of a process's start, given in clock ticks since boot.
int64_t qemu_started(uint64_t ticks);
// The control group made for a guest, from that of one of its threads, or NULL. Owned.
char *qemu_own_group(const char *group);
bool qemu_is_stopped(pid_t pid);
// Whether PID is the QEMU of UUID, by its command line.
bool qemu_runs(pid_t pid, const char *uuid);
