// A container's log: one record per line, "TIME STREAM F|P TEXT" (the log format of the Kubernetes container runtime
// interface: F = full line, P = partial). Only the latest output is kept: in "log", before that in "log.1", before
// that in "log.2" …
// Records of the stream "hostel" are marks:
//   at N bytes     first record of a file: N bytes of output came before it
//   lost N bytes   N bytes of output could not be written here
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
	LOG_BYTES_MAX = 10 << 20, // a larger log is rotated to log.1
	LOG_FILES = 2,            // log and log.1
	LOG_FILES_MAX = 100,
};

// The writing side, in the monitor. Zero-initialised except for the descriptors.
struct log_writer {
	int dir_fd, fd;
	size_t size;
	size_t most;   // bytes of a file before it is rotated; 0: nothing is logged
	unsigned files; // the log and the older files that are kept, at least 1
	uint64_t lost; // bytes of output that could not be written since the last record
	bool torn;     // the last record was truncated
};
int log_writer_open(struct log_writer *w, int container_fd, struct err *e);
// Appends output of the container on STREAM ("stdout", "stderr") at NOW (wall-clock ns). On a full disk output is
// lost, but the container keeps running; once there is space again, a mark records how much was lost.
void log_writer_add(struct log_writer *w, const char *stream, int64_t now, const char *bytes, size_t size);
void log_writer_done(struct log_writer *w);

struct log_record {
	int64_t time;       // wall-clock ns
	const char *stamp;  // TIME as text, not terminated
	int stamp_length;
	const char *stream; // "stdout " or "stderr ", not terminated
	const char *text;
	size_t length;
	bool whole;         // ends a line
};
// Parses LINE, N bytes without the newline. Returns 0 or -EINVAL.
int log_parse(const char *line, size_t n, struct log_record *record);

// Called for each record, which is valid only during the call.
typedef void log_sink(void *context, const struct log_record *record);

// Called where BYTES of output are missing.
enum log_missing { LOG_ROTATED, LOG_NOT_WRITTEN };
typedef void log_missing(void *context, enum log_missing why, uint64_t bytes);

struct log_reader {
	int64_t since;    // wall-clock ns: skip older records
	int64_t tail;     // lines of existing output to read, -1 = all
	int container_fd;
	int fd;           // -1 before the first read
	int64_t skip;     // lines still to skip because of TAIL
	bool opened;      // the first file was opened
	bool placed;      // POSITION is known
	uint64_t position; // bytes of output before the next record
	struct str rest;  // an incomplete line
	log_sink *sink;
	log_missing *missing; // may be NULL
	void *context;
};
// Passes new records to the sink, across rotations. Output that rotations have removed since the last call is
// reported as missing.
void log_reader_next(struct log_reader *r);
void log_reader_done(struct log_reader *r);
