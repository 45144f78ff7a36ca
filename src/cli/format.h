// `--format`: prints one line per workload from a template with {fields}.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/fact.h"

struct format;

// TEMPLATE holds {FIELD}, {{ for a brace, \t and \n. Fields are facts. Returns 0, or -EINVAL naming the unknown field.
int format_new(struct format **f, const char *template, struct err *e);
void format_free(struct format *f);
// Adds the facts that it shows.
void format_add_facts(const struct format *f, struct fact_set *facts);
// Appends the line of one workload, with its newline.
void format_add(const struct format *f, struct str *out, const struct fact_source *from);
