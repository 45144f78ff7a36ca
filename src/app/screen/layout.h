// Where on the canvas the parts of the main screen are; made anew for each frame, and what the mouse is held against.
#pragma once

#include "ui/canvas.h"

#include "app/list/list.h"

struct layout {
	struct area header, views, notice, list, pane, footer;
};
