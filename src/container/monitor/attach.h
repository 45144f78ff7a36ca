// The protocol between a container's monitor and its clients, over unix stream sockets: "stream" in the container's
// directory, and the socket over which `hostel run` started the monitor. Both sides send frames: a type, the payload's
// length (two bytes, big-endian), the payload. The socket "attach" of an older monitor accepts the first three types
// of frames and sends unframed output, starting with the latest output.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum attach_type {
	// from a client
	ATTACH_INPUT = 'i',   // bytes for the first process
	ATTACH_SIZE = 's',    // columns and rows, two bytes each
	ATTACH_END = 'e',     // end of input, for containers whose standard input is a pipe; no payload
	// payload ATTACH_STDOUT or ATTACH_STDERR: the reader of that stream is gone; only from the foreground client
	ATTACH_CLOSED = 'c',
	// from the monitor
	ATTACH_STDOUT = 'O',  // output, or output of the terminal
	ATTACH_STDERR = 'E',
	ATTACH_SKIPPED = 'k', // number of output bytes skipped because the client did not read them: 8 bytes, big-endian
	ATTACH_RESULT = 'r',  // first frame to the foreground client: "ok MILLISECONDS", or the error of the start
	ATTACH_REFUSED = 'n', // why this client is refused; the connection is closed afterwards
	ATTACH_EXIT = 'x',    // the final exit status, one byte
};
enum {
	ATTACH_HEADER = 3,
	ATTACH_PAYLOAD_MAX = 4096, // from a client
	ATTACH_OUTPUT_MAX = 16384, // from the monitor
	ATTACH_BACKLOG = 16 * 1024, // bytes of earlier output that a new client gets at least, if available
};

struct attach_frame {
	char type;
	const unsigned char *payload;
	size_t size;
};
// Parses the first frame of the N bytes at DATA. Returns its total length, 0 if it is incomplete, -EPROTO if it is
// invalid.
int attach_parse(const unsigned char *data, size_t n, struct attach_frame *frame);
// Writes a frame's header to OUT.
void attach_header(unsigned char out[ATTACH_HEADER], char type, size_t size);
