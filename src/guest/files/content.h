// Identifies file contents: disk and CD images, raw disks, and files commonly mistaken for them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	IMAGE_HEAD = 1024,      // enough to identify an image format
	CONTENT_HEAD = 0x11000, // … and any other content: UFS2's superblock is the farthest
	CONTENT_TAIL = 512,
};

// The first and last bytes of a file.
struct content_bytes {
	const char *head, *tail;
	size_t length, tail_length;
};

enum content_kind {
	CONTENT_IMAGE,   // a disk image in a format that guests can use
	CONTENT_OTHER,   // not a usable disk image
	CONTENT_OPTICAL, // a CD or DVD image
	CONTENT_SECTORS, // a raw disk or file system
	CONTENT_UNKNOWN,
	CONTENT_BLANK, // all zeros
};
struct content {
	enum content_kind kind;
	const char *name;           // "a VDI image"
	const char *qemu, *libvirt; // format names, NULL = none
	const char *remedy;         // how to get a usable disk from it; NULL = usable as it is
	bool readonly;              // QEMU cannot write to this format
	bool compressed;            // a VMDK whose existing data cannot be overwritten
	// LUKS-encrypted: libvirt's format name once a secret has the passphrase; else NULL
	const char *unlocked;
};
struct content content_of(const struct content_bytes *b);
// QEMU's name for a format of libvirt's ("ploop" → "parallels"); unknown names are returned unchanged.
const char *content_qemu_format(const char *libvirt);
// DRIVER if it is a disk format; NULL if it is a protocol, a filter or an image set.
const char *content_known_format(const char *driver);
// The QEMU format of an image, from its first bytes as QEMU probes it; "raw" if unrecognized.
const char *image_format(const void *head, size_t length);
