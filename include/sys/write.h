// Writing every byte, waiting as long as that takes. What must not wait: sys/output.h.
#pragma once

#include <stddef.h>

#include "base/err.h"

// Writes N bytes to FD, also one that another program has made non-blocking. Returns 0 or negative errno (-EPIPE: the
// reader has gone, and the caller ignores SIGPIPE).
int write_all(int fd, const void *bytes, size_t n);
// The same for a stream's output, with the error for the user.
int write_output(int fd, const void *bytes, size_t n, struct err *e);
