// Command lines equivalent to actions, quoted for a shell: shown in menus and the journal, and copied.
#pragma once

#include <stdbool.h>

#include "model/verb.h"
#include "model/workload.h"

struct app;
struct row;

// WORDS as a line. Owned by the caller.
char *command_line_quote(const struct strv *words);
// The command line for VERB on IDS. Owned by the caller.
char *command_line_of_verb(const struct app *app, enum verb verb, const struct strv *ids, const struct params *params);
// The same for the present targets. Owned by the caller.
char *command_line_here(const struct app *app, enum verb verb, const struct params *params);
// The command line that creates from PARAMS. Owned by the caller.
// The same for VERB, which creates the item NAME of KIND.
char *command_line_of_new(const struct app *app, enum verb verb, enum kind kind, const char *name,
                          const struct params *params);
char *command_line_of_creation(const struct app *app, enum kind kind, const struct params *params);
// The operand for ID: its name if that is unique, else the id.
const char *command_line_operand(const struct app *app, const char *id);

// The script that starts a shell inside, bash if available: one word of a command line, after "sh -c".
extern const char command_line_shell[];
// The CPUs of ROW after a step up (1) or down (-1): half a CPU, a tenth below one, a whole one for a guest; at most
// the host's CPUs, or those that ROW already has.
double cpus_after_step(const struct row *row, int step);
void params_add_cpus(struct params *params, double cpus);
// Whether any of IDS is running, so that deleting must stop it first.
bool any_is_active(const struct app *app, const struct strv *ids);
