// What is behind the terminal's text: see ground.h. A hint: it chooses between light and dark colours.
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { REPLY_SECONDS = 2 }; // the longest way of a reply

// COLORFGBG=15;0 or 0;default;15: the last is the number of the background.
static void ground_from_environment(struct term *t)
{
	const char *value = getenv("COLORFGBG"), *last = value ? strrchr(value, ';') : NULL;
	uint64_t number;

	if (last && str_to_u64(last + 1, &number) == 0 && number < 16)
		t->ground = COLOUR_RGB | colour_rgb(COLOUR_INDEX | (uint32_t)number);
}

void ground_ask(struct term *t)
{
	t->ground = COLOUR_UNSET;
	ground_from_environment(t);
	if (!t->modern || t->multiplexed || t->caps.depth < DEPTH_8)
		return;
	str_add(&t->waiting, "\033]11;?\033\\");
	t->asked = clock_mono();
}

// The first two digits of a number of up to four, which are its eight high bits.
static uint32_t channel(const char *digits)
{
	size_t n = strspn(digits, "0123456789abcdefABCDEF");
	char high[3] = {digits[0], n > 1 ? digits[1] : digits[0], '\0'};

	return (uint32_t)strtoul(high, NULL, 16);
}

// "11;rgb:ffff/ffff/ffff".
void ground_read(struct term *t)
{
	const char *text = key_decoder_report(&t->decoder);
	char red[5], green[5], blue[5];

	if (!text || sscanf(text, "11;%*[rgba]:%4[0-9a-fA-F]/%4[0-9a-fA-F]/%4[0-9a-fA-F]", red, green, blue) != 3)
		return;
	t->ground = COLOUR_RGB | channel(red) << 16 | channel(green) << 8 | channel(blue);
	t->asked = 0;
}

bool ground_is_due(const struct term *t)
{
	return t->asked && clock_mono() - t->asked < REPLY_SECONDS * SECOND;
}
