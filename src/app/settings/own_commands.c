// The user's own commands: see own_commands.h.
#include "own_commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/fact.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/key.h"
#include "ui/keymap.h"

#include "app/know/settings.h"

static int read_key(struct own_command *c, const struct keymap *map, const char *word, struct err *e)
{
	int index;

	if (strcmp(word, "none") == 0)
		return 0;
	if (key_parse(word, &c->key) < 0)
		return err_msg(e, EINVAL, "invalid key '%s' (for example Alt-t, or none)", word);
	index = map ? keymap_find(map, c->key) : -1;
	return index < 0 ? 0 : err_msg(e, EINVAL, "key '%s' is already bound (set its action to none in [keys])", word);
}

static int read_kinds(struct own_command *c, const char *word, struct err *e)
{
	int kind = workload_kind_find(word);

	c->kinds = strcmp(word, "any") == 0 ? KIND_BIT_ANY : kind < 0 ? 0 : 1u << kind;
	return c->kinds ? 0 : err_msg(e, EINVAL, "unknown kind '%s' (any, guest or container)", word);
}

// Checks that each {fact} of WORD exists.
static int check_word(const char *word, struct err *e)
{
	while ((word = strchr(word, '{'))) {
		size_t n = strcspn(++word, "}");
		auto_free char *name = mem_strndup(word, n);

		if (!word[n])
			return err_msg(e, EINVAL, "a brace is not closed");
		if (fact_find(word, n) < 0)
			return err_msg(e, EINVAL, "unknown field '{%s}' (hostel help fields lists them)", name);
	}
	return 0;
}

static int read_words(struct own_command *c, const struct keymap *map, const struct strv *words, struct err *e)
{
	int r = read_key(c, map, words->items[0], e);

	if (r == 0)
		r = read_kinds(c, words->items[1], e);
	for (size_t i = 2; r == 0 && i < words->count; i++) {
		r = check_word(words->items[i], e);
		strv_add(&c->words, words->items[i]);
	}
	return r;
}

static void own_command_done(struct own_command *c)
{
	free(c->name);
	strv_done(&c->words);
}

int own_command_add(struct settings *settings, const struct keymap *map, const char *name, const char *value,
                    struct err *e)
{
	struct own_command c = {0};
	auto_strv words = {0};

	if (!strv_split_quoted(&words, value))
		return err_msg(e, EINVAL, "a quote is not closed");
	if (words.count < 3)
		return err_msg(e, EINVAL, "needs KEY KINDS COMMAND, for example 'none any ping -c 3 {address}'");
	int r = read_words(&c, map, &words, e);
	if (r < 0) {
		own_command_done(&c);
		return r;
	}
	c.name = mem_strdup(name);
	settings->commands = mem_resize(settings->commands, settings->command_count + 1, sizeof(*settings->commands));
	settings->commands[settings->command_count++] = c;
	return 0;
}

void own_commands_done(struct settings *settings)
{
	for (size_t i = 0; i < settings->command_count; i++)
		own_command_done(&settings->commands[i]);
	free(settings->commands);
}
