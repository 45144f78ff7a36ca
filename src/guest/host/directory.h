// Default directories of libvirt and QEMU for guests' files.
#pragma once

#include <stdbool.h>

enum directory { DIRECTORY_IMAGES, DIRECTORY_LOG, DIRECTORY_NVRAM, DIRECTORY_TPM, DIRECTORY_SAVED };
// The default directory of the system daemon, or of this user's SESSION daemon. Owned.
char *directory_of(enum directory directory, bool session);
// REST below $VARIABLE or, if that is unset, below USUAL in the home directory. Owned.
char *directory_of_user(const char *variable, const char *usual, const char *rest);
