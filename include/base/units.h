// Formatting and parsing of sizes, rates, percentages, durations and CPU counts for people.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { UNITS_TEXT = 16 }; // every units_* text fits

// "0", "512", "88k", "4.1M", "15.6G": powers of 1024, at most 5 columns. Returns OUT.
char *units_bytes(char out[UNITS_TEXT], uint64_t bytes);
// The same from a rate in bytes per second.
char *units_rate(char out[UNITS_TEXT], double per_second);
// A percentage: "12.3", "100", "1600": at most 5 columns.
char *units_percent(char out[UNITS_TEXT], double percent);
// "250ms", "8.1s" below ten seconds; "12s", "4m", "3h12m", "9d": at most 6 columns.
char *units_age(char out[UNITS_TEXT], int64_t nanoseconds);
// "9.8ms", "3.6s": a short time with two significant digits.
char *units_short_time(char out[UNITS_TEXT], double milliseconds);

// "512M", "1.5G", "4096", "64KiB": bytes. k, M, G, T are powers of 1024 (also KiB, kB …). Returns 0 or
// -EINVAL/-ERANGE.
int units_parse_bytes(const char *text, uint64_t *bytes);
// "90", "1.5s", "250ms", "1m30s", "2d": nanoseconds; seconds if there is no unit. Returns 0 or -EINVAL/-ERANGE.
int units_parse_duration(const char *text, int64_t *nanoseconds);
// "1", "0.5", "250m": CPUs, more than 0 and at most 8192. Returns 0 or -EINVAL/-ERANGE.
int units_parse_cpus(const char *text, double *cpus);
