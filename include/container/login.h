// Credentials for registries, kept by skopeo(1) in the file where podman and buildah look for them, too
// (containers-auth.json(5)). No password is ever an argument of a program.
#pragma once

#include <stdbool.h>

#include "base/err.h"

// Logs in to REGISTRY as USER (NULL: asked for). The password is read from standard input: typed on a terminal without
// echo, or, FROM_INPUT, all of it. Returns 0 or negative errno: -ENOENT (skopeo is not installed), -EREMOTEIO
// (skopeo's message is in E).
int container_login(const char *registry, const char *user, bool from_input, struct err *e);
// Removes the credentials for REGISTRY. Returns as container_login().
int container_logout(const char *registry, struct err *e);
