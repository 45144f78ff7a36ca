// What the verbs share: a row for each, what the command line said, and how results and errors are printed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/opts.h"
#include "base/str.h"
#include "model/param.h"
#include "model/verb.h"
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
struct cli_dashboard;

// What the command line said.
struct cli {
	const struct cli_dashboard *dashboard;
	enum verb verb;               // VERBS: none
	const struct verb_info *info; // its row
	const char *host;
	struct strv engines;
	struct strv given; // all options, for another host
	bool read_only, json, help, version, linear;
	const char *theme, *config_file;
	struct params params; // the fields of the verb
	enum kind kind; // of run and create
	int noun; // the kind given before the verb, -1 = none: workloads
};

// Runs a verb with its operands.
typedef int cli_run(struct cli *c, int count, char **operands);
// What runs VERB: what an engine does to workloads needs no row.
cli_run *cli_run_of(enum verb verb);
// Makes VERB the one that C is about. One that is for no workloads needs no kind before it.
void cli_set_verb(struct cli *c, enum verb verb);
// Whether the option NAME was given; one that takes yes or no: with yes.
bool cli_has(const struct cli *c, const char *name);
// The options that hostel takes before a verb.
extern const struct opt cli_global_options[];

// "hostel: …" on standard error, foreign text made visible. Returns STATUS.
int cli_fail(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// The same with the text of E.
int cli_error(const struct err *e);
// The same where a workload was looked for: EXIT_NOT_FOUND for ENOENT.
int cli_not_found(const struct err *e);
// Shows on a terminal how far something is, in place of what was shown before: FRACTION 0…1, negative when unknown.
// TEXT NULL: that is over.
void cli_progress(double fraction, const char *text);
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
// Says on a terminal, before anything can take its time, that C's host is connected to.
void cli_connecting(const struct cli *c);
// Whether FD is a terminal that shows only 7 bits: what is written there is spelled (str_add_ascii).
bool cli_ascii(int fd);
// Writes TEXT to standard output; a full disk or a closed pipe ends in EXIT_FAILED.
int cli_print(const struct str *text);
// Adds VALUE as JSON and a newline; control and format characters are escaped.
// The version of the objects that describe items, results of checks and measurements (man page: JSON). It grows when a
// key goes or changes its meaning; keys are added without.
enum { JSON_VERSION_ITEMS = 1 };
json_t *cli_json_object(void); // with that version
void cli_add_json(struct str *out, const json_t *value, size_t flags);
// The options that VERB takes for one of WORKLOAD_KINDS (a bit each), as one table ending with a zero row. Owned by
// the caller.
struct opt *cli_options_of(enum verb verb, unsigned kinds);
// The same without those of every verb.
struct opt *cli_own_options(enum verb verb, unsigned kinds);
// The kinds (a bit each) that C's verb is about: the one that is named, else workloads, if it is for these.
unsigned cli_kinds(const struct cli *c);

// Whether what the command line asks for changes anything, and the error of --read-only.
bool cli_writes(const struct cli *c);
int cli_refuse(const struct cli *c);
// Runs C's verb on its host in place of this program. Returns only when it cannot.
int cli_run_there(const struct cli *c, int count, char **operands);
// The status for the shell: STATUS, or what one of hostel's own means for VERB (VERBS: no verb).
int cli_exit_status(enum verb verb, int status);
void cli_add_exit_help(struct str *out);
// Prints the help of C's verb.
int cli_verb_help(struct cli *c);
// Prints the verbs of KIND.
int cli_kind_help(enum kind kind);
int cli_unknown_verb(const char *name);
// Reads the verb at the WORD-th of ARGV (*VERB, VERBS: unknown), behind a kind ("image ls"), or a kind in the plural
// ("images"). Returns the word that the verb's own follow, or negative errno.
int cli_read_noun(struct cli *c, int argc, char **argv, int word, enum verb *verb, struct err *e);
// Parses the words behind a verb, which ARGV begins with: options, and a kind where it may be. Returns the index of
// the first operand, or negative errno.
int cli_parse_words(struct cli *c, int argc, char **argv, struct err *e);
// Whether help and completion show VERB and KIND: simulated ones only beside a simulated engine.
bool cli_shows(const struct cli *c, enum verb verb);
bool cli_shows_kind(const struct cli *c, enum kind kind);
// Adds the names of the verbs of KIND.
void cli_add_verbs_of(struct str *out, enum kind kind);

// The verbs, by file.
cli_run verb_ls, verb_stats;
cli_run verb_act; // start … rm, rename, set
cli_run verb_run, verb_create;
cli_run verb_stream; // attach, exec, console
cli_run verb_logs, verb_wait, verb_inspect, verb_check, verb_version, verb_help;
cli_run verb_completion, verb_complete;
cli_run verb_agent, verb_work; // started by hostel itself
