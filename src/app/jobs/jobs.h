// What was asked for and is not finished: each job is a request to the agent, shown with its age, and can be cancelled.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/verb.h"
#include "model/workload.h"

struct app;
struct app_job;
struct row;

// How the last reversible action is undone.
struct undo {
	enum verb verb;
	struct strv ids; // empty: nothing
	struct params params;
};

struct jobs {
	struct app_job *first; // the newest
	struct undo undo;
};

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
// What a shell inside is: the friendlier one where there is one. One word of a command line, behind "sh -c".
extern const char jobs_shell[];
// Whether any of IDS is running, so that it has to be stopped to be deleted.
bool jobs_any_runs(const struct app *app, const struct strv *ids);
// The CPUs of ROW after a step up (1) or down (-1): half a CPU, a tenth below one, a whole one of a guest; not more than there are.
double jobs_cpus_step(const struct app *app, const struct row *row, int step);
// The command line of an action on the selected workload, from its LINE in the table. Owned by the caller.
char *jobs_action_line(const struct app *app, const char *line);
// The command line that creates from PARAMS. Owned by the caller.
char *jobs_create_line(const struct app *app, enum workload_kind kind, const struct params *params);
// How ID is called on a command line: by its name where that says enough.
const char *jobs_operand(const struct app *app, const char *id);
// WORDS as a shell takes them. Owned by the caller.
char *jobs_quote(const struct strv *words);
