// Dates and times of day, from nanoseconds since the epoch (clock_wall()).
#pragma once

#include <stdint.h>

enum { DATE_TEXT = 64 }; // every date_* text fits

// For files and programs, in UTC (RFC 3339): "2026-01-01T12:30:05Z". They read no time zone. Return OUT.
char *date_utc(char out[DATE_TEXT], int64_t wall);
// With nanoseconds: "2026-01-01T12:30:05.123456789Z".
char *date_utc_ns(char out[DATE_TEXT], int64_t wall);
// Parses such a date, with up to nine decimals of a second, into nanoseconds. Returns 0, or -EINVAL (-ERANGE before
// 1970 and after 2262).
int date_parse_utc(const char *text, int64_t *wall);

// For people, in the time zone of this process.
enum date_form {
	DATE_TIME,  // "12:30:05"
	DATE_PLAIN, // "2026-01-01 12:30:05"
	DATE_ZONED, // "2026-01-01 12:30:05 +0100"
};
char *date_local(char out[DATE_TEXT], enum date_form form, int64_t wall);
