// The ':' line.
#pragma once

struct app;

void command_open(struct app *app, const char *initial);
void command_run(struct app *app, const char *line);
