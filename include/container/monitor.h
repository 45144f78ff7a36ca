// The monitor of a container: starts the container through the runtime, holds its terminal or pipes, writes its log,
// serves its clients, records its exit and applies its restart policy. Single-threaded and small; it outlives the
// process that started it.
#pragma once

#include <stdbool.h>

// Descriptors that the starter passes: the lock of the container's monitor, which it holds (an older hostel passes
// none), and the one to which the result of the start is written.
enum { MONITOR_LOCK = 0, MONITOR_STARTER = 3 };

// DIRECTORY is the container's (absolute), PROGRAM the runtime, RUNTIME the runtime's state directory. The starter
// gets one line, "ok MILLISECONDS" or the error; then the descriptor is closed. With FOREGROUND the descriptor is a
// unix stream socket and remains the connection of a client (container/monitor/attach.h). The monitor runs in a forked
// child; there this function returns the exit status after the container's final exit.
int monitor_run(const char *directory, const char *program, const char *runtime, bool foreground);
