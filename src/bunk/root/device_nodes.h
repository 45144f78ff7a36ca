// SPDX-License-Identifier: LGPL-2.1-or-later
// The nodes of linux.devices, created outside of the user namespace.
#pragma once

#include "bunk/container/container.h"

// Called in a process with the parent's privileges in the child's mount namespace, where PLACE is the directory
// C->rootfs: sends a detached mount of each node. Nodes that cannot be created are left to the child. Returns 0 or
// negative errno.
int device_nodes_send(const struct container *c, int place);
// The child's side: receives them into C->nodes.
int device_nodes_receive(struct container *c);
// Sends FD over the socket; -1: a message without a descriptor.
int send_or_none(int socket, int fd);
