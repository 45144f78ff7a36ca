// The host's policy for images, containers-policy.json(5), as it applies to layouts and archives, which have no
// signatures. skopeo(1) obeys it for all other images.
#pragma once

#include "base/err.h"

// Checks whether images of the layout or archive PATH (absolute) may be loaded by TRANSPORT ("oci" or "oci-archive").
// Returns 0, also on a host without a policy, or negative errno with the reason.
int trust_check(const char *transport, const char *path, struct err *e);
