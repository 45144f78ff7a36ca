// Reads guests' serial logs.
#pragma once

#include "base/err.h"
#include "guest/connection/guests.h"

// Opens the serial log of UUID; *PATH is owned by the caller. Returns a descriptor or negative errno, with a remedy in
// E.
int serial_log_open(struct guests *g, const char *uuid, char **path, struct err *e);
