// Reads a tar archive, plain or compressed, from a stream, and computes its digest while it is unpacked.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/err.h"
#include "digest.h"
#include "layer.h"
#include "model/job.h"

// libarchive's functions, loaded when the first layer is unpacked: libarchive depends on ten further libraries, which
// would slow down every start of hostel. archive_read_new() is called as la.read_new().
#define ARCHIVE_FUNCTIONS(F) \
	F(entry_filetype) F(entry_gid) F(entry_hardlink) F(entry_mtime) F(entry_mtime_nsec) F(entry_pathname) \
	F(entry_perm) F(entry_rdev) \
	F(entry_size) F(entry_size_is_set) F(entry_symlink) F(entry_uid) F(entry_xattr_next) F(entry_xattr_reset) \
	F(error_string) \
	F(read_data_block) F(read_free) F(read_new) F(read_next_header) F(read_open) F(read_support_filter_gzip) \
	F(read_support_filter_xz) \
	F(read_support_filter_zstd) F(read_support_format_empty) F(read_support_format_raw) F(read_support_format_tar) \
	F(entry_clear) F(entry_copy_hardlink) F(entry_copy_pathname) F(entry_copy_symlink) F(entry_free) F(entry_new) \
	F(entry_set_filetype) F(entry_set_gid) F(entry_set_mtime) F(entry_set_perm) F(entry_set_rdev) F(entry_set_size) \
	F(entry_set_uid) F(entry_xattr_add_entry) \
	F(write_add_filter_gzip) F(write_add_filter_zstd) F(write_close) F(write_data) F(write_fail) \
	F(write_finish_entry) F(write_free) F(write_header) F(write_new) F(write_open) F(write_set_bytes_in_last_block) \
	F(write_set_format_pax_restricted) F(write_set_format_raw) F(write_set_options)

struct archive_table {
#define MEMBER(NAME) __typeof__(archive_##NAME) *NAME;
	ARCHIVE_FUNCTIONS(MEMBER)
#undef MEMBER
};
extern struct archive_table la;

// Reads from the descriptor that CONTEXT points to: for a layer_source.
ssize_t tar_read_fd(void *context, void *bytes, size_t room, struct err *e);
// Loads libarchive, which tar_open() does, too. Returns 0 or -EOPNOTSUPP.
int tar_load(struct err *e);

// Two chained archives: the outer one has one member, the tar archive, and decompresses it; the inner one is the tar
// archive.
struct tar {
	struct archive *outer, *inner;
	bool empty; // the outer archive has no member: zero bytes
	const struct layer_source *source;
	const struct job *job;
	struct digest *sum; // of the tar archive, NULL: not wanted
	struct err problem; // a read error from a callback of libarchive
	char *buffer;
};

enum tar_sum { TAR_WITHOUT_SUM, TAR_WITH_SUM }; // whether tar_finish() tells the digest
// Opens the archive in SOURCE: tar, plain or compressed with gzip, xz or zstd. No other format is accepted, and no
// external program is run. Returns 0, -EBADMSG or another negative errno; call tar_done() in either case.
int tar_open(struct tar *t, const struct layer_source *source, enum tar_sum sum, const struct job *job, struct err *e);
void tar_done(struct tar *t);
// The next entry, valid until the following call. Returns 1, 0 at the end, or negative errno.
int tar_next(struct tar *t, struct archive_entry **entry, struct err *e);
// Reads to the end, and writes the digest of the tar archive to HEX. Returns 0 or negative errno.
int tar_finish(struct tar *t, char hex[DIGEST_HEX + 1], struct err *e);
// Sets E to the error of the last call of libarchive. Returns negative errno.
int tar_problem(const struct tar *t, struct err *e);

static inline void auto_tar_run(struct tar *t)
{
	tar_done(t);
}
#define auto_tar __attribute__((cleanup(auto_tar_run))) struct tar
