// Dates in the time zone of this process: see base/date.h.
#include <time.h>

#include "base/clock.h"
#include "base/date.h"

char *date_local(char out[DATE_TEXT], enum date_form form, int64_t wall)
{
	static const char *const formats[] = {
		[DATE_TIME] = "%H:%M:%S",
		[DATE_PLAIN] = "%Y-%m-%d %H:%M:%S",
		[DATE_ZONED] = "%Y-%m-%d %H:%M:%S %z",
	};
	time_t seconds = (time_t)(wall / SECOND);
	struct tm tm;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	strftime(out, DATE_TEXT, formats[form], localtime_r(&seconds, &tm));
#pragma GCC diagnostic pop
	return out;
}
