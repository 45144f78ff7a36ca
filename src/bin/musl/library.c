// For bunk with musl and libraries that were compiled for glibc: the glibc functions that those need and musl lacks,
// and faster replacements of some of musl's. The former are glibc's "fortified" functions, which get the size of the
// buffer and abort instead of writing past its end.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <link.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

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

// musl's memcpy() takes as long for one byte as for a hundred, and the JSON parser copies byte by byte.
// The compiler must not convert the loop to a call of memcpy(); and the C library calls these functions before the
// stack canary is initialised.
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

// musl's malloc() maps pages separately for each size class, which is a tenth of a short program's system calls. This
// allocator cuts blocks from a few large pieces, and reuses freed blocks of the same size.
enum {
	STEP = 16,           // sizes of small blocks, which is also the alignment
	SMALL = 1024,        // larger sizes are powers of two
	LARGE = 1 << 17,     // larger blocks are mapped individually
	CLASSES = SMALL / STEP + 8,
	FIRST_PIECE = 1 << 17,
	PIECE = 1 << 18,
};

struct block {
	size_t size; // of the whole block, which begins one word before a multiple of STEP
	union {
		struct block *next; // while it is free
		unsigned char memory[8];
	};
};

static _Alignas(STEP) unsigned char first_piece[FIRST_PIECE];
static unsigned char *unused = first_piece + STEP - sizeof(size_t), *unused_end = first_piece + FIRST_PIECE;
static struct block *freed[CLASSES];

static void *map_pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static struct block *cut_block(size_t size)
{
	if ((size_t)(unused_end - unused) < size) {
		unsigned char *piece = map_pages(PIECE);
		if (!piece)
			return NULL;
		unused = piece + STEP - sizeof(size_t);
		unused_end = piece + PIECE;
	}
	unused += size;
	return (struct block *)(unused - size);
}

// The class of blocks for *SIZE bytes, which is rounded up to their size.
static unsigned class_of(size_t *size)
{
	unsigned class = SMALL / STEP;
	size_t whole = SMALL;

	if (*size <= SMALL) {
		*size = (*size + STEP - 1) & ~(size_t)(STEP - 1);
		return (unsigned)(*size / STEP);
	}
	for (; whole < *size; whole *= 2)
		class++;
	*size = whole;
	return class;
}

static struct block *small_block(size_t size)
{
	unsigned class = class_of(&size);
	struct block *b = freed[class];

	if (b)
		freed[class] = b->next;
	else if ((b = cut_block(size)))
		b->size = size;
	return b;
}

static struct block *large_block(size_t size)
{
	unsigned char *p = map_pages(size + STEP);
	struct block *b = p ? (struct block *)(p + STEP - sizeof(size_t)) : NULL;

	if (b)
		b->size = size;
	return b;
}

static void *allocate(size_t n)
{
	size_t size = n + sizeof(size_t);
	struct block *b = n > PTRDIFF_MAX - 2 * STEP ? NULL
	                  : size <= LARGE            ? small_block(size < STEP ? STEP : size)
	                                             : large_block(size);

	if (!b) {
		errno = ENOMEM;
		return NULL;
	}
	return b->memory;
}

static struct block *block_of(void *memory)
{
	return (struct block *)((unsigned char *)memory - offsetof(struct block, memory));
}

void *malloc(size_t n)
{
	return allocate(n);
}

void free(void *p)
{
	struct block *b = p ? block_of(p) : NULL;

	if (!b)
		return;
	size_t size = b->size;
	if (size > LARGE) {
		munmap((unsigned char *)p - STEP, size + STEP);
		return;
	}
	unsigned class = class_of(&size);
	b->next = freed[class];
	freed[class] = b;
}

void *calloc(size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		n = SIZE_MAX;
	void *p = allocate(n); // not malloc(): the compiler would turn malloc() and memset() into a call of this function
	return p ? memset(p, 0, n) : NULL;
}

void *realloc(void *p, size_t n)
{
	size_t had = p ? block_of(p)->size - sizeof(size_t) : 0;
	void *to = n <= had && n > had / 4 ? p : allocate(n);

	if (!to || to == p)
		return to;
	memcpy(to, p, had < n ? had : n);
	free(p);
	return to;
}

// musl's open() also sets FD_CLOEXEC by fcntl(2), for kernels without O_CLOEXEC; its openat() does not.
int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return openat(AT_FDCWD, path, flags, mode);
}

// musl's realpath() calls readlink(2) for each component of the path. Here the kernel resolves it (proc_pid_fd(5)).
char *realpath(const char *restrict path, char *restrict to)
{
	char link[40], found[PATH_MAX];
	int fd = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, found, sizeof(found) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	found[n] = '\0';
	return to ? strcpy(to, found) : strdup(found);
}

// musl changes the ids of all threads, with signals blocked meanwhile. bunk has one thread.
int setgroups(size_t count, const gid_t groups[])
{
	return (int)syscall(SYS_setgroups, count, groups);
}

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	return (int)syscall(SYS_setresgid, real, effective, saved);
}

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	return (int)syscall(SYS_setresuid, real, effective, saved);
}

// musl protects relocated constants (RELRO) only in dynamically loaded programs.
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

__attribute__((constructor)) static void protect_relocated(void)
{
	const char *start = (const char *)&__ehdr_start, *base = __ehdr_start.e_type == ET_DYN ? start : NULL;
	const ElfW(Phdr) *p = (const ElfW(Phdr) *)(start + __ehdr_start.e_phoff);
	const uintptr_t page = getauxval(AT_PAGESZ); // may be larger than when it was linked

	for (int i = 0; i < __ehdr_start.e_phnum; i++)
		if (p[i].p_type == PT_GNU_RELRO) {
			uintptr_t from = (uintptr_t)base + p[i].p_vaddr, to = from + p[i].p_memsz;
			if ((to & -page) > (from & -page) &&
			    mprotect((void *)(from & -page), (to & -page) - (from & -page), PROT_READ) < 0)
				abort();
		}
}
