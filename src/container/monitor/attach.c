// Frames between a monitor and its clients: see attach.h.
#include "attach.h"

#include <errno.h>
#include <stdbool.h>

#include "base/mem.h"

static const struct {
	char type;
	size_t least, most; // bytes of payload
} types[] = {
	{ATTACH_INPUT, 0, ATTACH_PAYLOAD_MAX},  {ATTACH_SIZE, 4, 4},     {ATTACH_END, 0, 0},
	{ATTACH_CLOSED, 1, 1},                  {ATTACH_SKIPPED, 8, 8},  {ATTACH_EXIT, 1, 1},
	{ATTACH_STDOUT, 1, ATTACH_OUTPUT_MAX},  {ATTACH_STDERR, 1, ATTACH_OUTPUT_MAX},
	{ATTACH_RESULT, 0, ATTACH_PAYLOAD_MAX}, {ATTACH_REFUSED, 0, ATTACH_PAYLOAD_MAX},
};

static bool is_frame(char type, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return size >= types[i].least && size <= types[i].most;
	return false;
}

int attach_parse(const unsigned char *data, size_t n, struct attach_frame *frame)
{
	if (n < ATTACH_HEADER)
		return 0;
	size_t size = (size_t)data[1] << 8 | data[2];
	if (!is_frame((char)data[0], size))
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
