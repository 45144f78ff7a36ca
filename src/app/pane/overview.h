// The first tab: what is known of an item of any kind, from the table of facts.
#pragma once

#include "ui/canvas.h"

struct app;
struct row;

void overview_draw(struct app *app, struct row *row, struct area a);
