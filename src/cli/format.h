// `--format`: a line a workload, from a template with {fields}.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/sample.h"
#include "model/workload.h"

struct format;

// TEMPLATE holds {FIELD}, {{ for a brace, \t and \n. Fields are those of a workload and the metrics. Returns 0, or -EINVAL naming what is no field.
int format_new(struct format **f, const char *template, struct err *e);
void format_free(struct format *f);
// Adds the line of W with its end. A metric is its rate where R has one, else the plain value of S; "-" is what is not known.
void format_add(const struct format *f, struct str *out, const struct workload *w, const struct sample *s, const struct rates *r);
