// Verbs on workloads, after the verb's own dialog if it has one. Rows of the table in actions.c.
#pragma once

#include "model/verb.h"

struct app;

// Does VERB to the present targets, after its confirmation.
void act_verb(struct app *app, enum verb verb);
void act_stop_menu(struct app *app, int value);
void act_rename(struct app *app, int value);
void act_limits(struct app *app, int value);
void act_cpus(struct app *app, int step);
void act_undo(struct app *app, int value);
