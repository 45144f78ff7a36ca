// Frames of attached terminals: see container/attach.h.
#include "container/attach.h"

#include <errno.h>

int attach_parse(const unsigned char *data, size_t n, struct attach_frame *frame)
{
	if (n < ATTACH_HEADER)
		return 0;
	size_t size = (size_t)data[1] << 8 | data[2];
	if ((data[0] != ATTACH_INPUT && data[0] != ATTACH_SIZE) || size > ATTACH_PAYLOAD_MAX || (data[0] == ATTACH_SIZE && size != 4))
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
