// Who is on a network: guests and containers together, with the traffic of their interfaces.
#pragma once

#include "ui/canvas.h"

struct app;
struct row;

// Draws a heading and a line for each interface on NETWORK into A, as many as fit; nothing if there is none.
void members_draw(const struct app *app, const struct row *network, struct area a);
