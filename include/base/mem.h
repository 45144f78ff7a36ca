// Memory and its ownership: cleanup attributes, transfer of ownership, and allocation that cannot fail.
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

// Defines the cleanup function of auto_NAME for a type whose values are released by FREE.
#define DEFINE_AUTO(NAME, TYPE, FREE)              \
	static inline void auto_##NAME##_run(TYPE *p) \
	{                                             \
		FREE(*p);                                 \
	}

// The variable is released when its scope ends: auto_free char *text = …;
#define AUTO(NAME) __attribute__((cleanup(auto_##NAME##_run)))

static inline void auto_free_run(void *p)
{
	free(*(void **)p);
}

static inline void auto_close_run(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define auto_free AUTO(free)   // any heap pointer
#define auto_close AUTO(close) // a file descriptor; -1 is none

// Transfers ownership of a pointer: evaluates to its value and sets it to NULL.
#define steal(P)                      \
	({                                \
		__typeof__(P) *steal_p_ = &(P); \
		__typeof__(P) steal_v_ = *steal_p_; \
		*steal_p_ = NULL;             \
		steal_v_;                     \
	})

// Transfers ownership of a descriptor: evaluates to its value and sets it to -1.
static inline int steal_fd(int *fd)
{
	int value = *fd;

	*fd = -1;
	return value;
}

#define ARRAY_SIZE(A) (sizeof(A) / sizeof((A)[0]))

// Zeroed memory. Like all allocation here, ends the program with one line when memory is exhausted.
void *mem_new(size_t size) __attribute__((malloc, returns_nonnull));
// COUNT × SIZE bytes, zeroed; checks the product.
void *mem_array(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
// Grows or shrinks OLD to COUNT × SIZE bytes; new bytes are not cleared.
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));
// A copy of TEXT, or NULL for NULL. The caller frees it.
char *mem_strdup(const char *text);
// A copy of at most N bytes of TEXT, terminated. The caller frees it.
char *mem_strndup(const char *text, size_t n);
// printf into a new string. The caller frees it.
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *mem_printf_args(const char *fmt, va_list args) __attribute__((format(printf, 1, 0), returns_nonnull));
