// A container's log: one record a line, "TIME STREAM F|P TEXT" (the format of the Kubernetes container runtime
// interface: F ends a line, P does not). It keeps the latest output: "log", and "log.1" before it. Records of the
// stream "hostel" are marks, about the output as a whole:
//   at N bytes     the first of a file: so much output came before it
//   lost N bytes   so much output could not be written here
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { LOG_BYTES_MAX = 10 << 20 }; // then it becomes log.1, and a new one begins

// Writing, in the monitor. Zero-initialised but for the descriptors.
struct log_writer {
	int dir_fd, fd;
	size_t size;
	uint64_t lost; // bytes of output that could not be written since the last record
	bool torn;     // the last record was cut off
};
int log_writer_open(struct log_writer *w, int container_fd, struct err *e);
// Adds what the container wrote to STREAM ("stdout", "stderr") at NOW (wall-clock ns). A full disk loses output, not
// the container; once there is room again, a mark says how much.
void log_writer_add(struct log_writer *w, const char *stream, int64_t now, const char *bytes, size_t size);
void log_writer_done(struct log_writer *w);

struct log_record {
	int64_t time;       // wall-clock ns
	const char *stamp;  // the same as text, not terminated
	int stamp_length;
	const char *stream; // "stdout " or "stderr ", not terminated
	const char *text;
	size_t length;
	bool whole;         // the line ends here
};
// Parses the line LINE of N bytes without its newline. Returns 0 or -EINVAL.
int log_parse(const char *line, size_t n, struct log_record *record);

// Called for each record, valid during the call.
typedef void log_sink(void *context, const struct log_record *record);

// Called where output is missing: BYTES of it, for this reason.
enum log_missing { LOG_ROTATED, LOG_NOT_WRITTEN };
typedef void log_missing(void *context, enum log_missing why, uint64_t bytes);

struct log_reader {
	int64_t since;    // wall-clock ns: nothing older
	int64_t tail;     // at most so many lines of what is there at first, -1 all
	int container_fd;
	int fd;           // -1 before the first look
	int64_t skip;     // lines left out by the tail
	bool opened;      // the first look is over
	bool placed;      // POSITION is known
	uint64_t position; // bytes of output before what is read next
	struct str rest;  // an unfinished line
	log_sink *sink;
	log_missing *missing; // may be NULL
	void *context;
};
// Hands what has come since the last call to the sink, also over rotations. What more than one rotation has taken away
// is reported as missing.
void log_reader_next(struct log_reader *r);
void log_reader_done(struct log_reader *r);
