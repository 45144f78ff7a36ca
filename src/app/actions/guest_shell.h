// A shell in a guest, by ssh. Guests that ssh does not reach have their console.
#pragma once

struct app;
struct row;
struct strv;

// Appends the words of the command line for ROW; nothing for a container, or if no address is known.
void guest_shell_words(const struct app *app, const struct row *row, struct strv *out);
// A shell in the selected workload: by the runtime in a container, by ssh in a guest.
void act_shell(struct app *app, int value);
