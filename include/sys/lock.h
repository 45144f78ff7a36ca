// File locks shared by hostel's processes (flock(2)). A holder that is stopped (SIGSTOP) or hangs can keep a lock for
// ever, so every wait has a time limit, and the holder is named.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

// Locks FD, which is open for reading and writing, exclusively or SHARED, until all its duplicates are closed. WHAT is
// what the lock protects, as messages name it ("the networks"). Waits while other processes hold the lock, but
// gives up when one of them has held it for a minute or has been stopped for two seconds. The holder of an
// exclusive lock overwrites the file with its pid. Returns 0, -ENOLCK (gave up; E names the holder) or another
// negative errno.
int lock_wait(int fd, bool shared, const char *what, struct err *e);
// The same without waiting, and exclusively. Returns 0, -EWOULDBLOCK or another negative errno.
int lock_try(int fd);
// The process that has locked FD exclusively; 0 if there is none, or it is unknown.
pid_t lock_holder(int fd);
// Sets SAY, which is called with a message once for each holder that a thread waits for longer than a second. NULL: no
// messages.
void lock_on_wait(void (*say)(const char *text));
// Passes SAY a message that HOLDER (0: unknown) has locked WHAT.
void lock_say_holder(pid_t holder, const char *what);
