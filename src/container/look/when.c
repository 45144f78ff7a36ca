// Times as users give them: see when.h.
#include "when.h"

#include <errno.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/units.h"

int when_read(const char *text, int64_t *time, struct err *e)
{
	int64_t age = 0;

	*time = 0;
	if (!text || date_parse_utc(text, time) == 0)
		return 0;
	if (units_parse_duration(text, &age) < 0)
		return err_msg(e, EINVAL, "invalid time '%s' (for example 10m or 2026-01-31T12:00:00Z)", text);
	*time = clock_wall() - age;
	return 0;
}
