// What a workload was made from, as far as the host says: for forms that open with it.
#pragma once

#include "base/str.h"
#include "model/workload.h"

struct app;

// Reads it of the workload ID and gives it to READ, soon; not at all when the workload is gone by then.
void recipe_read(struct app *app, const char *id,
                 void (*read)(struct app *app, const struct workload *w, const struct params *recipe));
// Adds what W's row says of it.
void recipe_add_row(const struct workload *w, struct params *out);
// Adds what DETAILS (DOCUMENT_DETAILS of a workload of KIND) says of it: lines of "field: value". It replaces what is
// in OUT already.
void recipe_add_details(enum kind kind, const char *details, struct params *out);
