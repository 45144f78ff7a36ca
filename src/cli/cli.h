// What the verbs share: a row for each, what the command line said, and how results and errors are printed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/opts.h"
#include "base/str.h"
#include "model/workload.h"

// Exit statuses. `run`, `exec`, `attach` and `wait` pass on the status of what ran inside.
// hostel's own are marked, so that they differ from those, until the table in status.c replaces them.
enum {
	EXIT_OK = 0,
	EXIT_OWN = 0x100,
	EXIT_FAILED,
	EXIT_USAGE,
	EXIT_NOT_FOUND,     // no such workload
	EXIT_NOT_EXECUTED,  // the command inside
	EXIT_NOT_INSTALLED, // there is no such command inside
};

struct session;
struct cli_verb;
struct cli_dashboard;

// What the command line said.
struct cli {
	const struct cli_verb *verbs; // all, ending with name NULL
	const struct cli_dashboard *dashboard;
	const struct cli_verb *verb;
	const char *host;
	struct strv engines;
	struct strv given; // all options, for another host
	bool read_only, json, help, version, linear;
	const char *theme, *config_file;
	bool detach, start, quiet, follow, config, processes, repair, deep;
	const char *interval, *count, *format;
	struct params params; // for the engine: recipe fields, and parameters of verbs and streams
	enum kind kind; // of run and create
};

enum cli_flag {
	CLI_WRITES = 1,
	CLI_COMMAND = 2, // a command line follows the operands: they end the options
	CLI_STREAM = 4,  // with --host it runs over there, on a terminal if there is one here
	CLI_RECIPE = 8,  // takes the options of the recipe of its kind
	CLI_RUNS = 16,   // exits as the command it runs
};

struct cli_verb {
	const char *name;
	const char *operands; // for the usage line
	const char *help;     // one line
	const struct opt *options;
	unsigned flags;
	int least, most; // operands; most CLI_ANY: any number
	int (*run)(struct cli *c, int count, char **operands);
};
enum { CLI_ANY = -1 };
extern const struct cli_verb cli_verbs[]; // ends with name NULL
// The row of NAME in VERBS, or NULL.
const struct cli_verb *cli_find(const struct cli_verb *verbs, const char *name);
// The options that hostel takes before a verb.
extern const struct opt cli_global_options[];

// "hostel: …" on standard error, foreign text made visible. Returns STATUS.
int cli_fail(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// The same with the text of E.
int cli_error(const struct err *e);
// The same where a workload was looked for: EXIT_NOT_FOUND for ENOENT.
int cli_not_found(const struct err *e);
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
// Says on a terminal, before anything can take its time, that C's host is connected to.
void cli_connecting(const struct cli *c);
// Whether FD is a terminal that shows only 7 bits: what is written there is spelled (str_add_ascii).
bool cli_ascii(int fd);
// Writes TEXT to standard output; a full disk or a closed pipe ends in EXIT_FAILED.
int cli_print(const struct str *text);
// Adds VALUE as JSON and a newline; control and format characters are escaped.
void cli_add_json(struct str *out, const json_t *value, size_t flags);
// The options that C's verb takes, as one table ending with a zero row. Owned by the caller.
struct opt *cli_options(const struct cli *c);
// The options of VERB with those of the recipes of kinds FROM … TO.
struct opt *cli_options_of(const struct cli_verb *verb, enum kind from, enum kind to);

// Whether what the command line asks for changes anything, and the error of --read-only.
bool cli_writes(const struct cli *c);
int cli_refuse(const struct cli *c);
// Runs C's verb on its host in place of this program. Returns only when it cannot.
int cli_run_there(const struct cli *c, int count, char **operands);
// The status for the shell: STATUS, or what one of hostel's own means for VERB (NULL: no verb).
int cli_exit_status(const struct cli_verb *verb, int status);
void cli_add_exit_help(struct str *out);
// Prints the help of C's verb.
int cli_verb_help(struct cli *c);
int cli_unknown_verb(const struct cli *c, const char *name);

// The verbs, by file.
int verb_ls(struct cli *c, int count, char **operands);
int verb_stats(struct cli *c, int count, char **operands);
int verb_act(struct cli *c, int count, char **operands); // start … rm, rename, set
int verb_run(struct cli *c, int count, char **operands);
int verb_create(struct cli *c, int count, char **operands);
int verb_stream(struct cli *c, int count, char **operands); // logs, attach, exec, console
int verb_logs(struct cli *c, int count, char **operands);
int verb_wait(struct cli *c, int count, char **operands);
int verb_inspect(struct cli *c, int count, char **operands);
int verb_check(struct cli *c, int count, char **operands);
int verb_completion(struct cli *c, int count, char **operands);
int verb_agent(struct cli *c, int count, char **operands);
int verb_version(struct cli *c, int count, char **operands);
int verb_help(struct cli *c, int count, char **operands);
