// Checks whether a file can be a guest's disk, CD or kernel, and determines a disk's format.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"

// An existing disk.
struct disk {
	const char *format;                  // libvirt's format name
	bool block;                          // a block device
	bool readonly;                       // QEMU cannot write to this format
	bool compressed;                     // see struct content
	char secret[VIR_UUID_STRING_BUFLEN]; // UUID of the libvirt secret with the LUKS passphrase; "" = not encrypted
};
// Whether PATH is a block device, as far as can be told from here.
bool storage_is_block(const struct guests *g, const char *path);
// Fills D for the disk at PATH; CONN is used to look up the secret of an encrypted disk. Returns 0, or -EINVAL if it
// cannot be a disk or the user must specify the format.
int storage_inspect(virConnectPtr conn, struct guests *g, const struct params *p, const char *path, struct disk *d,
                    struct err *e);
// Fails unless PATH can be a CD or DVD image.
int storage_check_optical(const struct guests *g, const char *path, struct err *e);
// Fails unless PATH is a file or, if BLOCK, a block device. WHAT names it in messages, for example "kernel".
int storage_check_file(const char *what, const char *path, bool block, struct err *e);
