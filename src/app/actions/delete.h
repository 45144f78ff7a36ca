// Deleting. A row of the table in actions.c.
#pragma once

struct app;

void act_delete_menu(struct app *app, int value);
