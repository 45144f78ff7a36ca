// Text: see base/str.h. Must not know where it comes from or where it is shown.
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void reserve(struct str *s, size_t more)
{
	size_t wanted = s->length + more + 1;

	if (wanted <= s->room)
		return;
	size_t room = s->room ? s->room : 64;
	while (room < wanted)
		room *= 2;
	s->text = mem_resize(s->text, room, 1);
	s->room = room;
}

void str_done(struct str *s)
{
	if (!s)
		return;
	free(s->text);
	*s = (struct str){0};
}

void str_clear(struct str *s)
{
	s->length = 0;
	if (s->text)
		s->text[0] = '\0';
}

void str_add_bytes(struct str *s, const void *bytes, size_t n)
{
	reserve(s, n);
	if (n)
		memcpy(s->text + s->length, bytes, n);
	s->length += n;
	s->text[s->length] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_add_bytes(s, text, strlen(text));
}

void str_add_char(struct str *s, char c)
{
	str_add_bytes(s, &c, 1);
}

static void add_format(struct str *s, const char *fmt, va_list args)
{
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	reserve(s, (size_t)n);
	vsnprintf(s->text + s->length, (size_t)n + 1, fmt, args);
	s->length += (size_t)n;
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_format(s, fmt, args);
	va_end(args);
}

char *str_steal(struct str *s)
{
	char *text = s->text ? s->text : mem_new(1);

	*s = (struct str){0};
	return text;
}

const char *str_text(const struct str *s)
{
	return s->text ? s->text : "";
}

void strv_done(struct strv *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		free(v->items[i]);
	free(v->items);
	*v = (struct strv){0};
}

void strv_take(struct strv *v, char *text)
{
	v->items = mem_resize(v->items, v->count + 2, sizeof(*v->items));
	v->items[v->count++] = text;
	v->items[v->count] = NULL;
}

void strv_add(struct strv *v, const char *text)
{
	strv_take(v, mem_strdup(text));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
	struct str s = {0};
	va_list args;

	va_start(args, fmt);
	add_format(&s, fmt, args);
	va_end(args);
	strv_take(v, str_steal(&s));
}

void strv_copy(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->count; i++)
		strv_add(to, from->items[i]);
}

bool strv_equal(const struct strv *a, const struct strv *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

void strv_split(struct strv *v, const char *text, const char *separators)
{
	while (*(text += strspn(text, separators))) {
		size_t n = strcspn(text, separators);

		strv_take(v, mem_strndup(text, n));
		text += n;
	}
}

void params_done(struct params *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		free(p->items[i].name);
		free(p->items[i].value);
	}
	free(p->items);
	*p = (struct params){0};
}

void params_add(struct params *p, const char *name, const char *value)
{
	p->items = mem_resize(p->items, p->count + 1, sizeof(*p->items));
	p->items[p->count++] = (struct param){mem_strdup(name), mem_strdup(value)};
}

static struct param *find_nth(const struct params *p, const char *name, size_t index)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->items[i].name, name) == 0 && index-- == 0)
			return &p->items[i];
	return NULL;
}

void params_set(struct params *p, const char *name, const char *value)
{
	struct param *old = find_nth(p, name, 0);

	if (!old) {
		params_add(p, name, value);
		return;
	}
	char *copy = mem_strdup(value);
	free(old->value);
	old->value = copy;
}

const char *params_get_nth(const struct params *p, const char *name, size_t index)
{
	struct param *found = find_nth(p, name, index);

	return found ? found->value : NULL;
}

const char *params_get(const struct params *p, const char *name)
{
	return params_get_nth(p, name, 0);
}

const char *params_or(const struct params *p, const char *name, const char *otherwise)
{
	const char *value = params_get(p, name);

	return value && *value ? value : otherwise;
}

void params_copy(struct params *to, const struct params *from)
{
	for (size_t i = 0; i < from->count; i++)
		params_add(to, from->items[i].name, from->items[i].value);
}

bool str_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

char *str_escape(const char *text, const char *special)
{
	struct str out = {0};

	for (; *text; text++) {
		if (strchr(special, *text))
			str_add_char(&out, '\\');
		str_add_char(&out, *text);
	}
	return str_steal(&out);
}

bool str_is_within(const char *path, const char *directory)
{
	size_t n = strcmp(directory, "/") == 0 ? 0 : strlen(directory);

	return strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

uint32_t str_hash(const char *text)
{
	uint32_t hash = 0x811c9dc5;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x01000193;
	return hash;
}

// Compares two runs of digits by value: more digits is more, once leading zeros are gone.
static int compare_digits(const char **a, const char **b)
{
	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	size_t n = strspn(*a, "0123456789"), m = strspn(*b, "0123456789");
	int order = n != m ? (n < m ? -1 : 1) : strncmp(*a, *b, n);

	*a += n;
	*b += m;
	return order;
}

int str_natural_compare(const char *a, const char *b)
{
	const char *first = a, *second = b;

	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			int order = compare_digits(&a, &b);

			if (order)
				return order;
			continue;
		}
		int order = tolower((unsigned char)*a) - tolower((unsigned char)*b);
		if (order)
			return order;
		a++;
		b++;
	}
	if (*a || *b)
		return *a ? 1 : -1;
	return strcmp(first, second);
}

bool str_is_made_of(const char *text, const char *first, const char *more, size_t most)
{
	size_t n = strnlen(text, most + 1);

	return n >= 1 && n <= most && strchr(first, text[0]) && strspn(text, more) == n;
}

// The length a UTF-8 lead byte announces, its payload bits, and the least code point of that length.
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

// Code points that change how their neighbours are shown, or show nothing: a name must not hide in them.
static const struct {
	uint32_t first, last;
} deceptive[] = {
	{0xad, 0xad},     {0x34f, 0x34f},   {0x600, 0x605},   {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x115f, 0x1160},
	{0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfeff, 0xfeff},
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

static const char *spelled(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		const char *text;
	} signs[] = {{0xb7, "|"}, {0xd7, "x"}, {0x2013, "-"}, {0x2026, "..."}, {0x2191, "^"}, {0x2192, "->"}, {0x2193, "v"}};

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
		else if (spelled(cp))
			str_add(s, spelled(cp));
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
		if (length == 0 || cp < 0x20 || str_is_shown(cp)) // below 0x20: JSON's own layout
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
	while (length < n && length < 40 && (isdigit((unsigned char)text[length]) || text[length] == ';' || text[length] == ':'))
		length++;
	return length < n && text[length] == 'm' ? length + 1 : 0;
}

void str_add_log(struct str *s, const char *text, size_t n)
{
	bool coloured = false;

	while (n > 0) {
		size_t plain = 0, colour = sgr_length(text, n);

		while (!colour && plain < n && text[plain] != '\n' && text[plain] != '\t' && !(plain && sgr_length(text + plain, n - plain)))
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

int str_to_u64(const char *text, uint64_t *value)
{
	uint64_t sum = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		if (__builtin_mul_overflow(sum, 10u, &sum) || __builtin_add_overflow(sum, (uint64_t)(*text - '0'), &sum))
			return -ERANGE;
	}
	*value = sum;
	return 0;
}

int str_to_i64(const char *text, int64_t *value)
{
	bool negative = *text == '-';
	uint64_t size;
	int r = str_to_u64(text + negative, &size);

	if (r < 0)
		return r;
	if (size > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*value = negative ? (int64_t)(0 - size) : (int64_t)size;
	return 0;
}
