// Pulling images from registries into the store, by the program skopeo(1): it knows names without a domain, mirrors,
// credentials, certificates and policies as they are configured on this host.
#pragma once

#include "base/err.h"
#include "container/store/store.h"
#include "model/job.h"

// Pulls the image with the canonical NAME, of PLATFORM ("linux/arm64/v8", NULL: this host's), and adds it to the
// store. Blobs that the store has are not downloaded again; what was downloaded completely remains after a failure.
// Reports bytes to JOB, which can cancel it. Returns 0 or negative errno: -ENOENT (skopeo is not installed),
// -EREMOTEIO (skopeo's message is in E), -ECANCELED.
int image_pull(const struct store *s, const char *name, const char *platform, const struct job *job, struct err *e);
