// Shared by the verbs: the table of functions, the parsed command line, and printing of results and errors.
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

// Exit statuses. `run`, `exec`, `attach` and `wait` pass on the status of the command inside.
// hostel's own statuses are marked to tell them from passed-on ones, until cli_status() maps them.
enum {
	EXIT_OK = 0,
	EXIT_OWN = 0x100,
	EXIT_FAILED,
	EXIT_USAGE,
	EXIT_NOT_FOUND,     // no such workload
	EXIT_NOT_EXECUTED,  // the command inside cannot be executed
	EXIT_NOT_INSTALLED, // no such command inside
};

struct session;
struct cli_dashboard;

// The parsed command line.
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
	char *name_file;      // where the name of a new container is written; NULL: nowhere
	enum kind kind; // of run and create
	int noun; // the kind given before the verb, -1 = none: workloads
};

// Runs a verb with its operands. Returns an exit status.
typedef int cli_run(struct cli *c, int count, char **operands);
// The function that runs VERB. Verbs that an engine does to items share one.
cli_run *cli_run_of(enum verb verb);
// Sets C's verb. One that is not for workloads needs no kind before it.
void cli_set_verb(struct cli *c, enum verb verb);
// Whether the option NAME was given, for a yes-or-no option with yes.
bool cli_has(const struct cli *c, const char *name);
// The global options.
extern const struct opt cli_global_options[];

// Prints "hostel: …" to standard error, control characters escaped. Returns STATUS.
int cli_fail(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// The same with the text of E.
int cli_error(const struct err *e);
// The same after looking for a workload: EXIT_NOT_FOUND for ENOENT.
int cli_not_found(const struct err *e);
// Shows progress on a terminal, replacing the previous one: FRACTION 0 to 1, negative if unknown. TEXT NULL clears it.
void cli_progress(double fraction, const char *text);
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
// Prints "connecting to …" on a terminal if C has a remote host, because connecting can take long.
void cli_connecting(const struct cli *c);
// Whether FD is an ASCII-only terminal, for which text is transliterated (str_add_ascii).
bool cli_ascii(int fd);
// Writes TEXT to standard output. Returns EXIT_FAILED on a full disk or closed pipe.
int cli_print(const struct str *text);
// Appends VALUE as JSON and a newline; control and format characters are escaped.
// The version of the JSON objects of items, check results and measurements (man page: JSON). It is incremented when a
// key is removed or changes its meaning, not when one is added.
enum { JSON_VERSION_ITEMS = 1 };
json_t *cli_json_object(void); // adds that version
void cli_add_json(struct str *out, const json_t *value, size_t flags);
// Prints an engine's TABLE, lines of cells separated by tabs, as JSON or line by line.
int cli_print_table(const struct cli *c, const struct str *table, void (*add_line)(struct str *out, const char *line),
                    json_t *(*to_json)(const char *table));
// The options of VERB for any of KINDS (a bit each), as a table ending with a zero row. Owned by the caller.
struct opt *cli_options_of(enum verb verb, unsigned kinds);
// The same without the global options.
struct opt *cli_own_options(enum verb verb, unsigned kinds);
// The kinds (a bit each) that C's verb acts on: the kind given, else workloads if the verb is for them.
unsigned cli_kinds(const struct cli *c);

// On a terminal, asks which image is meant by PARAM_IMAGE of P if that name is in several registries, and sets it.
// Returns EXIT_OK, or the status of a failure.
int cli_choose_image(struct cli *c, struct params *p);
// Makes relative paths of this host in the fields of C's verb absolute, because an engine may have another working
// directory. A path on another host is left alone.
void cli_make_paths_absolute(struct cli *c);

// Whether the command line changes anything, and the error of --read-only.
bool cli_writes(const struct cli *c);
int cli_refuse(const struct cli *c);
// Replaces this process with ssh, which runs C's verb on its host. Returns only on failure.
int cli_run_there(const struct cli *c, int count, char **operands);
// The status for the shell: STATUS, with hostel's own mapped for VERB (VERBS: no verb).
int cli_exit_status(enum verb verb, int status);
void cli_add_exit_help(struct str *out);
// Prints the help of C's verb.
int cli_verb_help(struct cli *c);
// Prints the verbs of KIND.
int cli_kind_help(enum kind kind);
int cli_unknown_verb(const char *name);
// A word before verbs that act on several kinds at once, like docker's: `hostel system df`.
#define CLI_SYSTEM "system"
bool cli_is_of_system(int verb);
// Reads the verb at ARGV[WORD] into *VERB (VERBS: unknown): a verb, a kind and a verb ("image ls"), or a kind in the
// plural ("images"). Returns the index of the last word read, or negative errno.
int cli_read_noun(struct cli *c, int argc, char **argv, int word, enum verb *verb, struct err *e);
// Parses the words after the verb, which is ARGV[0]: options, and a kind if allowed. Returns the index of the first
// operand, or negative errno.
int cli_parse_words(struct cli *c, int argc, char **argv, struct err *e);
// Whether help and completion show VERB and KIND: simulated ones only with a simulated engine.
bool cli_shows(const struct cli *c, enum verb verb);
bool cli_shows_kind(const struct cli *c, enum kind kind);
// Appends the names of the verbs of KIND.
void cli_add_verbs_of(struct str *out, enum kind kind);

// The verbs, by file.
cli_run verb_ls, verb_stats;
cli_run verb_act; // start … rm, rename, set
cli_run verb_start;
cli_run verb_edit;
cli_run verb_run, verb_create, verb_pull, verb_prune, verb_df, verb_events, verb_of_kind, verb_login, verb_logout;
cli_run verb_commit, verb_import, verb_copy, verb_export, verb_restore, verb_diff;
cli_run verb_stream; // attach, exec, console
cli_run verb_logs, verb_wait, verb_inspect, verb_top, verb_history, verb_check, verb_version, verb_help;
cli_run verb_completion, verb_complete;
cli_run verb_agent, verb_work, verb_sweep; // internal: started by hostel itself
