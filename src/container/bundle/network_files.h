// The files for name resolution in a container: /etc/hosts, /etc/hostname and /etc/resolv.conf. They are written to
// DIR/etc at each start, and bind-mounted over those of the image, which are never modified.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "container/store/record.h"

// The word for this host's address in --add-host.
#define HOST_GATEWAY "host-gateway"

// The text of hosts(5) for host name NAME: TEXT (the host's, or ""), plus entries for localhost and NAME if they are
// missing. Owned.
char *network_hosts(const char *text, const char *name);
// The text of resolv.conf(5) in a private network: TEXT without servers on the host's loopback, which is not reachable
// there. Owned.
char *network_resolver(const char *text);

// The text of resolv.conf(5) with SERVERS and SEARCH in place of those of TEXT, where they are not empty. Owned.
char *network_resolver_with(const char *text, const struct strv *servers, const struct strv *search);

// The text of hosts(5) and of resolv.conf(5) after the networks of R have changed (R->join): TEXT, in which the lines
// that hostel writes are replaced. Owned.
char *network_hosts_again(const char *text, const struct record *r);
char *network_resolver_again(const char *text, const struct record *r);

// Writes the files for R in the container's directory DIR_FD. Returns 0 or negative errno.
int network_files_write(int dir_fd, const struct record *r, struct err *e);
// The name of the I-th file, in DIR/etc and in the container's /etc. NULL at the end.
const char *network_file(size_t i);
// Whether R shares the host's network.
bool network_is_hosts(const struct record *r);
// The container's host name.
const char *network_host_name(const struct record *r);
