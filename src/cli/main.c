// The command line: finds the verb, parses its options and operands, and runs it here or on another host. Without a
// verb it runs the dashboard.
#include "cli/main.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli.h"
#include "model/verb_help.h"
#include "sys/lock.h"

// COUNT operands are too few. After a noun, a verb has operands of its own.
static int refuse_count(const struct cli *c, int count)
{
	bool named = c->noun >= 0;
	auto_free char *own = named ? verb_operands_of(c->verb, c->kind) : NULL;
	const char *needed = count                                         ? "a second operand"
	                     : !c->info->kinds                             ? c->info->operands
	                     : !named && c->info->kinds & KIND_BIT_ANY     ? "a guest or container"
	                                                                   : kind_phrase(c->kind);
	const char *noun = named ? kind_name(c->kind) : "", *space = named ? " " : "";

	return cli_fail(EXIT_USAGE, "'%s%s%s' needs %s (usage: hostel %s%s%s %s)", noun, space, c->info->name, needed,
	                noun, space, c->info->name, own ? own : c->info->operands);
}

static int run_verb(struct cli *c, int count, char **operands)
{
	if (c->read_only && cli_writes(c))
		return cli_refuse(c);
	if (count < c->info->least && !cli_has(c, PARAM_AUTOSTART))
		return refuse_count(c, count);
	if (count > c->info->most && c->info->most != VERB_ANY)
		return cli_fail(EXIT_USAGE, "unexpected operand '%s' (usage: hostel %s%s%s)", operands[c->info->most],
		                c->info->name, *c->info->operands ? " " : "", c->info->operands);
	return cli_run_of(c->verb)(c, count, operands);
}

static void say_waiting(const char *text)
{
	cli_warn("%s", text);
}

static int verb_main(struct cli *c, enum verb verb, int argc, char **argv)
{
	struct err e = {0};

	cli_set_verb(c, verb);
	int first = cli_parse_words(c, argc, argv, &e);

	if (first < 0)
		return cli_fail(EXIT_USAGE, "%s: %s (see 'hostel %s --" OPTION_HELP "')", c->info->name, e.text,
		                c->info->name);
	if (c->help)
		return cli_verb_help(c);
	if (c->version)
		return verb_version(c, 0, NULL);
	if (verb != VERB_AGENT && verb != VERB_WORK) // whose standard error is another program's
		lock_on_wait(say_waiting);
	if (!c->host || !(c->info->flags & RUNS_THERE))
		return run_verb(c, argc - first, argv + first);
	return cli_run_there(c, argc - first, argv + first);
}

static int show_dashboard(const struct cli *c)
{
	const struct dashboard_options options = {.host = c->host,
	                                          .engines = &c->engines,
	                                          .read_only = c->read_only,
	                                          .linear = c->linear,
	                                          .config = c->config_file,
	                                          .theme = c->theme};
	struct err e = {0};

	if (!c->linear && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return cli_fail(
		    EXIT_USAGE,
		    "the dashboard needs a terminal (for scripts there are verbs: see 'hostel help'; for lines of text "
		    "--" OPTION_LINEAR
		    ")");
	cli_connecting(c);
	int r = c->dashboard->run(&options, &e);
	return r < 0 ? cli_error(&e) : r;
}

// Whether the environment's locale has UTF-8 in its name: "de_DE.UTF-8", "C.utf8@euro", "UTF-8".
static bool wants_utf8(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"}, *const names[] = {"UTF-8", "UTF8"};
	const char *wanted = "";

	for (size_t i = 0; i < ARRAY_SIZE(variables) && !*wanted; i++)
		wanted = getenv(variables[i]) ? getenv(variables[i]) : "";
	const char *codeset = strchr(wanted, '.') ? strchr(wanted, '.') + 1 : wanted;
	size_t n = strcspn(codeset, "@");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (n == strlen(names[i]) && strncasecmp(codeset, names[i], n) == 0)
			return true;
	return false;
}

// Only the character encoding is taken from the locale: numbers have a decimal point, errors are in English, and i
// becomes I in upper case everywhere. The locale need not be installed: ssh passes on the name from another machine.
static void know_characters(void)
{
	bool installed = setlocale(LC_CTYPE, "") != NULL;

	if (installed ? strcmp(nl_langinfo(CODESET), "UTF-8") == 0 : wants_utf8())
		setlocale(LC_CTYPE, "C.UTF-8");
}

// "image --help"
static bool asks_for_kind(int count, char **words)
{
	return count == 2 && kind_find(words[0]) >= 0 && verb_find(words[0]) < 0 &&
	       (strcmp(words[1], "--" OPTION_HELP) == 0 || strcmp(words[1], "-h") == 0);
}

int cli_main(int argc, char **argv, const struct cli_dashboard *dashboard)
{
	struct cli c = {.verb = VERBS, .dashboard = dashboard, .noun = -1};
	struct err e = {0};

	know_characters();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); // exceeding a file size limit is an error like a full disk
	int first = opts_parse_given(cli_global_options, &c, argc, argv, OPTS_STOP_AT_OPERAND, &c.given, &e);
	enum verb verb = VERBS; // `help` takes another verb as its operand
	int status;
	if (first < 0)
		status = cli_fail(EXIT_USAGE, "%s (see 'hostel help')", e.text);
	else if (c.version)
		status = verb_version(&c, 0, NULL);
	else if (c.help && first == argc)
		status = verb_help(&c, 0, NULL);
	else if (first == argc)
		status = show_dashboard(&c);
	else if (asks_for_kind(argc - first, argv + first))
		status = cli_kind_help((enum kind)kind_find(argv[first]));
	else if ((first = cli_read_noun(&c, argc, argv, first, &verb, &e)) < 0)
		status = cli_fail(EXIT_USAGE, "%s", e.text);
	else
		status = verb == VERBS ? cli_unknown_verb(argv[first]) : verb_main(&c, verb, argc - first, argv + first);
	params_done(&c.params);
	free(c.name_file);
	strv_done(&c.engines);
	strv_done(&c.given);
	return cli_exit_status(verb, status);
}
