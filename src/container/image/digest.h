// SHA-256 sums, by which an image names its parts.
#pragma once

#include <stddef.h>

#include "base/err.h"

enum { DIGEST_HEX = 64 };

// A sum while it is taken. Owned by the caller, released by digest_end().
struct digest;
// Begins a sum. Returns NULL with -EOPNOTSUPP in E without libcrypto.
struct digest *digest_begin(struct err *e);
void digest_add(struct digest *d, const void *bytes, size_t size);
// Writes the sum of all that was added to HEX (NULL: not wanted), as lower-case hexadecimal digits, and releases D
// (may be NULL).
void digest_end(struct digest *d, char hex[DIGEST_HEX + 1]);
// The digits of DIGEST, which is "sha256:" and 64 lower-case hexadecimal digits; NULL for any other text (also for
// NULL).
const char *digest_hex(const char *digest);
