// The line of views; at its right end the oldest job, the filter or the number of marks, and the position in a long
// list.
#pragma once

#include <stddef.h>

#include "ui/canvas.h"

struct app;

// The number of items in VIEW, regardless of the filter.
size_t view_size(const struct app *app, size_t view);
void views_draw(const struct app *app, struct area a);
// The view at COLUMN of that line, or -1.
int views_at(const struct app *app, int column);
