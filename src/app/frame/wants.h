// What the dashboard wants to know now: what is on the screen, and the history of CPU and memory.
#pragma once

struct app;

// Tells every machine's agent when it is not what it was. Called before the first connection and after each drawing.
void wants_update(struct app *app);
