// What a file holds, by its bytes: images of disks and CDs, sectors of a disk, and all that is taken for one by
// mistake.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	IMAGE_HEAD = 1024,      // bytes that tell the format of an image
	CONTENT_HEAD = 0x11000, // … and any content: the superblock of UFS2 is the farthest
	CONTENT_TAIL = 512,
};

// The bytes of a file.
struct content_bytes {
	const char *head, *tail;
	size_t length, tail_length;
};

enum content_kind {
	CONTENT_IMAGE,   // of a disk, in a format that guests can be given
	CONTENT_OTHER,   // not a disk
	CONTENT_OPTICAL, // of a CD or DVD
	CONTENT_SECTORS, // of a disk, as they are
	CONTENT_UNKNOWN,
	CONTENT_BLANK, // zeros
};
struct content {
	enum content_kind kind;
	const char *name;           // "a VDI image"
	const char *qemu, *libvirt; // their names of its format, NULL = none
	const char *remedy;         // how to get a disk out of it; NULL = it is one
	bool readonly;              // QEMU never writes to this format
	bool compressed;            // a VMDK whose present data cannot be overwritten
	// encrypted by LUKS: libvirt's name of its format once a passphrase is known; else NULL
	const char *unlocked;
};
struct content content_of(const struct content_bytes *b);
// QEMU's name of a format by libvirt's ("ploop" → "parallels"); an unknown one as it is.
const char *content_qemu_format(const char *libvirt);
// DRIVER when QEMU calls a format so; NULL for a protocol, a filter, a set of images.
const char *content_known_format(const char *driver);
// QEMU's name of a format as QEMU probes it by an image's first bytes; "raw" when they are of no known format.
const char *image_format(const void *head, size_t length);
