// Locks of files that several programs of hostel take (flock(2)). A lock can be held for ever, by a process that was
// stopped (SIGSTOP) or hangs, so no wait is without a limit, and the process that is waited for is named.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

// Locks FD, which is open for reading and writing, exclusively or SHARED, until all its duplicates are closed. What it
// protects is called WHAT in texts, for example "the networks". Waits while other processes hold the lock, but gives
// up if one of them holds it for a minute, or is stopped for two seconds. The file is overwritten with the holder of
// an exclusive lock. Returns 0, -ENOLCK (gave up; E names the holder) or another negative errno.
int lock_wait(int fd, bool shared, const char *what, struct err *e);
// The same without waiting, and exclusively. Returns 0, -EWOULDBLOCK or another negative errno.
int lock_try(int fd);
// The process that has locked FD exclusively; 0 if there is none, or it is unknown.
pid_t lock_holder(int fd);
// Calls SAY with a line, once, about each process that this one has waited for longer than a second. May be NULL.
void lock_on_wait(void (*say)(const char *text));
// Calls SAY for HOLDER of the lock of WHAT (0: unknown).
void lock_say_holder(pid_t holder, const char *what);
