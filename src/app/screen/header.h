// The header: the machine, how often it is measured, and what uses it.
#pragma once

#include "ui/canvas.h"

struct app;

// The rows that the header takes on a screen of ROWS × COLUMNS.
int header_rows(int rows, int columns);
void header_draw(struct app *app, struct area a);
