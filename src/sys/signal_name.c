// Signals by name or number, independent of the C library.
#include "sys/signal_name.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"

// Real-time signals are counted like in glibc; SIGRTMIN of this C library may differ.
enum { RT_FIRST = 34, RT_LAST = 64 };

static int with_prefix(const char *text, int base, uint64_t sign)
{
	uint64_t n = 0;

	if (*text && str_to_u64(text, &n) < 0)
		return -EINVAL;
	int64_t value = base + (sign ? -(int64_t)n : (int64_t)n);
	return n <= 30 && value >= RT_FIRST && value <= RT_LAST ? (int)value : -EINVAL;
}

// Aliases, which sigabbrev_np(3) does not know.
static const struct {
	const char *name;
	int number;
} signal_aliases[] = {{"IOT", SIGABRT}, {"CLD", SIGCHLD}, {"IO", SIGIO}, {"POLL", SIGIO}};

int signal_number(const char *text, struct err *e)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	uint64_t number;
	int r = -EINVAL;

	if (str_to_u64(text, &number) == 0)
		r = number <= 64 ? (int)number : -EINVAL;
	else if (strncasecmp(name, "RTMIN", 5) == 0 && (!name[5] || name[5] == '+'))
		r = with_prefix(name + 5 + (name[5] == '+'), RT_FIRST, 0);
	else if (strncasecmp(name, "RTMAX", 5) == 0 && (!name[5] || name[5] == '-'))
		r = with_prefix(name + 5 + (name[5] == '-'), RT_LAST, 1);
	for (size_t i = 0; r < 0 && i < ARRAY_SIZE(signal_aliases); i++)
		if (strcasecmp(signal_aliases[i].name, name) == 0)
			r = signal_aliases[i].number;
	for (int s = 1; r < 0 && s < 32; s++)
		if (sigabbrev_np(s) && strcasecmp(sigabbrev_np(s), name) == 0)
			r = s;
	return r >= 0 ? r
	              : err_msg(e, EINVAL, "invalid signal '%.40s' (a name, for example TERM, or a number from 0 to 64)",
	                        text);
}
