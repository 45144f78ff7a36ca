// Command-line options from tables: one row per option feeds the parser, the help, the man page and shell completion.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum opt_kind {
	OPT_FLAG,    // bool *: true when given
	OPT_TEXT,    // const char **: points into argv; the last one wins
	OPT_INT,     // int64_t *
	OPT_LIST,    // struct strv *: may be given more than once
	// struct params *: option name → value; the last one wins. A flag without VALUE gets "yes", or "no" for =no,
	// =false
	OPT_PARAM,
	OPT_PARAMS,  // the same; may be given more than once
};

struct opt {
	const char *name;  // long name, without dashes
	const char *also;  // a second long name, or NULL
	char letter;       // short name, or 0
	enum opt_kind kind;
	const char *value; // what the value is called in the help, NULL = takes none
	const char *help;  // one line; NULL: not shown in the help
	size_t at;         // offset of the field in the structure that is filled
};

// Tables end with a row whose name is NULL.

enum {
	OPTS_STOP_AT_OPERAND = 1, // the first operand ends the options (needed when a command line follows)
};

// Parses argv[1…] by TABLE into *INTO: --name value, --name=value, -n value, -nvalue, clustered flags; "--" ends the
// options. Operands are moved after the options, in order. Returns the index of the first operand, or -EINVAL with a
// message that names the option and, for a near miss, suggests the likely one.
int opts_parse(const struct opt *table, void *into, int argc, char **argv, int flags, struct err *e);

// The same; also adds each option to GIVEN, as "--name" or "--name=value".
int opts_parse_given(const struct opt *table, void *into, int argc, char **argv, int flags, struct strv *given,
                     struct err *e);

// Appends the help lines of the table: "  -n, --name NAME   what it does".
void opts_help(struct str *out, const struct opt *table);

// The entry of NAMES (COUNT strings, STRIDE bytes apart) closest to WORD, or NULL when none is close: for "did you
// mean".
const char *opts_nearest(const char *word, const char *const *names, size_t count, size_t stride);
