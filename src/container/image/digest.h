// SHA-256 digests, by which an image references its parts.
#pragma once

#include <stddef.h>

#include "base/err.h"

enum { DIGEST_HEX = 64 };

// A digest being computed. Owned by the caller, released by digest_end().
struct digest;
// Starts a digest. Returns NULL with -EOPNOTSUPP in E if libcrypto is missing.
struct digest *digest_begin(struct err *e);
// The same, computed by a thread beside the caller's: for many bytes.
struct digest *digest_begin_beside(struct err *e);
void digest_add(struct digest *d, const void *bytes, size_t size);
// Writes the digest of all bytes added to HEX (NULL = not needed), as lower-case hexadecimal digits, and releases D
// (may be NULL).
void digest_end(struct digest *d, char hex[DIGEST_HEX + 1]);
// The digits of DIGEST, which must be "sha256:" and 64 lower-case hexadecimal digits; NULL for any other text or NULL.
const char *digest_hex(const char *digest);
