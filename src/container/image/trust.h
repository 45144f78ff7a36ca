// The host's policy for images, containers-policy.json(5), for images that have no signatures: those of layouts and
// archives. skopeo(1) obeys it for all others.
#pragma once

#include "base/err.h"

// Whether an image of the layout or archive PATH (absolute) may be loaded by TRANSPORT ("oci" or "oci-archive").
// Returns 0, or negative errno with the reason; 0 also on a host without a policy.
int trust_check(const char *transport, const char *path, struct err *e);
