// Case folding: see base/fold.h. It has its own table because towlower(3) depends on the locale: the C locale knows
// ASCII only, and a Turkish one maps I differently.
#include "base/fold.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

// Unicode's case folding (CaseFolding.txt) for the scripts that have cases: every STEP-th letter from FIRST to LAST is
// folded to itself plus DELTA.
static const struct {
	uint32_t first, last;
	int step, delta;
} rows[] = {
	{'A', 'Z', 1, 32}, {0xb5, 0xb5, 1, 775}, {0xc0, 0xd6, 1, 32}, {0xd8, 0xde, 1, 32}, {0x100, 0x12e, 2, 1},
	{0x130, 0x130, 1, -199}, {0x132, 0x136, 2, 1}, {0x139, 0x147, 2, 1}, {0x14a, 0x176, 2, 1}, {0x178, 0x178, 1, -121},
	{0x179, 0x17d, 2, 1}, {0x17f, 0x17f, 1, -268}, {0x182, 0x184, 2, 1}, {0x1a0, 0x1a4, 2, 1}, {0x1cd, 0x1db, 2, 1},
	{0x1de, 0x1ee, 2, 1}, {0x1f8, 0x21e, 2, 1}, {0x222, 0x232, 2, 1}, {0x246, 0x24e, 2, 1}, {0x370, 0x372, 2, 1},
	{0x386, 0x386, 1, 38}, {0x388, 0x38a, 1, 37}, {0x38c, 0x38c, 1, 64}, {0x38e, 0x38f, 1, 63}, {0x391, 0x3a1, 1, 32},
	{0x3a3, 0x3ab, 1, 32}, {0x3c2, 0x3c2, 1, 1}, {0x3d8, 0x3ee, 2, 1}, {0x400, 0x40f, 1, 80}, {0x410, 0x42f, 1, 32},
	{0x460, 0x480, 2, 1}, {0x48a, 0x4be, 2, 1}, {0x4c0, 0x4c0, 1, 15}, {0x4c1, 0x4cd, 2, 1}, {0x4d0, 0x52e, 2, 1},
	{0x531, 0x556, 1, 48}, {0x10a0, 0x10c5, 1, 7264}, {0x1c90, 0x1cba, 1, -3008}, {0x1e00, 0x1e94, 2, 1}, {0x1ea0,
	 0x1efe, 2, 1},
	{0x1f08, 0x1f0f, 1, -8}, {0x1f18, 0x1f1d, 1, -8}, {0x1f28, 0x1f2f, 1, -8}, {0x1f38, 0x1f3f, 1, -8}, {0x1f48,
	 0x1f4d, 1, -8},
	{0x1f59, 0x1f5f, 2, -8}, {0x1f68, 0x1f6f, 1, -8}, {0x2126, 0x2126, 1, -7517}, {0x212a, 0x212a, 1, -8383}, {0x212b,
	 0x212b, 1, -8262},
	{0x2160, 0x216f, 1, 16}, {0x24b6, 0x24cf, 1, 26}, {0x2c00, 0x2c2f, 1, 48}, {0xff21, 0xff3a, 1, 32}, {0x10400,
	 0x10427, 1, 40},
};

static uint32_t fold(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows) && cp >= rows[i].first; i++)
		if (cp <= rows[i].last)
			return (cp - rows[i].first) % (uint32_t)rows[i].step ? cp : (uint32_t)((int)cp + rows[i].delta);
	return cp;
}

uint32_t fold_next(struct folding *f)
{
	enum { SHARP_S = 0xdf, CAPITAL_SHARP_S = 0x1e9e, BYTE = 0x110000 }; // bytes that are not UTF-8 are beyond Unicode
	uint32_t cp = f->second;

	f->second = 0;
	if (cp || !*f->at)
		return cp;
	size_t length = str_decode(f->at, strnlen(f->at, 4), &cp);
	if (!length)
		cp = BYTE + (unsigned char)*f->at;
	f->at += length ? length : 1;
	if (cp == SHARP_S || cp == CAPITAL_SHARP_S) // the only letter that folds to two
		return f->second = 's';
	return fold(cp);
}

// The length of PART at TEXT in bytes, 0 when TEXT does not begin with it.
static size_t match_length(const char *text, const char *part)
{
	struct folding a = {text, 0}, b = {part, 0};

	for (uint32_t wanted; (wanted = fold_next(&b));)
		if (fold_next(&a) != wanted)
			return 0;
	return (size_t)(a.at - text);
}

const char *fold_find(const char *text, const char *part, size_t *length)
{
	size_t found = 0, step;
	uint32_t cp;

	for (; *part && *text && !found; text += step) {
		found = match_length(text, part);
		step = str_decode(text, strnlen(text, 4), &cp);
		step = found ? 0 : step ? step : 1;
	}
	if (length)
		*length = found;
	return found || !*part ? text : NULL;
}
