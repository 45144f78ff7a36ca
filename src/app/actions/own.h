// The user's own commands on the selected workload.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct app;
struct menu;

// Appends the commands for the selected workload to MENU, with values from FIRST.
void own_add_entries(const struct app *app, struct menu *menu, int first);
// Runs command INDEX on the terminal.
void own_run(struct app *app, size_t index);
// The index of the command for KEY, or -1.
int own_find(const struct app *app, uint32_t key);
