// Files used by anything but one guest.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/str.h"

struct file_id {
	dev_t device;
	ino_t inode;
};

struct claim {
	struct file_id file;
	char *user; // "guest 'two'"
};

// The files and directories used by anything but one guest.
struct claims {
	struct claim *files, *directories;
	size_t file_count, directory_count;
	struct strv doubts; // why this may be incomplete
	bool hung;          // a query timed out: skip further queries
};

void claims_add(struct claims *n, bool directory, struct file_id file, const char *user);
void claims_doubt(struct claims *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Moves everything from FROM, which is empty afterwards.
void claims_move(struct claims *n, struct claims *from);
void claims_done(struct claims *n);
