// The parameters that a workload was created with, as far as the host tells: initial values of forms.
#pragma once

#include "base/str.h"
#include "model/workload.h"

struct app;

// Requests them for the workload ID and passes them to READ later; never if the workload disappears meanwhile.
void recipe_read(struct app *app, const char *id,
                 void (*read)(struct app *app, const struct workload *w, const struct params *recipe));
// Appends the parameters known from W's row.
void recipe_add_row(const struct workload *w, struct params *out);
// Adds the parameters in DETAILS (DOCUMENT_DETAILS of a workload of KIND): lines of "field: value". They replace those
// in OUT.
void recipe_add_details(enum kind kind, const char *details, struct params *out);
