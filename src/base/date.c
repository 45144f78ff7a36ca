// Dates in UTC: see base/date.h. Written by hand, because the C library reads the time zone file even for UTC.
#include "base/date.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { DAY = 86400, ERA_DAYS = 146097 /* of 400 years */, EPOCH_DAY = 719468 /* since 0000-03-01 */ };

struct date {
	unsigned year, month, day;
};

// Years start in March here, so that a leap day is their last day.
static struct date date_of_day(unsigned day)
{
	unsigned of_era = day % ERA_DAYS, year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

	return (struct date){
		.year = day / ERA_DAYS * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};
}

static int64_t day_of_date(struct date d)
{
	int64_t year = (int64_t)d.year - (d.month <= 2), month = (d.month + 9) % 12;

	return year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + d.day - 1;
}

// Returns the length.
static int add_utc(char out[DATE_TEXT], int64_t wall)
{
	int64_t at = wall / SECOND - (wall % SECOND < 0) + (int64_t)EPOCH_DAY * DAY;
	struct date d = date_of_day((unsigned)(at / DAY));
	unsigned second = (unsigned)(at % DAY);

	return snprintf(out, DATE_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u", d.year, d.month, d.day, second / 3600,
	                second / 60 % 60, second % 60);
}

char *date_utc(char out[DATE_TEXT], int64_t wall)
{
	int n = add_utc(out, wall);

	memcpy(out + n, "Z", sizeof("Z"));
	return out;
}

char *date_utc_ns(char out[DATE_TEXT], int64_t wall)
{
	int n = add_utc(out, wall);

	snprintf(out + n, (size_t)(DATE_TEXT - n), ".%09dZ", (int)(wall % SECOND + (wall % SECOND < 0 ? SECOND : 0)));
	return out;
}

// Parses WIDTH digits at *TEXT, and END after them unless it is 0. Returns whether the number is from LEAST to MOST.
static bool parse_number(const char **text, size_t width, char end, unsigned least, unsigned most, unsigned *number)
{
	*number = 0;
	if (strspn(*text, "0123456789") < width)
		return false;
	for (size_t i = 0; i < width; i++)
		*number = *number * 10 + (unsigned)((*text)[i] - '0');
	*text += width;
	if (end && *(*text)++ != end)
		return false;
	return *number >= least && *number <= most;
}

static bool parse_fraction(const char **text, int64_t *ns)
{
	int64_t unit = SECOND;

	*ns = 0;
	if (**text != '.')
		return true;
	size_t digits = strspn(++*text, "0123456789");
	for (size_t i = 0; i < digits && i < 9; i++)
		*ns += (*(*text)++ - '0') * (unit /= 10);
	return digits >= 1 && digits <= 9;
}

int date_parse_utc(const char *text, int64_t *wall)
{
	struct date d;
	unsigned hour, minute, second;
	int64_t fraction;

	if (!parse_number(&text, 4, '-', 0, 9999, &d.year) || !parse_number(&text, 2, '-', 1, 12, &d.month) ||
	    !parse_number(&text, 2, 'T', 1, 31, &d.day) || !parse_number(&text, 2, ':', 0, 23, &hour) ||
	    !parse_number(&text, 2, ':', 0, 59, &minute) || !parse_number(&text, 2, '\0', 0, 60, &second) ||
	    !parse_fraction(&text, &fraction) || strcmp(text, "Z") != 0)
		return -EINVAL;
	int64_t seconds = (day_of_date(d) - EPOCH_DAY) * DAY + hour * 3600 + minute * 60 + second;
	if (seconds < 0 || seconds >= INT64_MAX / SECOND)
		return -ERANGE;
	*wall = seconds * SECOND + fraction;
	return 0;
}
