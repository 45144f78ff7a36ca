// Signals by name or number.
#pragma once

#include "base/err.h"

// Strict: "9", "KILL", "SIGKILL", "RTMIN+1". Returns 0…64 or -EINVAL.
int signal_number(const char *text, struct err *e);
