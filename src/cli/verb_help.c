// `hostel help`, `hostel version` and --help.
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "cli/main.h"
#include "model/fact.h"
#include "model/verb_help.h"

// Whether an option of VERB is for only one of its kinds.
static bool differs_by_kind(enum verb verb)
{
	const struct verb_info *info = verb_info(verb);
	const struct verb_field *f;

	if ((info->kinds & KIND_BIT_ANY) != KIND_BIT_ANY)
		return false;
	for (size_t i = 0; !(info->flags & CREATES) && (f = verb_field(verb, info->kinds, i)); i++)
		if (info->kinds & ~f->kinds)
			return true;
	return false;
}

static void add_options_by_kind(struct str *out, enum verb verb)
{
	for (int kind = 0; kind < WORKLOAD_KINDS; kind++) {
		auto_free struct opt *options = cli_own_options(verb, 1u << kind);

		str_addf(out, "Options for %s:\n", kind_phrase((enum kind)kind));
		opts_help(out, options);
		str_add_char(out, '\n');
	}
	opts_help(out, cli_global_options);
}

// The row of a verb that creates is about workloads; another kind has its own operands.
static void add_usage(struct str *out, const struct cli *c)
{
	const struct verb_field *f;

	auto_free char *operands = c->noun < 0 ? NULL : verb_operands_of(c->verb, c->kind);

	if (operands) {
		auto_free char *help = verb_help_of(c->verb, c->kind);

		str_addf(out, "usage: hostel %s %s%s%s\n%s\n\n", kind_name(c->kind), c->info->name,
		         *operands ? " " : "", operands, help);
		return;
	}
	if (!(c->info->flags & CREATES) || kind_is_workload(c->kind)) {
		str_addf(out, "usage: hostel %s%s%s\n%s\n\n", c->info->name, *c->info->operands ? " " : "", c->info->operands,
		         c->info->help);
		return;
	}
	str_addf(out, "usage: hostel %s %s [OPTION]…", kind_name(c->kind), c->info->name);
	for (size_t i = 0; (f = verb_field(c->verb, cli_kinds(c), i)); i++)
		if (f->flags & FIELD_OPERAND)
			str_addf(out, f->flags & FIELD_REQUIRED ? " %s" : " [%s]", f->value);
	str_addf(out, "\ncreate %s\n\n", kind_info(c->kind)->phrase);
}

static void add_verb_help(struct str *out, struct cli *c)
{
	auto_free struct opt *options = cli_options_of(c->verb, cli_kinds(c));
	const struct verb_field *f;

	add_usage(out, c);
	if (c->noun < 0 && differs_by_kind(c->verb))
		add_options_by_kind(out, c->verb);
	else
		opts_help(out, options);
	for (size_t i = 0; c->info->flags & CREATES && (f = verb_field(c->verb, cli_kinds(c), i)); i++)
		if (f->flags & FIELD_OPERAND)
			str_addf(out, "  %-30s %s\n", f->value, f->help);
	if (c->info->flags & CREATES && c->kind == KIND_CONTAINER)
		str_addf(out, "\nFor guests: hostel %s guest --" OPTION_HELP "\n", c->info->name);
}

static void add_help(struct str *out, const struct cli *c)
{
	str_add(
	    out,
	    "usage: hostel [OPTION]…            the dashboard\n"
	    "       hostel [OPTION]… VERB …     one action, for scripts and at the prompt\n\n");
	for (enum verb v = 0; v < VERBS; v++)
		if (cli_shows(c, v))
			str_addf(out, "  %-11s %s\n", verb_info(v)->name, verb_info(v)->help);
	str_add_char(out, '\n');
	opts_help(out, cli_global_options);
	cli_add_exit_help(out);
	str_add(out, "A verb of one kind: hostel KIND VERB (kinds:");
	for (enum kind kind = 0; kind < KINDS; kind++)
		if (cli_shows_kind(c, kind))
			str_addf(out, "%s %s", kind ? "," : "", kind_name(kind));
	str_add(out, "; 'hostel help KIND' lists the verbs)\n");
	str_add(out, "A workload is named by its name or id. 'hostel help VERB' lists the options of a verb.\n");
}

int cli_unknown_verb(const char *name)
{
	const char *near = opts_nearest(name, &verb_info(0)->name, VERBS, sizeof(struct verb_info));
	auto_str names = {0};

	if (near)
		return cli_fail(EXIT_USAGE, "unknown verb '%s' (did you mean '%s'?)", name, near);
	for (enum verb v = 0; v < VERBS; v++)
		str_addf(&names, "%s%s", v ? ", " : "", verb_info(v)->name);
	return cli_fail(EXIT_USAGE, "unknown verb '%s' (verbs: %s)", name, str_text(&names));
}

// The verbs of KIND, for `hostel help KIND` and `hostel KIND --help`.
int cli_kind_help(enum kind kind)
{
	auto_str out = {0};

	str_addf(&out, "usage: hostel %s VERB …\n\n", kind_name(kind));
	for (enum verb v = 0; v < VERBS; v++) {
		auto_free char *help = verb_help_of(v, kind);

		if (verb_suits(v, kind))
			str_addf(&out, "  %-11s %s\n", verb_info(v)->name, help);
	}
	str_add(&out, "\nColumns of the list:");
	for (size_t i = 0; i < kind_columns(kind); i++)
		str_addf(&out, "%s %s", i ? "," : "", fact_info(kind_info(kind)->columns[i])->name);
	str_add_char(&out, '\n');
	return cli_print(&out);
}

int cli_verb_help(struct cli *c)
{
	auto_str out = {0};

	add_verb_help(&out, c);
	return cli_print(&out);
}

static int unknown_kind(const struct cli *c, const char *word)
{
	auto_str kinds = {0};

	for (int kind = KINDS - 1; kind >= 0; kind--)
		if (verb_suits(c->verb, (enum kind)kind) && cli_shows_kind(c, (enum kind)kind))
			str_addf(&kinds, "%s%s%s%s", kinds.length ? ", " : "", kind_name((enum kind)kind),
			         kind_info((enum kind)kind)->alias ? " or " : "",
			         kind_info((enum kind)kind)->alias ? kind_info((enum kind)kind)->alias : "");
	return cli_fail(EXIT_USAGE, "unknown kind '%s' (kinds: %s)", word, str_text(&kinds));
}

// Lists the facts with their aliases.
static void add_fields(struct str *out)
{
	for (enum fact fact = 0; fact < FACTS; fact++) {
		const struct fact_info *info = fact_info(fact);
		auto_free char *names =
		    mem_printf("%s%s%s%s%s", info->name, info->alias ? ", " : "", info->alias ? info->alias : "",
		               info->before ? ", " : "", info->before ? info->before : "");

		str_addf(out, "%-26s %s\n", names, info->help);
	}
}

// The help on a verb; of the kind OF, unless that is NULL.
static int help_on(struct cli *c, const char *name, const char *of)
{
	int verb = verb_find(name);

	if (verb < 0)
		return cli_unknown_verb(name);
	cli_set_verb(c, (enum verb)verb);
	int kind = of ? kind_find(of) : (int)c->kind;
	if (kind < 0)
		return unknown_kind(c, of);
	c->kind = (enum kind)kind;
	if (of && verb_suits(c->verb, c->kind))
		c->noun = kind;
	return cli_verb_help(c);
}

int verb_help(struct cli *c, int count, char **operands)
{
	auto_str out = {0};

	if (count == 0) {
		add_help(&out, c);
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
	const char *second = count > 1 ? operands[1] : NULL;
	if (verb_find(operands[0]) >= 0 || kind_find(operands[0]) < 0)
		return help_on(c, operands[0], second);
	return second ? help_on(c, second, operands[0]) : cli_kind_help((enum kind)kind_find(operands[0]));
}

int verb_version(struct cli *c, int count, char **operands)
{
	auto_str out = {0};

	(void)c, (void)count, (void)operands;
	str_add(&out, "hostel " PACKAGE_VERSION "\n");
	return cli_print(&out);
}
