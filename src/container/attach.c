// Frames of attached terminals: see container/attach.h.
#include "container/attach.h"

#include <errno.h>
#include <stdbool.h>

static bool is_frame(unsigned char type, size_t size)
{
	switch (type) {
	case ATTACH_INPUT:
		return size <= ATTACH_PAYLOAD_MAX;
	case ATTACH_SIZE:
		return size == 4;
	default:
		return type == ATTACH_END && size == 0;
	}
}

int attach_parse(const unsigned char *data, size_t n, struct attach_frame *frame)
{
	if (n < ATTACH_HEADER)
		return 0;
	size_t size = (size_t)data[1] << 8 | data[2];
	if (!is_frame(data[0], size))
		return -EPROTO;
	*frame = (struct attach_frame){(char)data[0], data + ATTACH_HEADER, size};
	return n < ATTACH_HEADER + size ? 0 : (int)(ATTACH_HEADER + size);
}

void attach_header(unsigned char out[ATTACH_HEADER], char type, size_t size)
{
	out[0] = (unsigned char)type;
	out[1] = (unsigned char)(size >> 8);
	out[2] = (unsigned char)size;
}
