// Platforms of images, such as "linux/arm64/v8" (image-spec image-index.md "platform"), and which of them run on this
// host.
#pragma once

// Rates how well this host runs programs of a platform: 0 is best, larger is worse, negative means not at all. A NULL
// argument is unknown and matches.
int platform_fit(const char *os, const char *architecture, const char *variant);
// The name of a platform. Owned.
char *platform_name(const char *os, const char *architecture, const char *variant);
// The name of this host's platform.
const char *platform_host(void);
