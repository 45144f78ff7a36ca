// The header: the machine, its figures, and how often they are measured.
#pragma once

#include "ui/canvas.h"

struct app;

void header_draw(struct app *app, struct area a);
