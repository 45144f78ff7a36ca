// The header: the machine, the measuring interval, and the host's usage.
#pragma once

#include "ui/canvas.h"

struct app;

// The height of the header on a screen of ROWS × COLUMNS.
int header_rows(const struct app *app, int rows, int columns);
void header_draw(struct app *app, struct area a);
