// The key line at the bottom: the keys of the focused layer, or a message.
#pragma once

#include <stdint.h>

#include "ui/canvas.h"

struct app;

void key_line_draw(struct app *app, struct area a);
// The key of the entry at COLUMN of A, or K_NONE.
uint32_t key_line_key(const struct app *app, struct area a, int column);
