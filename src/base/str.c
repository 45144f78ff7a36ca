// The buffer, comparing and numbers: see base/str.h.
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void str_reserve(struct str *s, size_t more)
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
	str_reserve(s, n);
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

static void str_add_format(struct str *s, const char *fmt, va_list args)
{
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	str_reserve(s, (size_t)n);
	vsnprintf(s->text + s->length, (size_t)n + 1, fmt, args);
	s->length += (size_t)n;
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	str_add_format(s, fmt, args);
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

void str_add_quoted(struct str *s, const char *word)
{
	if (*word && strspn(word, STR_LETTERS STR_DIGITS "_-./:,=@%+") == strlen(word)) {
		str_add(s, word);
		return;
	}
	str_add_char(s, '\'');
	for (; *word; word++)
		if (*word == '\'')
			str_add(s, "'\\''");
		else
			str_add_char(s, *word);
	str_add_char(s, '\'');
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
