// The events that come over a connection to libvirt.
#pragma once

#include "guests.h"

// The callbacks hold the guests as long as they are registered.
void events_watch(struct guests *g, virConnectPtr conn, int ids[EVENTS_MAX]);
void events_unwatch(virConnectPtr conn, const int ids[EVENTS_MAX]);
