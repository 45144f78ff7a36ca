// A blob of an image layout. It is read once, from one descriptor, and its digest is computed on the way: even if the
// layout changes meanwhile, the bytes used are the bytes verified.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "digest.h"

struct blob {
	int fd;
	uint64_t size, done; // bytes: total, read so far
	char hex[DIGEST_HEX + 1];
	struct digest *sum;
};

// The size of a blob whose descriptor gives none.
enum { BLOB_SIZE_UNKNOWN = -1 };

// Opens the blob DIGEST in the layout LAYOUT_FD: a regular file of SIZE bytes. Returns 0 or negative errno naming the
// blob.
int blob_open(struct blob *b, int layout_fd, const char *digest, int64_t size, struct err *e);
// The same for a large blob, whose digest is computed by a thread beside the caller's.
int blob_open_large(struct blob *b, int layout_fd, const char *digest, int64_t size, struct err *e);
void blob_done(struct blob *b);
// Reads up to ROOM bytes. Returns their number, 0 at the end, or negative errno.
ssize_t blob_read(struct blob *b, void *bytes, size_t room, struct err *e);
// Reads the rest and compares the digest of everything read. Returns 0 or -EBADMSG. May be called once only.
int blob_check(struct blob *b, struct err *e);
// Reads a blob of at most LIMIT bytes into memory and verifies it. Returns an owned, terminated buffer and sets
// *LENGTH, or NULL with E set.
char *blob_load(int layout_fd, const char *digest, int64_t size, size_t limit, size_t *length, struct err *e);

static inline void auto_blob_run(struct blob *b)
{
	blob_done(b);
}
#define auto_blob __attribute__((cleanup(auto_blob_run))) struct blob
