// What the fuzzing targets share: each is a function that libFuzzer calls with bytes it made up; anything but a return
// is a finding.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The bytes as an owned, terminated text.
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = mem_new(size + 1);

	memcpy(text, data, size);
	return text;
}

// What a failed call must have left: a code, and a text that ends and is not empty.
#define FUZZ_ERROR_IS_TOLD(R, E)                                                                         \
	do {                                                                                             \
		if ((R) < 0 && ((E).code <= 0 || !(E).text[0] || !memchr((E).text, 0, sizeof((E).text)))) \
			abort();                                                                         \
	} while (0)
