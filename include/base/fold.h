// Letters compared without their case, in every script that has one and in every locale alike: É is é, STRASSE is
// Straße, Σ and ς are σ, I is i.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The letters of UTF-8 text, one after the other. Starts as {TEXT, 0}.
struct folding {
	const char *at;  // what comes next
	uint32_t second; // of a letter that became two
};

// The next letter in lower case, 0 at the end of the text.
uint32_t fold_next(struct folding *f);
// Where PART is in TEXT, NULL when it is not; *LENGTH (may be NULL) gets its bytes there, which may be more or less
// than PART has.
const char *fold_find(const char *text, const char *part, size_t *length);
