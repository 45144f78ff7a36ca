// A container's log: one record a line, "TIME STREAM F|P TEXT" (the format of the Kubernetes container runtime interface: F ends a line, P does not).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { LOG_BYTES_MAX = 10 << 20 }; // then it becomes log.1, and a new one begins

// Writing, in the monitor. Zero-initialised but for the descriptors.
struct log_writer {
	int dir_fd, fd;
	size_t size;
};
int log_writer_open(struct log_writer *w, int container_fd, struct err *e);
// Adds what the container wrote to STREAM ("stdout", "stderr") at NOW (wall-clock ns). A full disk loses the record, not the container.
void log_writer_add(struct log_writer *w, const char *stream, int64_t now, const char *bytes, size_t size);
void log_writer_done(struct log_writer *w);

struct log_record {
	int64_t time;
	const char *stream, *text;
	size_t length;
	int whole; // the line ends here
};
// Parses the line LINE of N bytes without its newline. Returns 0 or -EINVAL.
int log_parse(const char *line, size_t n, struct log_record *record);

struct log_reader {
	int64_t since;    // wall-clock ns: nothing older
	int64_t tail;     // at most so many lines of what is there at first, -1 all
	int timestamps;
	int container_fd;
	int fd;           // -1 before the first look
	int64_t skip;     // records left out by the tail
	struct str rest;  // an unfinished line
};
// Adds to OUT what has come since the last call, also over a rotation. Returns 1 when there was anything, 0 when not.
int log_reader_next(struct log_reader *r, struct str *out);
void log_reader_done(struct log_reader *r);
