// The main screen.
#pragma once

struct app;

// Draws everything into the canvas.
void screen_draw(struct app *app);
// What the key line at the bottom offers now, for the mouse: the action at COLUMN, or -1.
int screen_footer_action(const struct app *app, int column);
