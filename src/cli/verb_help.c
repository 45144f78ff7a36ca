// `hostel help`, `hostel version`, and what --help prints.
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "cli/main.h"
#include "model/fact.h"
#include "model/recipe.h"

static void add_verb_help(struct str *out, struct cli *c)
{
	auto_free struct opt *options = cli_options(c);

	str_addf(out, "usage: hostel %s %s\n%s\n\n", c->verb->name, c->verb->operands, c->verb->help);
	opts_help(out, options);
	if (!(c->verb->flags & CLI_RECIPE))
		return;
	for (const struct recipe_field *f = recipe_fields(c->kind); f->name; f++)
		if (f->flags & RECIPE_OPERAND)
			str_addf(out, "  %-30s %s\n", f->value, f->help);
	if (c->kind == KIND_CONTAINER)
		str_addf(out, "\nFor guests: hostel %s guest --help\n", c->verb->name);
}

static void add_help(struct str *out, const struct cli_verb *verbs)
{
	str_add(out, "usage: hostel [OPTION]…            the dashboard\n       hostel [OPTION]… VERB …     the same actions for scripts\n\n");
	for (const struct cli_verb *v = verbs; v->name; v++)
		str_addf(out, "  %-11s %s\n", v->name, v->help);
	str_add_char(out, '\n');
	opts_help(out, cli_global_options);
	cli_add_exit_help(out);
	str_add(out, "A workload is named by its name or id. 'hostel help VERB' lists the options of a verb.\n");
}

int cli_unknown_verb(const struct cli *c, const char *name)
{
	const struct cli_verb *verbs = c->verbs;
	size_t count = 0;

	while (verbs[count].name)
		count++;
	const char *near = opts_nearest(name, &verbs[0].name, count, sizeof(verbs[0]));
	auto_str names = {0};

	if (near)
		return cli_fail(EXIT_USAGE, "unknown verb '%s' (did you mean '%s'?)", name, near);
	for (size_t i = 0; i < count; i++)
		str_addf(&names, "%s%s", i ? ", " : "", verbs[i].name);
	return cli_fail(EXIT_USAGE, "unknown verb '%s' (verbs: %s)", name, str_text(&names));
}

int cli_verb_help(struct cli *c)
{
	auto_str out = {0};

	add_verb_help(&out, c);
	return cli_print(&out);
}

// Each fact with its other names.
static void add_fields(struct str *out)
{
	for (enum fact fact = 0; fact < FACTS; fact++) {
		const struct fact_info *info = fact_info(fact);
		auto_free char *names = mem_printf("%s%s%s%s%s", info->name, info->alias ? ", " : "", info->alias ? info->alias : "",
		                                   info->before ? ", " : "", info->before ? info->before : "");

		str_addf(out, "%-26s %s\n", names, info->help);
	}
}

int verb_help(struct cli *c, int count, char **operands)
{
	auto_str out = {0};

	if (count == 0) {
		add_help(&out, c->verbs);
		return cli_print(&out);
	}
	if (strcmp(operands[0], "keys") == 0) {
		c->dashboard->add_keys(&out);
		return cli_print(&out);
	}
	if (strcmp(operands[0], "fields") == 0) {
		add_fields(&out);
		return cli_print(&out);
	}
	c->verb = cli_find(c->verbs, operands[0]);
	if (!c->verb)
		return cli_unknown_verb(c, operands[0]);
	int kind = count > 1 ? workload_kind_find(operands[1]) : KIND_CONTAINER;
	if (kind < 0)
		return cli_fail(EXIT_USAGE, "unknown kind '%s' (kinds: %s)", operands[1], workload_kinds);
	c->kind = (enum kind)kind;
	return cli_verb_help(c);
}

int verb_version(struct cli *c, int count, char **operands)
{
	auto_str out = {0};

	(void)c, (void)count, (void)operands;
	str_add(&out, "hostel " PACKAGE_VERSION "\n");
	return cli_print(&out);
}
