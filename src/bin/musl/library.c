// bunk over musl, with libraries that were compiled for glibc: the few functions that those take from glibc alone. They are glibc's "fortified"
// forms, which know the size of the buffer that they write to and end the process rather than write past it.
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __snprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, ...);
int __vsnprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, va_list args);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);
char *__strncpy_chk(char *to, const char *from, size_t n, size_t size);

int __vsnprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, va_list args)
{
	(void)flag;
	if (n > size)
		abort();
	return vsnprintf(to, n, format, args);
}

int __snprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int r = __vsnprintf_chk(to, n, flag, size, format, args);
	va_end(args);
	return r;
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	int r = vfprintf(file, format, args);
	va_end(args);
	return r;
}

char *__strncpy_chk(char *to, const char *from, size_t n, size_t size)
{
	if (n > size)
		abort();
	return strncpy(to, from, n);
}

// musl's own take as long for one byte as for a hundred, and JSON's parser copies byte by byte.
#define PLAIN_LOOP __attribute__((optimize("no-tree-loop-distribute-patterns"))) // else it would be made a call of itself

PLAIN_LOOP void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	for (; n >= sizeof(uint64_t); n -= sizeof(uint64_t), t += sizeof(uint64_t), f += sizeof(uint64_t)) {
		uint64_t word;

		__builtin_memcpy(&word, f, sizeof(word));
		__builtin_memcpy(t, &word, sizeof(word));
	}
	while (n--)
		*t++ = *f++;
	return to;
}

PLAIN_LOOP void *memmove(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((uintptr_t)t - (uintptr_t)f >= n)
		return memcpy(to, from, n);
	while (n--)
		t[n] = f[n];
	return to;
}
