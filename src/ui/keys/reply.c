// Replies of terminals: see reply.h.
#include "reply.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "csi.h"

bool reply_is_string(char letter)
{
	return letter && strchr("]PX^_", letter);
}

size_t reply_c1(const char *p, size_t n, char *letter)
{
	uint32_t cp;
	size_t length = str_decode(p, n, &cp);

	if (!length) {
		cp = (unsigned char)p[0];
		length = 1;
	}
	if (cp < 0x80 || cp >= 0xa0)
		return 0;
	*letter = (char)(cp - 0x40);
	return length;
}

#define DIGITS "0123456789"

// What may follow the introducer in a burst (NULL: anything), and which single bytes can continue or prove the reply.
static const struct {
	char introducer;
	const char *burst, *more, *proof;
} replies[] = {
	{'[', DIGITS "<=>?", DIGITS, ";:"},  // CSI 24 ; 80 R
	{'[', DIGITS "<=>?", "<=>?", DIGITS}, // CSI ? 62 c
	{']', DIGITS "lLI", DIGITS, ";"},  // OSC 11 ; rgb:…
	{'P', NULL, DIGITS ";<=>?!", "$+|"}, // DCS 1 $ r …, DCS > | …
	{'_', NULL, "Gi", "=,;"},          // APC G i=1 ; OK
	{'^', NULL, "", ""},
	{'X', NULL, "", ""},
	{'O', "", "", ""},
};

static bool is_among(const char *set, char c)
{
	return c && strchr(set, c);
}

static enum reply_likely likely_by(size_t row, const char *text, size_t n, bool burst)
{
	size_t i = 1;

	if (n == 1)
		return REPLY_MAYBE;
	if (!csi_goes_on(text[1]))
		return REPLY_NO;
	if (burst && n == 2 && !reply_is_string(text[0])) // the sequence of a key whose ESC arrived alone
		return REPLY_YES;
	if (burst)
		return !replies[row].burst || is_among(replies[row].burst, text[1]) ? REPLY_YES : REPLY_NO;
	while (i < n && is_among(replies[row].more, text[i]))
		i++;
	if (i == n)
		return REPLY_MAYBE;
	return i > 1 && is_among(replies[row].proof, text[i]) ? REPLY_YES : REPLY_NO;
}

enum reply_likely reply_likely(const char *text, size_t n, bool burst)
{
	enum reply_likely best = REPLY_NO;

	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		enum reply_likely each = text[0] == replies[i].introducer ? likely_by(i, text, n, burst) : REPLY_NO;

		best = each > best ? each : best;
	}
	return best;
}
