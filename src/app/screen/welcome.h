// The text shown instead of an empty list.
#pragma once

#include "ui/canvas.h"

struct app;

void welcome_draw(struct app *app, struct area a);
