// UTF-8, and escaping of untrusted text: see base/str.h.
#include "base/str.h"

#include <ctype.h>
#include <string.h>

// For a UTF-8 lead byte: the length of the sequence, its payload bits, and the least code point of that length.
static size_t lead_byte(unsigned char c, uint32_t *bits, uint32_t *least)
{
	static const struct {
		unsigned char mask, value, length;
		uint32_t least;
	} forms[] = {
		{0x80, 0x00, 1, 0},
		{0xe0, 0xc0, 2, 0x80},
		{0xf0, 0xe0, 3, 0x800},
		{0xf8, 0xf0, 4, 0x10000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if ((c & forms[i].mask) != forms[i].value)
			continue;
		*bits = c & (unsigned char)~forms[i].mask;
		*least = forms[i].least;
		return forms[i].length;
	}
	return 0;
}

size_t str_decode(const char *text, size_t n, uint32_t *cp)
{
	uint32_t value, least;
	size_t length = n ? lead_byte((unsigned char)text[0], &value, &least) : 0;

	if (length == 0 || length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*cp = value;
	return length;
}

bool str_cut(char *text, size_t most)
{
	static const char mark[] = "…";
	size_t n = strnlen(text, most + 1), end = most - (sizeof(mark) - 1);

	if (n <= most)
		return false;
	while (end && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	memcpy(text + end, mark, sizeof(mark));
	return true;
}

size_t str_encode(uint32_t cp, char *out)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t length = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--, cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	out[0] = (char)(lead[length] | cp);
	return length;
}

// Code points that are invisible or change how their neighbours are shown: names must not differ only by these.
static const struct {
	uint32_t first, last;
} deceptive[] = {
	{0xad, 0xad}, {0x34f, 0x34f}, {0x600, 0x605}, {0x61c, 0x61c}, {0x6dd, 0x6dd}, {0x70f, 0x70f}, {0x115f, 0x1160},
	{0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
	 {0xfeff, 0xfeff},
	{0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x110bd, 0x110bd}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool str_is_shown(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return false;
	for (size_t i = 0; cp >= deceptive[0].first && i < ARRAY_SIZE(deceptive) && cp >= deceptive[i].first; i++)
		if (cp <= deceptive[i].last)
			return false;
	return true;
}

void str_add_visible(struct str *s, const char *text, size_t n)
{
	while (n > 0) {
		uint32_t cp;
		size_t length = str_decode(text, n, &cp);

		if (length == 0)
			str_addf(s, "\\x%02x", (unsigned char)*text);
		else if (str_is_shown(cp))
			str_add_bytes(s, text, length);
		else if (cp < 0x20 || cp == 0x7f)
			str_addf(s, "^%c", (char)(cp ^ 0x40));
		else
			str_addf(s, cp < 0xa0 ? "\\x%02x" : "\\u{%x}", (unsigned)cp);
		length = length ? length : 1;
		text += length;
		n -= length;
	}
}

static const char *ascii_spelling(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		const char *text;
	} signs[] = {{0xb7, "|"},   {0xd7, "x"},    {0x2013, "-"}, {0x2026, "..."},
	             {0x2191, "^"}, {0x2192, "->"}, {0x2193, "v"}};

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (signs[i].cp == cp)
			return signs[i].text;
	return NULL;
}

void str_add_ascii(struct str *s, const char *text, size_t n)
{
	for (size_t length; n > 0; text += length, n -= length) {
		uint32_t cp = 0;

		length = str_decode(text, n, &cp);
		if (length == 0)
			str_addf(s, "\\x%02x", (unsigned char)*text);
		else if (cp < 0x80)
			str_add_char(s, *text);
		else if (ascii_spelling(cp))
			str_add(s, ascii_spelling(cp));
		else
			str_addf(s, "\\u{%x}", (unsigned)cp);
		length = length ? length : 1;
	}
}

void str_add_lines(struct str *s, const char *text, size_t n)
{
	while (n > 0) {
		size_t plain = 0;

		while (plain < n && text[plain] != '\n' && text[plain] != '\t')
			plain++;
		str_add_visible(s, text, plain);
		if (plain < n)
			str_add_char(s, text[plain++]);
		text += plain;
		n -= plain;
	}
}

void str_add_json(struct str *s, const char *json)
{
	for (size_t n = strlen(json), length; n > 0; json += length, n -= length) {
		uint32_t cp;

		length = str_decode(json, n, &cp);
		if (length == 0 || cp < 0x20 || str_is_shown(cp)) // below 0x20: white space of the JSON text
			str_add_bytes(s, json, length = length ? length : 1);
		else if (cp < 0x10000)
			str_addf(s, "\\u%04x", (unsigned)cp);
		else
			str_addf(s, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (cp >> 10)), (unsigned)(0xdc00 + (cp & 0x3ff)));
	}
}

// The length of "ESC [ parameters m" at TEXT, or 0.
static size_t sgr_length(const char *text, size_t n)
{
	size_t length = 2;

	if (n < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (length < n && length < 40 &&
	       (isdigit((unsigned char)text[length]) || text[length] == ';' || text[length] == ':'))
		length++;
	return length < n && text[length] == 'm' ? length + 1 : 0;
}

void str_add_log(struct str *s, const char *text, size_t n)
{
	bool coloured = false;

	while (n > 0) {
		size_t plain = 0, colour = sgr_length(text, n);

		while (!colour && plain < n && text[plain] != '\n' && text[plain] != '\t' &&
		       !(plain && sgr_length(text + plain, n - plain)))
			plain++;
		if (plain)
			str_add_visible(s, text, plain);
		else if (colour || *text == '\t')
			str_add_bytes(s, text, colour ? colour : 1);
		else
			str_add(s, coloured ? "\033[0m\n" : "\n");
		coloured = colour ? true : coloured && (plain || *text != '\n');
		size_t done = plain ? plain : colour ? colour : 1;
		text += done;
		n -= done;
	}
	if (coloured)
		str_add(s, "\033[0m");
}

char *str_visible(const char *text)
{
	struct str s = {0};

	str_add_visible(&s, text, strlen(text));
	return str_steal(&s);
}
