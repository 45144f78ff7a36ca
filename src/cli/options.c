// The options of the command line: those of hostel, of a verb and of the recipe of a kind, as one table.
#include "cli.h"

#include <string.h>

#include "base/mem.h"
#include "model/recipe.h"

#define AT(FIELD) offsetof(struct cli, FIELD)

const struct opt cli_global_options[] = {
	{.name = "host", .letter = 'H', .kind = OPT_TEXT, .value = "HOST",
	 .help = "work on another host, through ssh", .at = AT(host)},
	{.name = "engine", .kind = OPT_LIST, .value = "SPEC",
	 .help = "use this engine instead of the default ones, for example bunk or fake:20", .at = AT(engines)},
	{.name = "read-only", .kind = OPT_FLAG,
	 .help = "refuse every change", .at = AT(read_only)},
	{.name = "linear", .kind = OPT_FLAG,
	 .help = "print lines instead of a screen, for screen readers and logs", .at = AT(linear)},
	{.name = "theme", .kind = OPT_TEXT, .value = "NAME",
	 .help = "colours of the dashboard", .at = AT(theme)},
	{.name = "config-file", .kind = OPT_TEXT, .value = "FILE",
	 .help = "read this file instead of ~/.config/hostel/hostel.conf", .at = AT(config_file)},
	{.name = "json", .kind = OPT_FLAG,
	 .help = "print JSON", .at = AT(json)},
	{.name = "help", .letter = 'h', .kind = OPT_FLAG,
	 .help = "show help", .at = AT(help)},
	{.name = "version", .letter = 'V', .kind = OPT_FLAG,
	 .help = "show the version", .at = AT(version)},
	{0},
};

const struct cli_verb *cli_find(const struct cli_verb *verbs, const char *name)
{
	for (const struct cli_verb *v = verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static bool has_option(const struct opt *table, size_t count, const struct opt *o)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].name, o->name) == 0)
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

static void add_option(struct opt *table, size_t *count, const struct opt *o)
{
	if (has_option(table, *count, o))
		return; // a verb's own option comes before a recipe's, and that before a global one
	table[*count] = *o;
	if (has_letter(table, *count, o->letter))
		table[*count].letter = 0;
	++*count;
}

static bool is_list(const struct recipe_field *f)
{
	return f->type == RECIPE_PAIRS || f->type == RECIPE_LIST;
}

struct opt *cli_options_of(const struct cli_verb *verb, enum kind from, enum kind to)
{
	enum { MOST = 96, GLOBAL = ARRAY_SIZE(cli_global_options) };
	struct opt *table = mem_array(MOST, sizeof(*table));
	size_t count = 0;

	for (const struct opt *o = verb->options; o->name; o++)
		add_option(table, &count, o);
	for (int kind = from; verb->flags & CLI_RECIPE && kind <= (int)to; kind++)
		for (const struct recipe_field *f = recipe_fields((enum kind)kind); f->name && count < MOST - GLOBAL; f++)
			if (!(f->flags & RECIPE_OPERAND))
				add_option(table, &count, &(struct opt){f->name, f->letter, is_list(f) ? OPT_PARAMS : OPT_PARAM, f->value, f->help, AT(params)});
	for (const struct opt *o = cli_global_options; o->name; o++)
		add_option(table, &count, o);
	return table;
}

struct opt *cli_options(const struct cli *c)
{
	return cli_options_of(c->verb, c->kind, c->kind);
}
