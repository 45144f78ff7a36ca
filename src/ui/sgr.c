// See sgr.h. Must not know curses: it reads bytes.
#include "sgr.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 16 };

static int distance(uint32_t a, uint32_t b)
{
	int sum = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		int d = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);

		sum += d * d;
	}
	return sum;
}

unsigned sgr_number(struct sgr_palette *p, uint32_t rgb)
{
	size_t best = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (p->rgb[FIRST + i] == rgb)
			return (unsigned)(FIRST + i);
		if (distance(p->rgb[FIRST + i], rgb) < distance(p->rgb[FIRST + best], rgb))
			best = i;
	}
	if (p->count == 256 - FIRST)
		return (unsigned)(FIRST + best);
	p->rgb[FIRST + p->count] = rgb;
	return (unsigned)(FIRST + p->count++);
}

// Reads "38;5;NUMBER" at TEXT. Returns its length, 0 when something else is there.
static size_t numbered(const struct sgr_palette *p, const char *text, size_t n, unsigned *number)
{
	if (n < 6 || (text[0] != '3' && text[0] != '4') || text[1] != '8' || text[3] != '5')
		return 0;
	if ((text[2] != ';' && text[2] != ':') || text[4] != text[2])
		return 0;
	size_t length = 5;
	for (*number = 0; length < n && text[length] >= '0' && text[length] <= '9' && *number < 256; length++)
		*number = *number * 10 + (unsigned)(text[length] - '0');
	return *number >= FIRST && *number < FIRST + p->count ? length : 0;
}

// The parameters of one ESC [ … m.
static void expand_parameters(const struct sgr_palette *p, const char *text, size_t n, struct str *out)
{
	while (n > 0) {
		unsigned number;
		size_t length = numbered(p, text, n, &number), rest;

		if (length) {
			uint32_t rgb = p->rgb[number];

			str_addf(out, "%c8;2;%u;%u;%u", text[0], rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff);
		}
		const char *next = memchr(text + length, ';', n - length);
		rest = next ? (size_t)(next - text) + 1 : n;
		str_add_bytes(out, text + length, rest - length);
		text += rest;
		n -= rest;
	}
}

// Length of the ESC [ … FINAL at TEXT, 0 when there is none or it ends otherwise.
static size_t sgr_length(const char *text, size_t n)
{
	size_t i = 2;

	if (n < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (i < n && ((text[i] >= '0' && text[i] <= '9') || text[i] == ';' || text[i] == ':'))
		i++;
	return i < n && text[i] == 'm' ? i + 1 : 0;
}

void sgr_expand(const struct sgr_palette *p, const char *bytes, size_t n, struct str *out)
{
	while (n > 0) {
		size_t length = sgr_length(bytes, n);

		if (length) {
			str_add_bytes(out, bytes, 2);
			expand_parameters(p, bytes + 2, length - 2, out);
		} else {
			const char *next = memchr(bytes + 1, '\033', n - 1);

			length = next ? (size_t)(next - bytes) : n;
			str_add_bytes(out, bytes, length);
		}
		bytes += length;
		n -= length;
	}
}
