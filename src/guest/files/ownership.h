// Whether a file is its guest's own, and why not.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "claims.h"

enum part {
	PART_DISK,   // the image that the definition names
	PART_LAYER,  // an image below it, or beside it
	PART_SEED,   // cloud-init's
	PART_MEDIUM, // in an optical drive
	PART_DRIVE,  // a floppy, or a LUN
	PART_LOG,    // of its serial line
	PART_NVRAM,
	PART_TPM,   // a directory or file
	PART_SAVED, // its memory
	PARTS,
};

// A file of a guest, as it was seen.
struct stored {
	enum part part;
	char *path; // as the guest names it
	char *real; // without symbolic links; NULL when it cannot be looked at
	int error;  // errno of that, 0 = what follows is valid
	struct file_id file;
	mode_t mode;
	unsigned long links;
	uint64_t bytes; // on its file system
	bool symlink;   // the path's last part
	bool readonly, shareable;
	bool elsewhere;        // not an absolute path of this host
	bool relative;         // a relative path
	bool passing;          // only of the running guest, not of its definition
	bool recorded;         // made for this guest, as hostel or libvirt recorded
	bool private;          // where only libvirt or hostel keep files: no image of another guest
	bool aside;            // of a snapshot that is not among the present layers
	struct file_id *above; // the directories it is in
	size_t above_count;
	char *user; // the process or device that has it open, or NULL
	char *why;  // it is kept, NULL: own
};
// Why S is not its guest's own; NULL when it is. Owned.
char *ownership_why_kept(const struct stored *s, const struct claims *n);
