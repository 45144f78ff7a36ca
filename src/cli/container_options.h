// Options of containers that the command line replaces, so that an engine gets only what it can do on any host.
#pragma once

#include "cli.h"

// Reads the files and the environment that the options of C name: --env-file, --label-file, --env NAME, --label NAME.
// Makes the file of --security-opt seccomp= absolute. Returns 0 or negative errno.
int container_options_read(struct cli *c, struct err *e);
// Writes NAME to the file of --cidfile, if there is one. Returns an exit status.
int container_options_write_name(const struct cli *c, const char *name);
