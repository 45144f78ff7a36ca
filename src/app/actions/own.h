// The user's own commands on the selected workload.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct app;
struct menu;

// Adds those for the selected workload to MENU, with values from FIRST on.
void own_add_entries(const struct app *app, struct menu *menu, int first);
// Runs the INDEX-th on the terminal.
void own_run(struct app *app, size_t index);
// The index of the one that KEY runs, or -1.
int own_find(const struct app *app, uint32_t key);
