// Recipes: the fields from which a workload is created. One table per kind feeds the create dialogs, the options of
// `hostel run|create`, their help and the wire. Values are text in `struct params`, checked here once, before any engine sees them.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/workload.h"

enum recipe_type {
	RECIPE_TEXT,
	RECIPE_NAME,     // model/name.h
	RECIPE_PATH,     // absolute path inside the workload
	RECIPE_FILE,     // absolute path on the host
	RECIPE_BYTES,    // units_parse_bytes()
	RECIPE_CPUS,     // units_parse_cpus()
	RECIPE_COUNT,    // whole number > 0
	RECIPE_FLAG,     // "yes" or "no"
	RECIPE_CHOICE,   // one of `choices`
	RECIPE_WORDS,    // a command line; as a list, one parameter per word
	RECIPE_PAIRS,    // NAME=VALUE, may be given more than once
	RECIPE_LIST,     // text, may be given more than once
};

enum recipe_flag {
	RECIPE_REQUIRED = 1,
	RECIPE_LIVE = 2,    // can be changed later (VERB_SET)
	RECIPE_RARE = 4,    // behind "more" in the dialog
	RECIPE_OPERAND = 8, // on a command line it is not an option but stands by itself
	RECIPE_LIMIT = 16,  // 0 lifts it: no limit
};

struct recipe_field {
	const char *name;    // parameter and long option
	char letter;         // short option, or 0
	const char *label;   // in the dialog
	enum recipe_type type;
	unsigned flags;
	const char *initial; // what the dialog starts with; the engine's default is the same
	const char *choices; // "a b c": all values of RECIPE_CHOICE, some of others, or NULL
	const char *value;   // what the value is called in help
	const char *help;    // one line, with an example where that helps
};

// The table of KIND; ends with a row whose name is NULL.
const struct recipe_field *recipe_fields(enum kind kind);
// Checks P against the table: unknown names, required ones, each value's type. Returns 0, or -EINVAL naming the field and what it takes.
int recipe_check(enum kind kind, const struct params *p, struct err *e);
// One value against its field, for a dialog. Returns 0 or -EINVAL.
int recipe_check_value(const struct recipe_field *field, const char *value, struct err *e);
