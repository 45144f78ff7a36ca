// Verbs: one table for keys, command line, wire, help, completion, forms and checks. Creating is a verb, too.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/stream.h"
#include "model/workload.h"

#define VERB(ID, ...) VERB_##ID,
enum verb {
#include "model/verb_rows.h"
	VERBS,
};
#undef VERB

enum verb_flag {
	NEEDS_RUNNING = 1,  // running or paused
	NEEDS_STOPPED = 2,  // created, off, exited, crashed
	NEEDS_PAUSED = 4,
	NEEDS_UNPAUSED = 8, // running and not paused
	WRITES = 16,        // refused by --read-only
	DESTRUCTIVE = 32,   // asks for confirmation if it destroys anything
	ACTS = 64,          // done by an engine to an existing item
	CREATES = 128,      // creates a workload of a kind
	RUNS_THERE = 256,   // with --host hostel runs on that host, on a terminal if there is one here
	PASSES_STATUS = 512, // passes on the exit status of the command it runs
	SIMULATED = 2048,   // exists only in the fake engine
	HAS_GRACE = 1024,   // may take the grace period of a stop
	BY_JOB = 8192,      // takes long: done by a separate process, which outlives its caller
	ON_TERMINAL = 16384, // the dashboard runs its command line, on the terminal
	TOGETHER = 32768,   // done to several containers at the same time
	OF_KIND = 4096,     // acts on all items of its kind at once, not on a single one
};

// The result of a verb.
enum verb_result {
	RESULT_NONE,     // success only
	RESULT_ITEMS,    // a list
	RESULT_DOCUMENT, // text
	RESULT_STREAM,   // a stream connected to the terminal until it ends
	RESULT_JOB,      // the id of a job that continues in the background
};

enum value_type {
	VALUE_TEXT,
	VALUE_NAME,     // model/name.h
	VALUE_PATH,     // absolute path inside the workload
	VALUE_FILE,     // absolute path on the host
	VALUE_IMAGE,    // "host", "dir:PATH" or "oci:PATH[:TAG]", of the host
	VALUE_BYTES,    // units_parse_bytes()
	VALUE_CPUS,     // units_parse_cpus()
	VALUE_COUNT,    // whole number > 0
	VALUE_DURATION, // units_parse_duration()
	VALUE_FLAG,     // "yes" or "no"
	VALUE_CHOICE,   // one of `choices`
	VALUE_WORDS,    // a command line: one parameter per word
	VALUE_PAIRS,    // NAME=VALUE, may be given more than once
	VALUE_LIST,     // text, may be given more than once
};

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_LIVE = 2,     // can be changed with VERB_SET
	FIELD_RARE = 4,     // under "more" in the dialog
	FIELD_OPERAND = 8,  // an operand on the command line, not an option
	FIELD_LIMIT = 16,   // 0 removes the limit
	FIELD_HIDDEN = 32,  // internal: neither on a command line nor in a form
	FIELD_WRITES = 64,  // makes a read-only verb write
	FIELD_REFUSED = 128, // an option of docker or podman that is always refused; `help` is the reason
	FIELD_EXPLICIT = 512, // a form always sends it: the default is a setting of the engine's host
	FIELD_COMMAS = 1024, // one text with commas, which a command line may give in several options
	FIELD_LOCAL = 256,  // replaced by the command line with other options: engines refuse it
};

enum { KIND_BIT_ANY = (1 << WORKLOAD_KINDS) - 1 };

struct verb_field {
	const char *name;    // model/param.h: parameter and long option
	const char *also;    // a second spelling of the option, or NULL
	char letter;         // short option, or 0
	const char *label;   // in the dialog
	enum value_type type;
	unsigned flags;
	unsigned kinds;      // a bit each; 0: all kinds of the verb
	const char *initial; // initial value in the dialog; also the engine's default
	const char *choices; // "a b c": all values of VALUE_CHOICE, some of others, or NULL
	unsigned offers;     // kinds (a bit each) whose items are offered as values
	const char *prefix;  // put before such a name; may be NULL
	const char *value;   // placeholder of the value in help
	const char *help;    // one line, with an example if that helps
};

// In the details of a container: an anonymous volume that only this container uses.
#define DETAIL_OWN_VOLUME "Own volume: "

// What a verb is about to destroy, for the confirmation.
struct verb_loss {
	unsigned kinds;      // of the workloads, a bit each
	size_t count;
	bool active;         // some of them are running
	const struct params *params;
	const char *details; // DOCUMENT_DETAILS of the guests and containers among them; NULL: unknown
};

struct verb_info {
	const char *name;     // on command lines and the wire
	const char *also;     // another name on command lines, or NULL
	const char *label;    // in menus; NULL: not in menus
	const char *doing;    // "stopping": shown while in progress
	const char *operands; // for the usage line
	const char *help;     // one line
	unsigned kinds;       // a bit each; 0: does not act on items
	unsigned flags;       // verb_flag
	unsigned stopped;     // kinds (a bit each) that also have NEEDS_STOPPED
	enum verb_result result;
	int least, most;      // number of operands; most VERB_ANY: no maximum
	int seconds;          // timeout of an engine, besides a grace period
	const struct verb_field *fields; // its own; ends with name NULL; may be NULL
	bool recipe;           // also has the fields of `create` (kind_recipe())
	unsigned recipe_flags; // that have these flags
	const char *way;      // label in the stop menu; NULL: not in it
	char key;             // key in the stop menu
	// The error for another kind: "cannot PHRASE 'web': it is a guest and LACKS (INSTEADweb)".
	const char *phrase, *lacks, *instead;
	// For verb_loses() and verb_undo(): a constant text and verb, or functions.
	const char *lost;
	bool (*loses)(struct str *out, const struct verb_loss *loss);
	enum verb undone_by;
	enum verb (*undo)(const struct workload *w, const struct params *done, struct params *params);
};
enum { VERB_ANY = -1 };

const struct verb_info *verb_info(enum verb verb);
// The flags of VERB for items of KIND.
unsigned verb_flags(enum verb verb, enum kind kind);
// Finds a verb by name. Returns -1 if unknown.
int verb_find(const char *name);
enum verb verb_of_stream(enum stream stream);
// Whether `hostel KIND VERB` is valid.
bool verb_suits(enum verb verb, enum kind kind);
// NULL if VERB can be done to W now, else the reason why not ("is not running").
const char *verb_refusal(enum verb verb, const struct workload *w);
// The same for flags of a dashboard action that is not a verb.
const char *verb_refusal_flags(unsigned flags, const struct workload *w);
// Appends the text of the confirmation of VERB; nothing if nothing is destroyed. Returns whether the answer must be
// typed, because a key could be pressed by mistake.
bool verb_loses(enum verb verb, struct str *out, const struct verb_loss *loss);
// The verb that undoes VERB, or VERBS if none does; adds its parameters to PARAMS. W is the state before VERB.
enum verb verb_undo(enum verb verb, const struct workload *w, const struct params *done, struct params *params);
// NULL if VERB applies to ITEM's kind, else the error for a command line. Owned by the caller.
char *verb_wrong_kind(enum verb verb, const struct item *item);
// The default grace period of a stop in ns. Containers are killed after it, guests are not.
int64_t verb_grace(enum kind kind);

// The INDEX-th field of VERB for any of KINDS (a bit each), its own fields first; NULL after the last.
const struct verb_field *verb_field(enum verb verb, unsigned kinds, size_t index);
// Whether --read-only refuses VERB with P.
bool verb_writes(enum verb verb, const struct params *p);
// Finds a field by name, or returns NULL.
const struct verb_field *verb_field_find(enum verb verb, unsigned kinds, const char *name);
// The placeholder of F's value in help; NULL for an option without a value.
const char *verb_field_value(enum verb verb, const struct verb_field *f);
// Whether F may be given more than once.
bool verb_field_repeats(const struct verb_field *f);

// Checks the parameters P of VERB on a workload of KIND: unknown and missing names, types of values. Returns 0, or
// -EINVAL naming the field and its valid values.
int verb_check_params(enum verb verb, enum kind kind, const struct params *p, struct err *e);
// Checks one value, for a dialog. Returns 0 or -EINVAL.
int verb_check_value(const struct verb_field *field, const char *value, struct err *e);

// Append P as words of a command line: its options, and the operands after the names of the workloads.
void verb_add_options(enum verb verb, const struct params *p, struct strv *words);
void verb_add_operands(enum verb verb, const struct params *p, struct strv *words);
