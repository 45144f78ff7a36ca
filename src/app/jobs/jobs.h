// What was asked for and is not finished: each job is a request to the agent, shown with its age, and can be
// cancelled.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/verb.h"
#include "model/workload.h"

struct app;
struct app_job;
struct overlay;
struct row;

// How the last reversible action is undone.
struct undo {
	enum verb verb;
	struct strv ids; // empty: nothing
	struct params params;
};

struct jobs {
	struct app_job *first; // the newest
	int last;              // number given to a job
	struct undo undo;
};

// Asks for VERB on each of IDS (PARAMS may be NULL).
void jobs_act(struct app *app, enum verb verb, const struct strv *ids, const struct params *params);
// The same from FORM (may be NULL), which stays open until the engine has done it: a refusal is shown at its field.
void jobs_act_from(struct app *app, enum verb verb, const struct strv *ids, const struct params *params,
                   struct overlay *form);
// Asks for a new workload, from FORM in the same way.
void jobs_create(struct app *app, enum kind kind, const struct params *params, struct overlay *form);
size_t jobs_running(const struct app *app);
// The one that runs longest as a line ("stopping web-1 4s"), NULL when there is none. Owned by the caller.
char *jobs_line(const struct app *app);
// A menu of all of them; what is picked is cancelled.
void jobs_menu(struct app *app);
// Undoes the last pause, resume, rename or limit change. Says so when there is none.
void jobs_undo(struct app *app);
// Forgets all, after the link was closed.
void jobs_done(struct app *app);
