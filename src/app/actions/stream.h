// Connecting the terminal to a shell, a command, the first process or the console of a workload. Rows of the table in
// actions.c.
#pragma once

#include "model/verb.h"

struct app;
struct params;
struct row;

// The parameters for a shell inside.
void stream_fill_shell(const struct app *app, const struct row *row, struct params *out);
void act_stream(struct app *app, int stream);
void act_exec(struct app *app, int value);
void act_edit(struct app *app, int value);
// Does VERB (with ON_TERMINAL), which creates the item NAME.
void stream_run_new(struct app *app, const char *name, enum verb verb, const struct params *params);
// Does VERB (with ON_TERMINAL) to the item of ROW.
void stream_run_verb(struct app *app, const struct row *row, enum verb verb, const struct params *params);
