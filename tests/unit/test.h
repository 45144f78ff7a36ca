// What every test program starts with.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// cmocka hands every test a state, and few need it
#pragma GCC diagnostic ignored "-Wunused-parameter"
