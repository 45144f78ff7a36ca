// The form for a new workload.
#pragma once

#include "base/str.h"
#include "model/workload.h"

struct app;

// Opens the form with the values of LIKE (may be NULL).
void create_open(struct app *app, enum kind kind, const struct params *like);
// Opens the form with the values of the selected workload. A row of the table in actions.c.
void act_create_like(struct app *app, int value);
// Asks for the kind first. A row of the table in actions.c.
void act_create_menu(struct app *app, int value);
