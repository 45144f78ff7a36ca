// The field of a refusal: see refused.h.
#include "refused.h"

#include <string.h>

#include "base/mem.h"

static bool is_quoted(const char *text, const char *word)
{
	auto_free char *quoted = mem_printf("'%s'", word);

	return *word && strstr(text, quoted);
}

// The part of "FROM:TO" before the colon: errors name the file, not the field.
static bool quotes_a_part(const char *text, const char *value)
{
	auto_free char *first = mem_strndup(value, strcspn(value, ":=")), *last = NULL;
	const char *colon = strchr(value, ':');

	if (colon)
		last = mem_strndup(colon + 1, strcspn(colon + 1, ":"));
	return is_quoted(text, value) || (first[0] == '/' && is_quoted(text, first)) || (last && is_quoted(text, last));
}

const char *refused_param(const struct params *p, const char *text)
{
	size_t longest = 0;
	const char *found = NULL;

	for (size_t i = 0; i < p->count; i++) {
		size_t length = strlen(p->items[i].value);

		if (length > longest && quotes_a_part(text, p->items[i].value)) {
			longest = length;
			found = p->items[i].name;
		}
	}
	for (size_t i = 0; !found && i < p->count; i++)
		if (is_quoted(text, p->items[i].name))
			found = p->items[i].name;
	return found;
}
