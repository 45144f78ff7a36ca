// Recognizes QEMU processes of this host in /proc.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { QEMU_COMMAND_LINE = 64 * 1024 }; // bytes of it that are read

// The value of -uuid on QEMU's command line, or NULL.
const char *qemu_uuid(const char *line, size_t length);
// Whether libvirt runs QEMU as OWNER. Any user can start a process with such a command line, so others are ignored.
bool qemu_is_believed(uid_t owner, bool session);
// Converts a process's start time from clock ticks since boot to wall-clock ns.
int64_t qemu_started(uint64_t ticks);
// The guest's control group, derived from that of one of its threads, or NULL. Owned.
char *qemu_own_group(const char *group);
bool qemu_is_stopped(pid_t pid);
// Whether PID is the QEMU of UUID, judging by its command line.
bool qemu_runs(pid_t pid, const char *uuid);
