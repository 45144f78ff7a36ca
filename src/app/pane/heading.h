// The heading of a text: filter, search, position and modes, with their keys.
#pragma once

#include "ui/canvas.h"

struct app;

// The number of its rows: none if the tab is not a text, or in a small pane while all of the text is shown.
int pane_heading_rows(const struct app *app, struct area body);
void pane_heading_draw(const struct app *app, struct area a);
