// The sequences that terminals send for keys and mice: those of ECMA-48 (CSI, SS3). Pure; for decode.c.
#pragma once

#include "ui/key.h"

// Whether BYTE may be part of a sequence: neither a control nor 8-bit.
bool csi_goes_on(char byte);

// A CSI sequence of at most N bytes, from the byte after the introducer. Returns its length, 0 when it is not whole;
// sets KEY's code unless it is a report or unknown, and *PASTING when a paste begins or ends.
size_t csi_decode(const char *p, size_t n, struct key *key, bool *pasting);
// The same for SS3.
size_t csi_decode_ss3(const char *p, size_t n, struct key *key);

// A control character or a code point as a key: what the keyboard sends for Ctrl and a letter.
uint32_t csi_plain_key(uint32_t cp);
