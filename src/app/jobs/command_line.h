// The command lines that do the same as the dashboard, as a shell takes them: shown in menus and in the journal, and
// copied.
#pragma once

#include <stdbool.h>

#include "model/verb.h"
#include "model/workload.h"

struct app;
struct row;

// The command line that does VERB to IDS. Owned by the caller.
char *command_line_of_verb(const struct app *app, enum verb verb, const struct strv *ids, const struct params *params);
// The same to what an action is about now. Owned by the caller.
char *command_line_here(const struct app *app, enum verb verb, const struct params *params);
// The command line that creates from PARAMS. Owned by the caller.
char *command_line_of_creation(const struct app *app, enum kind kind, const struct params *params);
// How ID is called on a command line: by its name where that is unique.
const char *command_line_operand(const struct app *app, const char *id);

// What a shell inside is: bash where there is one. One word of a command line, behind "sh -c".
extern const char command_line_shell[];
// The CPUs of ROW after a step up (1) or down (-1): half a CPU, a tenth below one, a whole one of a guest; not more
// than the host has, or than ROW has already.
double cpus_after_step(const struct row *row, int step);
void params_add_cpus(struct params *params, double cpus);
// Whether any of IDS is running, so that it has to be stopped to be deleted.
bool any_is_active(const struct app *app, const struct strv *ids);
