// Allocation that cannot fail: see base/mem.h.
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Out of memory: print one line and abort, so that a core dump tells where.
static _Noreturn void out_of_memory(void)
{
	static const char text[] = "out of memory\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	abort();
}

void *mem_new(size_t size)
{
	return mem_array(1, size);
}

void *mem_array(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *mem_resize(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory();
	void *p = realloc(old, bytes ? bytes : 1);
	if (!p)
		out_of_memory();
	return p;
}

char *mem_strdup(const char *text)
{
	return text ? mem_strndup(text, strlen(text)) : NULL;
}

char *mem_strndup(const char *text, size_t n)
{
	size_t length = strnlen(text, n);
	char *copy = mem_new(length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *mem_printf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	char *text = mem_printf_args(fmt, args);
	va_end(args);
	return text;
}

// Most texts are short, and vasprintf(3) of some C libraries formats twice, the first time for the length.
char *mem_printf_args(const char *fmt, va_list args)
{
	char buffer[256], *text = NULL;
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(buffer, sizeof(buffer), fmt, args);
	if (n >= 0 && (size_t)n < sizeof(buffer))
		text = memcpy(mem_new((size_t)n + 1), buffer, (size_t)n);
	else
		n = vasprintf(&text, fmt, again);
	va_end(again);
	if (n < 0)
		out_of_memory();
	return text;
}
