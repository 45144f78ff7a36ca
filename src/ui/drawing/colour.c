// Parses colours and reduces them to those a terminal can show: see ui/theme.h.
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/theme.h"

// The sixteen colours by number; a bright one is 8 more.
static const char *const names[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

static int parse_hex(const char *text, uint32_t *colour)
{
	char *end;

	if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6)
		return -EINVAL;
	*colour = COLOUR_RGB | (uint32_t)strtoul(text, &end, 16);
	return 0;
}

static int parse_name(const char *text, uint32_t *colour)
{
	bool bright = str_starts(text, "bright-");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text + (bright ? strlen("bright-") : 0), names[i]) != 0)
			continue;
		*colour = COLOUR_INDEX | (uint32_t)(i + (bright ? 8 : 0));
		return 0;
	}
	return -EINVAL;
}

bool colour_is_light(uint32_t colour)
{
	return colour_contrast(colour, COLOUR_RGB) > colour_contrast(colour, COLOUR_RGB | 0xffffff);
}

int colour_parse(const char *text, uint32_t *colour)
{
	uint64_t number;

	if (text[0] == '#')
		return parse_hex(text + 1, colour);
	if (strcmp(text, "default") == 0 || strcmp(text, "-") == 0) {
		*colour = text[0] == '-' ? COLOUR_UNSET : COLOUR_DEFAULT;
		return 0;
	}
	if (isdigit((unsigned char)text[0])) {
		if (str_to_u64(text, &number) < 0 || number > 255)
			return -EINVAL;
		*colour = COLOUR_INDEX | (uint32_t)number;
		return 0;
	}
	return parse_name(text, colour);
}

// The steps of xterm's 6 × 6 × 6 colour cube at 16…231.
static const int steps[] = {0, 95, 135, 175, 215, 255};

static void index_to_rgb(uint32_t index, int rgb[3])
{
	if (index >= 232) {
		rgb[0] = rgb[1] = rgb[2] = (int)(8 + (index - 232) * 10);
		return;
	}
	if (index >= 16) {
		rgb[0] = steps[(index - 16) / 36];
		rgb[1] = steps[(index - 16) / 6 % 6];
		rgb[2] = steps[(index - 16) % 6];
		return;
	}
	int on = index >= 8 ? 255 : 205;
	for (int i = 0; i < 3; i++)
		rgb[i] = index == 8 ? 127 : (index & 1u << i) ? on : 0;
}

uint32_t colour_rgb(uint32_t colour)
{
	int rgb[3];

	if ((colour & COLOUR_KIND) != COLOUR_INDEX)
		return colour & 0xffffff;
	index_to_rgb(colour & 0xff, rgb);
	return (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | (uint32_t)rgb[2];
}

// Relative luminance, 0…1.
static double rgb_luminance(uint32_t colour)
{
	static const double weights[] = {0.2126, 0.7152, 0.0722};
	uint32_t rgb = colour_rgb(colour);
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double part = (double)(rgb >> (16 - 8 * i) & 0xff) / 255;

		sum += weights[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
	}
	return sum;
}

double colour_contrast(uint32_t a, uint32_t b)
{
	double first = rgb_luminance(a), second = rgb_luminance(b);

	return (fmax(first, second) + 0.05) / (fmin(first, second) + 0.05);
}

static int rgb_distance(const int a[3], const int b[3])
{
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return sum;
}

static uint32_t nearest_256(const int rgb[3])
{
	uint32_t best = 16;
	int least = 1 << 30;

	for (uint32_t index = 16; index < 256; index++) {
		int candidate[3];

		index_to_rgb(index, candidate);
		int d = rgb_distance(rgb, candidate);
		if (d < least) {
			least = d;
			best = index;
		}
	}
	return best;
}

// Compares hues rather than distances: a soft green must become green, not white.
static uint32_t nearest_16(const int rgb[3], bool bright)
{
	int max = rgb[0], min = rgb[0];
	uint32_t index = 0;

	for (int i = 1; i < 3; i++) {
		max = rgb[i] > max ? rgb[i] : max;
		min = rgb[i] < min ? rgb[i] : min;
	}
	if ((max - min) * 4 <= max || max < 80) {
		static const struct {
			int below;
			uint32_t with_16, with_8;
		} greys[] = {{80, 0, 0}, {150, 8, 0}, {225, 7, 7}, {256, 15, 7}};

		for (size_t i = 0; i < ARRAY_SIZE(greys); i++)
			if (max < greys[i].below)
				return bright ? greys[i].with_16 : greys[i].with_8;
	}
	for (int i = 0; i < 3; i++)
		if (rgb[i] * 2 > max + min)
			index |= 1u << i;
	return index + (bright && max > 220 ? 8 : 0);
}

uint32_t colour_reduce(uint32_t colour, enum depth depth)
{
	uint32_t kind = colour & COLOUR_KIND, value = colour & ~(uint32_t)COLOUR_KIND;
	uint32_t room = depth == DEPTH_8 ? 8 : depth == DEPTH_16 ? 16 : 256;
	int rgb[3] = {(int)(value >> 16 & 0xff), (int)(value >> 8 & 0xff), (int)(value & 0xff)};

	if (depth == DEPTH_NONE || kind == COLOUR_UNSET)
		return COLOUR_DEFAULT;
	if (kind == COLOUR_DEFAULT || depth == DEPTH_RGB || (kind == COLOUR_INDEX && value < room))
		return colour;
	if (kind == COLOUR_INDEX && value < 16)
		return COLOUR_INDEX | (value - 8);
	if (kind == COLOUR_INDEX)
		index_to_rgb(value, rgb);
	return COLOUR_INDEX | (depth == DEPTH_256 ? nearest_256(rgb) : nearest_16(rgb, depth == DEPTH_16));
}
