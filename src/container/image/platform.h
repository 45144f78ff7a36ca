// Platforms of images, as "linux/arm64/v8" (image-spec image-index.md "platform"), and which of them run on this host.
#pragma once

// How well this host runs programs of a platform: 0 best, negative: not at all. What is NULL is not known, and fits.
int platform_fit(const char *os, const char *architecture, const char *variant);
// Its name. Owned.
char *platform_name(const char *os, const char *architecture, const char *variant);
// This host's.
const char *platform_host(void);
