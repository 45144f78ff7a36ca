// Whole directories as streams of tar(5).
#pragma once

#include "base/err.h"

// Loads the libraries for the others, before files of containers are near. Returns 0 or negative errno.
int copy_load_libraries(struct err *e);
// Writes all of the directory ROOT to OUT. FLAGS are of enum pack_flag. Returns 0 or negative errno.
int copy_pack_root(int root, unsigned flags, int out, struct err *e);
// Unpacks the stream IN, which may be hostile, into the directory ROOT. FLAGS are of enum extract_flag. Returns 0 or
// negative errno.
int copy_unpack_root(int root, unsigned flags, int in, struct err *e);
