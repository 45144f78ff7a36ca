// The definition of a workload as a text that can be edited: an object with its name and its parameters, one value as
// text and several as a list.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/kind.h"

// Adds the definition of NAME with PARAMS. What VERB_SET changes of a workload of KIND is there even when it is not
// set, as "".
void definition_write(struct str *out, enum kind kind, const char *name, const struct params *params);

// What TEXT changes of it: a new name in *TO (owned; NULL: none), and in CHANGES what VERB_SET takes. Returns 0, or
// -EINVAL with the line: not a definition, or a change that cannot be made to a workload that exists.
int definition_changes(const char *text, enum kind kind, const char *name, const struct params *params, char **to,
                       struct params *changes, struct err *e);

// The number of the line of TEXT that holds PART, 0 when none does.
size_t definition_line(const char *text, const char *part);
