// The files that everything but one guest uses.
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

// What everything but one guest uses.
struct claims {
	struct claim *files, *directories;
	size_t file_count, directory_count;
	struct strv doubts; // why something may be missing here
	bool hung;          // a question had no answer in time: no more are asked
};

void claims_add(struct claims *n, bool directory, struct file_id file, const char *user);
void claims_doubt(struct claims *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Adds what FROM has, which is empty afterwards.
void claims_move(struct claims *n, struct claims *from);
void claims_done(struct claims *n);
