// `hostel completion SHELL`: what a shell needs to complete command lines, made from the same tables as the help.
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "format.h"
#include "model/query.h"

// What can stand where a verb wants an operand.
static bool takes_names(enum verb v)
{
	return strstr(verb_info(v)->operands, "NAME");
}

static void add_options(struct str *out, enum verb v, unsigned kinds)
{
	auto_free struct opt *options = cli_options_of(v, kinds);

	for (const struct opt *o = options; o->name; o++)
		str_addf(out, " --%s%s", o->name, o->value ? "=" : "");
}

static void add_verb_names(struct str *out)
{
	for (enum verb v = 0; v < VERBS; v++)
		str_addf(out, "%s%s", v ? " " : "", verb_info(v)->name);
}

static void add_query_keys(struct str *out)
{
	for (size_t i = 0;; i++) {
		auto_free char *key = query_key(i);

		if (!key)
			return;
		str_addf(out, " %s", key);
	}
}

// --- bash ---

// Options whose values are known, once each.
static void add_choices(struct str *out)
{
	auto_strv seen = {0};
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(VERB_CREATE, KIND_BIT_ANY, i)); i++) {
		bool known = false;
		for (size_t n = 0; n < seen.count; n++)
			known |= strcmp(seen.items[n], f->name) == 0;
		if (known || !f->choices)
			continue;
		strv_add(&seen, f->name);
		str_addf(out, "\t--%s=*) words='%s' cur=${cur#*=} ;;\n", f->name, f->choices);
	}
}

static void add_bash_verb(struct str *out, enum verb v)
{
	bool creates = verb_info(v)->flags & CREATES;

	str_addf(out, "\t%s) options='", verb_info(v)->name);
	add_options(out, v, creates ? 1u << KIND_CONTAINER : KIND_BIT_ANY);
	str_add(out, "' operands=");
	if (creates)
		str_add(out, "'guest container host dir: oci:'");
	else if (takes_names(v))
		str_add(out, "names");
	else if (v == VERB_LS) {
		str_add_char(out, '\'');
		add_query_keys(out);
		str_add_char(out, '\'');
	} else if (v == VERB_HELP)
		str_add(out, "verbs");
	else if (v == VERB_COMPLETION)
		str_add(out, "'bash zsh fish'");
	str_add(out, " ;;\n");
}

static void add_bash(struct str *out)
{
	str_add(out, "# completion of hostel for bash, made by: hostel completion bash\n"
	             // compgen -W would run $(…) in a name
	             "_hostel_names() {\n"
	             "\tlocal name\n"
	             "\tif [[ \" ${COMP_WORDS[*]} \" == *' -H '* || \" ${COMP_WORDS[*]}\" == *' "
	             "--" OPTION_HOST "'* ]]; then return; fi\n"
	             "\twhile IFS= read -r name; do\n"
	             "\t\tif [[ $name == \"$cur\"* ]]; then COMPREPLY+=(\"$(printf %q \"$name\")\"); fi\n"
	             "\tdone < <(hostel ls --" PARAM_FORMAT " '{name}' 2>/dev/null)\n"
	             "}\n"
	             "_hostel() {\n"
	             "\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb= kind= options= operands= words= verbs i\n"
	             "\tif [[ $cur == = ]]; then cur=; fi\n"
	             "\tif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then cur=${COMP_WORDS[COMP_CWORD - 2]}=$cur; fi\n"
	             "\tverbs='");
	add_verb_names(out);
	str_add(out, "'\n"
	             "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	             "\t\tcase ${COMP_WORDS[i]} in\n"
	             "\t\t-H | --" OPTION_HOST " | --" OPTION_ENGINE ") ((i++)) ;;\n"
	             "\t\t-* | =) ;;\n"
	             "\t\t*) verb=${COMP_WORDS[i]} && break ;;\n"
	             "\t\tesac\n"
	             "\tdone\n"
	             "\tfor ((; i < COMP_CWORD; i++)); do\n"
	             "\t\tcase ${COMP_WORDS[i]} in guest | vm) kind=guest ;; esac\n"
	             "\tdone\n"
	             "\tcase $verb in\n"
	             "\t'') options='");
	add_options(out, VERBS, 0);
	str_add(out, "' operands=verbs ;;\n");
	for (enum verb v = 0; v < VERBS; v++)
		add_bash_verb(out, v);
	str_add(out, "\tesac\n\tcase $verb:$kind in\n\trun:guest | create:guest) options='");
	add_options(out, VERB_CREATE, 1u << KIND_GUEST);
	str_add(out, "' operands= ;;\n\tesac\n\tcase $cur in\n");
	add_choices(out);
	str_add(out, "\t--*=*) compopt -o default; return ;;\n"
	             "\t-*) words=$options ;;\n"
	             "\t*)\n"
	             "\t\tcase $operands in\n"
	             "\t\tverbs) words=$verbs ;;\n"
	             "\t\tnames) _hostel_names; return ;;\n"
	             "\t\t*) words=$operands && compopt -o default ;;\n"
	             "\t\tesac ;;\n"
	             "\tesac\n"
	             "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	             "\tif [[ ${COMPREPLY[0]} == *[=:] ]]; then compopt -o nospace; fi\n"
	             "}\n"
	             "complete -F _hostel hostel\n");
}

// --- the others ---

static void add_zsh(struct str *out)
{
	str_add(
	    out,
	    "#compdef hostel\n# completion of hostel for zsh, made by: hostel completion zsh\n"
	    "autoload -U +X bashcompinit && bashcompinit\n"
	    "source <(hostel completion bash)\n");
}

// In single quotes for fish.
static void add_quoted(struct str *out, const char *text)
{
	str_add_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			str_add_char(out, '\\');
		str_add_char(out, *text);
	}
	str_add_char(out, '\'');
}

static void add_fish_option(struct str *out, const char *verb, const struct opt *o)
{
	str_addf(out, "complete -c hostel -n '__fish_seen_subcommand_from %s' -l %s", verb, o->name);
	if (o->letter)
		str_addf(out, " -s %c", o->letter);
	str_addf(out, "%s -d ", o->value ? " -r" : "");
	add_quoted(out, o->help);
	str_add_char(out, '\n');
}

static void add_fish(struct str *out)
{
	str_add(out, "# completion of hostel for fish, made by: hostel completion fish\ncomplete -c hostel -f\n");
	for (enum verb v = 0; v < VERBS; v++) {
		auto_free struct opt *options =
		    cli_options_of(v, verb_info(v)->flags & CREATES ? 1u << KIND_CONTAINER : KIND_BIT_ANY);
		const struct verb_info *info = verb_info(v);

		str_addf(out, "complete -c hostel -n __fish_use_subcommand -a %s -d ", info->name);
		add_quoted(out, info->help);
		str_add_char(out, '\n');
		for (const struct opt *o = options; o->name; o++)
			add_fish_option(out, info->name, o);
		if (takes_names(v))
			str_addf(out,
			         "complete -c hostel -n '__fish_seen_subcommand_from %s' -a \"(hostel ls --" PARAM_FORMAT
			         " '{name}\\t{kind}' 2>/dev/null)\"\n",
			         info->name);
	}
}

int verb_completion(struct cli *c, int count, char **operands)
{
	static const struct {
		const char *shell;
		void (*add)(struct str *out);
	} shells[] = {{"bash", add_bash}, {"zsh", add_zsh}, {"fish", add_fish}};
	auto_str out = {0};

	(void)c;
	for (size_t i = 0; count == 1 && i < ARRAY_SIZE(shells); i++)
		if (strcmp(shells[i].shell, operands[0]) == 0) {
			shells[i].add(&out);
			return cli_print(&out);
		}
	return cli_fail(EXIT_USAGE, "'completion' takes one of: bash, zsh, fish");
}
