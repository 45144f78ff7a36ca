// bunk over musl, with libraries that were compiled for glibc: the few functions that those take from glibc alone. They are glibc's "fortified"
// forms, which know the size of the buffer that they write to and end the process rather than write past it.
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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
// The loop must not be made a call of itself; and the C library calls these before a stack protector has its canary.
#define PLAIN_LOOP __attribute__((no_stack_protector, optimize("no-tree-loop-distribute-patterns")))

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

// musl makes read-only what is constant once it is relocated (RELRO) only in programs that its loader loads.
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

__attribute__((constructor)) static void protect_relocated(void)
{
	const char *start = (const char *)&__ehdr_start, *base = __ehdr_start.e_type == ET_DYN ? start : NULL;
	const ElfW(Phdr) *p = (const ElfW(Phdr) *)(start + __ehdr_start.e_phoff);
	const uintptr_t page = 4096; // the least one; the linker begins at a page and ends at one

	for (int i = 0; i < __ehdr_start.e_phnum; i++)
		if (p[i].p_type == PT_GNU_RELRO) {
			uintptr_t from = (uintptr_t)base + p[i].p_vaddr, to = from + p[i].p_memsz;
			if (mprotect((void *)(from & -page), (to & -page) - (from & -page), PROT_READ) < 0)
				abort();
		}
}
