// glibc's type for the kind of a limit.
#pragma once

#include_next <sys/resource.h>

typedef int __rlimit_resource_t;
