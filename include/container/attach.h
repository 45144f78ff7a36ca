// Between a container's monitor and the terminals attached to it: a unix stream socket "attach" in the container's directory.
// The monitor sends plain output, the latest of it first. A client sends frames: a type, the length as two bytes (big-endian), the payload.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	ATTACH_INPUT = 'i',  // bytes for the first process
	ATTACH_SIZE = 's',   // columns and rows, two bytes each
	ATTACH_END = 'e',    // the end of the input, for a container that has a pipe as its standard input; no payload
	ATTACH_HEADER = 3,
	ATTACH_PAYLOAD_MAX = 4096,
	ATTACH_BACKLOG = 16 * 1024, // bytes of output that a new client gets
};

struct attach_frame {
	char type;
	const unsigned char *payload;
	size_t size;
};
// Takes the first frame of the N bytes at DATA. Returns its whole length, 0 when it is not complete yet, -EPROTO for what is no frame.
int attach_parse(const unsigned char *data, size_t n, struct attach_frame *frame);
// Writes a frame's header to OUT.
void attach_header(unsigned char out[ATTACH_HEADER], char type, size_t size);
