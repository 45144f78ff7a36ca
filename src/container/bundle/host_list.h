// The list of what a container of the image "host" sees of the host.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum host_how {
	// at the top: a directory is mounted, what is written to it goes to the container's layer; a link is made
	SHOW_WRITABLE,
	SHOW,          // deeper: a directory is mounted, read-only; a link is made
	COPY,          // below /etc: a file, a link or a small directory that is copied
};

struct host_shown {
	const char *path; // a pattern below /etc (fnmatch(3)), when it holds '*'
	enum host_how how;
};
// The I-th row; NULL at the end.
const struct host_shown *host_shown(size_t i);
// Whether it lies in the root.
bool host_is_top(const struct host_shown *s);
