// Layers: archives that are unpacked into directories of the store, as overlayfs(5) wants them.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "model/job.h"

// Where the bytes of a layer's archive come from.
struct layer_source {
	// Gives at most ROOM bytes. Returns their number, 0 at the end, or negative errno with E.
	ssize_t (*read)(void *context, void *bytes, size_t room, struct err *e);
	void *context;
};
// The layers below the one that is unpacked: directories, the uppermost first. USED: the result depends on them,
// because the archive leaves out parent directories that only they list, or reaches its files through their links.
struct layer_below {
	struct strv roots;
	bool used;
};
// Unpacks a layer (tar, plain or compressed with gzip, xz or zstd) into the directory DIR_FD, whiteouts in overlayfs's
// form (image-spec layer.md). Nothing is written outside DIR_FD, whatever the archive says. DIFF_ID is what its
// archive must be without compression ("sha256:…", NULL: unknown). BELOW is NULL where nothing is known of the layers
// below. SOURCE is read up to the end of the archive: bytes that follow are left. Returns 0, -EBADMSG for a damaged
// archive, or negative errno (layer.c).
int layer_unpack(const struct layer_source *source, int dir_fd, struct layer_below *below, const char *diff_id,
                 const struct job *job, struct err *e);
