// Where libvirt and QEMU keep files of guests when nothing else is said.
#pragma once

#include <stdbool.h>

enum directory { DIRECTORY_IMAGES, DIRECTORY_LOG, DIRECTORY_NVRAM, DIRECTORY_TPM, DIRECTORY_SAVED };
// The default directory of the system's daemon, or of this user's SESSION. Owned.
char *directory_of(enum directory directory, bool session);
// REST below $VARIABLE or, when that is not set, below USUAL in the home directory. Owned.
char *directory_of_user(const char *variable, const char *usual, const char *rest);
