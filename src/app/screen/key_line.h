// The key line at the bottom: the keys of the layer that has them, or the message in its place.
#pragma once

#include <stdint.h>

#include "ui/canvas.h"

struct app;

void key_line_draw(struct app *app, struct area a);
// The key whose entry is at COLUMN of A, or K_NONE.
uint32_t key_line_key(const struct app *app, struct area a, int column);
