// The dashboard's subscriptions: what is on the screen, and CPU and memory for history and panels.
#pragma once

struct app;

// Sends changed subscriptions to every machine's agent. Called before the first connection and after each frame.
void wants_update(struct app *app);
