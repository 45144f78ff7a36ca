// What was asked for and is not finished: each job is a request to the agent, shown with its age, and can be cancelled.
#pragma once

#include <stddef.h>

#include "base/str.h"
#include "model/verb.h"
#include "model/workload.h"

struct app;

// Asks for VERB on each of IDS (PARAMS may be NULL).
void jobs_act(struct app *app, enum verb verb, const struct strv *ids, const struct params *params);
// Asks for a new workload.
void jobs_create(struct app *app, enum workload_kind kind, const struct params *params);
size_t jobs_running(const struct app *app);
// The one that runs longest as a line ("stopping web-1 4s"), NULL when there is none. Owned by the caller.
char *jobs_line(const struct app *app);
// A menu of all of them; what is picked is cancelled.
void jobs_menu(struct app *app);
// Takes the last action back that can be: pausing, going on, renaming, limits. Says so when there is none.
void jobs_undo(struct app *app);
// Forgets all, after the link was closed.
void jobs_done(struct app *app);

// The command line that does VERB to what an action is about now. Owned by the caller.
char *jobs_command_line(const struct app *app, enum verb verb, const struct params *params);
// The command line of an action, from its LINE in the table. Owned by the caller.
char *jobs_action_line(const struct app *app, const char *line);
// The command line that creates from PARAMS. Owned by the caller.
char *jobs_create_line(const struct app *app, enum workload_kind kind, const struct params *params);
// How ID is called on a command line: by its name where that says enough.
const char *jobs_operand(const struct app *app, const char *id);
// WORDS as a shell takes them. Owned by the caller.
char *jobs_quote(const struct strv *words);
