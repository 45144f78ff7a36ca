// The C library's own name for the kind of a limit, as glibc has it.
#pragma once

#include_next <sys/resource.h>

typedef int __rlimit_resource_t;
