// The published ports of a workload, in the browser: opened here, or over ssh shown as the tunnel's command line and
// the address on the user's own machine.
#pragma once

struct app;
struct row;
struct strv;

// Appends the words of the command line for ROW's first port; nothing if none can be reached from here.
void port_words(const struct app *app, const struct row *row, struct strv *out);
// Why no port of ROW can be opened; NULL: one can.
const char *port_lacks(const struct app *app, const struct row *row);
// Opens the published port of the selected workload; if it has several, lets the user choose.
void act_port(struct app *app, int value);
