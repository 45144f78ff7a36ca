// What a definition names: from XML to paths.
#pragma once

#include <stddef.h>

#include "base/err.h"

enum name_kind {
	NAME_FILE,      // anything with a path
	NAME_IMAGE,     // an image, which may refer to others
	NAME_ARGUMENT,  // what may be an image in an argument for QEMU
	NAME_DIRECTORY, // with all in it
	NAME_VOLUME,    // an image by a storage pool and the name of its volume
	NAME_REMOTE,    // an image on another host, whose chain cannot be followed
};
struct name {
	enum name_kind kind;
	char *text;   // path or volume
	char *pool;   // of a volume
	char *format; // of an image, NULL = whatever is found there
};
struct names {
	struct name *items;
	size_t count;
};
// Adds what the XML of a domain, its status, snapshot or checkpoint names, apart from its metadata. Returns 0 or
// -EINVAL.
int names_parse(struct names *names, const char *xml, struct err *e);
void names_done(struct names *names);
