// The DNS and DHCP server of one of hostel's own networks (dnsmasq(8)), and the names that it knows.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "container/network/record/state.h"

int own_network_start_server(const struct own_network *o, struct err *e); // returns 0 or negative errno
void own_network_stop_server(const struct own_network *o);
// A pidfd of the server that was started for O; -ESRCH if there is none.
int own_network_open_server(const struct own_network *o);
// Whether the server of O is alive; that of a libvirt network is libvirt's.
bool own_network_is_served(const struct own_network *o);
// Writes the names of O's containers, and makes its server read them. Returns 0 or negative errno.
int own_network_publish_names(const struct own_network *o, struct err *e);
// The same for the containers L, which are those of O.
int own_network_write_names(const struct own_network *o, const struct endpoints *l, struct err *e);
