// The meters in the CPU panel: a bar for each CPU, or a column for each if there are too many for bars.
#pragma once

#include "ui/canvas.h"

struct host;

// The rows of the meters of H in a panel with COLUMNS inside, on a screen of SCREEN_ROWS; 0: no room.
int cpu_meters_rows(const struct host *h, int screen_rows, int columns);
void cpu_meters_draw(const struct host *h, struct area a);
