// Between a container's monitor and its clients, over unix stream sockets: "stream" in the container's directory, and
// the line on which `hostel run` started the monitor. Both sides send frames: a type, the length as two bytes
// (big-endian), the payload. The socket "attach" of an older monitor takes the first three frames and sends plain
// output, the latest of it first.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum attach_type {
	// from a client
	ATTACH_INPUT = 'i',   // bytes for the first process
	ATTACH_SIZE = 's',    // columns and rows, two bytes each
	ATTACH_END = 'e',     // the end of the input, for a container that has a pipe as its standard input; no payload
	// ATTACH_STDOUT or ATTACH_STDERR: that stream's reader is gone; only from the foreground client
	ATTACH_CLOSED = 'c',
	// from the monitor
	ATTACH_STDOUT = 'O',  // output, also that of a terminal
	ATTACH_STDERR = 'E',
	ATTACH_SKIPPED = 'k', // number of output bytes skipped because the client did not read: eight bytes, big-endian
	ATTACH_RESULT = 'r',  // first on the foreground line: "ok MILLISECONDS", or why the container did not start
	ATTACH_REFUSED = 'n', // why this client is refused; then the connection is closed
	ATTACH_EXIT = 'x',    // it has ended for good: its exit status, one byte
};
enum {
	ATTACH_HEADER = 3,
	ATTACH_PAYLOAD_MAX = 4096, // from a client
	ATTACH_OUTPUT_MAX = 16384, // from the monitor
	ATTACH_BACKLOG = 16 * 1024, // bytes of output that a new client gets at least, if there were so many
};

struct attach_frame {
	char type;
	const unsigned char *payload;
	size_t size;
};
// Takes the first frame of the N bytes at DATA. Returns its whole length, 0 when it is not complete yet, -EPROTO for
// what is not a frame.
int attach_parse(const unsigned char *data, size_t n, struct attach_frame *frame);
// Writes a frame's header to OUT.
void attach_header(unsigned char out[ATTACH_HEADER], char type, size_t size);
