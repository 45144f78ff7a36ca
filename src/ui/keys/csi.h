// The sequences of ECMA-48 (CSI, SS3) that terminals send for keys and mice. Pure; for decode.c.
#pragma once

#include "ui/key.h"

// Whether BYTE can be part of a sequence: neither a control character nor 8-bit.
bool csi_goes_on(char byte);

// Decodes a CSI sequence of at most N bytes, from the byte after the introducer. Returns its length, or 0 if it is
// incomplete. Sets KEY's code unless it is a report or unknown, and *PASTING when a paste begins or ends.
size_t csi_decode(const char *p, size_t n, struct key *key, bool *pasting);
// The same for an SS3 sequence.
size_t csi_decode_ss3(const char *p, size_t n, struct key *key);

// Sets KEY from a control character (Ctrl and a letter) or a code point.
uint32_t csi_plain_key(uint32_t cp);
