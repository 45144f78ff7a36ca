// Deleting. A row of the table in actions.c.
#pragma once

#include <stdbool.h>

struct app;
struct strv;

// Whether the items IDS can only be deleted by force: some of them are running.
bool delete_needs_force(const struct app *app, const struct strv *ids);

void act_delete_menu(struct app *app, int value);
