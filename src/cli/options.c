// The options of the command line: global ones and the fields of a verb, as one table.
#include "cli.h"

#include <string.h>

#include "base/mem.h"

#define AT(FIELD) offsetof(struct cli, FIELD)

const struct opt cli_global_options[] = {
	{.name = OPTION_HOST, .letter = 'H', .kind = OPT_TEXT, .value = "HOST",
	 .help = "run on another host over ssh", .at = AT(host)},
	{.name = OPTION_ENGINE, .kind = OPT_LIST, .value = "SPEC",
	 .help = "use this engine instead of the default ones, for example bunk or fake:20", .at = AT(engines)},
	{.name = OPTION_READ_ONLY, .kind = OPT_FLAG,
	 .help = "refuse every change", .at = AT(read_only)},
	{.name = OPTION_LINEAR, .kind = OPT_FLAG,
	 .help = "print lines instead of a screen, for screen readers and logs", .at = AT(linear)},
	{.name = OPTION_THEME, .kind = OPT_TEXT, .value = "NAME",
	 .help = "colour theme of the dashboard", .at = AT(theme)},
	{.name = OPTION_CONFIG_FILE, .kind = OPT_TEXT, .value = "FILE",
	 .help = "read this file instead of ~/.config/hostel/hostel.conf", .at = AT(config_file)},
	{.name = OPTION_JSON, .kind = OPT_FLAG,
	 .help = "print JSON", .at = AT(json)},
	{.name = OPTION_HELP, .letter = 'h', .kind = OPT_FLAG,
	 .help = "show help", .at = AT(help)},
	{.name = OPTION_VERSION, .letter = 'V', .kind = OPT_FLAG,
	 .help = "show the version", .at = AT(version)},
	{0},
};

void cli_set_verb(struct cli *c, enum verb verb)
{
	c->verb = verb;
	c->info = verb < VERBS ? verb_info(verb) : NULL;
	if (c->noun < 0 && c->info && c->info->kinds && !(c->info->kinds & KIND_BIT_ANY)) {
		c->noun = __builtin_ctz(c->info->kinds);
		c->kind = (enum kind)c->noun;
	}
}

bool cli_has(const struct cli *c, const char *name)
{
	return str_equal(params_get(&c->params, name), "yes");
}

static bool has_option(const struct opt *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].name, name) == 0 || str_equal(table[i].also, name))
			return true;
	return false;
}

static bool has_letter(const struct opt *table, size_t count, char letter)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].letter == letter)
			return true;
	return false;
}

// A verb's own option takes precedence over one of the kind, and that over a global one.
static void add_option(struct opt *table, size_t *count, const struct opt *o)
{
	if (has_option(table, *count, o->name))
		return;
	table[*count] = *o;
	if (has_letter(table, *count, o->letter))
		table[*count].letter = 0;
	++*count;
}

static struct opt option_of(enum verb verb, const struct verb_field *f)
{
	return (struct opt){.name = f->name,
	                    .also = f->also,
	                    .letter = f->letter,
	                    .kind = verb_field_repeats(f) || f->flags & FIELD_COMMAS ? OPT_PARAMS : OPT_PARAM,
	                    .value = verb_field_value(verb, f),
	                    .help = f->flags & FIELD_REFUSED ? NULL : f->help,
	                    .at = AT(params)};
}

enum { MOST = 192, GLOBAL = ARRAY_SIZE(cli_global_options) };

static void add_fields(struct opt *table, enum verb verb, unsigned kinds, size_t *count)
{
	const struct verb_field *f;

	for (size_t i = 0; verb < VERBS && (f = verb_field(verb, kinds, i)) && *count < MOST - GLOBAL; i++) {
		struct opt o = option_of(verb, f);

		if (!(f->flags & (FIELD_OPERAND | FIELD_HIDDEN)))
			add_option(table, count, &o);
	}
}

// Options for KINDS take precedence over those for MORE.
static struct opt *own_options(enum verb verb, unsigned kinds, unsigned more, size_t *count)
{
	struct opt *table = mem_array(MOST, sizeof(*table));

	*count = 0;
	add_fields(table, verb, kinds, count);
	add_fields(table, verb, more, count);
	return table;
}

struct opt *cli_own_options(enum verb verb, unsigned kinds)
{
	size_t count;

	return own_options(verb, kinds, 0, &count);
}

static struct opt *all_options(enum verb verb, unsigned kinds, unsigned more)
{
	size_t count;
	struct opt *table = own_options(verb, kinds, more, &count);

	for (const struct opt *o = cli_global_options; o->name; o++)
		add_option(table, &count, o);
	return table;
}

struct opt *cli_options_of(enum verb verb, unsigned kinds)
{
	return all_options(verb, kinds, 0);
}

unsigned cli_kinds(const struct cli *c)
{
	bool one = c->noun >= 0 || (c->verb < VERBS && c->info->flags & CREATES);

	return one                                                         ? 1u << c->kind
	       : c->verb < VERBS && c->info->kinds && !(c->info->kinds & KIND_BIT_ANY) ? c->info->kinds
	                                                                              : KIND_BIT_ANY;
}

// Whether the operands are a command line: then the first one ends the options.
static bool takes_command(enum verb verb, unsigned kinds)
{
	const struct verb_field *f = verb_field_find(verb, kinds, PARAM_COMMAND);

	return f && f->flags & FIELD_OPERAND;
}

// Whether the kind can follow the verb: `hostel create guest`.
static bool names_kind(const struct cli *c)
{
	return c->info->flags & CREATES && c->noun < 0;
}

// Parses the words after a verb. The kind for run and create can be anywhere before the first operand, with options of
// that kind before and after it; after "--" the word is an operand. Returns the index of the first operand.
int cli_parse_words(struct cli *c, int argc, char **argv, struct err *e)
{
	bool any = names_kind(c); // the kind may follow
	auto_free struct opt *options = all_options(c->verb, cli_kinds(c), any ? KIND_BIT_ANY : 0);
	int flags = takes_command(c->verb, any ? KIND_BIT_ANY : cli_kinds(c)) ? OPTS_STOP_AT_OPERAND : 0;
	int first = opts_parse_given(options, c, argc, argv, flags, &c->given, e);

	if (first < 0 || first >= argc || !any || strcmp(argv[first - 1], "--") == 0)
		return first;
	int kind = workload_kind_find(argv[first]);
	if (kind < 0)
		return first;
	c->kind = (enum kind)kind;
	auto_free struct opt *own = all_options(c->verb, cli_kinds(c), KIND_BIT_ANY);
	int more = opts_parse_given(own, c, argc - first, argv + first, flags, &c->given, e);
	return more < 0 ? more : first + more;
}
