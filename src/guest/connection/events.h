// Subscription to libvirt's events.
#pragma once

#include "guests.h"

// The callbacks hold references to G until events_unwatch().
void events_watch(struct guests *g, virConnectPtr conn, int ids[EVENTS_MAX]);
void events_unwatch(virConnectPtr conn, const int ids[EVENTS_MAX]);
