// What can be done: one table for the keys, the command line, the wire, the help, completion, forms and the checks.
// Creating is a verb, too.
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
	DESTRUCTIVE = 32,   // asks first, if it loses anything
	ACTS = 64,          // an engine does it to a workload that exists
	CREATES = 128,      // makes a workload of a kind
	RUNS_THERE = 256,   // with --host it runs on that host, on a terminal if there is one here
	PASSES_STATUS = 512, // exits as the command it runs
	SIMULATED = 2048,   // only the fake engine has it
	HAS_GRACE = 1024,   // lasts as long as a workload is given to end
};

// What comes of it.
enum verb_result {
	RESULT_NONE,     // nothing but that it was done
	RESULT_ITEMS,    // a list
	RESULT_DOCUMENT, // text
	RESULT_STREAM,   // what connects to a terminal until it ends
	RESULT_JOB,      // the id of a job, which continues by itself
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
	VALUE_WORDS,    // a command line; as a list, one parameter per word
	VALUE_PAIRS,    // NAME=VALUE, may be given more than once
	VALUE_LIST,     // text, may be given more than once
};

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_LIVE = 2,     // can be changed later (VERB_SET)
	FIELD_RARE = 4,     // behind "more" in the dialog
	FIELD_OPERAND = 8,  // on a command line it is an operand, not an option
	FIELD_LIMIT = 16,   // 0 lifts it: no limit
	FIELD_HIDDEN = 32,  // hostel's own: neither on a command line nor in a form
	FIELD_WRITES = 64,  // with it a verb that only reads writes
};

enum { KIND_BIT_ANY = (1 << WORKLOAD_KINDS) - 1 };

struct verb_field {
	const char *name;    // model/param.h: parameter and long option
	char letter;         // short option, or 0
	const char *label;   // in the dialog
	enum value_type type;
	unsigned flags;
	unsigned kinds;      // a bit each; 0: all of the verb
	const char *initial; // what the dialog starts with; the engine's default is the same
	const char *choices; // "a b c": all values of VALUE_CHOICE, some of others, or NULL
	unsigned offers;     // kinds (a bit each) whose items it may name
	const char *prefix;  // before such a name; may be NULL
	const char *value;   // what the value is called in help
	const char *help;    // one line, with an example where that helps
};

// What is about to be lost, for the question before it.
struct verb_loss {
	unsigned kinds;      // of the workloads, a bit each
	size_t count;
	bool active;         // some of them run
	const struct params *params;
	const char *details; // DOCUMENT_DETAILS of the guests among them; NULL: not known
};

struct verb_info {
	const char *name;     // on command lines and the wire
	const char *label;    // in menus; NULL: in none
	const char *doing;    // "stopping": while it lasts
	const char *operands; // for the usage line
	const char *help;     // one line
	unsigned kinds;       // a bit each; 0: it is not about one item
	unsigned flags;       // verb_flag
	enum verb_result result;
	int least, most;      // operands; most VERB_ANY: any number
	int seconds;          // how long an engine may take, besides a grace period
	const struct verb_field *fields; // its own; ends with name NULL; may be NULL
	bool recipe;           // takes those of creating, too (kind_recipe()),
	unsigned recipe_flags; // which have these flags
	const char *way;      // in the menu of ways to stop; NULL: not there
	char key;             // there
	// The error for another kind: "cannot PHRASE 'web': it is a guest and LACKS (INSTEADweb)".
	const char *phrase, *lacks, *instead;
	// See verb_loses() and verb_undo(): a text and a verb where they are always the same, or else functions.
	const char *lost;
	bool (*loses)(struct str *out, const struct verb_loss *loss);
	enum verb undone_by;
	enum verb (*undo)(const struct workload *w, const struct params *done, struct params *params);
};
enum { VERB_ANY = -1 };

const struct verb_info *verb_info(enum verb verb);
// The verb of NAME, or -1.
int verb_find(const char *name);
enum verb verb_of_stream(enum stream stream);
// Whether VERB is one of KIND: `hostel KIND VERB`.
bool verb_suits(enum verb verb, enum kind kind);
// NULL when VERB can be done to W now, else the reason why not ("is not running").
const char *verb_refusal(enum verb verb, const struct workload *w);
// The same for a row of flags that is not a verb's (actions of the screen).
const char *verb_refusal_flags(unsigned flags, const struct workload *w);
// Adds the text of the question before VERB; nothing when nothing is lost. Returns whether the answer must be typed: a
// key pressed by mistake is not enough.
bool verb_loses(enum verb verb, struct str *out, const struct verb_loss *loss);
// What undoes VERB on W, as W was before; VERBS when nothing does. Adds its parameters.
enum verb verb_undo(enum verb verb, const struct workload *w, const struct params *done, struct params *params);
// NULL when VERB is for ITEM's kind, else the error for a command line. Owned by the caller.
char *verb_wrong_kind(enum verb verb, const struct item *item);
// How long, in ns, a workload of KIND is given to end when it is stopped and nothing else is said. A container is
// killed then; a guest is not.
int64_t verb_grace(enum kind kind);

// The INDEX-th field of VERB for one of WORKLOAD_KINDS (a bit each), its own first; NULL when there are no more.
const struct verb_field *verb_field(enum verb verb, unsigned kinds, size_t index);
// Whether VERB with P is refused by --read-only.
bool verb_writes(enum verb verb, const struct params *p);
// The field of NAME, or NULL.
const struct verb_field *verb_field_find(enum verb verb, unsigned kinds, const char *name);
// What the value of F is called in help; NULL for an option that takes none.
const char *verb_field_value(enum verb verb, const struct verb_field *f);
// Whether F may be given more than once.
bool verb_field_repeats(const struct verb_field *f);

// Checks P, of VERB on a workload of KIND: unknown names, required ones, each value's type. Returns 0, or -EINVAL
// naming the field and what it takes.
int verb_check_params(enum verb verb, enum kind kind, const struct params *p, struct err *e);
// One value against its field, for a dialog. Returns 0 or -EINVAL.
int verb_check_value(const struct verb_field *field, const char *value, struct err *e);

// Adds the words of a command line that say P: its options, and what follows the names of the workloads.
void verb_add_options(enum verb verb, const struct params *p, struct strv *words);
void verb_add_operands(enum verb verb, const struct params *p, struct strv *words);
