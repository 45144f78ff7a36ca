// Distinguishes replies of terminals from keys. Pure; for decode.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Whether ESC and LETTER introduce a control string: OSC, DCS, APC, PM, SOS.
bool reply_is_string(char letter);

// The length of an 8-bit control (C1) at P, as one byte or in UTF-8, and the LETTER of its 7-bit form after ESC; 0 if
// there is none.
size_t reply_c1(const char *p, size_t n, char *letter);

// Whether TEXT, which arrived after an ESC that was reported as a key, is the rest of a sequence. BURST: its last
// bytes arrived together, faster than typing. Single bytes count as a reply only once they form a prefix that nobody
// types after Esc.
enum reply_likely { REPLY_NO, REPLY_MAYBE, REPLY_YES };
enum reply_likely reply_likely(const char *text, size_t n, bool burst);
