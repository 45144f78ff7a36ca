// What is done to workloads; the verb's own dialogs come first where there are any. Rows of the table in actions.c.
#pragma once

#include "model/verb.h"

struct app;

// Does VERB to what an action is about now, after the question of its row.
void act_verb(struct app *app, enum verb verb);
void act_stop_menu(struct app *app, int value);
void act_rename(struct app *app, int value);
void act_limits(struct app *app, int value);
void act_cpus(struct app *app, int step);
void act_undo(struct app *app, int value);
