// Command lines of agents, here and over ssh, and of programs that connect a terminal to a stream.
#include "state.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"
#include "model/param.h"
#include "model/verb.h"

static void add_word(struct str *line, const char *word)
{
	if (line->length)
		str_add_char(line, ' ');
	str_add_quoted(line, word);
}

static void add_ssh(struct strv *argv)
{
	const char *ssh = getenv("HOSTEL_SSH");

	strv_split(argv, ssh && *ssh ? ssh : "ssh", " \t");
}

static const char *remote_program(void)
{
	const char *program = getenv("HOSTEL_REMOTE");

	return program && *program ? program : "hostel";
}

int command_check_host(const char *host, struct err *e)
{
	if (!*host || host[0] == '-')
		return err_msg(e, EINVAL, "invalid host '%s' (user@machine, or a name from ssh's configuration)", host);
	for (const char *c = host; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 127 || *c == '/')
			return err_msg(e, EINVAL, "invalid host: it contains blanks, control characters or '/'");
	return 0;
}

// Whether the user's ssh configuration shares connections to HOST.
static bool shares_already(const char *host)
{
	auto_strv argv = {0};
	auto_str out = {0};
	struct err e;

	add_ssh(&argv);
	strv_add(&argv, "-G");
	strv_add(&argv, "--");
	strv_add(&argv, host);
	if (proc_run((const char *const *)argv.items, NULL, &out, 5 * SECOND, &e) != 0)
		return true; // then leave it alone
	const char *path = strstr(str_text(&out), "\ncontrolpath ");
	return path && !str_starts(path, "\ncontrolpath none\n");
}

char *command_control_options(const char *host)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (!runtime || runtime[0] != '/' || strpbrk(runtime, " \t\"'%") || strlen(runtime) > 32)
		return NULL; // the path of a socket has a short limit
	auto_free char *dir = mem_printf("%s/hostel", runtime);
	mkdir(dir, 0700);
	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return NULL;
	return shares_already(host) ? NULL : mem_printf("-oControlMaster=auto -oControlPath=%s/%%C", dir);
}

static void add_ssh_options(const char *control, struct strv *argv)
{
	add_ssh(argv);
	strv_add(argv, "-oConnectTimeout=10");
	strv_add(argv, "-oServerAliveInterval=5");
	strv_add(argv, "-oServerAliveCountMax=3");
	if (control)
		strv_split(argv, control, " ");
}

// The command line of hostel with this link's engines.
static void add_hostel(const struct link *link, const char *program, struct strv *words)
{
	strv_add(words, program);
	for (size_t i = 0; i < link->engines_wanted.count; i++)
		strv_addf(words, "--" OPTION_ENGINE "=%s", link->engines_wanted.items[i]);
	if (link->read_only)
		strv_add(words, "--" OPTION_READ_ONLY);
}

// ssh joins words with blanks and passes them to the user's shell on the host.
static void take_as_one_word(struct strv *argv, const struct strv *words)
{
	auto_str line = {0};

	for (size_t i = 0; i < words->count; i++)
		add_word(&line, words->items[i]);
	strv_add(argv, str_text(&line));
}

void command_agent(const struct link *link, bool batch, struct strv *argv)
{
	auto_strv words = {0};

	if (!link->host) {
		add_hostel(link, link->program, argv);
		strv_add(argv, "agent");
		return;
	}
	add_ssh_options(link->control, argv);
	strv_add(argv, "-T");
	strv_add(argv, "-oCompression=yes"); // ticks are columns of similar numbers: compression saves three quarters
	if (batch)
		strv_add(argv, "-oBatchMode=yes");
	strv_add(argv, "--");
	strv_add(argv, link->host);
	add_hostel(link, remote_program(), &words);
	strv_add(&words, "agent");
	take_as_one_word(argv, &words);
}

static void add_stream(const struct link *link, const struct strv *ids, enum stream stream,
                       const struct params *params, struct strv *words)
{
	strv_add(words, stream_name(stream));
	verb_add_options(verb_of_stream(stream), params, words);
	strv_add(words, "--");
	for (size_t i = 0; i < ids->count; i++) {
		auto_free char *there = id_rehost(ids->items[i], ID_HERE);

		strv_take(words, wire_id(link->version, there));
	}
	verb_add_operands(verb_of_stream(stream), params, words);
}

static void stream_argv(const struct link *link, const struct strv *ids, enum stream stream,
                        const struct params *params, struct strv *argv)
{
	auto_strv words = {0};

	add_hostel(link, link->host ? remote_program() : link->program, &words);
	add_stream(link, ids, stream, params, &words);
	if (!link->host) {
		strv_copy(argv, &words);
		return;
	}
	add_ssh_options(link->control, argv);
	strv_add(argv, "-t");
	strv_add(argv, "--");
	strv_add(argv, link->host);
	take_as_one_word(argv, &words);
}

void link_stream_argv(const struct link *link, const char *id, enum stream stream, const struct params *params,
                      struct strv *argv)
{
	char *items[] = {(char *)id, NULL};

	stream_argv(link, &(struct strv){items, 1}, stream, params, argv);
}

void link_verb_argv(const struct link *link, const char *item, enum verb verb, const struct params *params,
                    struct strv *argv)
{
	add_hostel(link, link->program, argv);
	if (link->host)
		strv_addf(argv, "--" OPTION_HOST "=%s", link->host);
	strv_add(argv, verb_info(verb)->name);
	verb_add_options(verb, params, argv);
	strv_add(argv, "--");
	strv_add(argv, item);
}

void link_ssh_argv(const struct link *link, const char *destination, struct strv *argv)
{
	add_ssh(argv);
	if (link->host) {
		strv_add(argv, "-J");
		strv_add(argv, link->host);
	}
	strv_add(argv, destination);
}

void link_logs_argv(const struct link *link, const struct strv *ids, const struct params *params, struct strv *argv)
{
	stream_argv(link, ids, STREAM_LOGS, params, argv);
}

int link_remote_argv(const char *host, const struct strv *words, bool terminal, struct strv *argv, struct err *e)
{
	auto_free char *control = NULL;
	auto_strv all = {0};
	int r = command_check_host(host, e);

	if (r < 0)
		return r;
	control = command_control_options(host);
	add_ssh_options(control, argv);
	strv_add(argv, terminal ? "-t" : "-T");
	strv_add(argv, "--");
	strv_add(argv, host);
	strv_add(&all, remote_program());
	for (size_t i = 0; i < words->count; i++)
		strv_add(&all, words->items[i]);
	take_as_one_word(argv, &all);
	return 0;
}
