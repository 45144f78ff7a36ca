// Decides whether a file belongs to a guest alone.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "claims.h"

enum part {
	PART_DISK,   // the image named in the definition
	PART_LAYER,  // its backing files, or other layers
	PART_SEED,   // cloud-init seed
	PART_MEDIUM, // in an optical drive
	PART_DRIVE,  // a floppy or LUN
	PART_LOG,    // serial log
	PART_NVRAM,
	PART_TPM,   // a directory or a file
	PART_SAVED, // saved memory
	PARTS,
};

// A file of a guest, as found.
struct stored {
	enum part part;
	char *path; // as named by the guest
	char *real; // symbolic links resolved; NULL if it cannot be resolved
	int error;  // errno of examining it, 0 = the fields below are valid
	struct file_id file;
	mode_t mode;
	unsigned long links;
	uint64_t bytes; // allocated on the file system
	bool symlink;   // the last path component is a symbolic link
	bool readonly, shareable;
	bool elsewhere;        // not an absolute path on this host
	bool relative;         // a relative path
	bool passing;          // only in the running guest, not in its definition
	bool recorded;         // recorded by hostel or libvirt as created for this guest
	bool private;          // in a directory used by libvirt or hostel only: cannot be another guest's image
	bool aside;            // of a snapshot, not in the current chain
	struct file_id *above; // its parent directories
	size_t above_count;
	char *user; // a process or device that has it open, or NULL
	char *why;  // why it is kept, NULL: owned by the guest
};
// Why S does not belong to its guest alone; NULL if it does. Owned.
char *ownership_why_kept(const struct stored *s, const struct claims *n);
