// A shell, a command, the first process or the console of a workload on the terminal. Rows of the table in actions.c.
#pragma once

struct app;

void act_stream(struct app *app, int stream);
void act_exec(struct app *app, int value);
