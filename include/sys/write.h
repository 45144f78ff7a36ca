// Blocking output that writes every byte. For non-blocking output see sys/output.h.
#pragma once

#include <stddef.h>

#include "base/err.h"

// Writes N bytes to FD, even if another program has made it non-blocking. Returns 0 or negative errno (-EPIPE: the
// reader has gone and the caller ignores SIGPIPE).
int write_all(int fd, const void *bytes, size_t n);
// The same, with an error text for the user.
int write_output(int fd, const void *bytes, size_t n, struct err *e);
