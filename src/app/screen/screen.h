// The main screen.
#pragma once

struct app;

// Draws everything into the canvas.
void screen_draw(struct app *app);
