// statx(2): not in every musl.
#pragma once

#include_next <sys/stat.h>
#ifndef STATX_TYPE
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int statx(int at, const char *path, int flags, unsigned mask, struct statx *st)
{
	return (int)syscall(SYS_statx, at, path, flags, mask, st);
}
#endif
