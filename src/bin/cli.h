// What the parts of the `hostel` program share: one row per verb, what the command line said, and how errors leave. Private to src/bin.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/opts.h"
#include "base/str.h"
#include "model/workload.h"

// Exit statuses. `run`, `exec`, `attach` and `wait` pass on the status of what ran inside.
// hostel's own are marked, so that they differ from those, until main() ends with what the table in hostel.c says.
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

// What the command line said.
struct cli {
	const struct cli_verb *verb;
	const char *host;
	struct strv engines;
	struct strv given; // all options, for another host
	bool read_only, json, help, version, linear;
	const char *theme, *config_file;
	bool detach, start, quiet, follow, config, processes, repair, deep;
	const char *interval, *count, *format;
	struct params params; // for the engine: recipe fields, and parameters of verbs and streams
	enum workload_kind kind; // of run and create
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
	int least, most; // operands; most -1: any number
	int (*run)(struct cli *c, int count, char **operands);
};
extern const struct cli_verb cli_verbs[]; // ends with name NULL
const struct cli_verb *cli_find(const char *name);

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
// The options C's verb takes, as one table ending with a zero row. Owned by the caller.
struct opt *cli_options(const struct cli *c);

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
