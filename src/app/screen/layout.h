// The areas of the main screen on the canvas, computed for each frame and used for the mouse.
#pragma once

#include "ui/canvas.h"

#include "app/list/list.h"

struct layout {
	struct area header, views, notice, list, pane, footer;
};
