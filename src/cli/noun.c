// Kinds on the command line: `hostel image ls`, `hostel images`, `hostel guest start db`.
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "engine/engine.h"
#include "model/verb.h"

// Whether an engine with simulated items was chosen.
static bool simulates(const struct cli *c)
{
	for (size_t i = 0; i < c->engines.count; i++)
		if (str_starts(c->engines.items[i], engine_fake.name))
			return true;
	return false;
}

bool cli_shows(const struct cli *c, enum verb verb)
{
	return !(verb_info(verb)->flags & SIMULATED) || simulates(c);
}

bool cli_shows_kind(const struct cli *c, enum kind kind)
{
	return !kind_info(kind)->simulated || simulates(c);
}

void cli_add_verbs_of(struct str *out, enum kind kind)
{
	const char *before = "";

	for (enum verb v = 0; v < VERBS; v++)
		if (verb_suits(v, kind)) {
			str_addf(out, "%s%s", before, verb_info(v)->name);
			before = ", ";
		}
}

static int refuse(enum kind kind, const char *word, struct err *e)
{
	auto_str names = {0};

	cli_add_verbs_of(&names, kind);
	return word ? err_msg(e, EINVAL, "unknown verb '%s' for %s (verbs: %s)", word, kind_phrase(kind), str_text(&names))
	            : err_msg(e, EINVAL, "'%s' needs a verb (hostel %s %s)", kind_name(kind), kind_name(kind),
	                      str_text(&names));
}

// Handles a kind in the plural ("images"), and a kind before a verb.
static enum verb listing(void)
{
	enum verb v = 0;

	while (verb_info(v)->result != RESULT_ITEMS)
		v++;
	return v;
}

bool cli_is_of_system(int verb)
{
	return verb == VERB_DF || verb == VERB_PRUNE;
}

int cli_read_noun(struct cli *c, int argc, char **argv, int word, enum verb *verb, struct err *e)
{
	int kind = kind_find(argv[word]), known = verb_find(argv[word]);
	const char *next = word + 1 < argc ? argv[word + 1] : NULL;

	if (next && str_equal(argv[word], CLI_SYSTEM) && cli_is_of_system(verb_find(next))) {
		*verb = (enum verb)verb_find(next);
		return word + 1;
	}
	*verb = known < 0 ? VERBS : (enum verb)known;
	if (kind < 0 || known >= 0)
		return word;
	c->noun = kind;
	c->kind = (enum kind)kind;
	known = next ? verb_find(next) : -1;
	if (known >= 0 && verb_suits((enum verb)known, c->kind)) {
		*verb = (enum verb)known;
		return word + 1;
	}
	*verb = listing();
	return strcmp(argv[word], kind_info(c->kind)->plural) == 0 ? word : refuse(c->kind, next, e);
}
