// `hostel complete WORD…`: prints completions of the last word, one per line, with a tab and help. Called by the rules
// of the shells (verb_completion.c), which thus know the tables and the workloads of this host.
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "client.h"
#include "model/kind.h"
#include "model/param.h"
#include "model/query.h"
#include "model/verb_help.h"

// The state of a completion.
struct line {
	struct cli cli;    // the parsed words before the last
	const char *word;  // the last one
	const char *before; // the one before it, or ""
	int operands;      // of the verb, before the last word
	bool system;       // it follows CLI_SYSTEM
	struct str out;
};

static void offer(struct line *l, const char *prefix, const char *word, const char *help)
{
	auto_free char *whole = mem_printf("%s%s", prefix, word);

	if (str_starts(whole, l->word) && !strchr(whole, '\n') && !strchr(whole, '\t'))
		str_addf(&l->out, "%s%s%s\n", whole, *help ? "\t" : "", help);
}

static void offer_verbs(struct line *l, int kind)
{
	for (enum verb v = 0; v < VERBS; v++)
		if (cli_shows(&l->cli, v) && (kind < 0 || verb_suits(v, (enum kind)kind))) {
			auto_free char *help = kind < 0 ? mem_strdup(verb_info(v)->help) : verb_help_of(v, (enum kind)kind);

			offer(l, "", verb_info(v)->name, help);
		}
}

static void offer_system(struct line *l)
{
	for (enum verb v = 0; v < VERBS; v++)
		if (cli_is_of_system((int)v))
			offer(l, "", verb_info(v)->name, verb_info(v)->help);
}

static void offer_kinds(struct line *l, bool plural)
{
	for (enum kind kind = 0; kind < KINDS; kind++) {
		if (!cli_shows_kind(&l->cli, kind))
			continue;
		offer(l, "", kind_name(kind), kind_info(kind)->title);
		if (plural)
			offer(l, "", kind_info(kind)->plural, kind_info(kind)->title);
	}
}

static void offer_options(struct line *l)
{
	const struct cli *c = &l->cli;
	auto_free struct opt *options = cli_options_of(c->verb, cli_kinds(c));

	for (const struct opt *o = options; o->name; o++) {
		auto_free char *word = mem_printf("--%s%s", o->name, o->value ? "=" : "");

		if (o->help)
			offer(l, "", word, o->help);
	}
}

// The user is waiting at a prompt: do not connect to another host, which might ask for a password.
static struct client *ask(struct line *l, unsigned kinds)
{
	struct client *s = NULL;
	struct err ignored;

	l->cli.read_only = true;
	if (!l->cli.host && client_open(&s, &l->cli, kinds, &ignored) == 0)
		return s;
	client_close(s);
	return NULL;
}

// Prints the values of FIELD that begin with TYPED, prefixed with PREFIX.
static void offer_values(struct line *l, const struct verb_field *f, const char *typed, const char *prefix)
{
	struct cli *c = &l->cli;
	unsigned kinds = cli_kinds(c);
	auto_strv values = {0};
	struct err ignored;

	for (enum kind kind = 0; kind < KINDS && !values.count; kind++) {
		bool takes = kinds >> kind & 1 && verb_field_find(c->verb, 1u << kind, f->name);
		struct client *s = takes ? ask(l, 1u << kind) : NULL;

		if (s)
			client_choices(s, kind, c->verb, f->name, typed, &c->params, &values, &ignored);
		client_close(s);
	}
	for (size_t i = 0; i < values.count; i++)
		offer(l, prefix, values.items[i], "");
}

static const struct verb_field *field_of(const struct line *l, const char *name, size_t length)
{
	auto_free char *word = mem_strndup(name, length);

	return l->cli.verb < VERBS ? verb_field_find(l->cli.verb, cli_kinds(&l->cli), word) : NULL;
}

// Whether NAME is a global option with a value.
static bool takes_value(const char *name)
{
	for (const struct opt *o = cli_global_options; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o->value;
	return false;
}

// Completes the value of an option, in the next word or after "=". Returns whether the last word is one.
static bool offer_value(struct line *l)
{
	const char *equals = str_starts(l->word, "--") ? strchr(l->word, '=') : NULL;
	const struct verb_field *f = equals ? field_of(l, l->word + 2, (size_t)(equals - l->word - 2)) : NULL;

	if (equals) {
		auto_free char *prefix = mem_strndup(l->word, (size_t)(equals - l->word) + 1);

		if (f)
			offer_values(l, f, equals + 1, prefix);
		return true;
	}
	if (!str_starts(l->before, "--") || strchr(l->before, '='))
		return false;
	f = field_of(l, l->before + 2, strlen(l->before + 2));
	if (!f)
		return takes_value(l->before + 2);
	if (!verb_field_value(l->cli.verb, f))
		return false;
	offer_values(l, f, l->word, "");
	return true;
}

static void offer_items(struct line *l)
{
	struct client *s = ask(l, CLIENT_ALL_KINDS);
	const struct item *item;
	auto_str trouble = {0};
	struct err ignored;

	if (s)
		client_list(s, &trouble, &ignored);
	for (size_t i = 0; s && (item = inventory_item_at(client_inventory(s), i)); i++)
		if (verb_suits(l->cli.verb, item->kind) && cli_kinds(&l->cli) >> item->kind & 1 && item->name)
			offer(l, "", item->name, kind_name(item->kind));
	client_close(s);
}

static void offer_keys(struct line *l)
{
	for (size_t i = 0;; i++) {
		auto_free char *key = query_key(i);

		if (!key)
			return;
		offer(l, "", key, "");
	}
}

// The number of operand fields of the verb, and the first of them for KINDS.
static int fields_behind(enum verb verb, unsigned kinds)
{
	const struct verb_field *f;
	int count = 0;

	for (size_t i = 0; (f = verb_field(verb, kinds, i)); i++)
		count += f->flags & FIELD_OPERAND ? 1 : 0;
	return count;
}

static void offer_operand_field(struct line *l, int at)
{
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(l->cli.verb, cli_kinds(&l->cli), i)); i++)
		if (f->flags & FIELD_OPERAND && at-- == 0) {
			offer_values(l, f, l->word, "");
			return;
		}
}

// The alternatives "a|b|c" of a usage line.
static void offer_words(struct line *l, const char *usage)
{
	auto_strv words = {0};

	strv_split(&words, usage, "[]| ");
	for (size_t i = 0; i < words.count; i++)
		if (i > 0 && strcmp(words.items[i], words.items[i - 1]) == 0)
			continue;
		else if (strcmp(words.items[i], "VERB") == 0)
			offer_verbs(l, -1);
		else if (strcmp(words.items[i], "KIND") == 0)
			offer_kinds(l, false);
		else
			offer(l, "", words.items[i], "");
}

static void offer_operand(struct line *l)
{
	const struct verb_info *info = l->cli.info;
	int fields = fields_behind(l->cli.verb, cli_kinds(&l->cli)), names = info->most - fields;

	if (info->flags & CREATES) {
		for (enum kind kind = 0; l->operands == 0 && l->cli.noun < 0 && kind < WORKLOAD_KINDS; kind++)
			offer(l, "", kind_name(kind), kind_info(kind)->title);
		offer_operand_field(l, l->operands);
	} else if (info->result == RESULT_ITEMS && !info->least && !strstr(info->operands, "NAME")) {
		offer_keys(l);
	} else if (info->kinds) {
		if (l->operands < (info->most == VERB_ANY ? fields ? 1 : INT32_MAX : names))
			offer_items(l);
	} else {
		offer_words(l, info->operands);
	}
}

// Parses the words before the last one; invalid ones are skipped.
static void line_read(struct line *l, int argc, char **argv)
{
	struct cli *c = &l->cli;
	struct err ignored;
	int first = opts_parse_given(cli_global_options, c, argc, argv, OPTS_STOP_AT_OPERAND, &c->given, &ignored);
	enum verb verb = VERBS;

	if (first < 0 || first >= argc)
		return;
	l->system = first + 1 == argc && str_equal(argv[first], CLI_SYSTEM);
	first = cli_read_noun(c, argc, argv, first, &verb, &ignored);
	if (first < 0 || verb == VERBS)
		return;
	cli_set_verb(c, verb);
	l->operands = cli_parse_words(c, argc - first, argv + first, &ignored);
	l->operands = l->operands < 0 ? 0 : argc - first - l->operands;
}

static void line_offer(struct line *l)
{
	struct cli *c = &l->cli;

	if (offer_value(l))
		return;
	if (*l->word == '-')
		offer_options(l);
	else if (c->verb < VERBS)
		offer_operand(l);
	else if (l->system)
		offer_system(l);
	else
		offer_verbs(l, c->noun);
	if (*l->word == '-' || c->verb < VERBS || c->noun >= 0 || l->system)
		return;
	offer_kinds(l, true);
	offer(l, "", CLI_SYSTEM, "the space that images, containers and volumes take");
}

int verb_complete(struct cli *c, int count, char **operands)
{
	static char hostel[] = "hostel";
	struct line l = {.cli = {.verb = VERBS, .noun = -1, .dashboard = c->dashboard}, .before = "", .word = ""};
	auto_free char **words = mem_array((size_t)count + 1, sizeof(*words));

	words[0] = hostel;
	for (int i = 0; i + 1 < count; i++)
		words[i + 1] = operands[i];
	strv_copy(&l.cli.engines, &c->engines);
	l.word = count ? operands[count - 1] : "";
	l.before = count > 1 ? operands[count - 2] : "";
	line_read(&l, count ? count : 1, words);
	line_offer(&l);
	int status = cli_print(&l.out);
	str_done(&l.out);
	params_done(&l.cli.params);
	strv_done(&l.cli.engines);
	strv_done(&l.cli.given);
	return status;
}
