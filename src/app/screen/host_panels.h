// What uses the host: its CPU and memory, split into guests, containers and everything else.
#pragma once

#include <stdbool.h>

#include "ui/canvas.h"

struct app;

enum { PANELS_ROWS = 5, PANELS_ROWS_SMALL = 2 };

// Two framed panels with graphs side by side, or one line each where A is lower. Whether NET and DISK, too, had room.
bool host_panels_draw(const struct app *app, struct area a);
// "NET ↓1.2M ↑88k · DISK r 0 w 4.1M". Owned; NULL = not known yet.
char *host_traffic(const struct app *app);
