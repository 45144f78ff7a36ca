// The program: its verbs and options, the dashboard when no verb is given. Every list here is a table; help is made from them.
#include "config.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/app.h"
#include "base/mem.h"
#include "cli.h"
#include "agent/agent.h"
#include "client/link.h"
#include "model/recipe.h"
#include "model/verb.h"

#define AT(FIELD) offsetof(struct cli, FIELD)

static const struct opt global_options[] = {
	{"host", 'H', OPT_TEXT, "HOST", "work on another host, through ssh", AT(host)},
	{"engine", 0, OPT_LIST, "SPEC", "use this engine instead of the default ones, for example bunk or fake:20", AT(engines)},
	{"read-only", 0, OPT_FLAG, NULL, "refuse every change", AT(read_only)},
	{"linear", 0, OPT_FLAG, NULL, "print lines instead of a screen, for screen readers and logs", AT(linear)},
	{"theme", 0, OPT_TEXT, "NAME", "colours of the dashboard", AT(theme)},
	{"config-file", 0, OPT_TEXT, "FILE", "read this file instead of ~/.config/hostel/hostel.conf", AT(config_file)},
	{"json", 0, OPT_FLAG, NULL, "print JSON", AT(json)},
	{"help", 'h', OPT_FLAG, NULL, "show help", AT(help)},
	{"version", 'V', OPT_FLAG, NULL, "show the version", AT(version)},
	{0},
};

static const struct opt no_options[] = {{0}};
#define FORMAT {"format", 0, OPT_TEXT, "TEMPLATE", "print one line per workload in this format, for example '{name} {state} {cpu}'", AT(format)}

static const struct opt ls_options[] = {
	FORMAT,
	{"quiet", 'q', OPT_FLAG, NULL, "print ids only", AT(quiet)},
	{0},
};
static const struct opt stats_options[] = {
	FORMAT,
	{"interval", 'i', OPT_TEXT, "TIME", "interval of a measurement (1s)", AT(interval)},
	{"count", 'n', OPT_TEXT, "NUMBER", "number of measurements (1)", AT(count)},
	{"follow", 'f', OPT_FLAG, NULL, "repeat until interrupted", AT(follow)},
	{0},
};
static const struct opt stop_options[] = {
	{"timeout", 't', OPT_PARAM, "TIME", "grace period before it is killed (containers: 10s; guests: never unless given)", AT(params)},
	{0},
};
static const struct opt kill_options[] = {
	{"signal", 's', OPT_PARAM, "SIGNAL", "send this signal, for example HUP (KILL)", AT(params)},
	{0},
};
static const struct opt rm_options[] = {
	{"force", 'f', OPT_PARAM, NULL, "kill it first if it is running", AT(params)},
	{"storage", 0, OPT_PARAM, NULL, "also delete the guest's own disks", AT(params)},
	{0},
};
static const struct opt set_options[] = {
	{"cpus", 'c', OPT_PARAM, "NUMBER", "CPU limit of a container, virtual CPUs of a guest", AT(params)},
	{"memory", 'm', OPT_PARAM, "SIZE", "memory limit, for example 512M", AT(params)},
	{"pids", 0, OPT_PARAM, "NUMBER", "limit of processes and threads of a container", AT(params)},
	{"restart", 0, OPT_PARAM, "POLICY", "restart a container: no, always, unless-stopped or on-failure[:TIMES]", AT(params)},
	{"autostart", 0, OPT_PARAM, "YES", "yes or no: start a guest when the host boots", AT(params)},
	{0},
};
static const struct opt run_options[] = {
	{"detach", 'd', OPT_FLAG, NULL, "do not wait for it; print its name", AT(detach)},
	{0},
};
static const struct opt create_options[] = {
	{"start", 0, OPT_FLAG, NULL, "also start it", AT(start)},
	{0},
};
static const struct opt logs_options[] = {
	{"follow", 'f', OPT_PARAM, NULL, "print new output until interrupted", AT(params)},
	{"tail", 'n', OPT_PARAM, "LINES", "only the last LINES lines", AT(params)},
	{"since", 0, OPT_PARAM, "TIME", "only lines newer than TIME, for example 10m", AT(params)},
	{"timestamps", 't', OPT_PARAM, NULL, "show the time of each line", AT(params)},
	{0},
};
static const struct opt exec_options[] = {
	{"tty", 't', OPT_PARAM, NULL, "allocate a terminal", AT(params)},
	{"interactive", 'i', OPT_PARAM, NULL, "keep standard input open (containers: always)", AT(params)},
	{"user", 'u', OPT_PARAM, "USER[:GROUP]", "run as this user", AT(params)},
	{"cwd", 'w', OPT_PARAM, "PATH", "working directory inside", AT(params)},
	{"env", 'e', OPT_PARAMS, "NAME=VALUE", "environment variable", AT(params)},
	{0},
};
static const struct opt console_options[] = {
	{"take", 0, OPT_PARAM, NULL, "take it over from another client", AT(params)},
	{"device", 0, OPT_PARAM, "NAME", "a console of several, for example serial1 (see inspect)", AT(params)},
	{0},
};
static const struct opt check_options[] = {
	{"repair", 0, OPT_FLAG, NULL, "repair what is safe to repair", AT(repair)},
	{"deep", 0, OPT_FLAG, NULL, "check the digests of images, too", AT(deep)},
	{0},
};
static const struct opt inspect_options[] = {
	FORMAT,
	{"config", 0, OPT_FLAG, NULL, "print the engine's own configuration: JSON or XML", AT(config)},
	{"processes", 0, OPT_FLAG, NULL, "list the processes inside", AT(processes)},
	{0},
};

enum { ANY = -1 }; // operands

const struct cli_verb cli_verbs[] = {
	{"ls", "[FILTER]…", "list workloads; filters: state:running kind:guest mem>1G …", ls_options, 0, 0, ANY, verb_ls},
	{"stats", "[NAME]…", "measure CPU, memory, network and disks", stats_options, 0, 0, ANY, verb_stats},
	{"run", "[guest|container] [OPTION]… [IMAGE [COMMAND]…]", "create and start a container or guest; wait for the container", run_options,
	 CLI_WRITES | CLI_COMMAND | CLI_STREAM | CLI_RECIPE | CLI_RUNS, 0, ANY, verb_run},
	{"create", "[guest|container] [OPTION]… [IMAGE [COMMAND]…]", "create a container or guest", create_options, CLI_WRITES | CLI_COMMAND | CLI_RECIPE, 0, ANY, verb_create},
	{"start", "NAME…", "start workloads", no_options, CLI_WRITES, 1, ANY, verb_act},
	{"stop", "NAME…", "shut down gracefully; kill containers after a grace period", stop_options, CLI_WRITES, 1, ANY, verb_act},
	{"kill", "NAME…", "kill, or send a signal", kill_options, CLI_WRITES, 1, ANY, verb_act},
	{"pause", "NAME…", "freeze", no_options, CLI_WRITES, 1, ANY, verb_act},
	{"resume", "NAME…", "continue after pause", no_options, CLI_WRITES, 1, ANY, verb_act},
	{"restart", "NAME…", "stop and start", stop_options, CLI_WRITES, 1, ANY, verb_act},
	{"rm", "NAME…", "delete permanently", rm_options, CLI_WRITES, 1, ANY, verb_act},
	{"rename", "NAME NEW", "change the name", no_options, CLI_WRITES, 2, 2, verb_act},
	{"set", "OPTION… NAME…", "change limits, also while running", set_options, CLI_WRITES, 1, ANY, verb_act},
	{"logs", "NAME…", "show output of containers, serial logs of guests", logs_options, CLI_STREAM, 1, ANY, verb_logs},
	{"exec", "[OPTION]… NAME [--] COMMAND…", "run a command inside", exec_options, CLI_WRITES | CLI_COMMAND | CLI_STREAM | CLI_RUNS, 1, ANY, verb_stream},
	{"attach", "NAME", "connect to a container's first process (Ctrl-] leaves)", no_options, CLI_WRITES | CLI_STREAM, 1, 1, verb_stream},
	{"console", "NAME", "connect to a guest's serial console (Ctrl-] leaves)", console_options, CLI_WRITES | CLI_STREAM, 1, 1, verb_stream},
	{"wait", "NAME", "wait until a container exits and return its status", no_options, CLI_STREAM, 1, 1, verb_wait},
	{"inspect", "NAME…", "show all details", inspect_options, 0, 1, ANY, verb_inspect},
	{"check", "", "find damage, leftovers and missing parts", check_options, CLI_STREAM, 0, 0, verb_check},
	{"agent", "", "serve this host to a hostel on another one (started by --host)", no_options, 0, 0, 0, verb_agent},
	{"completion", "bash|zsh|fish", "print completion rules for a shell", no_options, 0, 1, 1, verb_completion},
	{"version", "", "show the version", no_options, 0, 0, 0, verb_version},
	{"help", "[VERB [KIND]|keys]", "show help on hostel, a verb or the dashboard's keys", no_options, 0, 0, 2, verb_help},
	{0},
};

const struct cli_verb *cli_find(const char *name)
{
	for (const struct cli_verb *v = cli_verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

bool cli_ascii(int fd)
{
	return isatty(fd) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static void complain(const char *fmt, va_list args)
{
	char text[2048];
	auto_str out = {0};

	vsnprintf(text, sizeof(text), fmt, args);
	auto_free char *visible = str_visible(text);
	if (cli_ascii(STDERR_FILENO))
		str_add_ascii(&out, visible, strlen(visible));
	else
		str_add(&out, visible);
	fprintf(stderr, "hostel: %s\n", str_text(&out));
}

void cli_connecting(const struct cli *c)
{
	if (c->host && isatty(STDERR_FILENO))
		fprintf(stderr, cli_ascii(STDERR_FILENO) ? "connecting to %s ... (Ctrl-C cancels)\n" : "connecting to %s … (Ctrl-C cancels)\n", c->host);
}

int cli_fail(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(fmt, args);
	va_end(args);
	return status;
}

void cli_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(fmt, args);
	va_end(args);
}

int cli_error(const struct err *e)
{
	return cli_fail(e->status == 127 ? EXIT_NOT_INSTALLED : e->status ? EXIT_NOT_EXECUTED : EXIT_FAILED, "%s", e->text);
}

int cli_not_found(const struct err *e)
{
	return e->code == ENOENT ? cli_fail(EXIT_NOT_FOUND, "%s", e->text) : cli_error(e);
}

// What hostel exits with by itself; commands that end by themselves pass their status on.
static const struct exit_row {
	int own;
	int plain, runs;  // of most verbs, and of those that exit as the command they run
	const char *help; // of the plain one
	const char *runs_help;
} exits[] = {
	{EXIT_OK, 0, 0, "success", NULL},
	{EXIT_FAILED, 1, 125, "failure (also of a change refused by --read-only)", "failure of hostel itself"},
	{EXIT_USAGE, 2, 125, "usage error", NULL},
	{EXIT_NOT_FOUND, 3, 125, "no such workload", NULL},
	{EXIT_NOT_EXECUTED, 1, 126, NULL, "the command cannot be executed"},
	{EXIT_NOT_INSTALLED, 1, 127, NULL, "no such command"},
};

static int exit_status(const struct cli_verb *verb, int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		if (exits[i].own == status)
			return verb && verb->flags & CLI_RUNS ? exits[i].runs : exits[i].plain;
	return status;
}

static void add_exit_help(struct str *out)
{
	str_add(out, "\nExit status:");
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		if (exits[i].help)
			str_addf(out, "%s %d %s", i ? "," : "", exits[i].plain, exits[i].help);
	str_add(out, ".\nrun and exec:");
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		if (exits[i].runs_help)
			str_addf(out, " %d %s,", exits[i].runs, exits[i].runs_help);
	str_add(out, " else the status of the command inside, which attach and wait return, too.\n");
}

int cli_print(const struct str *text)
{
	auto_str ascii = {0};

	if (cli_ascii(STDOUT_FILENO)) {
		str_add_ascii(&ascii, str_text(text), text->length);
		text = &ascii;
	}
	if (fwrite(str_text(text), 1, text->length, stdout) != text->length || fflush(stdout) != 0)
		return errno == EPIPE ? EXIT_FAILED /* has read enough */ : cli_fail(EXIT_FAILED, "cannot write the output: %s", strerror(errno));
	return EXIT_OK;
}

void cli_add_json(struct str *out, const json_t *value, size_t flags)
{
	auto_free char *text = json_dumps(value, flags | JSON_ENCODE_ANY);

	str_add_json(out, text ? text : "null");
	str_add_char(out, '\n');
}

static bool has(const struct opt *table, size_t count, const struct opt *o)
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

static void append(struct opt *table, size_t *count, const struct opt *o)
{
	if (has(table, *count, o))
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

// The options of VERB with those of the recipes of kinds FROM … TO.
static struct opt *options_of(const struct cli_verb *verb, enum workload_kind from, enum workload_kind to)
{
	enum { MOST = 96, GLOBAL = ARRAY_SIZE(global_options) };
	struct opt *table = mem_array(MOST, sizeof(*table));
	size_t count = 0;

	for (const struct opt *o = verb->options; o->name; o++)
		append(table, &count, o);
	for (int kind = from; verb->flags & CLI_RECIPE && kind <= (int)to; kind++)
		for (const struct recipe_field *f = recipe_fields((enum workload_kind)kind); f->name && count < MOST - GLOBAL; f++)
			if (!(f->flags & RECIPE_OPERAND))
				append(table, &count, &(struct opt){f->name, f->letter, is_list(f) ? OPT_PARAMS : OPT_PARAM, f->value, f->help, AT(params)});
	for (const struct opt *o = global_options; o->name; o++)
		append(table, &count, o);
	return table;
}

struct opt *cli_options(const struct cli *c)
{
	return options_of(c->verb, c->kind, c->kind);
}

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

static void add_help(struct str *out)
{
	str_add(out, "usage: hostel [OPTION]…            the dashboard\n       hostel [OPTION]… VERB …     the same actions for scripts\n\n");
	for (const struct cli_verb *v = cli_verbs; v->name; v++)
		str_addf(out, "  %-11s %s\n", v->name, v->help);
	str_add_char(out, '\n');
	opts_help(out, global_options);
	add_exit_help(out);
	str_add(out, "A workload is named by its name or id. 'hostel help VERB' lists the options of a verb.\n");
}

static int unknown_verb(const char *name)
{
	size_t count = 0;

	while (cli_verbs[count].name)
		count++;
	const char *near = opts_nearest(name, &cli_verbs[0].name, count, sizeof(cli_verbs[0]));
	auto_str verbs = {0};

	if (near)
		return cli_fail(EXIT_USAGE, "unknown verb '%s' (did you mean '%s'?)", name, near);
	for (size_t i = 0; i < count; i++)
		str_addf(&verbs, "%s%s", i ? ", " : "", cli_verbs[i].name);
	return cli_fail(EXIT_USAGE, "unknown verb '%s' (verbs: %s)", name, str_text(&verbs));
}

static int show_verb_help(struct cli *c)
{
	auto_str out = {0};

	add_verb_help(&out, c);
	return cli_print(&out);
}

int verb_help(struct cli *c, int count, char **operands)
{
	auto_str out = {0};

	if (count == 0) {
		add_help(&out);
		return cli_print(&out);
	}
	if (strcmp(operands[0], "keys") == 0) {
		app_keys(&out);
		return cli_print(&out);
	}
	c->verb = cli_find(operands[0]);
	if (!c->verb)
		return unknown_verb(operands[0]);
	int kind = count > 1 ? workload_kind_find(operands[1]) : KIND_CONTAINER;
	if (kind < 0)
		return cli_fail(EXIT_USAGE, "unknown kind '%s' (kinds: %s)", operands[1], workload_kinds);
	c->kind = (enum workload_kind)kind;
	return show_verb_help(c);
}

int verb_version(struct cli *c, int count, char **operands)
{
	auto_str out = {0};

	(void)c, (void)count, (void)operands;
	str_add(&out, "hostel " PACKAGE_VERSION "\n");
	return cli_print(&out);
}

int verb_agent(struct cli *c, int count, char **operands)
{
	const struct agent_options options = {.engines = &c->engines, .read_only = c->read_only, .program = PACKAGE_VERSION};
	struct err e = {0};

	(void)count, (void)operands;
	if (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO))
		return cli_fail(EXIT_USAGE, "an agent speaks to another hostel, not to a terminal (use 'hostel --host MACHINE')");
#ifdef M_ARENA_MAX // glibc's
	mallopt(M_ARENA_MAX, 1); // its threads mostly wait: a heap for each would be memory for nothing
#endif
	int r = agent_run(STDIN_FILENO, STDOUT_FILENO, &options, &e);
	return r < 0 ? cli_error(&e) : EXIT_OK;
}

static bool writes(const struct cli *c)
{
	return c->verb->flags & CLI_WRITES || c->repair;
}

static int refuse_to_write(const struct cli *c)
{
	return cli_fail(EXIT_FAILED, "cannot %s%s: --read-only was given%s", c->verb->name, c->repair ? " --repair" : "",
	                c->verb->flags & CLI_RECIPE && c->kind == KIND_CONTAINER ? " (for a container with a read-only root: --read-only-root)" : "");
}

// Runs WORDS over there, in place of this program.
static int pass_on(const struct cli *c, const struct strv *words)
{
	auto_strv argv = {0};
	struct err e = {0};

	if (c->read_only && writes(c))
		return refuse_to_write(c);
	cli_connecting(c);
	if (link_remote_argv(c->host, words, isatty(STDIN_FILENO) && isatty(STDOUT_FILENO), &argv, &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	execvp(argv.items[0], argv.items);
	return cli_fail(EXIT_FAILED, "cannot run '%s': %s (install openssh-client)", argv.items[0], strerror(errno));
}

static int run_verb(struct cli *c, int count, char **operands)
{
	if (c->read_only && writes(c))
		return refuse_to_write(c);
	if (count < c->verb->least)
		return cli_fail(EXIT_USAGE, "'%s' needs %s (usage: hostel %s %s)", c->verb->name,
		                count ? "a second operand" : c->verb->run == verb_completion ? "a shell" : "a workload", c->verb->name, c->verb->operands);
	if (count > c->verb->most && c->verb->most != ANY)
		return cli_fail(EXIT_USAGE, "unexpected operand '%s' (usage: hostel %s%s%s)", operands[c->verb->most], c->verb->name,
		                *c->verb->operands ? " " : "", c->verb->operands);
	return c->verb->run(c, count, operands);
}

// Parses the words behind a verb. The kind that run and create are about may be anywhere before the first operand, with options of its kind on
// both sides; behind "--" the word is an operand. Returns the index of the first operand.
static int parse_words(struct cli *c, int argc, char **argv, struct err *e)
{
	auto_free struct opt *options = options_of(c->verb, 0, KINDS - 1);
	int flags = c->verb->flags & CLI_COMMAND ? OPTS_STOP_AT_OPERAND : 0;
	int first = opts_parse_given(options, c, argc, argv, flags, &c->given, e);

	if (first < 0 || first >= argc || !(c->verb->flags & CLI_RECIPE) || strcmp(argv[first - 1], "--") == 0)
		return first;
	int kind = workload_kind_find(argv[first]);
	if (kind < 0)
		return first;
	c->kind = (enum workload_kind)kind;
	int more = opts_parse_given(options, c, argc - first, argv + first, flags, &c->given, e);
	return more < 0 ? more : first + more;
}

// What is called HOST/… here is called local/… there.
static char *their_id(const struct cli *c, const char *word)
{
	size_t n = strlen(c->host);

	return str_starts(word, c->host) && word[n] == '/' ? mem_printf("local%s", word + n) : mem_strdup(word);
}

// The command line for the other host: all options but --host.
static void add_words(struct strv *words, const struct cli *c, int count, char **operands)
{
	strv_add(words, c->verb->name);
	if (c->verb->flags & CLI_RECIPE)
		strv_add(words, workload_kind_name(c->kind));
	for (size_t i = 0; i < c->given.count; i++)
		if (!str_starts(c->given.items[i], "--host="))
			strv_add(words, c->given.items[i]);
	strv_add(words, "--");
	for (int i = 0; i < count; i++) {
		bool names = !(c->verb->flags & CLI_RECIPE) && (i == 0 || !(c->verb->flags & CLI_COMMAND));

		strv_take(words, names ? their_id(c, operands[i]) : mem_strdup(operands[i]));
	}
}

static int verb_main(struct cli *c, int argc, char **argv)
{
	struct err e = {0};
	int first = parse_words(c, argc, argv, &e);

	if (first < 0)
		return cli_fail(EXIT_USAGE, "%s: %s (see 'hostel %s --help')", c->verb->name, e.text, c->verb->name);
	if (c->help)
		return show_verb_help(c);
	if (c->version)
		return verb_version(c, 0, NULL);
	if (!c->host || !(c->verb->flags & CLI_STREAM))
		return run_verb(c, argc - first, argv + first);
	auto_strv words = {0};
	add_words(&words, c, argc - first, argv + first);
	return pass_on(c, &words);
}

static int dashboard(const struct cli *c)
{
	const struct app_options options = {.host = c->host, .engines = &c->engines, .read_only = c->read_only, .linear = c->linear,
	                                    .config = c->config_file, .theme = c->theme};
	struct err e = {0};

	if (!c->linear && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return cli_fail(EXIT_USAGE, "the dashboard needs a terminal (for scripts there are verbs: see 'hostel help'; for lines of text --linear)");
	cli_connecting(c);
	int r = app_run(&options, &e);
	return r < 0 ? cli_error(&e) : r;
}

// Whether the locale that is asked for has UTF-8 in its name: "de_DE.UTF-8", "C.utf8@euro", "UTF-8".
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

// Only what the terminal's characters are is asked of the locale: numbers are written and read with a point, errors are in English, and an i in upper
// case is an I, everywhere. A locale need not be installed here for its terminal to show UTF-8: ssh brings the names of another machine's.
static void know_characters(void)
{
	bool installed = setlocale(LC_CTYPE, "") != NULL;

	if (installed ? strcmp(nl_langinfo(CODESET), "UTF-8") == 0 : wants_utf8())
		setlocale(LC_CTYPE, "C.UTF-8");
}

int main(int argc, char **argv)
{
	struct cli c = {0};
	struct err e = {0};

	know_characters();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error like a full disk
	int first = opts_parse_given(global_options, &c, argc, argv, OPTS_STOP_AT_OPERAND, &c.given, &e);
	const struct cli_verb *verb = NULL; // help looks at another one
	int status;
	if (first < 0)
		status = cli_fail(EXIT_USAGE, "%s (see 'hostel help')", e.text);
	else if (c.version)
		status = verb_version(&c, 0, NULL);
	else if (c.help && first == argc)
		status = verb_help(&c, 0, NULL);
	else if (first == argc)
		status = dashboard(&c);
	else if (!(c.verb = verb = cli_find(argv[first])))
		status = unknown_verb(argv[first]);
	else
		status = verb_main(&c, argc - first, argv + first);
	params_done(&c.params);
	strv_done(&c.engines);
	strv_done(&c.given);
	return exit_status(verb, status);
}
