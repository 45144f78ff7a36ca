// Credentials for registries: see container/login.h.
#pragma once

#include <stdbool.h>

#include "base/err.h"

int engine_login(const char *registry, const char *user, bool from_input, struct err *e);
int engine_logout(const char *registry, struct err *e);
