// Another program on the terminal: a shell inside, a console, whatever follows Ctrl-Z.
#pragma once

#include <stdbool.h>

struct app;
struct strv;

// Runs ARGV on the terminal, which is given back meanwhile; TITLE names it in messages ("shell in 'web-1'"). BANNER
// (may be NULL) is a line that is shown first. WAITS: the screen comes back when Enter is pressed, so that the output
// can be read.
void foreground_run(struct app *app, const struct strv *argv, const char *title, const char *banner, bool waits);
// Input that came while the output of the program that ended is read.
void foreground_input(struct app *app);
// Stops as Ctrl-Z does in other programs.
void app_suspend(struct app *app);
