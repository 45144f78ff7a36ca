// The line of views; at its right end the oldest job, the filter or the number of marks.
#pragma once

#include "ui/canvas.h"

struct app;

void views_draw(const struct app *app, struct area a);
// The view whose name is at COLUMN of that line, or -1.
int views_at(const struct app *app, int column);
