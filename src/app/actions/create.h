// The form for a new workload.
#pragma once

#include "model/workload.h"

struct app;

void create_open(struct app *app, enum kind kind);
// Asks for the kind first. A row of the table in actions.c.
void act_create_menu(struct app *app, int value);
