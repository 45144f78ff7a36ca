// Separates a child process of a monitor from it.
#pragma once

#include <stddef.h>

// Closes all descriptors except the COUNT ones of FDS, which are greater than 2; 0 to 2 become /dev/null. Signals get
// their default actions, and none is blocked.
void process_separate(const int *fds, size_t count);
