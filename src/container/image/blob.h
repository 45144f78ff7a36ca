// A blob of an image layout. Its bytes are read once, from one descriptor, and summed on their way: whatever the owner
// of the layout changes meanwhile, what was used is what was checked.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "digest.h"

struct blob {
	int fd;
	uint64_t size, done; // bytes: in all, read so far
	char hex[DIGEST_HEX + 1];
	struct digest *sum;
};

// What a descriptor says about the size of its blob when it says nothing.
enum { BLOB_SIZE_UNKNOWN = -1 };

// Opens the blob DIGEST in the layout LAYOUT_FD: a regular file of SIZE bytes. Returns 0 or negative errno naming the
// blob.
int blob_open(struct blob *b, int layout_fd, const char *digest, int64_t size, struct err *e);
void blob_done(struct blob *b);
// The next bytes, at most ROOM. Returns their number, 0 at the end, or negative errno.
ssize_t blob_read(struct blob *b, void *bytes, size_t room, struct err *e);
// Reads what is left and compares the sum of everything with the digest. Returns 0 or -EBADMSG. To be called once.
int blob_check(struct blob *b, struct err *e);
// Reads a blob of at most LIMIT bytes into memory and checks it there. Returns an owned, terminated buffer and sets
// *LENGTH, or NULL.
char *blob_load(int layout_fd, const char *digest, int64_t size, size_t limit, size_t *length, struct err *e);

static inline void auto_blob_run(struct blob *b)
{
	blob_done(b);
}
#define auto_blob __attribute__((cleanup(auto_blob_run))) struct blob
