// Rules for names: see model/name.h.
#include "model/name.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/workload.h"

struct rule {
	const char *first, *more; // allowed first characters; allowed characters
	size_t most;              // bytes
	const char *text;
};

#define USUAL_RULE \
	{.first = STR_LETTERS STR_DIGITS, .more = STR_LETTERS STR_DIGITS "_.-", .most = 64, .text = NAME_RULE}

static const struct rule rules[KINDS] = {
	[KIND_CONTAINER] = USUAL_RULE,
	[KIND_GUEST] = USUAL_RULE,
	[KIND_VOLUME] = USUAL_RULE,
	[KIND_NETWORK] = USUAL_RULE,
};

bool name_is_valid(int kind, const char *name)
{
	for (int k = 0; name && k < KINDS; k++)
		if (rules[k].most && (kind == k || kind == NAME_OF_ANY) &&
		    str_is_made_of(name, rules[k].first, rules[k].more, rules[k].most))
			return true;
	return false;
}

int name_check(int kind, const char *name, struct err *e)
{
	if (name_is_valid(kind, name))
		return 0;
	auto_free char *shown = str_visible(name ? name : "");
	return err_msg(e, EINVAL, "invalid name '%.80s' (%s)", shown, rules[kind == NAME_OF_ANY ? 0 : kind].text);
}
