// The parts of the host that are visible in a container of the image "host".
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum host_how {
	// top level: a directory is mounted, with writes going to the container's layer; a symbolic link is copied
	SHOW_WRITABLE,
	SHOW,          // deeper: a directory is mounted read-only; a symbolic link is copied
	COPY,          // below /etc: a file, a symbolic link or a small directory is copied
};

struct host_shown {
	const char *path; // below /etc it may be a pattern (fnmatch(3)), if it contains '*'
	enum host_how how;
};
// The I-th row; NULL at the end.
const struct host_shown *host_shown(size_t i);
// Whether it is an entry of the root directory.
bool host_is_top(const struct host_shown *s);
