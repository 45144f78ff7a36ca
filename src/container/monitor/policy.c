// Restart policies: see policy.h. Pure.
#include "policy.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

#define MINUTE (60 * SECOND)

int policy_parse(struct policy *p, const char *text, struct err *e)
{
	static const char failure[] = "on-failure";
	uint64_t times = 0;

	*p = (struct policy){0};
	if (!text || !*text || str_equal(text, "no"))
		return 0;
	if (str_equal(text, "always") || str_equal(text, "unless-stopped")) { // neither restarts a container after a stop
		p->kind = POLICY_ALWAYS;
		return 0;
	}
	const char *rest = str_starts(text, failure) ? text + strlen(failure) : NULL;
	if (!rest || (*rest && (*rest != ':' || str_to_u64(rest + 1, &times) < 0 || times > 1000000)))
		return err_msg(e, EINVAL,
		               "invalid restart policy '%s' (no, always, unless-stopped, on-failure or on-failure:TIMES)",
		               text);
	p->kind = POLICY_ON_FAILURE;
	p->times = (int)times;
	return 0;
}

bool policy_autostarts(const char *text, bool stopped)
{
	return str_equal(text, "always") || (str_equal(text, "unless-stopped") && !stopped);
}

bool policy_wants(const struct policy *p, int code)
{
	return p->kind == POLICY_ALWAYS || (p->kind == POLICY_ON_FAILURE && code != 0);
}

bool policy_restarts(const struct policy *p, const struct policy_history *h, int code, int64_t now, int64_t *wait)
{
	int recent = 0;

	for (int i = 0; i < POLICY_PER_MINUTE && i < h->restarts; i++)
		recent += now - h->at[i] < MINUTE;
	*wait = (100 * MS) << (recent < 9 ? recent : 9); // 0.1 s … 51 s
	return policy_wants(p, code) && recent < POLICY_PER_MINUTE && (p->times == 0 || h->restarts < p->times);
}

void policy_note(struct policy_history *h, int64_t now)
{
	h->at[h->restarts % POLICY_PER_MINUTE] = now;
	h->restarts++;
}
