// The space that all items of a kind take on disk, for `hostel df`.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct space {
	size_t count, used;
	uint64_t bytes, unused; // in all; of what prune would remove
};
// Appends the table of SPACE to OUT: a header and a row of TYPE.
void space_write(const struct space *space, const char *type, struct str *out);
