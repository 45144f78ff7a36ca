// renameat2(2): not in musl.
#pragma once

#include_next <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE 2u
#define RENAME_WHITEOUT 4u

static inline int renameat2(int from, const char *from_path, int to, const char *to_path, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from, from_path, to, to_path, flags);
}
