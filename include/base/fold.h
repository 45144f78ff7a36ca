// Comparing letters regardless of case, in every script that has cases and independent of the locale: É is é, STRASSE
// is Straße, Σ and ς are σ, I is i.
#pragma once

#include <stddef.h>
#include <stdint.h>

// An iterator over the letters of UTF-8 text. Initialise it to {TEXT, 0}.
struct folding {
	const char *at;  // what comes next
	uint32_t second; // of a letter that became two
};

// The next letter in lower case, 0 at the end of the text.
uint32_t fold_next(struct folding *f);
// Finds PART in TEXT; NULL when it does not occur. *LENGTH (may be NULL) is set to the length of the match in bytes,
// which may differ from that of PART.
const char *fold_find(const char *text, const char *part, size_t *length);
