// The line above a text: what of it is shown, and the keys that change that.
#pragma once

#include "ui/canvas.h"

struct app;

// How many rows it has: none above what is not a text, and none in a small pane while all of the text is shown.
int pane_heading_rows(const struct app *app, struct area body);
void pane_heading_draw(const struct app *app, struct area a);
