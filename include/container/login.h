// Credentials for registries, stored by skopeo(1) in the file that podman and buildah also read
// (containers-auth.json(5)). No password is ever an argument of a program.
#pragma once

#include <stdbool.h>

#include "base/err.h"

// Logs in to REGISTRY as USER (NULL: asks for it). Asks for the password on the terminal, without echo; with
// FROM_INPUT all of standard input is the password. Returns 0 or negative errno: -ENOENT (skopeo is not installed),
// -EREMOTEIO (skopeo's message is in E).
int container_login(const char *registry, const char *user, bool from_input, struct err *e);
// Removes the credentials for REGISTRY. Returns as container_login().
int container_logout(const char *registry, struct err *e);
