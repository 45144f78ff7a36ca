// Network namespaces (network_namespaces(7)) of this thread. A namespace lives as long as a process in it or a
// descriptor of it.
#pragma once

#include <stdbool.h>

#include "base/err.h"

// Creates a network namespace with its loopback interface up; this thread stays where it is. Returns a descriptor or
// negative errno.
int netns_create(struct err *e);
// Opens the network namespace at PATH. Returns a descriptor, -EINVAL if it is something else, or negative errno.
int netns_open(const char *path, struct err *e);
// Moves this thread to the network namespace FD. Returns a descriptor of the previous one, for netns_return(), or
// negative errno.
int netns_enter(int fd, struct err *e);
// Moves this thread back, and closes PREVIOUS. Ends the process if that fails: it must not continue elsewhere.
void netns_return(int previous);
