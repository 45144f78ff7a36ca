// The setup menu: columns, theme, figures, interval. A row of the table in actions.c.
#pragma once

struct app;

void setup_open_menu(struct app *app, int value);
