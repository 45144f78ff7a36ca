// The graphical console of a guest, in remote-viewer: started here, or over ssh as the commands for the user's own
// machine.
#pragma once

struct app;
struct row;
struct strv;

// Appends the words of the command line for ROW's graphical console; nothing if it
// has none that can be reached from here.
void viewer_words(const struct app *app, const struct row *row, struct strv *out);
// Why ROW's graphical console cannot be opened; NULL: it can.
const char *viewer_lacks(const struct app *app, const struct row *row);
// Opens that of the selected guest, or shows the commands, to be copied.
void act_viewer(struct app *app, int value);
