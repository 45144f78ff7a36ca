// The sum of a file, which is how an image names its parts.
#pragma once

#include "base/err.h"

enum { DIGEST_HEX = 64 };

// The SHA-256 of what the descriptor FD still has to give, as lower-case hexadecimal text. Returns 0, -EIO, or -EOPNOTSUPP without libcrypto.
int digest_file(int fd, char hex[DIGEST_HEX + 1], struct err *e);
