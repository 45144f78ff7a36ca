// Whether a file can be a disk, a CD or a kernel of a guest, and of which format a disk is.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"

// An existing disk.
struct disk {
	const char *format;                  // libvirt's name
	bool block;                          // a block device
	bool readonly;                       // QEMU never writes to this format
	bool compressed;                     // see struct content
	char secret[VIR_UUID_STRING_BUFLEN]; // of libvirt, which holds the passphrase of LUKS; "" = not encrypted
};
// Whether PATH is a block device, as far as that is known here.
bool storage_is_block(const struct guests *g, const char *path);
// Fills D for the disk at PATH; CONN is asked for the secret of an encrypted one. Returns 0, or -EINVAL where it
// cannot be one, or the user must say the format.
int storage_inspect(virConnectPtr conn, struct guests *g, const struct params *p, const char *path, struct disk *d,
                    struct err *e);
// Refuses what is not the image of a CD or DVD.
int storage_check_optical(const struct guests *g, const char *path, struct err *e);
// Refuses what is not there, and what is not a file or, when BLOCK, a block device. WHAT: "kernel".
int storage_check_file(const char *what, const char *path, bool block, struct err *e);
