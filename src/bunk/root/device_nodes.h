// SPDX-License-Identifier: LGPL-2.1-or-later
// The nodes of linux.devices, made outside of a user namespace.
#pragma once

#include "bunk/container/container.h"

// In a process with the parent's rights and in the child's mount namespace, where PLACE is the directory C->rootfs:
// sends a detached mount of each. What cannot be made is left to the child. Returns 0 or negative errno.
int device_nodes_send(const struct container *c, int place);
// The child's side: into C->nodes.
int device_nodes_receive(struct container *c);
// Sends FD, or that there is none, over the socket.
int send_or_none(int socket, int fd);
