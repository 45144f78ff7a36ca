// Formatting and parsing of numbers with units: see base/units.h. Independent of the locale: scripts read these, too.
#include "base/units.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

// Writes VALUE with one decimal below 10, else none; '.' whatever the locale.
static int write_short(char out[UNITS_TEXT], double value, const char *unit)
{
	if (value >= 9.95 || *unit == '\0')
		return snprintf(out, UNITS_TEXT, "%.0f%s", value, unit);
	int tenths = (int)lround(value * 10);
	return snprintf(out, UNITS_TEXT, "%d.%d%s", tenths / 10, tenths % 10, unit);
}

char *units_bytes(char out[UNITS_TEXT], uint64_t bytes)
{
	return units_rate(out, (double)bytes);
}

char *units_rate(char out[UNITS_TEXT], double per_second)
{
	static const char *const units[] = {"", "k", "M", "G", "T", "P", "E"};
	size_t unit = 0;

	if (!(per_second > 0))
		per_second = 0;
	while (per_second >= 999.5 && unit + 1 < ARRAY_SIZE(units)) {
		per_second /= 1024;
		unit++;
	}
	write_short(out, per_second, units[unit]);
	return out;
}

char *units_percent(char out[UNITS_TEXT], double percent)
{
	int tenths = (int)lround(fmin(fmax(percent, 0), 9999999) * 10);

	if (tenths >= 1000)
		snprintf(out, UNITS_TEXT, "%d", (tenths + 5) / 10);
	else
		snprintf(out, UNITS_TEXT, "%d.%d", tenths / 10, tenths % 10);
	return out;
}

char *units_short_time(char out[UNITS_TEXT], double milliseconds)
{
	if (milliseconds < 999.5)
		write_short(out, milliseconds, "ms");
	else
		write_short(out, milliseconds / 1000, "s");
	return out;
}

char *units_age(char out[UNITS_TEXT], int64_t nanoseconds)
{
	int64_t seconds = nanoseconds / SECOND;

	if (nanoseconds < 0)
		nanoseconds = seconds = 0;
	if (seconds < 10 && nanoseconds % SECOND) // a fraction only where it is known
		units_short_time(out, (double)nanoseconds / MS);
	else if (seconds < 60)
		snprintf(out, UNITS_TEXT, "%ds", (int)seconds);
	else if (seconds < 3600)
		snprintf(out, UNITS_TEXT, "%dm", (int)(seconds / 60));
	else if (seconds < 86400)
		snprintf(out, UNITS_TEXT, "%dh%02dm", (int)(seconds / 3600), (int)(seconds / 60 % 60));
	else
		snprintf(out, UNITS_TEXT, "%dd", (int)(seconds / 86400));
	return out;
}

// Parses digits with an optional fraction ('.' in every locale); *REST points after them.
static int parse_decimal(const char *text, double *value, const char **rest)
{
	size_t digits = strspn(text, STR_DIGITS);
	double sum = 0, scale = 1;

	if (digits == 0 || digits > 20)
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		sum = sum * 10 + (text[i] - '0');
	text += digits;
	if (*text == '.') {
		size_t more = strspn(++text, STR_DIGITS);

		if (more == 0 || more > 20)
			return -EINVAL;
		for (size_t i = 0; i < more; i++)
			sum += (text[i] - '0') * (scale /= 10);
		text += more;
	}
	*value = sum;
	*rest = text;
	return 0;
}

struct unit {
	const char *name;
	double factor;
};

static int parse_with_unit(const char *text, const struct unit *units, size_t count, bool fold_case, double *value)
{
	const char *rest;
	int r = parse_decimal(text, value, &rest);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if ((fold_case ? strcasecmp(rest, units[i].name) : strcmp(rest, units[i].name)) != 0)
			continue;
		*value *= units[i].factor;
		return 0;
	}
	return -EINVAL;
}

int units_parse_bytes(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{"", 1},           {"b", 1},           {"k", 0x1p10},  {"kb", 0x1p10}, {"kib", 0x1p10}, {"m", 0x1p20},
		{"mb", 0x1p20},    {"mib", 0x1p20},    {"g", 0x1p30},  {"gb", 0x1p30}, {"gib", 0x1p30}, {"t", 0x1p40},
		{"tb", 0x1p40},    {"tib", 0x1p40},
	};
	double value;
	int r = parse_with_unit(text, units, ARRAY_SIZE(units), true, &value);

	if (r < 0)
		return r;
	if (value >= 0x1p63)
		return -ERANGE;
	*bytes = (uint64_t)value;
	return 0;
}

// The letters that TEXT begins with, as a factor of one of UNITS; 0 if there is no such unit.
static double unit_at(const char *text, size_t length, const struct unit *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(units[i].name) == length && strncmp(text, units[i].name, length) == 0)
			return units[i].factor;
	return 0;
}

// Adds one number with its unit at *TEXT to *VALUE and moves *TEXT behind it. Only a number alone can lack a unit.
static int add_duration(const char **text, bool first, double *value)
{
	static const struct unit units[] = {
		{"", SECOND}, {"ns", 1}, {"us", 1e3}, {"ms", MS}, {"s", SECOND}, {"m", 60 * SECOND}, {"h", 3600 * SECOND},
		 {"d", 86400 * SECOND},
	};
	const char *rest;
	double number;
	int r = parse_decimal(*text, &number, &rest);

	if (r < 0)
		return r;
	size_t length = strcspn(rest, STR_DIGITS);
	double factor = unit_at(rest, length, units, ARRAY_SIZE(units));
	if (factor == 0 || (!length && !first))
		return -EINVAL;
	*value += number * factor;
	*text = rest + length;
	return 0;
}

int units_parse_duration(const char *text, int64_t *nanoseconds)
{
	double value = 0;
	bool first = true;

	do {
		int r = add_duration(&text, first, &value);
		if (r < 0)
			return r;
		first = false;
	} while (*text);
	if (value >= 0x1p62)
		return -ERANGE;
	*nanoseconds = (int64_t)value;
	return 0;
}

int units_parse_cpus(const char *text, double *cpus)
{
	static const struct unit units[] = {{"", 1}, {"m", 1e-3}};
	int r = parse_with_unit(text, units, ARRAY_SIZE(units), false, cpus);

	if (r < 0)
		return r;
	return *cpus > 0 && *cpus <= 8192 ? 0 : -ERANGE;
}
