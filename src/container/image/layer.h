// Layers: archives that are unpacked into directories of the store, in the form that overlayfs(5) expects.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "model/job.h"

// The source of a layer's archive.
struct layer_source {
	// Reads up to ROOM bytes. Returns their number, 0 at the end, or negative errno with E set.
	ssize_t (*read)(void *context, void *bytes, size_t room, struct err *e);
	void *context;
};
// The layers below the one being unpacked: directories, topmost first. USED is set if the result depends on them,
// because the archive omits parent directories that only they list, or reaches its files through their symbolic links.
struct layer_below {
	struct strv roots;
	bool used;
};
// Unpacks a layer (tar, plain or compressed with gzip, xz or zstd) into the directory DIR_FD, with whiteouts in the
// form of overlayfs (image-spec layer.md). Nothing is ever written outside DIR_FD. DIFF_ID is the expected digest of
// the uncompressed archive ("sha256:…", NULL = unknown). BELOW may be NULL if the layers below are unknown. Reads
// SOURCE up to the end of the archive; trailing bytes are left unread. Returns 0, -EBADMSG for a damaged archive, or
// another negative errno.
int layer_unpack(const struct layer_source *source, int dir_fd, struct layer_below *below, const char *diff_id,
                 const struct job *job, struct err *e);
