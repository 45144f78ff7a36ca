// Giving the terminal to another program: a shell inside, a console, or the user's shell after Ctrl-Z.
#pragma once

#include <stdbool.h>

struct app;
struct strv;

// Runs ARGV on the restored terminal; TITLE names it in messages ("shell in 'web-1'"). BANNER (may be NULL) is a line
// printed first. WAITS: returns to the screen only after Enter, so that the output can be read.
void foreground_run(struct app *app, const struct strv *argv, const char *title, const char *banner, bool waits);
// Calls FAILED when the program that runs now has ended with STATUS: after Enter, if its output is being read.
void foreground_on_failure(struct app *app, int status, void (*failed)(struct app *app));
// Handles input while the output of the ended program is being read.
void foreground_input(struct app *app);
// Suspends the dashboard, like Ctrl-Z in other programs.
void app_suspend(struct app *app);
