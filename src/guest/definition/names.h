// Extracts file names from the XML of a definition.
#pragma once

#include <stddef.h>

#include "base/err.h"

enum name_kind {
	NAME_FILE,      // any path
	NAME_IMAGE,     // an image, which may refer to others
	NAME_ARGUMENT,  // a possible image in a QEMU argument
	NAME_DIRECTORY, // with all its contents
	NAME_VOLUME,    // an image given as a volume of a storage pool
	NAME_REMOTE,    // an image on another host: its chain cannot be followed
};
struct name {
	enum name_kind kind;
	char *text;   // path or volume
	char *pool;   // of a volume
	char *format; // of an image, NULL = probed
};
struct names {
	struct name *items;
	size_t count;
};
// Adds the files named in the XML of a domain, its status, a snapshot or a checkpoint, except in metadata. Returns 0
// or -EINVAL.
int names_parse(struct names *names, const char *xml, struct err *e);
void names_done(struct names *names);
