// The monitor of a container: it has the container started, holds its terminal or pipes, keeps its log, serves its
// clients, records its end and applies its restart policy. One thread, little memory; it outlives the process that
// started it.
#pragma once

#include <stdbool.h>

enum { MONITOR_STARTER = 3 }; // the descriptor that the result of the start is written to

// DIRECTORY: the container's, absolute. PROGRAM: the runtime. RUNTIME: the runtime's state directory. The starter gets
// one line, "ok MILLISECONDS" or why it did not start; then its descriptor is closed. With FOREGROUND that descriptor
// is a unix stream socket and stays the line of a client (container/monitor/attach.h). Goes to a child process of its
// own; returns the exit status, after the container has ended for good.
int monitor_run(const char *directory, const char *program, const char *runtime, bool foreground);
