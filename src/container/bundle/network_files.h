// The files by which a container's programs look up names: /etc/hosts, /etc/hostname and /etc/resolv.conf. They are
// written for each start, into DIR/etc, and bound over those of the image, which are never touched.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "container/store/record.h"

// hosts(5) of a container whose host name is NAME: TEXT (the host's, or ""), then what is missing of localhost and
// NAME. Owned.
char *network_hosts(const char *text, const char *name);
// resolv.conf(5) in a network of its own: TEXT without the servers on the host's loopback, which is out of reach
// there. Owned.
char *network_resolver(const char *text);

// Writes the files for R below the container's directory DIR_FD. Returns 0 or negative errno.
int network_files_write(int dir_fd, const struct record *r, struct err *e);
// The I-th file's name in DIR/etc and in the container's /etc; NULL at the end.
const char *network_file(size_t i);
// Whether R shares the host's network.
bool network_is_hosts(const struct record *r);
// The host name inside.
const char *network_host_name(const struct record *r);
