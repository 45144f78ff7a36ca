// What terminals reply, as far as it can be told from keys. Pure; for decode.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Whether ESC and LETTER introduce a control string: OSC, DCS, APC, PM, SOS.
bool reply_is_string(char letter);

// An 8-bit control (C1) at P, as one byte or in UTF-8: its length and the LETTER that follows ESC in the 7-bit form; 0 = none.
size_t reply_c1(const char *p, size_t n, char *letter);

// Whether TEXT, which came after an ESC that was taken for the key, is the rest of a sequence. BURST: its last bytes came together, as from
// no keyboard. Of bytes that come one by one only those are a reply that nobody would type after Esc.
enum reply_likely { REPLY_NO, REPLY_MAYBE, REPLY_YES };
enum reply_likely reply_likely(const char *text, size_t n, bool burst);
