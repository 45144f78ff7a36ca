// The CPU and memory panels: the host's usage split into guests, containers and other processes.
#pragma once

#include <stdbool.h>

#include "ui/canvas.h"

struct app;

// The height of the panels on a screen of ROWS × COLUMNS.
int host_panels_rows(const struct app *app, int rows, int columns);
// Draws two framed panels with graphs side by side, or one line each if A is lower. Returns whether there was room for
// NET and DISK.
bool host_panels_draw(const struct app *app, struct area a);
// "NET ↓1.2M ↑88k · DISK r 0 w 4.1M". Owned; NULL = not known yet.
char *host_traffic(const struct app *app);
