// Pending requests to agents, shown with their age; they can be cancelled.
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
	int last;              // last number of a job
	struct undo undo;
};

// Requests VERB for each of IDS (PARAMS may be NULL).
void jobs_act(struct app *app, enum verb verb, const struct strv *ids, const struct params *params);
// The same from FORM (may be NULL), which stays open until the engine is done: a refusal is shown at its field.
void jobs_act_from(struct app *app, enum verb verb, const struct strv *ids, const struct params *params,
                   struct overlay *form);
// Requests a new workload, with FORM as above.
void jobs_create(struct app *app, enum kind kind, const struct params *params, struct overlay *form);
size_t jobs_running(const struct app *app);
// The oldest one as a line ("stopping web-1 4s"), NULL: none. Owned by the caller.
char *jobs_line(const struct app *app);
// Opens a menu of all of them; the chosen one is cancelled.
void jobs_menu(struct app *app);
// Undoes the last pause, resume, rename or limit change, or shows that there is nothing to undo.
void jobs_undo(struct app *app);
// Drops all, after the link was closed.
void jobs_done(struct app *app);
