// The key line at the bottom, or the message in its place.
#pragma once

#include "ui/canvas.h"

struct app;

void key_line_draw(struct app *app, struct area a);
// The action that the key line in A offers at COLUMN now, or -1.
int key_line_action(const struct app *app, struct area a, int column);
