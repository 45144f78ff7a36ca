// Unpacks an archive into an existing directory of a container or of this host, like tar(1). Both the
// archive and the directory may be hostile: nothing is ever written outside the root.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "layer.h"
#include "model/job.h"

enum extract_flag {
	EXTRACT_OWNERS = 1, // files get the owners in the archive, and keep set-user-ID bits and capabilities
	EXTRACT_PLACE = 2,  // AT is the target of a copy, see extract()
	EXTRACT_NO_LINKS = 4, // refuse symbolic links on the way; otherwise they are followed as if ROOT were "/"
	EXTRACT_ROOT = 8, // the directory AT gets the owner and mode of the entry "."
};

// Unpacks the archive of SOURCE into the directory AT below ROOT (a descriptor). With EXTRACT_PLACE all of the archive
// is below its first entry, and becomes what cp(1) would make of that entry: it goes into AT if AT is a directory,
// else it becomes AT, whose directory must exist; an entry "." is merged with AT.
// A file is replaced atomically; a directory keeps its other contents. Returns 0 or negative errno.
int extract(const struct layer_source *source, int root, const char *at, unsigned flags, const struct job *job,
            struct err *e);
