// The first tab: the facts of an item of any kind.
#pragma once

#include "ui/canvas.h"

struct app;
struct row;

void overview_draw(struct app *app, struct row *row, struct area a);
